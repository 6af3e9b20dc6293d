"""READ_MESSAGE, second half: what a decoded request asks for, or why it is refused.

Policy and printer must read the same request. So what could be read in two ways is refused here:
duplicates, targets that disagree, operation attributes in another group (RFC 8011 section 4.1).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ippgate.exchange.addresses import Target, parse_target_uri
from ippgate.exchange.operations import CARRIES_DOCUMENT, TARGETS_JOB
from ippgate.exchange.refusal import IppRefusal
from ippgate.exchange.wellformed import ill_formed
from ippgate.ipp.enums import GroupTag, Operation, Status, Tag
from ippgate.ipp.message import Attribute, Collection, Group, Message, Value
from ippgate.ipp.values import as_boolean, as_integer, as_text

SUPPORTED_MAJOR_VERSIONS = (1, 2)
_CHARSETS = (b"utf-8", b"us-ascii")

OPERATION_ONLY = frozenset(
    {
        "attributes-charset",
        "attributes-natural-language",
        "printer-uri",
        "job-uri",
        "job-id",
        "system-uri",
        "requesting-user-name",
        "requesting-user-uri",
        "document-uri",
        "last-document",
        "my-jobs",
        "requested-attributes",
        "document-format",
        "compression",
    }
)
"""Attributes that count in the operation group alone: elsewhere some printers would read them, and
policy does not."""

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*")
_ONLY_IN_REPLIES = frozenset({GroupTag.UNSUPPORTED, GroupTag.EVENT_NOTIFICATION})
_REPEATABLE_GROUPS = frozenset({GroupTag.SUBSCRIPTION, GroupTag.DOCUMENT})


@dataclass(frozen=True, slots=True)
class Request:
    """A request that was understood.

    ``claimed``: the requesting-user-name that was sent. ``own_jobs``: ``my-jobs`` was true.
    ``document_format``: as declared. ``job_name``: as given.
    """

    message: Message
    operation: Operation
    target: Target
    claimed: str | None
    own_jobs: bool
    document_format: str | None
    job_name: str | None

    @property
    def carries_document(self) -> bool:
        """Whether octets may follow the attributes; nobody knows that of vendor operations."""
        return self.operation in CARRIES_DOCUMENT or not self.operation.known

    def attribute(self, name: str) -> Attribute | None:
        """An attribute of the operation group."""
        return self.message.groups[0].get(name)


def understand(message: Message, path: Target) -> Request:
    """Checks a decoded request against RFC 8011 section 4.1 and against the path it was sent to.

    Raises IppRefusal.
    """
    if message.version[0] not in SUPPORTED_MAJOR_VERSIONS:
        major, minor = message.version
        raise IppRefusal(
            Status.SERVER_ERROR_VERSION_NOT_SUPPORTED,
            f"IPP version {major}.{minor} is not supported: use 1.1 or 2.0.",
            reason="version-not-supported",
        )
    if message.request_id == 0:
        raise bad_request("request-id is 0: it must be 1 or more (RFC 8011 section 4.1.1).")
    operation = Operation(message.code)
    attributes = operation_group(message)
    _refuse_ambiguity(message)
    message = _without_odd_names(message)
    for group in message.groups:
        _refuse_ambiguous_members(group.attributes)
        name = ill_formed(group.attributes)
        if name is not None:
            raise bad_request(f"{name} has control characters in it, or is not UTF-8.")
    target = _target(attributes, path)
    if target.job_id is None and operation in TARGETS_JOB:
        raise bad_request(f"{operation.keyword} must name a job: by job-uri, or by job-id.")
    return Request(
        message=message,
        operation=operation,
        target=target,
        claimed=_text(attributes, "requesting-user-name"),
        own_jobs=_boolean(attributes, "my-jobs") and operation == Operation.GET_JOBS,
        document_format=_text(attributes, "document-format"),
        job_name=_text(attributes, "job-name"),
    )


def bad_request(words: str) -> IppRefusal:
    """client-error-bad-request (0x0400)."""
    return IppRefusal(Status.CLIENT_ERROR_BAD_REQUEST, words, reason="bad-request")


def operation_group(message: Message) -> Group:
    """The operation group, which comes first and begins with charset and language (4.1.4).

    Raises IppRefusal.
    """
    if not message.groups or message.groups[0].tag != GroupTag.OPERATION:
        raise bad_request("The first attribute group must be the operation attributes.")
    group = message.groups[0]
    names = [attribute.name for attribute in group.attributes[:2]]
    if names != ["attributes-charset", "attributes-natural-language"]:
        raise bad_request(
            "attributes-charset and attributes-natural-language must come first, in this order "
            "(RFC 8011 section 4.1.4)."
        )
    charset = _single(group, "attributes-charset", Tag.CHARSET)
    _single(group, "attributes-natural-language", Tag.NATURAL_LANGUAGE)
    if charset is None or charset.octets.lower() not in _CHARSETS:
        raise IppRefusal(
            Status.CLIENT_ERROR_CHARSET_NOT_SUPPORTED,
            "attributes-charset must be utf-8.",
            reason="charset-not-supported",
        )
    return group


def _refuse_ambiguity(message: Message) -> None:
    """Nothing may be said twice: neither in one group, nor as operation and job attribute."""
    operation_names: set[str] = set()
    seen_groups: set[int] = set()
    for index, group in enumerate(message.groups):
        if group.tag in _ONLY_IN_REPLIES:
            raise bad_request(f"Attribute group 0x{group.tag:02X} does not belong in a request.")
        if group.tag in seen_groups and group.tag not in _REPEATABLE_GROUPS:
            raise bad_request(f"Attribute group 0x{group.tag:02X} comes twice.")
        seen_groups.add(group.tag)
        names: set[str] = set()
        for name, _ in group.attributes:
            if name in names or name in operation_names:
                raise bad_request(f"{name} is given twice.")
            if index and name in OPERATION_ONLY:
                raise bad_request(f"{name} belongs in the operation attributes.")
            names.add(name)
        if index == 0:
            operation_names = names


def _without_odd_names(message: Message) -> Message:
    """The message without attributes whose names are no keywords, which are in lower case (RFC 8011
    section 5.1.4).

    CUPS's clients send options of PPD files, such as ColorModel, which no printer knows. But there
    are printers that compare names without regard to case, and would take Job-Uri for the job-uri
    that policy did not see.
    """
    if all(_NAME.fullmatch(a.name) for group in message.groups for a in group.attributes):
        return message
    return message._replace(
        groups=tuple(
            group._replace(attributes=tuple(a for a in group.attributes if _NAME.fullmatch(a.name)))
            for group in message.groups
        )
    )


def _refuse_ambiguous_members(attributes: tuple[Attribute, ...]) -> None:
    """Members of collections have keywords for names, too, and each is there once."""
    waiting = [
        value.members for a in attributes for value in a.values if isinstance(value, Collection)
    ]
    while waiting:
        names: set[str] = set()
        for name, values in waiting.pop():
            if not _NAME.fullmatch(name):
                raise bad_request(
                    f"{name[:80]!r} cannot be a member's name: they are of lower-case letters, "
                    "digits, hyphens, dots and underscores."
                )
            if name in names:
                raise bad_request(f"{name} is given twice.")
            names.add(name)
            waiting += (value.members for value in values if isinstance(value, Collection))


def _target(group: Group, path: Target) -> Target:
    """The one printer or job that path, printer-uri or job-uri, and job-id agree on (4.1.5)."""
    printer_uri = _single(group, "printer-uri", Tag.URI)
    job_uri = _single(group, "job-uri", Tag.URI)
    job_id_value = _single(group, "job-id", Tag.INTEGER)
    if (printer_uri is None) == (job_uri is None):
        raise bad_request("Exactly one of printer-uri and job-uri must be given.")
    if job_uri is not None and job_id_value is not None:
        raise bad_request("job-id goes with printer-uri, not with job-uri.")
    uri = printer_uri if printer_uri is not None else job_uri
    assert uri is not None
    target = parse_target_uri(as_text(uri))
    named = "printer-uri" if printer_uri is not None else "job-uri"
    if target is None or (target.job_id is None) != (job_uri is None):
        raise bad_request(
            f"{named} must be an absolute URI of a printer or job of this gateway, such as "
            f"ipps://HOST/printers/NAME."
        )
    if job_id_value is not None:
        job_id = as_integer(job_id_value)
        if job_id < 1:
            raise bad_request("job-id must be 1 or more.")
        target = target._replace(job_id=job_id)
    if target.printer != path.printer or path.job_id not in (None, target.job_id):
        raise bad_request(f"{named} and the path of the HTTP request disagree.")
    if target.token not in (None, path.token):
        raise bad_request(f"{named} and the path of the HTTP request are different people's.")
    return target._replace(token=path.token)


def _single(group: Group, name: str, tag: Tag) -> Value | None:
    """The only value of an attribute, which must have that syntax; None when it is not there."""
    attribute = group.get(name)
    if attribute is None:
        return None
    value = attribute.values[0]
    if len(attribute.values) != 1 or isinstance(value, Collection) or value.tag != tag:
        raise bad_request(f"{name} must be one value of syntax {tag.keyword}.")
    return value


def _text(group: Group, name: str) -> str | None:
    attribute = group.get(name)
    if attribute is None:
        return None
    value = attribute.values[0]
    if len(attribute.values) != 1 or isinstance(value, Collection):
        raise bad_request(f"{name} must be one value.")
    try:
        return as_text(value)
    except ValueError:
        raise bad_request(f"{name} must be text.") from None


def _boolean(group: Group, name: str) -> bool:
    value = _single(group, name, Tag.BOOLEAN)
    return value is not None and as_boolean(value)

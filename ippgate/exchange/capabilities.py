"""Get-Printer-Attributes, answered from what is known of a printer.

A printer is asked for everything, once, and each client is given what it asked for (RFC 8011
section 4.2.5). So it does not matter how many clients poll, nor whether the printer heeds
requested-attributes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ippgate.exchange.request import Request
from ippgate.ipp.enums import GroupTag, Operation, Tag
from ippgate.ipp.job_template import describes_job_template
from ippgate.ipp.message import Attribute, Group, Message, Value
from ippgate.ipp.values import charset, keyword, mime_media_type, name, natural_language, uri

ALL = "all"
JOB_TEMPLATE = "job-template"
PRINTER_DESCRIPTION = "printer-description"
DATABASE = "media-col-database"
"""Large, so it is there only when it is named (PWG 5100.7 section 6.3.3.3)."""

ASKED_BY = "anonymous"
"""requesting-user-name of the gateway's own questions: they are not about a person."""

_ASKS = (Operation.GET_PRINTER_ATTRIBUTES, Operation.GET_USER_PRINTER_ATTRIBUTES)
_UNDERSTOOD = frozenset(
    {
        "attributes-charset",
        "attributes-natural-language",
        "printer-uri",
        "requesting-user-name",
        "requested-attributes",
        "document-format",
    }
)


@dataclass(frozen=True, slots=True)
class Question:
    """What a printer's reply may depend on. ``database``: whether media-col-database is wanted."""

    version: tuple[int, int]
    language: str
    document_format: str | None
    database: bool

    def message(
        self, printer_uri: str, request_id: int, requested: Iterable[str] | None = None
    ) -> Message:
        """The question as it is put to the printer; ``requested``: not for everything."""
        wanted = [ALL, DATABASE] if self.database else [ALL]
        attributes = [
            Attribute("attributes-charset", (charset("utf-8"),)),
            Attribute("attributes-natural-language", (natural_language(self.language),)),
            Attribute("printer-uri", (uri(printer_uri),)),
            Attribute("requesting-user-name", (name(ASKED_BY),)),
            Attribute(
                "requested-attributes",
                tuple(keyword(word) for word in (wanted if requested is None else requested)),
            ),
        ]
        if self.document_format is not None:
            attributes.append(
                Attribute("document-format", (mime_media_type(self.document_format),))
            )
        group = Group(GroupTag.OPERATION, tuple(attributes))
        return Message(self.version, Operation.GET_PRINTER_ATTRIBUTES, request_id, (group,))


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """A printer's reply to a question. Two snapshots are the same only if they are one object."""

    message: Message


def question(request: Request) -> Question | None:
    """The question that a request puts; None when it must be put to the printer as it is, since
    there is something in it that this does not know."""
    groups = request.message.groups
    if request.operation not in _ASKS or len(groups) != 1:
        return None
    if not {attribute.name for attribute in groups[0].attributes} <= _UNDERSTOOD:
        return None
    if _octets(request, "attributes-charset").lower() != b"utf-8" or not _keywords_only(request):
        return None
    return Question(
        version=request.message.version,
        language=_octets(request, "attributes-natural-language").decode("ascii", "replace").lower(),
        document_format=request.document_format,
        database=DATABASE in requested(request),
    )


def requested(request: Request) -> frozenset[str]:
    """The keywords of requested-attributes; ``all`` where there is none."""
    attribute = request.attribute("requested-attributes")
    if attribute is None:
        return frozenset({ALL})
    return frozenset(
        value.octets.decode("ascii", "replace")
        for value in attribute.values
        if isinstance(value, Value)
    )


def cut(message: Message, wanted: frozenset[str]) -> Message:
    """The reply with those of the printer's attributes that are wanted."""
    groups = tuple(
        group._replace(attributes=tuple(_chosen(group.attributes, wanted)))
        if group.tag == GroupTag.PRINTER
        else group
        for group in message.groups
    )
    return message._replace(groups=groups)


def _chosen(attributes: Iterable[Attribute], wanted: frozenset[str]) -> Iterator[Attribute]:
    every = ALL in wanted
    template = every or JOB_TEMPLATE in wanted
    description = every or PRINTER_DESCRIPTION in wanted
    for attribute in attributes:
        if attribute.name in wanted:
            yield attribute
        elif attribute.name != DATABASE:
            if template if describes_job_template(attribute.name) else description:
                yield attribute


def _keywords_only(request: Request) -> bool:
    attribute = request.attribute("requested-attributes")
    return attribute is None or all(
        isinstance(value, Value) and value.tag == Tag.KEYWORD for value in attribute.values
    )


def _octets(request: Request, attribute_name: str) -> bytes:
    """The first value of an operation attribute that was checked to be there."""
    attribute = request.attribute(attribute_name)
    assert attribute is not None
    value = attribute.values[0]
    assert isinstance(value, Value)
    return value.octets

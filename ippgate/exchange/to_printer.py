"""PREPARE: the request that goes to the printer, re-encoded from what policy read.

The printer hears its own addresses and the authenticated name; claims of identity, credentials
and the gateway's addresses stay here.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from ippgate.exchange.addresses import parse_target_uri
from ippgate.exchange.refusal import IppRefusal
from ippgate.exchange.request import Request, bad_request
from ippgate.ipp.enums import GroupTag, Operation, Status, Tag
from ippgate.ipp.message import Attribute, Collection, Group, Message, Value
from ippgate.ipp.values import as_text, integer, name, uri
from ippgate.policy.operations import ADMINISTER

ANONYMOUS = "anonymous"
"""requesting-user-name of a request that nobody was asked to sign."""

WITHHELD = frozenset(
    {
        "auth-info",
        "client-info",
        "job-accounting-user-id",
        "job-originating-host-name",
        "job-originating-user-name",
        "job-originating-user-uri",
        "notify-subscriber-user-name",
        "notify-subscriber-user-uri",
        "original-requesting-user-name",
        "requesting-user-uri",
        "requesting-user-vcard",
        "access-oauth-token",
        "access-password",
        "access-user-name",
    }
)
"""Claims of identity, and credentials: never forwarded, in whatever group they stand."""

_TARGETS = frozenset({"printer-uri", "job-uri", "job-id", "requesting-user-name"})
_FETCHES = frozenset({Operation.PRINT_URI, Operation.SEND_URI})
"""Operations whose document-uri the printer fetches: only a rule that names them permits that."""
_NO_ADDRESS = frozenset({"mailto", "tel", "urn", "geo", "data"})
"""Schemes of URIs that lead to no host."""


def to_printer(
    request: Request, printer_uri: str, user_name: str | None, own_hosts: frozenset[str]
) -> Message:
    """The message for the printer at ``printer_uri``, asked for by ``user_name``.

    A job is always named by printer-uri and job-id, which every printer takes (RFC 8011 section
    4.1.5). Get-User-Printer-Attributes is the gateway's to answer: printers are asked for what they
    have. ``own_hosts``: names under which the gateway is known, in lower case. Raises IppRefusal
    when another attribute has the address of another printer of this gateway, or one that a printer
    would be made to speak to.
    """
    first, *rest = request.message.groups
    target = [Attribute("printer-uri", (uri(printer_uri),))]
    if request.target.job_id is not None:
        target.append(Attribute("job-id", (integer(request.target.job_id),)))
    target.append(Attribute("requesting-user-name", (name(user_name or ANONYMOUS),)))
    operation = (
        *first.attributes[:2],
        *target,
        *_forwarded(first.attributes[2:], request, printer_uri, own_hosts),
    )
    groups = [Group(GroupTag.OPERATION, operation)]
    groups += (
        Group(group.tag, tuple(_forwarded(group.attributes, request, printer_uri, own_hosts)))
        for group in rest
    )
    code = request.message.code
    if code == Operation.GET_USER_PRINTER_ATTRIBUTES:
        code = Operation.GET_PRINTER_ATTRIBUTES
    return request.message._replace(code=code, groups=tuple(groups))


def _forwarded(
    attributes: tuple[Attribute, ...], request: Request, printer_uri: str, hosts: frozenset[str]
) -> Iterator[Attribute]:
    for attribute in attributes:
        if attribute.name not in WITHHELD and attribute.name not in _TARGETS:
            yield _mapped(attribute, request, printer_uri, hosts)


def _mapped(
    attribute: Attribute, request: Request, printer_uri: str, hosts: frozenset[str]
) -> Attribute:
    """The attribute with the gateway's addresses in it replaced; the same object when none is.

    Collections are at most as deep as the decoder permits, which bounds the recursion.
    """
    changed = False
    values: list[Value | Collection] = []
    for value in attribute.values:
        new: Value | Collection = value
        if isinstance(value, Collection):
            members = tuple(_mapped(m, request, printer_uri, hosts) for m in value.members)
            if any(m is not old for m, old in zip(members, value.members, strict=True)):
                new = value._replace(members=members)
        elif value.tag == Tag.URI:
            new = _printers_own(attribute.name, value, request, printer_uri, hosts)
        changed = changed or new is not value
        values.append(new)
    return attribute._replace(values=tuple(values)) if changed else attribute


def _printers_own(
    name_: str, value: Value, request: Request, printer_uri: str, hosts: frozenset[str]
) -> Value:
    """The printer's URI for the gateway's. Raises IppRefusal for what leads elsewhere: a printer on
    an isolated network must not be made to connect to a host of the client's choice."""
    try:
        text = as_text(value)
        parts = urlsplit(text)
        host = parts.hostname
    except ValueError:
        raise bad_request(f"{name_} is not a URI.") from None
    if host is not None and host.lower() in hosts:
        target = parse_target_uri(text)
        if target is None or target.printer != request.target.printer or target.job_id is not None:
            raise bad_request(f"{name_} names something else at this gateway than its printer.")
        return uri(printer_uri)
    if host is None and parts.scheme.lower() in _NO_ADDRESS:
        return value
    if name_ == "document-uri" and request.operation in _FETCHES:
        return value
    if name_ != "notify-recipient-uri" and request.operation in ADMINISTER:
        return value
    raise IppRefusal(
        Status.CLIENT_ERROR_ATTRIBUTES_OR_VALUES_NOT_SUPPORTED,
        f"{name_}: printers connect to no addresses that clients give them.",
        reason="address-elsewhere",
    )

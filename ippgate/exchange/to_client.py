"""ANSWER: the printer's reply as the client may see it.

Addresses become the gateway's; what would show the isolated network is dropped; what a printer
says about security and identity is what the gateway offers. Attribute by attribute, each name has
one rule here: :func:`_rule`.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from ippgate.exchange.addresses import PublicAddress
from ippgate.exchange.cutting import cut
from ippgate.exchange.job_ids import group_job_id
from ippgate.exchange.operations import CANCELS_JOBS
from ippgate.exchange.wellformed import printable
from ippgate.ipp.enums import GroupTag, Operation, Tag
from ippgate.ipp.message import Attribute, Collection, Group, Message, Value
from ippgate.ipp.values import as_text, enum, keyword, text, uri
from ippgate.policy.offers import UNRESTRICTED, Offers

DROPPED = frozenset(
    {
        "device-uri",
        "member-uris",
        "oauth-authorization-server-uri",
        "requesting-user-name-allowed",
        "requesting-user-name-denied",
    }
)
"""They show the isolated network (CUPS's device-uri, member-uris) or an access list, or say where
to take credentials, which is the gateway's to say."""

_PRINTER_URIS = frozenset({"printer-uri-supported", "job-printer-uri", "document-printer-uri"})
_JOB_URIS = frozenset({"job-uri", "document-job-uri"})
_KEPT_SCHEMES = frozenset({"geo", "tel", "mailto", "urn"})
_PAGES = frozenset({"http", "https"})
_INSIDE_SUFFIXES = (".local", ".lan", ".internal", ".home.arpa", ".localdomain")


@dataclass(frozen=True, slots=True)
class View:
    """For whom a reply is cut: which printer it is, where the gateway is, what the person may do.

    ``printer_uri``: the printer's own. ``operations``: what this person may do, for
    operations-supported; ``offers``: what they may choose. ``anonymous``: whether nobody is
    identified. ``title``, ``location``: as configured, in place of the printer's own words.
    """

    printer: str
    printer_uri: str
    public: PublicAddress
    operations: frozenset[Operation]
    offers: Offers = UNRESTRICTED
    anonymous: bool = False
    authentication: str = "basic"
    title: str | None = None
    location: str | None = None


def to_client(reply: Message, view: View, job_id: int | None) -> Message:
    """The reply for the client. ``job_id``: the job that the request was about, if one was."""
    inside = _authorities(reply, view)
    groups = []
    for group in reply.groups:
        job = group_job_id(group) or job_id
        shown = group
        if group.tag == GroupTag.PRINTER:
            left = cut(group.attributes, view.offers, anonymous=view.anonymous)
            shown = group._replace(attributes=tuple(left))
        groups.append(group._replace(attributes=tuple(_attributes(shown, view, inside, job))))
    return reply._replace(groups=tuple(groups))


def _authorities(reply: Message, view: View) -> frozenset[str]:
    """Hosts that are the printer: as configured, and as it names itself in this reply."""
    hosts = {_host(view.printer_uri)}
    for group in reply.groups:
        for attribute in group.attributes:
            if attribute.name in _PRINTER_URIS or attribute.name in _JOB_URIS:
                hosts.update(
                    _host(value.octets.decode("utf-8", "replace"))
                    for value in attribute.values
                    if isinstance(value, Value) and value.tag == Tag.URI
                )
    return frozenset(host for host in hosts if host)


def _attributes(
    group: Group, view: View, inside: frozenset[str], job_id: int | None
) -> Iterator[Attribute]:
    seen: set[str] = set()
    for attribute in group.attributes:
        # Of what a printer says twice, clients would read one or the other.
        if attribute.name in seen:
            continue
        seen.add(attribute.name)
        new = _rule(attribute, view, inside, job_id)
        if new is not None:
            yield new


def _rule(
    attribute: Attribute, view: View, inside: frozenset[str], job_id: int | None
) -> Attribute | None:
    """The attribute as the client sees it; None when it is dropped."""
    name = attribute.name
    if name in DROPPED or (name.startswith("smi") and name.endswith("-device-uri")):
        return None
    if name in _JOB_URIS:
        if job_id is None:
            return None
        return Attribute(name, (uri(view.public.job(view.printer, job_id)),))
    if name == "operations-supported":
        return _operations(attribute, view)
    replaced = _REPLACED.get(name)
    new = replaced(view) if replaced is not None else None
    if new is not None:
        return Attribute(name, (new,))
    return _mapped(attribute, view, inside)


def _own_uri(view: View) -> Value:
    return uri(view.public.printer(view.printer))


def _own_page(view: View) -> Value:
    return uri(view.public.page(view.printer))


def _own_uuid(view: View) -> Value:
    return uri(view.public.uuid(view.printer))


def _xri(view: View) -> Collection:
    """printer-xri-supported (RFC 3380 section 6.1): the one address, parallel to the three."""
    return Collection(
        (
            Attribute("xri-uri", (_own_uri(view),)),
            Attribute("xri-authentication", (keyword(view.authentication),)),
            Attribute("xri-security", (keyword("tls"),)),
        )
    )


_REPLACED: dict[str, Callable[[View], Value | Collection | None]] = {
    "printer-uri-supported": _own_uri,
    "job-printer-uri": _own_uri,
    "document-printer-uri": _own_uri,
    "notify-printer-uri": _own_uri,
    "uri-security-supported": lambda _view: keyword("tls"),
    "uri-authentication-supported": lambda view: keyword(view.authentication),
    "printer-xri-supported": _xri,
    "printer-uuid": _own_uuid,
    "device-uuid": _own_uuid,
    "printer-more-info": _own_page,
    "printer-supply-info-uri": _own_page,
    "printer-icons": lambda view: uri(view.public.icon(view.printer)),
    "printer-info": lambda view: None if view.title is None else text(view.title),
    "printer-location": lambda view: None if view.location is None else text(view.location),
}
"""Attributes with one value of the gateway's, whatever the printer says; None: as the printer says.

The three parallel uri attributes (RFC 8011 sections 5.4.1 to 5.4.3) stay parallel: one value each.
"""


_FOR_USER = enum(Operation.GET_USER_PRINTER_ATTRIBUTES)
_HERE = tuple(enum(operation) for operation in sorted(CANCELS_JOBS))
"""Get-User-Printer-Attributes: the gateway knows users, so it serves it at every printer."""


def _operations(attribute: Attribute, view: View) -> Attribute | None:
    """operations-supported, cut to what this person may do; None when nothing is left.

    What the gateway does for printers that cannot is there, too.
    """
    allowed = {int(operation).to_bytes(4, "big") for operation in view.operations}
    can = [value for value in attribute.values if isinstance(value, Value)]
    if enum(Operation.GET_PRINTER_ATTRIBUTES) in can:
        can += (value for value in (_FOR_USER, *_HERE) if value not in can)
    left = tuple(value for value in can if value.octets in allowed)
    return attribute._replace(values=left) if left else None


def _mapped(attribute: Attribute, view: View, inside: frozenset[str]) -> Attribute | None:
    """The attribute with addresses of the printer in it replaced, or None when one cannot be.

    An attribute loses all its values or none, since values may be parallel to another attribute's.
    Collections are at most as deep as the decoder permits, which bounds the recursion.
    """
    changed = False
    values: list[Value | Collection] = []
    for value in attribute.values:
        new: Value | Collection | None
        if isinstance(value, Collection):
            new = _mapped_collection(value, view, inside)
        elif value.tag == Tag.URI:
            new = _mapped_uri(value, view, inside)
        else:
            new = printable(value)
        if new is None:
            return None
        changed = changed or new is not value
        values.append(new)
    return attribute._replace(values=tuple(values)) if changed else attribute


def _mapped_collection(
    collection: Collection, view: View, inside: frozenset[str]
) -> Collection | None:
    members = []
    changed = False
    for member in collection.members:
        new = _mapped(member, view, inside)
        if new is None:
            return None
        changed = changed or new is not member
        members.append(new)
    return collection._replace(members=tuple(members)) if changed else collection


def _mapped_uri(value: Value, view: View, inside: frozenset[str]) -> Value | None:
    """A URI that is not one of the named attributes': the printer's own path is rewritten, another
    address inside the isolated network has no counterpart here, and what is no web page of a host
    in the open is nothing that a client should follow: None."""
    value = printable(value)
    try:
        parts = urlsplit(as_text(value))
        host = parts.hostname or ""
    except ValueError:
        return None
    if parts.scheme.lower() in _KEPT_SCHEMES:
        return value
    if host.lower() not in inside:
        in_the_open = host and parts.username is None and not _leads_inside(host)
        return value if in_the_open and parts.scheme.lower() in _PAGES else None
    if parts.scheme.lower() in ("ipp", "ipps") and parts.path == urlsplit(view.printer_uri).path:
        return uri(view.public.printer(view.printer))
    return None


def _leads_inside(host: str) -> bool:
    """Whether a host can only mean something on the printer's own network."""
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        name = host.lower().rstrip(".")
        return "." not in name or name.endswith(_INSIDE_SUFFIXES)


def _host(address: str) -> str:
    try:
        return (urlsplit(address).hostname or "").lower()
    except ValueError:
        return ""

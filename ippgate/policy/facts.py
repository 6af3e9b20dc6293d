"""What a decision is made from: who asks, for what, about which printer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple

from ippgate.ipp.enums import Operation

METHODS = frozenset({"basic", "certificate", "token", "network", "negotiate"})
"""How it can be proved who asks: a password over HTTP Basic; a client certificate; a printer's
address that is one person's own; a network where the name that is claimed is believed; Kerberos."""

_NO_ATTRIBUTES: Mapping[str, tuple[str, ...]] = MappingProxyType({})
_NOTHING_ASKED: Mapping[str, tuple[Scalar, ...]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Principal:
    """Who is asking, after identification: never what was typed, but what the directory says.

    ``name``: the directory's canonical name. ``id``: stable across renames (entryUUID,
    objectGUID; ``file:NAME`` for the user file). ``method``: how it was proved, a word of METHODS.
    ``groups``: names of groups. ``attributes``: directory attributes, for policies. ``stale``: it
    was proved a while ago, and the directory cannot be reached now. ``credential``: the id of the
    token, or the certificate's serial number.
    """

    name: str
    id: str
    method: str = "basic"
    groups: frozenset[str] = frozenset()
    attributes: Mapping[str, tuple[str, ...]] = field(
        default_factory=lambda: _NO_ATTRIBUTES, hash=False
    )
    stale: bool = False
    credential: str | None = None


class Span(NamedTuple):
    """A rangeOfInteger, such as one of page-ranges: from ``lower`` to ``upper``, both included."""

    lower: int
    upper: int

    def __str__(self) -> str:
        return f"{self.lower}-{self.upper}"


Scalar = str | int | Span
"""A value as policy sees it: text of any syntax, an integer or enum, a range. Booleans are ``true``
and ``false``; of a resolution or collection the text says what it is."""

Asked = Mapping[str, tuple[Scalar, ...]]
"""Attributes by name. Members of collections are named with dots: ``media-col.media-type``."""


@dataclass(frozen=True, slots=True)
class Document:
    """What is known of a document.

    ``declared``: its format as the client says; None also where the printer is to find out.
    ``detected``: by its first octets; None: none was seen. ``size``: in octets; None: not known
    yet, and ``at_least`` so many. ``follows``: whether there is a document in this request, so that
    what is not known will show.
    """

    declared: str | None = None
    detected: str | None = None
    size: int | None = None
    at_least: int = 0
    follows: bool = False


@dataclass(frozen=True, slots=True)
class Job:
    """What a request asks for.

    ``attributes`` None: they were given before, and nobody remembers them. ``undecided``: nothing
    is asked yet, so that what is not said here could still be anything.
    """

    attributes: Asked | None = field(default_factory=lambda: _NOTHING_ASKED, hash=False)
    document: Document = Document()
    undecided: bool = False


NOTHING_ASKED = Job()


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that criteria look at.

    ``principal`` None: nobody identified (anonymous). ``owner``: whether the principal owns the
    job that is the target; None when that was not looked up. ``address``: the client's. ``at``: the
    time of the request, with its time zone. ``tls``: the version, such as ``TLSv1.3``; None: not
    known.
    """

    principal: Principal | None
    printer: str
    operation: Operation
    owner: bool | None
    address: str
    at: datetime
    tls: str | None = None
    job: Job = NOTHING_ASKED


@dataclass(frozen=True, slots=True)
class Place:
    """What the configuration says of a printer: where it stands, and its tags."""

    location: str = ""
    tags: frozenset[str] = frozenset()


NOWHERE = Place()

"""What a decision is made from: who asks, for what, about which printer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from ippgate.ipp.enums import Operation

METHODS = frozenset({"basic", "certificate", "token", "network", "negotiate"})
"""How it can be proved who asks: a password over HTTP Basic; a client certificate; a printer's
address that is one person's own; a network where the name that is claimed is believed; Kerberos."""

_NO_ATTRIBUTES: Mapping[str, tuple[str, ...]] = MappingProxyType({})


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


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that criteria look at.

    ``principal`` None: nobody identified (anonymous). ``owner``: whether the principal owns the
    job that is the target; None when that was not looked up. ``address``: the client's. ``at``: the
    time of the request, with its time zone.
    """

    principal: Principal | None
    printer: str
    operation: Operation
    owner: bool | None
    address: str
    at: datetime

"""The replies to Get-Printer-Attributes, kept encoded while the printer and the person's view of it
stay as they are."""

from __future__ import annotations

from collections import OrderedDict
from typing import NamedTuple

from ippgate.exchange.capabilities import Snapshot, cut
from ippgate.exchange.to_client import View, to_client
from ippgate.ipp.encoder import encode

KEPT_OCTETS = 16 * 1024 * 1024
"""Of all replies together: a reply has 5 to 100 KB, and people with the same rights share one."""

_REQUEST_ID_AT = 4
"""Octets before the request-id: version and status (RFC 8010 section 3.1.1)."""


class _Key(NamedTuple):
    snapshot: Snapshot
    view: View
    wanted: frozenset[str]


class Descriptions:
    """What printers say of themselves, as each person may see it."""

    def __init__(self) -> None:
        self._kept: OrderedDict[_Key, bytes] = OrderedDict()
        self._octets = 0

    def reply(
        self, snapshot: Snapshot, view: View, wanted: frozenset[str], request_id: int
    ) -> bytes:
        """The reply, encoded. ``wanted``: the keywords of requested-attributes."""
        key = _Key(snapshot, view, wanted)
        octets = self._kept.get(key)
        if octets is None:
            message = to_client(snapshot.message, view, None)
            octets = encode(cut(message, wanted))
            self._keep(key, octets)
        else:
            self._kept.move_to_end(key)
        tail = octets[_REQUEST_ID_AT + 4 :]
        return octets[:_REQUEST_ID_AT] + request_id.to_bytes(4, "big") + tail

    def _keep(self, key: _Key, octets: bytes) -> None:
        self._kept[key] = octets
        self._octets += len(octets)
        while self._octets > KEPT_OCTETS:
            _, dropped = self._kept.popitem(last=False)
            self._octets -= len(dropped)

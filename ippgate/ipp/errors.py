"""What is wrong with octets that should be an IPP message."""

from __future__ import annotations

Header = tuple[tuple[int, int], int, int]
"""Version, operation-id or status-code, request-id."""


class DecodeError(ValueError):
    """The octets break a rule.

    ``offset``: where, from the message's first octet. ``rule``: the rule's short name, stable.
    ``detail``: in words. ``header``: the message's header, when it was read: a reply echoes it.
    """

    def __init__(self, offset: int, rule: str, detail: str, header: Header | None = None) -> None:
        super().__init__(f"{detail} (octet {offset}, {rule})")
        self.offset = offset
        self.rule = rule
        self.detail = detail
        self.header = header

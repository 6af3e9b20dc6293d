"""PREPARE, first half: values that a rule writes into a job.

``enforce`` replaces what was asked, wherever it was asked; ``default`` stands where nothing was.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from ippgate.exchange.abilities import Abilities
from ippgate.ipp import values
from ippgate.ipp.enums import GroupTag, Operation
from ippgate.ipp.message import Attribute, Collection, Group, Message, Value
from ippgate.policy.attributes import ALIASES, OPERATION_ATTRIBUTES, Syntax, syntax_of
from ippgate.policy.decision import Values
from ippgate.policy.facts import Scalar, Span

SHAPED = frozenset(
    {
        Operation.PRINT_JOB,
        Operation.PRINT_URI,
        Operation.VALIDATE_JOB,
        Operation.CREATE_JOB,
        Operation.RESUBMIT_JOB,
    }
)
"""Operations that a rule's values are written into."""
RESHAPED = frozenset({Operation.SET_JOB_ATTRIBUTES, Operation.SET_DOCUMENT_ATTRIBUTES})
"""Operations that change a job: what they set is replaced, and nothing is added."""
_COLLECTIONS = {"media": "media-col", "finishings": "finishings-col"}
"""Attributes that a collection says the same by."""
_RESOLUTION = re.compile(r"([0-9]+)(?:x([0-9]+))?(dpi|dpcm)")


class Unsupported(Exception):
    """A printer does not take what a rule writes: the attribute's name, and the value."""

    def __init__(self, name: str, value: Scalar) -> None:
        super().__init__(f"{name} {value}")
        self.name = name
        self.value = value


def supported(enforce: Values, default: Values, can: Abilities) -> tuple[Values, Values]:
    """What of a rule's values is to be written. Raises Unsupported where the printer does not take
    what must be; what may be is left out then."""
    must = []
    for name, wanted in enforce:
        for value in wanted:
            if not can.takes(name, value) and not can.does_anyway(name, value):
                raise Unsupported(name, value)
        if all(can.takes(name, value) for value in wanted):
            must.append((name, wanted))
    may = [(name, wanted) for name, wanted in default if all(can.takes(name, v) for v in wanted)]
    return tuple(must), tuple(may)


def shaped(message: Message, operation: Operation, enforce: Values, default: Values) -> Message:
    """The request with a rule's values in it."""
    adds = operation in SHAPED
    enforced = dict(enforce)
    groups = [_without(group, enforced) for group in message.groups]
    asked = {_now(attribute.name) for group in message.groups for attribute in group.attributes}
    asked |= {plain for plain, collection in _COLLECTIONS.items() if collection in asked}
    written = [(n, v) for n, v in enforce if adds or n in asked]
    if adds:
        written += [(n, v) for n, v in default if n not in asked and n not in enforced]
    for name, wanted in written:
        tag = GroupTag.OPERATION if name in OPERATION_ATTRIBUTES else GroupTag.JOB
        _add(groups, tag, Attribute(name, tuple(value(name, v) for v in wanted)))
    return message._replace(groups=tuple(groups))


def value(name: str, wanted: Scalar) -> Value:
    """A value as it is written on the wire, by the attribute's syntax."""
    syntax = syntax_of(name)
    if isinstance(wanted, Span):
        return values.range_of_integer(wanted.lower, wanted.upper)
    if isinstance(wanted, int):
        return values.enum(wanted) if syntax is Syntax.ENUM else values.integer(wanted)
    text = str(wanted)
    if syntax is Syntax.BOOLEAN:
        return values.boolean(text == "true")
    if syntax is Syntax.NAME:
        return values.name(text)
    if syntax is Syntax.TEXT:
        return values.text(text)
    match = _RESOLUTION.fullmatch(text) if syntax is Syntax.RESOLUTION else None
    if match is not None:
        across, along = int(match[1]), int(match[2] or match[1])
        return values.resolution(across, along, 3 if match[3] == "dpi" else 4)
    return values.keyword(text) if text.isascii() else values.name(text)


def _add(groups: list[Group], tag: GroupTag, attribute: Attribute) -> None:
    """Into the group of that kind, which is made after the operation group where it is missing."""
    for index, group in enumerate(groups):
        if group.tag == tag:
            groups[index] = group._replace(attributes=(*group.attributes, attribute))
            return
    groups.insert(1, Group(tag, (attribute,)))


def _without(group: Group, enforced: Iterable[str]) -> Group:
    """The group without attributes that are written anew, nor what says the same in their place."""
    gone = set(enforced)
    gone |= {collection for plain, collection in _COLLECTIONS.items() if plain in gone}
    if not gone:
        return group
    kept = []
    for attribute in group.attributes:
        if _now(attribute.name) in gone:
            continue
        kept.append(_overrides_without(attribute, gone))
    return group._replace(attributes=tuple(kept))


def _overrides_without(attribute: Attribute, gone: set[str]) -> Attribute:
    if attribute.name != "overrides":
        return attribute
    changed: list[Value | Collection] = []
    for override in attribute.values:
        if not isinstance(override, Collection):
            changed.append(override)
            continue
        members = tuple(m for m in override.members if _now(m.name) not in gone)
        changed.append(override._replace(members=members))
    return attribute._replace(values=tuple(changed))


def _now(name: str) -> str:
    return ALIASES.get(name, name)

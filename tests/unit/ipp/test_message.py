"""Messages as values: finding groups and attributes."""

from __future__ import annotations

from ippgate.ipp.enums import GroupTag
from ippgate.ipp.message import Attribute, Group, Message
from ippgate.ipp.values import integer

FIRST = Attribute("copies", (integer(1),))
SECOND = Attribute("copies", (integer(2),))
OTHER = Attribute("sides", (integer(3),))


def test_the_first_of_a_name() -> None:
    group = Group(GroupTag.JOB, (OTHER, FIRST, SECOND))
    assert group.get("copies") is FIRST
    assert group.get("Copies") is None


def test_the_first_group_of_a_tag() -> None:
    jobs = (Group(GroupTag.JOB, (FIRST,)), Group(GroupTag.JOB, (SECOND,)))
    message = Message((1, 1), 0, 1, (Group(GroupTag.OPERATION, ()), *jobs))
    assert message.group(GroupTag.JOB) is jobs[0]
    assert message.group(GroupTag.PRINTER) is None

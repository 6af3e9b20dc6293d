"""Lists of jobs as a person may see them: filtered first, then limited; the status is the same."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ippgate.exchange.privacy import MOST, listing_question
from ippgate.ipp.enums import GroupTag, Operation, Status
from ippgate.ipp.message import Attribute, Group, Message
from ippgate.ipp.values import boolean, enum, integer, keyword, name, text, uri
from tests.support.exchange_fakes import (
    ALICE,
    BOB,
    Gate,
    ipp_reply,
    message_of,
    request,
    texts_of,
)
from tests.support.policies import policy_of

RULES = """
version: 1
rules:
  - {name: people look, who: authenticated, operations: ["@print", "@query"], decision: permit}
  - {name: own jobs, who: owner, operations: ["@job"], decision: permit}
privacy:
  job_attributes: %s
  visible_to: [owner, {groups: [operators]}]
"""
MASKED = RULES % "[job-name, job-originating-user-name]"
LEFT_OUT = RULES % "all"


def gate_with(rules: str, owners: Sequence[str]) -> Gate:
    """A printer with jobs 1, 2, 3 … of these people; ``-`` is foreign, with alice's name on it."""
    gate = Gate(policy_of(rules))
    for number, owner in enumerate(owners, 1):
        if owner != "-":
            gate.ledger.give(number, {"alice": ALICE, "bob": BOB}[owner])

    def script(message: Message, _: bytes) -> bytes:
        if message.code != Operation.GET_JOBS:
            return ipp_reply(message)
        groups = [_group(number, owner) for number, owner in enumerate(owners, 1)]
        return ipp_reply(message, *groups)

    gate.printer.script = script
    return gate


def _group(number: int, owner: str) -> Group:
    return Group(
        GroupTag.JOB,
        (
            Attribute("job-id", (integer(number),)),
            Attribute("job-uri", (uri(f"ipp://192.0.2.21/jobs/{number}"),)),
            Attribute("job-state", (enum(3),)),
            Attribute("job-name", (name(f"secret {number}"),)),
            Attribute(
                "job-originating-user-name", (name("alice" if owner == "-" else owner.upper()),)
            ),
            Attribute("job-message-from-operator", (text("not asked for"),)),
        ),
    )


ALL = Attribute("requested-attributes", (keyword("all"),))


def listed(gate: Gate, user: str, *more: Attribute) -> list[Group]:
    message = message_of(gate.ask(request(Operation.GET_JOBS, *more), user=user))
    assert message.code == Status.SUCCESSFUL_OK
    return [group for group in message.groups if group.tag == GroupTag.JOB]


def ids(groups: Sequence[Group]) -> list[int]:
    found = []
    for group in groups:
        attribute = group.get("job-id")
        assert attribute is not None
        found.append(int.from_bytes(attribute.values[0].octets, "big"))  # type: ignore[union-attr]
    return found


def test_others_jobs_are_masked_and_foreign_ones_are_not_there() -> None:
    groups = listed(gate_with(MASKED, ["alice", "bob", "-"]), "alice", ALL)
    assert ids(groups) == [1, 2]
    own, other = groups
    assert own.get("job-name") == Attribute("job-name", (name("secret 1"),))
    assert own.get("job-originating-user-name") == Attribute(
        "job-originating-user-name", (name("alice"),)
    ), "as the directory has it, where the printer kept something else"
    assert other.get("job-name") is None
    assert other.get("job-originating-user-name") is None
    assert other.get("job-state") is not None


def test_operators_see_all_of_it() -> None:
    groups = listed(gate_with(MASKED, ["alice", "bob", "-"]), "olga", ALL)
    assert ids(groups) == [1, 2, 3]
    assert all(group.get("job-name") for group in groups)


def test_a_policy_may_leave_others_jobs_out() -> None:
    gate = gate_with(LEFT_OUT, ["alice", "bob", "-"])
    assert ids(listed(gate, "alice")) == [1]
    assert listed(gate_with(LEFT_OUT, ["bob"]), "alice") == [], "no job at all is successful-ok"


def test_a_job_that_is_left_out_is_not_found_either() -> None:
    gate = gate_with(LEFT_OUT, ["bob"])
    for operation in (Operation.GET_JOB_ATTRIBUTES, Operation.CANCEL_JOB):
        status = gate.ask_status(request(operation, job_id=1), user="alice")
        assert status == Status.CLIENT_ERROR_NOT_FOUND


def test_only_what_was_asked_for_comes_back() -> None:
    gate = gate_with(MASKED, ["alice"])
    (default,) = listed(gate, "alice")
    assert {attribute.name for attribute in default.attributes} == {"job-id", "job-uri"}
    state = Attribute("requested-attributes", (keyword("job-state"),))
    (one,) = listed(gate, "alice", state)
    assert {attribute.name for attribute in one.attributes} == {"job-state"}


def test_limits_are_the_gateways_since_it_filters_first() -> None:
    mine = Attribute("my-jobs", (boolean(True),))
    limit = Attribute("limit", (integer(2),))
    first = Attribute("first-job-id", (integer(3),))
    gate = gate_with(MASKED, ["-", "bob", "alice", "-", "alice", "alice"])
    assert ids(listed(gate, "alice", mine, limit)) == [3, 5]
    assert ids(listed(gate, "alice", limit, first)) == [3, 5]
    assert ids(listed(gate, "bob", limit)) == [2, 3]
    sent, _ = gate.printer.received[0]
    assert sent.groups[0].get("my-jobs") is None
    assert sent.groups[0].get("limit") == Attribute("limit", (integer(MOST),))


@given(
    owners=st.lists(st.sampled_from(["alice", "bob", "-"]), max_size=12),
    limit=st.integers(1, 12),
    first=st.integers(1, 12),
    mine=st.booleans(),
)
def test_a_limit_never_hides_a_job_that_there_is_room_for(
    owners: list[str], limit: int, first: int, mine: bool
) -> None:
    asked = [
        Attribute("limit", (integer(limit),)),
        Attribute("first-job-id", (integer(first),)),
        Attribute("my-jobs", (boolean(mine),)),
    ]
    seen = [
        number
        for number, owner in enumerate(owners, 1)
        if number >= first and (owner == "alice" or (owner == "bob" and not mine))
    ]
    assert ids(listed(gate_with(MASKED, owners), "alice", *asked)) == seen[:limit]


@pytest.mark.parametrize("asked", [(), ("job-template",), ("all",)])
def test_the_printer_is_always_asked_what_tells_whose_a_job_is(asked: tuple[str, ...]) -> None:
    wanted = [Attribute("requested-attributes", tuple(keyword(w) for w in asked))] if asked else []
    sent = listing_question(request(Operation.GET_JOBS, *wanted))
    requested = texts_of(sent, "requested-attributes")
    assert {"job-id", "job-uuid", "job-originating-user-name"} <= set(requested)
    assert set(asked) <= set(requested)

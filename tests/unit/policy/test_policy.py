"""Decisions: held against a naive evaluator that reads the rules as a person does."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ippgate.ipp.enums import Operation
from ippgate.policy.decision import Decision, Effect, Reason
from ippgate.policy.facts import Facts, Principal
from ippgate.policy.operations import SETS
from ippgate.policy.policy import Policy
from tests.support.policies import policy_of

AT = datetime(2026, 1, 1, 12, tzinfo=UTC)
ADDRESS = "192.0.2.9"
PRINTERS = ["lab-1", "lab-2", "hall"]
ALICE = Principal("alice", "1", "basic", frozenset({"staff"}))
PEOPLE = [
    Principal(name, name, "basic", frozenset(groups))
    for name in ("alice", "bob")
    for size in range(3)
    for groups in combinations(("staff", "students"), size)
]


@dataclass(frozen=True)
class Spec:
    """A rule as it stands in a file. ``who``: a word, or the names of users and of groups."""

    who: str | tuple[tuple[str, ...], tuple[str, ...]]
    printers: tuple[str, ...]
    operations: tuple[str, ...]
    permits: bool

    def text(self, name: str) -> dict[str, object]:
        who: object = self.who
        if isinstance(self.who, tuple):
            users, groups = self.who
            given = {"users": list(users), "groups": list(groups)}
            who = {key: names for key, names in given.items() if names}
        return {
            "name": name,
            "who": who,
            "printers": list(self.printers),
            "operations": list(self.operations),
            "decision": "permit" if self.permits else "refuse",
        }

    def applies(self, printer: str, operation: Operation) -> bool:
        if any(fnmatchcase(printer, p[1:]) for p in self.printers if p.startswith("!")):
            return False
        wanted = [pattern for pattern in self.printers if not pattern.startswith("!")]
        if wanted and not any(fnmatchcase(printer, pattern) for pattern in wanted):
            return False
        return any(
            operation in SETS[word] if word.startswith("@") else word == operation.keyword
            for word in self.operations
        )


def policy(specs: list[Spec]) -> Policy:
    rules = [spec.text(f"rule {number}") for number, spec in enumerate(specs)]
    return policy_of(json.dumps({"version": 1, "rules": rules}))


def facts(
    principal: Principal | None, printer: str, operation: int, owner: bool | None = None
) -> Facts:
    return Facts(principal, printer, Operation(operation), owner, ADDRESS, AT)


def naive(specs: list[Spec], asked: Facts) -> tuple[Effect, str | None]:
    """The effect, and the rule that made it."""
    if asked.principal is None:
        return naive_anonymous(specs, asked)
    for number, spec in enumerate(specs):
        if not spec.applies(asked.printer, asked.operation):
            continue
        if spec.who == "owner" and asked.owner is None:
            return Effect.LOOK_UP_OWNER, f"rule {number}"
        if isinstance(spec.who, tuple):
            users, groups = spec.who
            fits = asked.principal.name in users or bool(asked.principal.groups & set(groups))
        else:
            fits = spec.who != "owner" or asked.owner is True
        if fits:
            return Effect.PERMIT if spec.permits else Effect.REFUSE, f"rule {number}"
    return Effect.REFUSE, None


def naive_anonymous(specs: list[Spec], asked: Facts) -> tuple[Effect, str | None]:
    """Rules for somebody in particular count as ones that might match, once we know who it is."""
    personal = []
    for number, spec in enumerate(specs):
        if not spec.applies(asked.printer, asked.operation):
            continue
        if spec.who != "anyone":
            personal.append(spec)
        elif spec.permits:
            might_be_refused = any(not rule.permits for rule in personal)
            return (
                (Effect.IDENTIFY, None) if might_be_refused else (Effect.PERMIT, f"rule {number}")
            )
        elif not any(rule.permits for rule in personal):
            return Effect.REFUSE, f"rule {number}"
        else:
            return Effect.IDENTIFY, None
    might_be_permitted = any(rule.permits for rule in personal)
    return Effect.IDENTIFY if might_be_permitted else Effect.REFUSE, None


_NAMES = st.lists(st.sampled_from(["alice", "bob"]), max_size=2).map(tuple)
_GROUPS = st.lists(st.sampled_from(["staff", "students"]), max_size=2).map(tuple)
_WHO = st.one_of(
    st.sampled_from(["anyone", "authenticated", "owner"]),
    st.tuples(_NAMES, _GROUPS).filter(any),
)
_SPECS = st.lists(
    st.builds(
        Spec,
        who=_WHO,
        printers=st.lists(
            st.sampled_from(["*", "lab-*", "hall", "!lab-2", "!hall"]), min_size=1, max_size=2
        ).map(tuple),
        operations=st.lists(
            st.sampled_from(["@all", "@job", "@query", "Print-Job", "Cancel-Job", "Print-URI"]),
            min_size=1,
            max_size=2,
        ).map(tuple),
        permits=st.booleans(),
    ),
    min_size=1,
    max_size=6,
)
_OPERATIONS = st.sampled_from(
    [
        Operation.PRINT_JOB,
        Operation.CANCEL_JOB,
        Operation.GET_JOBS,
        Operation.PRINT_URI,
        Operation(0x4042),
    ]
)
_FACTS = st.builds(
    facts,
    principal=st.sampled_from([None, *PEOPLE]),
    printer=st.sampled_from(PRINTERS),
    operation=_OPERATIONS,
    owner=st.sampled_from([None, True, False]),
)


@given(_SPECS, _FACTS)
def test_decisions_are_those_of_the_naive_evaluator(specs: list[Spec], asked: Facts) -> None:
    effect, rule = naive(specs, asked)
    decision = policy(specs).decide(asked)
    assert decision.effect is effect
    if effect is not Effect.IDENTIFY:
        assert decision.rule == rule


@given(_SPECS, st.sampled_from(PRINTERS), _OPERATIONS)
def test_nobody_gains_by_staying_anonymous(
    specs: list[Spec], printer: str, operation: Operation
) -> None:
    rules = policy(specs)
    decision = rules.decide(facts(None, printer, operation))
    everybody = [
        rules.decide(facts(person, printer, operation, owner)).effect
        for person in PEOPLE
        for owner in (True, False)
    ]
    if decision.effect is Effect.PERMIT:
        assert set(everybody) == {Effect.PERMIT}
    if decision.effect is Effect.REFUSE:
        assert Effect.PERMIT not in everybody


@given(_SPECS, st.sampled_from([None, *PEOPLE]), st.sampled_from(PRINTERS))
def test_what_is_shown_agrees_with_what_is_decided(
    specs: list[Spec], principal: Principal | None, printer: str
) -> None:
    rules = policy(specs)
    shown = rules.operations_for(facts(principal, printer, Operation.GET_JOBS))
    for operation in [*Operation, Operation(0x4042)]:
        effects = {
            rules.decide(facts(principal, printer, operation, owner)).effect
            for owner in (True, False)
        }
        assert (operation in shown) is bool(effects & {Effect.PERMIT, Effect.IDENTIFY})
    assert rules.may_see(facts(principal, printer, Operation.GET_JOBS)) is bool(shown)
    assert rules.operations_for(facts(principal, printer, Operation.GET_JOBS)) == shown


@given(_SPECS, st.sampled_from(PRINTERS))
def test_credentials_are_only_asked_for_up_front_where_nothing_is_free(
    specs: list[Spec], printer: str
) -> None:
    rules = policy(specs)
    free = [
        operation
        for operation in Operation
        if rules.decide(facts(None, printer, operation)).effect is Effect.PERMIT
    ]
    if rules.needs_identity(printer):
        assert free == []
    elif all(spec.permits for spec in specs):
        assert free != []


def one(who: str, operations: str, decision: str = "permit", more: str = "") -> Policy:
    return policy_of(
        f'version: 1\nrules:\n - {{name: r, who: {who}, operations: ["{operations}"], '
        f"decision: {decision}{more}}}\n"
    )


@pytest.mark.parametrize("who", ["anyone", "authenticated"])
def test_no_unknown_or_vendor_operation_is_permitted_by_all(who: str) -> None:
    rules = one(who, "@all")
    for code in range(0x10000):
        decision = rules.decide(facts(ALICE, "lab-1", code, owner=True))
        if code in SETS["@all"]:
            assert decision == Decision(Effect.PERMIT, Reason.RULE, "r")
        else:
            assert decision == Decision(Effect.REFUSE, Reason.UNKNOWN_OPERATION), hex(code)
        if code >= 0x4000 or not Operation(code).known:
            assert decision.effect is Effect.REFUSE


def test_a_vendor_operation_is_permitted_by_its_number_alone() -> None:
    rules = one("anyone", "0x4042")
    permitted = [
        code
        for code in range(0x10000)
        if rules.decide(facts(None, "lab-1", code)).effect is Effect.PERMIT
    ]
    assert permitted == [0x4042]


def test_the_first_rule_that_matches_decides() -> None:
    rules = policy(
        [
            Spec((("alice",), ()), ("*",), ("Print-Job",), permits=False),
            Spec("authenticated", ("*",), ("Print-Job",), permits=True),
            Spec((("bob",), ()), ("*",), ("Print-Job",), permits=False),
        ]
    )
    assert rules.decide(facts(ALICE, "hall", Operation.PRINT_JOB)).rule == "rule 0"
    bob = rules.decide(facts(PEOPLE[-1], "hall", Operation.PRINT_JOB))
    assert (bob.effect, bob.rule) == (Effect.PERMIT, "rule 1")


def test_a_refusal_carries_the_rule_s_message() -> None:
    rules = one("authenticated", "@print", "refuse", ", message: Use the hall.")
    decision = rules.decide(facts(ALICE, "lab-1", Operation.PRINT_JOB))
    assert decision == Decision(Effect.REFUSE, Reason.RULE, "r", "Use the hall.")


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        (facts(ALICE, "lab-1", Operation.CANCEL_JOB, owner=False), Reason.NOT_OWNER),
        (facts(ALICE, "lab-1", Operation.PURGE_JOBS), Reason.UNKNOWN_OPERATION),
        (facts(ALICE, "hall", Operation.CANCEL_JOB), Reason.UNKNOWN_OPERATION),
        (facts(ALICE, "lab-1", Operation.GET_JOBS), Reason.NO_RULE),
    ],
)
def test_the_reason_of_a_refusal(asked: Facts, reason: Reason) -> None:
    rules = policy(
        [
            Spec("owner", ("lab-*",), ("Cancel-Job",), permits=True),
            Spec((("bob",), ()), ("lab-*",), ("Get-Jobs",), permits=True),
        ]
    )
    assert rules.decide(asked) == Decision(Effect.REFUSE, reason)


def test_others_jobs_alone_are_enough_to_see_a_printer() -> None:
    rules = policy(
        [
            Spec("owner", ("*",), ("Cancel-Job",), permits=False),
            Spec("authenticated", ("*",), ("Cancel-Job",), permits=True),
        ]
    )
    others = rules.decide(facts(ALICE, "lab-1", Operation.CANCEL_JOB, owner=False))
    assert others.effect is Effect.PERMIT
    assert rules.may_see(facts(ALICE, "lab-1", Operation.GET_JOBS))


def test_people_of_the_same_rights_elsewhere_are_not_mistaken() -> None:
    rules = policy([Spec((("alice",), ("staff",)), ("lab-*",), ("Print-Job",), permits=True)])
    nobody = Principal("carol", "1", "basic")
    assert rules.may_see(facts(ALICE, "lab-1", Operation.GET_JOBS))
    assert not rules.may_see(facts(ALICE, "hall", Operation.GET_JOBS))
    assert not rules.may_see(facts(nobody, "lab-1", Operation.GET_JOBS))
    assert rules.may_see(
        facts(Principal("carol", "1", "basic", ALICE.groups), "lab-1", Operation.GET_JOBS)
    )
    assert rules.may_see(facts(None, "lab-1", Operation.GET_JOBS))


def test_views_of_many_people_are_forgotten_again() -> None:
    rules = one("authenticated", "Print-Job")
    for number in range(5000):
        person = Principal(f"user{number}", "1", "basic")
        assert rules.may_see(facts(person, "lab-1", Operation.GET_JOBS))
    assert len(rules._operations) <= 4096


def test_printers_that_nobody_has_are_forgotten_again() -> None:
    rules = one("anyone", "Print-Job")
    for number in range(5000):
        asked = facts(None, f"x{number}", Operation.PRINT_JOB)
        assert rules.decide(asked).effect is Effect.PERMIT
    assert len(rules._index._printers) <= 2048
    assert len(rules._index._alike) == 1

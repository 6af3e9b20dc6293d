"""The policies that are shipped: they meet their expectations, and these notice every mistake."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from ippgate.ipp.enums import Operation
from ippgate.policy.decision import Effect
from ippgate.policy.expectations import examined
from ippgate.policy.facts import Facts, Principal
from ippgate.policy.file import load
from ippgate.policy.lint import lint
from ippgate.policy.policy import Policy
from tests.support.mutations_of_rules import mutants

POLICIES = Path(__file__).parents[3] / "policies"
BUNDLES = ("cups-like", "default", "lockdown", "office", "school")


def policy_of(bundle: str) -> Policy:
    file = POLICIES / f"{bundle}.yaml"
    return load([(str(file), file.read_text())])


def expectations_of(bundle: str) -> tuple[str, str]:
    file = POLICIES / f"{bundle}.test.yaml"
    return file.read_text(), str(file)


def test_these_are_all() -> None:
    assert {path.name for path in POLICIES.glob("*.yaml")} == {
        f"{bundle}{suffix}" for bundle in BUNDLES for suffix in (".yaml", ".test.yaml")
    }


@pytest.mark.parametrize("bundle", BUNDLES)
def test_a_bundle_meets_its_expectations_which_reach_every_rule(bundle: str) -> None:
    policy = policy_of(bundle)
    result = examined(policy, *expectations_of(bundle))
    assert result.failed == ()
    assert result.reached == {rule.name for rule in policy.rules}


@pytest.mark.parametrize("bundle", BUNDLES)
def test_nothing_is_wrong_with_a_bundle(bundle: str) -> None:
    assert lint(policy_of(bundle)) == []


@pytest.mark.parametrize("bundle", BUNDLES)
def test_every_mutation_of_a_rule_is_noticed(bundle: str) -> None:
    file = POLICIES / f"{bundle}.yaml"
    text, name = expectations_of(bundle)
    changed = list(mutants(file.read_text()))
    assert len(changed) > 20
    survived = [
        what for what, mutant in changed if not examined(load([(name, mutant)]), text, name).failed
    ]
    assert survived == []


def test_all_operation_codes_against_lockdown() -> None:
    policy = policy_of("lockdown")
    alice = Principal("alice", "1", "basic", frozenset({"staff", "print-operators", "lpadmin"}))
    at = datetime(2026, 3, 2, 10, tzinfo=UTC)
    forwarded = {
        code
        for code in range(0x10000)
        for owner in (True, False)
        if policy.decide(
            Facts(alice, "lab-1", Operation(code), owner, "192.0.2.9", at, "TLSv1.3")
        ).effect
        is Effect.PERMIT
    }
    assert forwarded == {
        Operation.GET_PRINTER_ATTRIBUTES,
        Operation.VALIDATE_JOB,
        Operation.PRINT_JOB,
        Operation.CREATE_JOB,
        Operation.SEND_DOCUMENT,
        Operation.GET_JOB_ATTRIBUTES,
        Operation.GET_JOBS,
        Operation.CANCEL_JOB,
    }

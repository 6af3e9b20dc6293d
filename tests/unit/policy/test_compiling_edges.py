"""Mistakes that show when the values of a rule meet, and what a rule becomes."""

from __future__ import annotations

import pytest

from ippgate.config.findings import ConfigurationError
from ippgate.policy.file import load
from ippgate.policy.quota import Limit, Period, Unit
from ippgate.policy.rule import Rule


def compiled(more: str, decision: str = "decision: permit", head: str = "version: 1\n") -> Rule:
    text = f"{head}rules:\n  - {{name: r, who: authenticated, operations: ['@print']"
    parts = ", ".join(part for part in (decision, more) if part)
    return load([("f", f"{text}, {parts}}}\n")]).rules[0]


@pytest.mark.parametrize(
    ("decision", "more", "says"),
    [
        ("", "", "a rule needs one of decision: permit, decision: refuse"),
        ("decision: permit", "decide: {http: 'http://192.0.2.5/'}", "a rule needs one of"),
        ("decision: refuse", "enforce: {copies: 1}", "enforce: is for a rule that permits"),
        ("decision: refuse", "quota: {jobs: 1, per: day}", "quota: is for a rule that permits"),
        ("decision: refuse", "hold: true", "hold: is for a rule that permits"),
        ("decide: {http: 'http://192.0.2.5/'}", "shadow: true", "shadow: nobody is asked"),
        ("decision: permit", "message: x", "message: is for a refusal"),
        ("decision: permit", "enforce: {copies: 1}, default: {copies: 2}", "is enforced by this"),
        ("decision: permit", "hold: true, enforce: {job-hold-until: night}", "writes already"),
        ("decision: permit", "hold: true, default: {job-hold-until: night}", "writes already"),
        ("decision: permit", "attributes: {sides: {max: 3}}", "sides has no numbers"),
        ("decision: permit", "attributes: {job-copies: {max: 3}}", "is a former name"),
        ("decision: permit", "enforce: {media-col.media-type: x}", "cannot be written"),
    ],
)
def test_contradictions(decision: str, more: str, says: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        compiled(more, decision)
    assert len(caught.value.findings) == 1
    assert says in str(caught.value.findings[0])


def test_a_definition_that_says_all_but_cannot_be_turned_round() -> None:
    head = "version: 1\ndefine: {printers: {most: ['lab-*', '!lab-9']}}\n"
    with pytest.raises(ConfigurationError, match="all but all but"):
        compiled("printers: ['*', '!@most']", head=head)


@pytest.mark.parametrize(
    ("decision", "said", "fit", "unfit"),
    [
        ("permit", "{not: [color]}", ["monochrome"], ["color", "auto"]),
        ("refuse", "{is: [color]}", ["color", "auto"], ["monochrome"]),
        ("permit", "{not: [auto]}", ["color"], ["auto"]),
    ],
)
def test_who_refuses_colour_means_its_choice_by_the_document_too(
    decision: str, said: str, fit: list[str], unfit: list[str]
) -> None:
    rule = compiled(f"attributes: {{print-color-mode: {said}}}", f"decision: {decision}")
    (demand,) = rule.demands
    assert [word for word in fit if not demand.fits(word)] == []  # type: ignore[attr-defined]
    assert [word for word in unfit if demand.fits(word)] == []  # type: ignore[attr-defined]


def test_obligations() -> None:
    head = "version: 1\ntimezone: Europe/Berlin\n"
    rule = compiled(
        "hold: true, default: {print-quality: high}, quota: [{pages: 9, jobs: 2, per: week}, "
        "{octets: 1KB, per: day, shared: true, timezone: UTC}]",
        head=head,
    )
    assert rule.obligations.enforce == (("job-hold-until", ("indefinite",)),)
    assert rule.obligations.default == (("print-quality", (5,)),)
    assert rule.obligations.quota == (
        Limit(Unit.PAGES, 9, Period.WEEK, timezone="Europe/Berlin"),
        Limit(Unit.JOBS, 2, Period.WEEK, timezone="Europe/Berlin"),
        Limit(Unit.OCTETS, 1000, Period.DAY, shared=True, timezone="UTC"),
    )

"""``ippgate quota``: what is used, starting anew, giving more."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ippgate.cli.main import main
from ippgate.clock import SystemClock
from ippgate.exchange.ports import Amounts, OverQuota
from ippgate.ledger import quotas, submissions
from ippgate.ledger.connections import Connections
from ippgate.policy.quota import Limit, Period, Unit
from tests.support.gate_process import write_site
from tests.support.identities import of_file
from tests.support.ledgers import sqlite_ledger, submission

RULE = "students print duplex"
LIMIT = Limit(Unit.PAGES, 20, Period.WEEK)
Run = Callable[..., tuple[int, str, str]]


def reserve(ledger: Connections, pages: int) -> None:
    at = SystemClock().now()
    name = f"r{pages}"
    ledger.run(
        lambda c: quotas.reserve(c, name, "id-alice", RULE, [LIMIT], Amounts(1, pages), at),
        writes=True,
    )


@pytest.fixture
def ledger(tmp_path: Path) -> Connections:
    """alice has used 15 pages of 20."""
    ledger = sqlite_ledger(tmp_path)
    now = datetime.now(UTC).timestamp()
    ledger.run(lambda c: submissions.begin(c, submission(at=now)), writes=True)
    reserve(ledger, 15)
    return ledger


@pytest.fixture
def quota(tmp_path: Path, ledger: Connections, capsys: pytest.CaptureFixture[str]) -> Run:
    site, _, _ = write_site(tmp_path, {"lab-1": "ipp://192.0.2.21/"}, identity=of_file(tmp_path))

    def run(command: str, *arguments: str) -> tuple[int, str, str]:
        code = main(["quota", command, "-c", str(site), *arguments])
        output = capsys.readouterr()
        return code, output.out, output.err

    return run


def test_show(quota: Run) -> None:
    code, output, _ = quota("show")
    assert code == 0
    head, row = output.splitlines()
    assert head.split() == [
        *("USER", "RULE", "UNIT", "PER", "SINCE", "USED", "HELD", "LIMIT", "LEFT")
    ]
    assert row.split()[-4:] == ["0", "15", "20", "5"]
    assert row.startswith("alice")
    assert len(row) <= 80


def test_show_of_somebody_else_is_empty(quota: Run) -> None:
    code, output, _ = quota("show", "--user", "bob", "--json")
    assert (code, output) == (0, "")


def test_grant_lets_more_through(quota: Run, ledger: Connections) -> None:
    with pytest.raises(OverQuota):
        reserve(ledger, 6)
    code, _, _ = quota(
        "grant", "--user", "alice", "--rule", RULE, "--unit", "pages", "--amount", "10"
    )
    assert code == 0
    reserve(ledger, 6)
    _, output, _ = quota("show", "--user", "alice", "--json")
    counter = json.loads(output)
    assert (counter["granted"], counter["reserved"], counter["left"]) == (10, 21, 9)


def test_grant_where_nothing_was_counted_yet_needs_the_period(quota: Run) -> None:
    grant = ("grant", "--user", "bob", "--rule", RULE, "--unit", "pages", "--amount", "10")
    code, _, words = quota(*grant)
    assert code == 1
    assert "nothing was counted for bob" in words
    code, output, _ = quota(*grant, "--per", "week")
    assert code == 0
    assert output.splitlines()[1].split()[-2:] == ["0+10", "10"]


def test_reset_counts_from_0_again_but_keeps_what_is_reserved(quota: Run) -> None:
    code, output, _ = quota("reset", "--user", "alice")
    assert code == 0
    assert output.splitlines()[1].split()[-4:] == ["0", "15", "20", "5"]
    code, _, words = quota("reset", "--user", "nobody")
    assert code == 1
    assert "nothing was counted for nobody" in words

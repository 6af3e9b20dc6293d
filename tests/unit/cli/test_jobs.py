"""``ippgate jobs``: the ledger for people."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection

from ippgate.cli.main import main
from ippgate.document.digest import DocumentFacts
from ippgate.exchange.jobs import SeenJob
from ippgate.ledger import progress, submissions
from ippgate.policy.facts import Principal
from tests.support.gate_process import write_site
from tests.support.identities import of_file
from tests.support.ledgers import ALICE, BOB, sqlite_ledger, submission

MARCH = datetime(2026, 3, 2, 9, 0, tzinfo=UTC).timestamp()
APRIL = datetime(2026, 4, 1, 9, 0, tzinfo=UTC).timestamp()
PDF = DocumentFacts("application/pdf", "application/pdf", 1000, "ab" * 32)
ODD = Principal("=cmd|' /C calc'!A0", "id-odd", "ldap", frozenset({"staff", "night"}))

Printed = Callable[..., tuple[int, str]]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    configuration, _, _ = write_site(
        tmp_path, {"lab-1": "ipp://192.0.2.21/"}, identity=of_file(tmp_path)
    )
    return configuration


@pytest.fixture
def printed(site: Path, capsys: pytest.CaptureFixture[str]) -> Printed:
    """The exit code and the output of ``ippgate jobs``, over five jobs."""
    ledger = sqlite_ledger(site.parent)

    def job(owner: Principal, number: int, at: float, pages: int | None, printer: str) -> None:
        def work(connection: Connection) -> None:
            what = submission(owner, printer=printer, name=f"job {number}\x1b[2J", at=at)
            key = submissions.begin(connection, what)
            submissions.accepted(connection, key, number, None, PDF, at)
            if pages is not None:
                seen = SeenJob(number, state=9, impressions=pages, sheets=pages)
                progress.ended(connection, key, "completed", seen, at + 60)

        ledger.run(work, writes=True)

    job(ALICE, 1, MARCH, 3, "lab-1")
    job(ALICE, 2, APRIL, 4, "lab-1")
    job(BOB, 3, APRIL, 5, "lab-2")
    job(ODD, 4, APRIL, 6, "lab-2")
    job(BOB, 5, APRIL, None, "lab-2")
    ledger.close()

    def run(*arguments: str) -> tuple[int, str]:
        code = main(["jobs", "-c", str(site), *arguments])
        return code, capsys.readouterr().out

    return run


def test_the_newest_first_in_80_columns_with_nothing_that_a_terminal_obeys(
    printed: Printed,
) -> None:
    code, output = printed()
    assert code == 0
    lines = output.splitlines()
    assert [line.split()[4] for line in lines[1:] if "cmd" not in line] == ["5", "3", "2", "1"]
    assert all(len(line) <= 80 for line in lines)
    assert "\x1b" not in output
    assert "completed" in lines[-1]


@pytest.mark.parametrize(
    ("arguments", "ids"),
    [
        (("--user", "alice"), [2, 1]),
        (("--user", "id-bob"), [5, 3]),
        (("--printer", "lab-2", "--state", "completed"), [4, 3]),
        (("--state", "unfinished"), [5]),
        (("--state", "pending"), [5]),
        (("--since", "2026-03-15"), [5, 4, 3, 2]),
        (("--until", "2026-03-15"), [1]),
        (("--most", "2"), [5, 4]),
    ],
)
def test_by_person_printer_state_and_date(
    printed: Printed, arguments: tuple[str, ...], ids: list[int]
) -> None:
    code, output = printed("--json", *arguments)
    assert code == 0
    assert [json.loads(line)["job_id"] for line in output.splitlines()] == ids


def test_json_has_all_that_is_known(printed: Printed) -> None:
    _, output = printed("--json", "--user", "alice", "--most", "1")
    job = json.loads(output)
    assert job["submitted"] == "2026-04-01T09:00:00+00:00"
    assert job["documents"] == ["ab" * 32]
    assert (job["user_id"], job["groups"], job["rule"]) == ("id-alice", ["staff"], "staff print")


def test_pages_by_person_and_month_as_csv_that_no_spreadsheet_runs(printed: Printed) -> None:
    code, output = printed("--pages-by", "person,month", "--csv")
    assert code == 0
    rows = list(csv.reader(io.StringIO(output)))
    assert rows == [
        ["person", "month", "jobs", "pages", "sheets", "octets"],
        [f"'{ODD.name}", "2026-04", "1", "6", "6", "1000"],
        ["alice", "2026-03", "1", "3", "3", "1000"],
        ["alice", "2026-04", "1", "4", "4", "1000"],
        ["bob", "2026-04", "2", "5", "5", "2000"],
    ]


def test_pages_by_printer_as_a_table_with_a_total(printed: Printed) -> None:
    _, output = printed("--pages-by", "printer")
    assert [line.split() for line in output.splitlines()] == [
        ["PRINTER", "JOBS", "PAGES", "SHEETS", "OCTETS"],
        ["lab-1", "2", "7", "7", "2000"],
        ["lab-2", "3", "11", "11", "3000"],
        ["total", "5", "18", "18", "5000"],
    ]


def test_pages_by_group_count_in_every_group(printed: Printed) -> None:
    _, output = printed("--pages-by", "group", "--json")
    pages = {row["group"]: row["pages"] for row in map(json.loads, output.splitlines())}
    assert pages == {"staff": 13, "students": 5, "night": 6}


def test_a_site_where_no_gateway_ran(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["jobs", "-c", str(site)]) == 2
    assert "there is no ledger yet" in capsys.readouterr().err
    assert not (site.parent / "ledger.db").exists()


@pytest.mark.parametrize("arguments", [("--since", "yesterday"), ("--csv",)])
def test_what_makes_no_sense(printed: Printed, arguments: tuple[str, ...]) -> None:
    assert printed(*arguments)[0] == 2


def test_what_no_column_is_called(printed: Printed) -> None:
    with pytest.raises(SystemExit):
        printed("--pages-by", "colour")

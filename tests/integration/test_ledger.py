"""What the ledger remembers, in SQLite and in a real PostgreSQL alike."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection, func, inspect, select

from ippgate.document.digest import DocumentFacts
from ippgate.exchange.jobs import RememberedJob, SeenJob
from ippgate.exchange.ports import Amounts, LedgerUnavailable, OverQuota, Submission
from ippgate.ledger import lookups, progress, purge, quotas, schema, submissions
from ippgate.ledger.connections import Connections
from ippgate.policy.facts import Principal
from ippgate.policy.quota import Limit, Period, Unit
from tests.support.ledgers import ALICE, BOB, NOW, submission

PDF = DocumentFacts("application/pdf", "application/pdf", 1000, "0" * 64)
UUID = "urn:uuid:00000000-0000-4000-8000-00000000000"


def begin(ledger: Connections, what: Submission) -> int:
    return ledger.run(lambda c: submissions.begin(c, what), writes=True)


def accept(
    ledger: Connections,
    job_id: int,
    owner: Principal = ALICE,
    *,
    uuid: str | None = None,
    at: float = NOW,
    document: DocumentFacts | None = PDF,
) -> int:
    """A job from its submission to the printer's answer; its key."""
    key = begin(ledger, submission(owner, at=at))
    ledger.run(lambda c: submissions.accepted(c, key, job_id, uuid, document, at + 1), writes=True)
    return key


def owners(ledger: Connections, job_ids: Sequence[int], printer: str = "lab-1") -> dict[int, str]:
    found = ledger.run(lambda c: lookups.current(c, printer, job_ids), writes=False)
    return {job_id: job.owner_id for job_id, job in found.items()}


def unfinished(ledger: Connections, printer: str = "lab-1") -> list[RememberedJob]:
    return ledger.run(lambda c: lookups.unfinished(c, printer, 100), writes=False)


def mend(ledger: Connections, *seen: SeenJob) -> dict[int, RememberedJob]:
    return ledger.run(lambda c: submissions.mend(c, "lab-1", seen, NOW + 30), writes=True)


def end(ledger: Connections, key: int, outcome: str = "completed", **said: int) -> bool:
    seen = SeenJob(7, state=9, **said)  # type: ignore[arg-type]
    return ledger.run(lambda c: progress.ended(c, key, outcome, seen, NOW + 60), writes=True)


def count(ledger: Connections, table: str) -> int:
    def rows(connection: Connection) -> int:
        found = select(func.count()).select_from(schema.metadata.tables[table])
        return int(connection.execute(found).scalar_one())

    return ledger.run(rows, writes=False)


# --- tables -----------------------------------------------------------------------------------


def test_the_steps_make_the_tables_that_the_code_uses(ledger: Connections) -> None:
    def tables(connection: Connection) -> dict[str, set[tuple[str, bool]]]:
        found = inspect(connection)
        return {
            name: {(column["name"], column["nullable"]) for column in found.get_columns(name)}
            for name in found.get_table_names()
        }

    made = ledger.run(tables, writes=False)
    wanted = {
        name: {(column.name, bool(column.nullable)) for column in table.columns}
        for name, table in schema.metadata.tables.items()
    }
    # SQLite lets a primary key be null; nobody else does.
    made["jobs"].discard(("key", True))
    made["jobs"].add(("key", False))
    made["followers"] = {(name, False) for name, _ in made["followers"]}
    made.pop("sqlite_sequence", None)
    assert made == wanted


def test_it_is_opened_again_without_another_step(ledger: Connections) -> None:
    accept(ledger, 7)
    ledger.drop()
    assert owners(ledger, [7]) == {7: "id-alice"}


def test_tables_of_a_later_version_are_left_alone(ledger: Connections) -> None:
    ledger.run(lambda c: c.execute(schema.version.update().values(version=99)), writes=True)
    ledger.drop()
    with pytest.raises(LedgerUnavailable, match="a later version wrote them"):
        owners(ledger, [7])


# --- owners -----------------------------------------------------------------------------------


def test_the_owner_is_the_stable_id_and_jobs_of_other_printers_are_other_jobs(
    ledger: Connections,
) -> None:
    accept(ledger, 7)
    accept(ledger, 8, BOB)
    assert owners(ledger, [7, 8, 9]) == {7: "id-alice", 8: "id-bob"}
    assert owners(ledger, [7], "lab-2") == {}


def test_a_submission_is_no_job_until_the_printer_answered(ledger: Connections) -> None:
    key = begin(ledger, submission())
    assert owners(ledger, range(1, 100)) == {}
    assert [job.key for job in unfinished(ledger)] == [key]
    ledger.run(lambda c: submissions.abandoned(c, key), writes=True)
    assert unfinished(ledger) == []


def test_a_printer_that_counts_from_one_again_gives_nobody_an_old_job(ledger: Connections) -> None:
    accept(ledger, 1)
    accept(ledger, 1, BOB, at=NOW + 500)
    assert owners(ledger, [1]) == {1: "id-bob"}
    old = next(job for job in unfinished(ledger) if job.owner_id == "id-alice")
    assert not old.current


def test_documents_are_remembered_with_their_digests_and_sizes(ledger: Connections) -> None:
    key = accept(ledger, 7)
    again = replace(PDF, octets=500, sha256="1" * 64)
    ledger.run(lambda c: submissions.document_added(c, key, again), writes=True)

    def rows(connection: Connection) -> list[tuple[int, int, str]]:
        found = connection.execute(schema.documents.select().order_by("number"))
        return [(row.number, row.octets, row.sha256[0]) for row in found]

    assert ledger.run(rows, writes=False) == [(1, 1000, "0"), (2, 500, "1")]
    octets = select(schema.jobs.c.octets)
    assert ledger.run(lambda c: c.execute(octets).scalar_one(), writes=False) == 1500


# --- answers that were never heard ------------------------------------------------------------


def test_a_job_whose_answer_was_not_heard_is_found_by_the_name_that_the_gateway_wrote(
    ledger: Connections,
) -> None:
    begin(ledger, submission(ALICE))
    found = mend(ledger, SeenJob(12, user_name="alice", name="page"))
    assert {job_id: job.owner_id for job_id, job in found.items()} == {12: "id-alice"}
    assert owners(ledger, [12]) == {12: "id-alice"}


@pytest.mark.parametrize(
    "seen",
    [
        SeenJob(12, user_name="bob", name="page"),
        SeenJob(12, user_name=None, name="page"),
        SeenJob(12, user_name="anonymous", name="page"),
        SeenJob(12, user_name="alice", name="another"),
        SeenJob(12, user_name="alice", name="page", created=NOW - 100),
    ],
)
def test_a_job_that_did_not_come_of_it_stays_foreign(ledger: Connections, seen: SeenJob) -> None:
    begin(ledger, submission(ALICE))
    assert mend(ledger, seen) == {}
    assert owners(ledger, [12]) == {}


def test_nothing_is_mended_without_a_submission_that_waits(ledger: Connections) -> None:
    accept(ledger, 7)
    assert mend(ledger, SeenJob(12, user_name="alice", name="page")) == {}


def test_an_answer_that_comes_after_all_corrects_what_was_guessed(ledger: Connections) -> None:
    first = begin(ledger, submission(ALICE))
    second = begin(ledger, submission(ALICE))
    assert mend(ledger, SeenJob(12, user_name="alice"))[12].key == first
    ledger.run(lambda c: submissions.accepted(c, second, 12, None, None, NOW), writes=True)
    assert [job.job_id for job in unfinished(ledger)] == [None, 12]
    ledger.run(lambda c: submissions.accepted(c, first, 11, None, None, NOW), writes=True)
    assert owners(ledger, [11, 12]) == {11: "id-alice", 12: "id-alice"}


# --- progress ---------------------------------------------------------------------------------


def test_what_the_printer_says_is_kept_and_a_job_ends_once(ledger: Connections) -> None:
    key = accept(ledger, 7)
    said = SeenJob(7, state=5, reasons=("job-printing",), impressions=2, uuid=UUID + "1")
    ledger.run(lambda c: progress.progressed(c, [(key, said)], NOW + 20), writes=True)
    assert unfinished(ledger)[0].uuid == UUID + "1"
    assert end(ledger, key, impressions=3, sheets=2)
    assert not end(ledger, key, impressions=99)
    row = ledger.run(lambda c: c.execute(schema.jobs.select()).one(), writes=False)
    assert (row.state, row.impressions, row.sheets, row.outcome) == (9, 3, 2, "completed")
    assert unfinished(ledger) == []
    ledger.run(lambda c: submissions.restarted(c, key), writes=True)
    assert [job.key for job in unfinished(ledger)] == [key]


def test_one_gateway_follows_a_printer_until_it_stops(ledger: Connections) -> None:
    def claim(holder: str, now: float) -> bool:
        return ledger.run(lambda c: progress.claim(c, "lab-1", holder, now, 30), writes=True)

    assert claim("a", NOW)
    assert claim("a", NOW + 10)
    assert not claim("b", NOW + 20)
    assert claim("b", NOW + 41)
    assert not claim("a", NOW + 42)


# --- retention --------------------------------------------------------------------------------


def test_old_jobs_are_forgotten_with_all_that_belongs_to_them(ledger: Connections) -> None:
    for number in range(1, purge.BATCH + 11):
        accept(ledger, number, at=NOW - 1000 + number / 1000)
    accept(ledger, 9999, at=NOW)
    reserve(ledger, PAGES)
    attach(ledger, 1)
    forget = [ledger.run(lambda c: purge.purge(c, NOW - 10), writes=True) for _ in range(3)]
    assert forget == [purge.BATCH, 10, 0]
    assert (count(ledger, "jobs"), count(ledger, "documents")) == (1, 1)


# --- quotas -----------------------------------------------------------------------------------

PAGES = Limit(Unit.PAGES, 100, Period.WEEK)
JOBS = Limit(Unit.JOBS, 3, Period.DAY)
AT = datetime.fromtimestamp(NOW, UTC)


def reserve(
    ledger: Connections, *limits: Limit, pages: int | None = None, who: str = "id-alice"
) -> str:
    reservation = f"r{threading.get_ident()}-{count(ledger, 'reservations')}-{pages}"
    amounts = Amounts(1, pages, None)
    ledger.run(
        lambda c: quotas.reserve(c, reservation, who, "staff print", limits, amounts, AT),
        writes=True,
    )
    return reservation


def attach(ledger: Connections, job_id: int, reservation: str | None = None) -> None:
    def work(connection: Connection) -> None:
        found = reservation or connection.execute(select(schema.reservations.c.id)).scalar_one()
        quotas.attach(connection, found, "lab-1", job_id)

    ledger.run(work, writes=True)


def counter(ledger: Connections, unit: Unit = Unit.PAGES) -> tuple[int, int]:
    """Used and reserved."""
    words = schema.counters.select().where(schema.counters.c.unit == unit.value)
    row = ledger.run(lambda c: c.execute(words).one(), writes=False)
    return row.used, row.reserved


def test_what_is_reserved_is_settled_by_what_was_printed(ledger: Connections) -> None:
    reservation = reserve(ledger, PAGES, JOBS, pages=40)
    assert counter(ledger) == (0, 40)
    key = accept(ledger, 7)
    attach(ledger, 7, reservation)
    end(ledger, key, impressions=12)
    assert counter(ledger) == (12, 0)
    assert counter(ledger, Unit.JOBS) == (1, 0)


def test_of_a_job_that_says_nothing_what_it_declared_counts(ledger: Connections) -> None:
    reservation = reserve(ledger, PAGES, pages=40)
    key = accept(ledger, 7)
    attach(ledger, 7, reservation)
    end(ledger, key)
    assert counter(ledger) == (40, 0)


def test_a_job_that_ended_before_it_was_attached_is_settled_too(ledger: Connections) -> None:
    reservation = reserve(ledger, PAGES, pages=40)
    end(ledger, accept(ledger, 7), impressions=3)
    attach(ledger, 7, reservation)
    assert counter(ledger) == (3, 0)


def test_a_further_document_does_not_count_the_job_twice(ledger: Connections) -> None:
    key = accept(ledger, 7)
    for _ in range(2):
        attach(ledger, 7, reserve(ledger, PAGES, pages=5))
    assert counter(ledger) == (0, 10)
    end(ledger, key, impressions=8)
    assert counter(ledger) == (8, 0)


def test_nothing_is_kept_of_a_reservation_that_one_limit_refuses(ledger: Connections) -> None:
    for _ in range(3):
        reserve(ledger, PAGES, JOBS, pages=1)
    with pytest.raises(OverQuota) as refused:
        reserve(ledger, PAGES, JOBS, pages=1)
    assert (refused.value.limit, refused.value.used) == (JOBS, 3)
    assert refused.value.resets > AT
    assert counter(ledger) == (0, 3)


def test_what_is_released_may_be_used_again(ledger: Connections) -> None:
    reservation = reserve(ledger, PAGES, pages=100)
    with pytest.raises(OverQuota):
        reserve(ledger, PAGES, pages=1)
    ledger.run(lambda c: quotas.release(c, reservation), writes=True)
    reserve(ledger, PAGES, pages=100)


def test_everybody_has_a_counter_of_their_own_unless_it_is_shared(ledger: Connections) -> None:
    reserve(ledger, PAGES, pages=100)
    reserve(ledger, PAGES, pages=100, who="id-bob")
    together = replace(PAGES, shared=True)
    reserve(ledger, together, pages=60)
    with pytest.raises(OverQuota):
        reserve(ledger, together, pages=60, who="id-bob")


def test_a_reservation_of_a_gateway_that_was_killed_belongs_to_the_job_that_is_found(
    ledger: Connections,
) -> None:
    begin(ledger, submission(ALICE))
    reserve(ledger, PAGES, pages=40)
    key = mend(ledger, SeenJob(12, user_name="alice", name="page"))[12].key
    end(ledger, key, impressions=7)
    assert counter(ledger) == (7, 0)


def test_a_reservation_that_nothing_came_of_is_given_back_later(ledger: Connections) -> None:
    reserve(ledger, PAGES, pages=40)
    ledger.run(lambda c: purge.purge_counters(c, NOW + 60), writes=True)
    assert counter(ledger) == (0, 40)
    ledger.run(lambda c: purge.purge_counters(c, NOW + 7 * 3600), writes=True)
    assert counter(ledger) == (0, 0)


def test_200_at_once_against_a_quota_of_100_let_exactly_100_through(ledger: Connections) -> None:
    limit = Limit(Unit.JOBS, 100, Period.DAY)

    def one(number: int) -> bool:
        def work(connection: Connection) -> None:
            quotas.reserve(connection, f"r{number}", "id-alice", "rule", [limit], Amounts(), AT)

        try:
            ledger.run(work, writes=True)
        except OverQuota:
            return False
        return True

    with ThreadPoolExecutor(7) as people:
        assert sum(people.map(one, range(200))) == 100
    assert counter(ledger, Unit.JOBS) == (0, 100)

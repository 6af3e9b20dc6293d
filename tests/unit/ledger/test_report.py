"""What a job is called, and what pages are counted by. (Lists and tables: cli/test_jobs.py.)"""

from __future__ import annotations

from pathlib import Path

import pytest

from ippgate.exchange.jobs import SeenJob
from ippgate.ledger import progress, report, submissions
from tests.support.ledgers import ALICE, NOW, sqlite_ledger, submission


@pytest.mark.parametrize(
    ("state", "ended", "word"),
    [
        (None, None, "pending"),
        (3, None, "pending"),
        (4, None, "held"),
        (5, None, "processing"),
        (6, None, "stopped"),
        (9, "completed", "completed"),
        (None, "forgotten", "forgotten"),
    ],
)
def test_a_job_has_one_word_and_is_found_by_it(
    tmp_path: Path, state: int | None, ended: str | None, word: str
) -> None:
    ledger = sqlite_ledger(tmp_path)
    key = ledger.run(lambda c: submissions.begin(c, submission(ALICE)), writes=True)
    ledger.run(lambda c: submissions.accepted(c, key, 7, None, None, NOW), writes=True)
    seen = SeenJob(7, state=state)
    if ended is not None:
        ledger.run(lambda c: progress.ended(c, key, ended, seen, NOW), writes=True)
    else:
        ledger.run(lambda c: progress.progressed(c, [(key, seen)], NOW), writes=True)
    for asked in report.WORDS:
        found = ledger.run(
            lambda c, asked=asked: report.newest(c, report.Wanted(state=asked), 9),  # type: ignore[misc]
            writes=False,
        )
        assert [job.state for job in found] == ([word] if asked == word else [])
    ledger.close()


def test_a_submission_without_an_answer(tmp_path: Path) -> None:
    ledger = sqlite_ledger(tmp_path)
    ledger.run(lambda c: submissions.begin(c, submission(None)), writes=True)
    (job,) = ledger.run(lambda c: report.newest(c, report.Wanted(), 9), writes=False)
    assert (job.state, job.user, job.job_id) == ("submitted", "anonymous", None)
    ledger.close()

"""A short run of the fuzzer; the long one is ``python -m tests.fuzz.mutate_ipp``."""

from __future__ import annotations

from random import Random

import pytest

from ippgate.ipp.encoder import encode
from tests.fuzz import mutate_ipp
from tests.fuzz.mutate_ipp import Report, feed, run
from tests.support.exchange_fakes import print_job
from tests.support.peers import corpora


def test_two_thousand_mutations() -> None:
    report = run(2_000, seed=7, folder=corpora())
    assert report.failures == []
    assert report.outcomes["decoded"] > 300
    assert report.outcomes["as a request: forwarded"] > 15
    assert sum(n for outcome, n in report.outcomes.items() if "refused" in outcome) > 500
    assert report.good


def test_a_defect_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    octets = encode(print_job())
    assert feed(octets, Random(1)) == ["decoded", "as a request: forwarded"]
    monkeypatch.setattr(mutate_ipp, "encode", lambda _message: b"something else")
    with pytest.raises(mutate_ipp.Different, match="does not encode as it came"):
        feed(octets, Random(1))


@pytest.mark.parametrize(
    ("report", "good"),
    [
        (Report(rss=(0, 20 * 1024**2)), True),
        (Report(rss=(0, 20 * 1024**2 + 1)), False),
        (Report(failures=["traceback"]), False),
    ],
)
def test_what_counts_as_good(report: Report, good: bool) -> None:
    assert report.good is good
    assert f"tracebacks: {len(report.failures)}" in str(report)

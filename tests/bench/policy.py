"""What a decision costs, with 10 to 10,000 rules: python -m tests.bench.policy

Half of the rules are about other printers or operations. The other half are about the one that is
asked for, and what they are about otherwise is the line of the table. The rule that decides is the
last. Medians of many decisions on one thread, in microseconds.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime

from ippgate.ipp.enums import Operation
from ippgate.policy.facts import Document, Facts, Job, Principal
from ippgate.policy.file import load
from ippgate.policy.policy import Policy

SIZES = (10, 100, 1_000, 10_000)
DECISIONS = 500
PER_FILE = 2_000
AT = datetime(2026, 3, 2, 10, tzinfo=UTC)
ALICE = Principal("alice", "1", "basic", frozenset(f"team-{n}" for n in range(20)) | {"staff"})

KINDS: dict[str, Callable[[int], str]] = {
    "other people": lambda n: f"who: {{groups: [group-{n}]}}",
    "other networks": lambda n: (
        f"who: authenticated, when: {{networks: [198.51.{n // 256 % 256}.{n % 256}/32]}}"
    ),
    "other values": lambda n: f"who: authenticated, attributes: {{copies: {{min: {n + 100}}}}}",
    "other hours": lambda n: (
        f"who: authenticated, when: {{hours: '11:{n % 60:02d}-12:00', timezone: Europe/Berlin}}"
    ),
}


def policy(count: int, kind: str) -> Policy:
    """``count`` rules, and the one that decides."""
    rules = []
    for n in range(count - 1):
        if n % 2:
            rules.append(f"{KINDS[kind](n)}, operations: ['@print'], printers: ['lab-*']")
        elif n % 4:
            rules.append(f"who: authenticated, operations: ['@print'], printers: [hall-{n}]")
        else:
            rules.append("who: authenticated, operations: ['@operate'], printers: ['lab-*']")
    rules.append("who: {groups: [staff]}, operations: ['@print']")
    lines = [f"- {{name: r{n}, {rule}, decision: permit}}\n" for n, rule in enumerate(rules)]
    files = [lines[start : start + PER_FILE] for start in range(0, len(lines), PER_FILE)]
    return load(
        [(f"{n}.yaml", "version: 1\nrules:\n" + "".join(file)) for n, file in enumerate(files)]
    )


def median_us(rules: Policy) -> tuple[float, float]:
    """Of a decision that was not made before, and of one like many before."""
    job = Job({"copies": (2,)}, Document("application/pdf", "application/pdf", 10_000))
    facts = [
        Facts(
            ALICE, "lab-1", Operation.PRINT_JOB, False, f"203.0.113.{n % 250}", AT, "TLSv1.3", job
        )
        for n in range(DECISIONS)
    ]
    started = time.perf_counter_ns()
    first = rules.decide(facts[0])
    first_us = (time.perf_counter_ns() - started) / 1000
    assert first.rule == f"r{len(rules.rules) - 1}", first
    took = []
    for asked in facts:
        started = time.perf_counter_ns()
        rules.decide(asked)
        took.append(time.perf_counter_ns() - started)
    return first_us, statistics.median(took) / 1000


def main() -> int:
    print("A decision in µs (median); first: of people like these at this printer")
    print(f"{'half of the rules: about':26}" + "".join(f"{size:>12,}" for size in SIZES))
    for kind in KINDS:
        figures = [median_us(policy(size, kind)) for size in SIZES]
        print(f"{kind:26}" + "".join(f"{again:12.2f}" for _, again in figures))
        print(f"{'  first':26}" + "".join(f"{first:12.0f}" for first, _ in figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())

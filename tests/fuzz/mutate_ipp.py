"""Mutated messages, to the decoder and to what the gate makes of them.

    python -m tests.fuzz.mutate_ipp --count 100000 [--seed N]

Each message is fed in random pieces. What decodes must encode to the octets it came from, and is
then read as a request and as a reply, rewritten, and encoded. Nothing but DecodeError and
IppRefusal may come out. Exit 1 on anything else, or when the process grew by more than 20 MB.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from ippgate.exchange.addresses import PublicAddress, Target
from ippgate.exchange.job_ids import group_job_id
from ippgate.exchange.refusal import IppRefusal
from ippgate.exchange.request import understand
from ippgate.exchange.to_client import View, to_client
from ippgate.exchange.to_printer import to_printer
from ippgate.ipp.decoder import Decoder, decode
from ippgate.ipp.encoder import encode
from ippgate.ipp.enums import Operation
from ippgate.ipp.errors import DecodeError
from ippgate.ipp.limits import REPLY_LIMITS, REQUEST_LIMITS, STRICT, Limits, Quirks
from ippgate.ipp.message import Message
from tests.fuzz.mutations import Seeds, mutate
from tests.support.exchange_fakes import PRINTER_URI
from tests.support.messages import chunked

GROWTH = 20 * 1024 * 1024
"""Octets of resident memory that a run may add."""
_SHOWN = 5
"""Tracebacks printed in full."""
_TARGETS = (Target("lab-1"), Target("lab-1"), Target("lab-1", 7), Target("hall"))
_HOSTS = frozenset({"print.example.org", "localhost"})
_VIEW = View(
    printer="lab-1",
    printer_uri=PRINTER_URI,
    public=PublicAddress("print.example.org"),
    operations=frozenset({Operation.PRINT_JOB, Operation.GET_PRINTER_ATTRIBUTES}),
)
_KINDS = ((REQUEST_LIMITS, STRICT), (REPLY_LIMITS, STRICT), (REPLY_LIMITS, Quirks(True)))


class Different(AssertionError):
    """Two ways that must lead to the same do not."""


@dataclass
class Report:
    """What a run saw. ``slowest``: milliseconds of processor time, and octets of that input."""

    outcomes: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    slowest: tuple[float, int] = (0.0, 0)
    rss: tuple[int, int] = (0, 0)

    @property
    def growth(self) -> int:
        return self.rss[1] - self.rss[0]

    @property
    def good(self) -> bool:
        return not self.failures and self.growth <= GROWTH

    def __str__(self) -> str:
        lines = [f"{count:9,}  {outcome}" for outcome, count in self.outcomes.most_common()]
        begin, end = (rss / 1024**2 for rss in self.rss)
        milliseconds, octets = self.slowest
        return "\n".join(
            [
                *lines,
                f"resident memory: {begin:.1f} MB at the beginning, {end:.1f} MB at the end "
                f"({end - begin:+.1f} MB)",
                f"slowest input: {milliseconds:.1f} ms of processor time ({octets:,} octets)",
                f"tracebacks: {len(self.failures)}",
            ]
        )


def run(count: int, seed: int, folder: Path, *, progress: bool = False) -> Report:
    """Feeds ``count`` mutations of the seeds in ``folder``; the same ones for the same ``seed``."""
    random = Random(seed)
    seeds = Seeds(folder)
    report = Report()
    for octets in seeds.all:
        _one(octets, random, report)
    report.outcomes.clear()
    begin = resident()
    every = max(1, count // 10)
    for number in range(1, count + 1):
        _one(mutate(seeds.pick(random), random, seeds.pick(random)), random, report)
        if progress and number % every == 0:
            print(f"{number:,} of {count:,}", file=sys.stderr, flush=True)
    report.rss = (begin, resident())
    return report


def _one(octets: bytes, random: Random, report: Report) -> None:
    started = time.process_time()
    try:
        for outcome in feed(octets, random):
            report.outcomes[outcome] += 1
    except Exception:  # noqa: BLE001 - whatever comes out is what is looked for
        words = f"{traceback.format_exc()}input: {octets.hex()}"
        report.failures.append(words if len(report.failures) < _SHOWN else "")
    milliseconds = (time.process_time() - started) * 1000
    if milliseconds > report.slowest[0]:
        report.slowest = (milliseconds, len(octets))


def feed(octets: bytes, random: Random) -> list[str]:
    """What became of the octets, in words. Raises whatever should not happen."""
    limits, quirks = random.choice(_KINDS)
    longest = random.choice((3, 40, 2000, 100_000))
    sizes = [random.randint(1, longest) for _ in range(7)]
    whole = _decoded([octets], limits, quirks)
    pieces = _decoded(chunked(octets, sizes), limits, quirks)
    if isinstance(whole, DecodeError) or isinstance(pieces, DecodeError):
        if _place(whole) != _place(pieces):
            raise Different(f"whole: {whole!r}, in pieces of {sizes}: {pieces!r}")
        return [f"refused: {_place(whole)[1]}"]
    if whole != pieces:
        raise Different(f"decodes otherwise in pieces of {sizes}")
    message, rest = whole
    if encode(message) + rest != octets:
        raise Different("does not encode as it came")
    _as_reply(message, random)
    return ["decoded", _as_request(message, random)]


def _decoded(
    pieces: list[bytes], limits: Limits, quirks: Quirks
) -> tuple[Message, bytes] | DecodeError:
    decoder = Decoder(limits, quirks)
    try:
        for piece in pieces:
            decoder.feed(piece)
        decoder.finish()
    except DecodeError as error:
        return error
    assert decoder.message is not None
    return decoder.message, decoder.rest


def _place(result: tuple[Message, bytes] | DecodeError) -> tuple[int, str]:
    return (result.offset, result.rule) if isinstance(result, DecodeError) else (-1, "none")


def _as_request(message: Message, random: Random) -> str:
    try:
        request = understand(message, random.choice(_TARGETS))
        forwarded = to_printer(request, PRINTER_URI, "alice", _HOSTS)
    except IppRefusal as refusal:
        return f"as a request: {refusal.reason}"
    _encodes(forwarded)
    return "as a request: forwarded"


def _as_reply(message: Message, random: Random) -> None:
    for group in message.groups:
        group_job_id(group)
    _encodes(to_client(message, _VIEW, random.choice((None, 7))))


def _encodes(message: Message) -> None:
    """What the gate sends is a message again, and the same."""
    if decode(encode(message), REPLY_LIMITS, Quirks(members_named_in_place=True))[0] != message:
        raise Different("what is sent is not what was meant")


def resident() -> int:
    """Octets of this process in memory."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.mutate_ipp", description=__doc__)
    parser.add_argument("--count", type=int, default=100_000, help="how many messages")
    parser.add_argument("--seed", type=int, default=1, help="which ones")
    arguments = parser.parse_args()
    folder = os.environ.get("IPPGATE_CORPORA")
    if not folder:
        print("set IPPGATE_CORPORA to the folder of the test data", file=sys.stderr)
        return 2
    started = time.monotonic()
    report = run(arguments.count, arguments.seed, Path(folder), progress=True)
    for failure in report.failures[:_SHOWN]:
        print(failure)
    print(report)
    print(f"{arguments.count:,} messages in {time.monotonic() - started:.0f} s")
    return 0 if report.good else 1


if __name__ == "__main__":
    sys.exit(main())

"""What real printers' replies cost: ``python -m tests.bench.codec``.

Prints, for each full reply in the corpora, milliseconds (medians) to decode it, to rewrite it for a
client, to encode it, and in all; and octets a second to decode.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

from ippgate.exchange.addresses import PublicAddress
from ippgate.exchange.to_client import View, to_client
from ippgate.ipp.decoder import decode
from ippgate.ipp.encoder import encode
from ippgate.ipp.enums import Operation
from ippgate.ipp.limits import REPLY_LIMITS, STRICT, Quirks

REPLIES = {
    "HP OfficeJet Pro 8730": ("goipp/attrsHPOfficeJetPro8730.ipp", STRICT),
    "Kyocera M2040dn": (
        "go-mfp-real-printers/Kyocera-ECOSYS-M2040dn-Printer-Attributes.ipp",
        STRICT,
    ),
    "Xerox B235": ("go-mfp-real-printers/Xerox-B235-Printer-Attributes.ipp", STRICT),
    "Pantum M7300FDW": ("goipp/attrsPantumM7300FDW.ipp", Quirks(members_named_in_place=True)),
}
ROUNDS = 51
VIEW = View(
    "lab-1", "ipp://192.0.2.21/ipp/print", PublicAddress("print.example.org"), frozenset(Operation)
)


def milliseconds(call: Callable[[], object]) -> float:
    """The median of one call's time."""
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        call()
        times.append(time.perf_counter() - started)
    return statistics.median(times) * 1000


def main() -> int:
    folder = os.environ.get("IPPGATE_CORPORA")
    if not folder:
        print("set IPPGATE_CORPORA to the folder of the test data", file=sys.stderr)
        return 2
    columns = ("octets", "decode", "rewrite", "encode", "in all", "MB/s")
    print(f"{'milliseconds':24}" + "".join(f"{column:>9}" for column in columns))
    for printer, (name, quirks) in REPLIES.items():
        octets = (Path(folder) / "ipp" / name).read_bytes()
        message, _ = decode(octets, REPLY_LIMITS, quirks)
        decoding = milliseconds(lambda o=octets, q=quirks: decode(o, REPLY_LIMITS, q))  # type: ignore[misc]
        rewriting = milliseconds(lambda m=message: to_client(m, VIEW, None))  # type: ignore[misc]
        encoding = milliseconds(lambda m=message: encode(m))  # type: ignore[misc]
        figures = (decoding, rewriting, encoding, decoding + rewriting + encoding)
        speed = len(octets) / decoding / 1000
        print(
            f"{printer:24}{len(octets):9,}"
            + "".join(f"{figure:9.2f}" for figure in figures)
            + f"{speed:9.1f}"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())

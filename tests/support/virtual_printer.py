"""The demo's virtual printer in a process of its own."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from twisted.internet import reactor

from ippgate.clock import SystemClock
from ippgate.demo.printer import JOBS, PATH, VirtualPrinter
from ippgate.listener.limits import Caps, Census, Deadlines
from ippgate.listener.port import ListenAddress, Listener, listen
from ippgate.spawn import Tasks
from tests.support.processes import free_port, running


@dataclass(frozen=True, slots=True)
class VirtualPrinterProcess:
    """Its address, and the folder that it prints into."""

    port: int
    folder: Path

    @property
    def uri(self) -> str:
        return f"ipp://127.0.0.1:{self.port}{PATH}"

    def printed(self) -> list[Path]:
        """What it printed, in order."""
        return sorted(self.folder.glob("job-*"), key=lambda path: path.stat().st_mtime_ns)


@contextlib.contextmanager
def virtual_printer(
    folder: Path, *, jobs: int = JOBS, port: int | None = None
) -> Iterator[VirtualPrinterProcess]:
    """Runs until the block ends. ``jobs``: how many it remembers. A second one at the same port is
    like a printer that was switched off and on."""
    port = port or free_port()
    printed = folder / "printed"
    printed.mkdir(exist_ok=True)
    command: list[str | Path] = [
        sys.executable,
        "-m",
        "tests.support.virtual_printer",
        str(port),
        printed,
        str(jobs),
    ]
    with running(command, log=folder / "virtual-printer.log", port=port):
        yield VirtualPrinterProcess(port, printed)


def main(port: int, folder: Path, jobs: int) -> None:
    listener = Listener(
        VirtualPrinter(folder, SystemClock(), jobs),
        reactor,
        tls=None,
        deadlines=Deadlines(),
        census=Census(Caps()),
        tasks=Tasks(),
    )
    listen(reactor, ListenAddress("127.0.0.1", port), listener)
    reactor.run()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))

"""``ippgate run -c FILE``: serves until SIGTERM or SIGINT."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from twisted.internet.defer import Deferred
from twisted.logger import Logger

from ippgate.cli.output import OK, USAGE, begin_log, print_findings
from ippgate.clock import SystemClock
from ippgate.exchange.ports import TrailUnwritable
from ippgate.identity.state_file import StateUnusable
from ippgate.listener.port import ListenError
from ippgate.preparing import Prepared, prepare
from ippgate.reactor import Reactor
from ippgate.service import Service

_log = Logger()


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser("run", help="serve", description=__doc__)
    parser.add_argument("-c", "--config", type=Path, required=True, metavar="FILE")
    parser.set_defaults(command=run)


def run(arguments: argparse.Namespace) -> int:
    """Raises ConfigurationError before anything is opened."""
    prepared = prepare(arguments.config, os.environ, SystemClock().now())
    print_findings(prepared.warnings)
    begin_log(sys.stderr)
    from twisted.internet import reactor

    try:
        running = Running(prepared, reactor)  # type: ignore[arg-type]
    except StateUnusable as error:
        print(f"ippgate: {error}", file=sys.stderr)
        return USAGE
    return running.until_stopped()


class Running:
    """A gateway, from its start to the signal that ends it."""

    def __init__(self, prepared: Prepared, reactor: Reactor) -> None:
        self._reactor = reactor
        self._service = Service(prepared, reactor)
        self._code = OK

    def until_stopped(self) -> int:
        """Runs the reactor; the exit code."""
        self._reactor.callWhenRunning(lambda: Deferred.fromCoroutine(self._start()))
        self._reactor.addSystemEventTrigger(
            "before", "shutdown", lambda: Deferred.fromCoroutine(self._stop())
        )
        self._reactor.run()
        return self._code

    async def _start(self) -> None:
        try:
            await self._service.start()
        except (ListenError, TrailUnwritable) as error:
            print(f"ippgate: {error}", file=sys.stderr)
            self._code = USAGE
            self._reactor.stop()
        except Exception:  # noqa: BLE001 - whatever it is, the process must end and say so
            _log.failure("The gateway could not start")
            self._code = USAGE
            self._reactor.stop()

    async def _stop(self) -> None:
        if self._code == OK:
            _log.info("Stopping: no further requests are taken")
            await self._service.stop()

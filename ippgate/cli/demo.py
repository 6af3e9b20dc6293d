"""``ippgate demo``: everything embedded, nothing to configure.

Prints a document through a gateway to a virtual printer, shows a refusal, shows and verifies the
trail, then serves until interrupted. Listens on loopback only.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shlex
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from twisted.internet.defer import Deferred
from twisted.logger import Logger, LogLevel

from ippgate.cli import audit
from ippgate.cli.output import NO, OK, USAGE, begin_log
from ippgate.config.findings import ConfigurationError
from ippgate.demo import site
from ippgate.demo.slapd import Slapd, SlapdError
from ippgate.demo.story import DOCUMENT, HOST, Demo, DemoFailed
from ippgate.exchange.ports import TrailUnwritable
from ippgate.identity.settings import LdapSettings
from ippgate.listener.port import ListenError

_log = Logger()


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser(
        "demo", help="try it: everything embedded, nothing to configure", description=__doc__
    )
    parser.add_argument("--once", action="store_true", help="end after the story")
    parser.add_argument(
        "--directory",
        choices=["file", "slapd"],
        default="file",
        help="where accounts are: in a file, or in a real OpenLDAP (needs slapd installed)",
    )
    parser.add_argument("--port", type=_port, metavar="N", help="default: 8631, or a free one")
    parser.add_argument(
        "--folder", type=Path, metavar="DIR", help="a new folder for its files, which is kept"
    )
    parser.set_defaults(command=demo)


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"{text} is not a port: give a number up to 65535")
    return int(text)


def demo(arguments: argparse.Namespace) -> int:
    """Tells the story; 1 when it does not end as it must."""
    begin_log(sys.stderr, least=LogLevel.warn)
    with contextlib.ExitStack() as stack:
        try:
            folder = stack.enter_context(_folder(arguments.folder))
            directory = None
            if arguments.directory == "slapd":
                directory = stack.enter_context(_slapd(folder))
        except (OSError, SlapdError) as error:
            print(f"ippgate demo: {error}", file=sys.stderr)
            return USAGE
        return _run(folder, directory, arguments)


def _run(folder: Path, directory: LdapSettings | None, arguments: argparse.Namespace) -> int:
    from twisted.internet import reactor

    codes = [OK]
    told = Demo(
        reactor,  # type: ignore[arg-type]
        folder,
        print,
        environment=os.environ,
        port=arguments.port,
        directory=directory,
    )

    async def tell() -> None:
        try:
            await told.open()
            await told.tell()
            if arguments.once:
                await told.close()
            codes[0] = _show_trail(told)
            if not arguments.once:
                _say_what_to_try(told)
        except (DemoFailed, ListenError, TrailUnwritable, ConfigurationError) as error:
            print(f"ippgate demo: {error}", file=sys.stderr)
            codes[0] = NO
        except Exception:  # noqa: BLE001 - whatever it is, the process must end and say so
            _log.failure("The demo failed")
            codes[0] = NO
        if arguments.once or codes[0] != OK:
            reactor.stop()

    reactor.callWhenRunning(lambda: Deferred.fromCoroutine(tell()))
    reactor.addSystemEventTrigger(
        "before", "shutdown", lambda: Deferred.fromCoroutine(told.close())
    )
    reactor.run()
    return codes[0]


def _show_trail(told: Demo) -> int:
    """The trail as a reader sees it, by the same commands."""
    trail = str(told.site.trail)
    parser = argparse.ArgumentParser()
    audit.add_parser(parser.add_subparsers())
    for command in ("show", "verify"):
        print(f"ippgate audit {command} {trail}")
        chosen = parser.parse_args(["audit", command, trail])
        code: int = chosen.command(chosen)
        if code != OK:
            return code
        print()
    return OK


def _say_what_to_try(told: Demo) -> None:
    alice, bob = site.ALICE, site.BOB
    authority = f"{HOST}:{told.gate_port}"
    address = f"ipps://{alice.name}:{alice.password}@{authority}/printers/{site.PRINTER}"
    document = shlex.quote(str(told.site.folder / DOCUMENT))
    ca = shlex.quote(str(told.site.ca))
    print("Serving on loopback until you press Ctrl-C. In another terminal, try:")
    print()
    print(f"  ipptool -tv -f {document} \\")
    print(f"      {address} print-job.test")
    print("  lpadmin -p ippgate-demo -E -m everywhere \\")
    print(f"      -v {address}")
    print(f"  lp -d ippgate-demo {document}")
    print(f"  ippgate audit show --follow {shlex.quote(str(told.site.trail))}")
    print(f"  curl --cacert {ca} https://{authority}/printers/{site.PRINTER}")
    print(f"  curl http://127.0.0.1:{told.monitor_port}/metrics")
    print()
    print(f"Somebody who may not print here: {bob.name}:{bob.password}")
    print(f"Its files: {told.site.folder}")
    sys.stdout.flush()


@contextlib.contextmanager
def _folder(chosen: Path | None) -> Iterator[Path]:
    """The folder that was asked for, made new; or a temporary one. Raises OSError."""
    if chosen is not None:
        chosen.mkdir(parents=True)
        yield chosen.absolute()
        return
    with tempfile.TemporaryDirectory(prefix="ippgate-demo-") as temporary:
        yield Path(temporary)


@contextlib.contextmanager
def _slapd(folder: Path) -> Iterator[LdapSettings]:
    """A real OpenLDAP beside the gateway's files. Raises SlapdError."""
    home = folder / "slapd"
    home.mkdir()
    print("Starting OpenLDAP ...", file=sys.stderr)
    slapd = Slapd(home)
    slapd.start()
    try:
        yield slapd.settings(member_of=True)
    finally:
        slapd.stop()

"""``ippgate quota``: what is used of the limits that rules set; starting anew, and giving more."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import Connection

from ippgate.audit.show import clean, fit
from ippgate.cli.jobs import ask
from ippgate.cli.output import NO, OK
from ippgate.clock import SystemClock
from ippgate.ledger import counting
from ippgate.policy.quota import Period, Unit

_TITLES = ("USER", "RULE", "UNIT", "PER", "SINCE", "USED", "HELD", "LIMIT", "LEFT")
_WIDTHS = (11, 16, 6, 5, 10, 6, 5, 7, 6)


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds ``quota`` with its three commands."""
    parser = subparsers.add_parser(
        "quota",
        help="look at quotas, and change them",
        description="Quotas are limits that rules set. Exit code: 0, 1 when there is no such "
        "counter, 2 when the ledger cannot be read.",
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    show = commands.add_parser("show", help="what is used in the present periods")
    show.add_argument("--json", action="store_true", help="one JSON object a line")
    reset = commands.add_parser("reset", help="count from 0 again")
    grant = commands.add_parser("grant", help="give more, in the present period alone")
    for command in (show, reset, grant):
        command.add_argument("-c", "--config", type=Path, required=True, metavar="FILE")
        command.add_argument("--user", required=command is not show, help="a name or directory id")
        command.add_argument("--rule", required=command is grant, help="a rule's name")
    grant.add_argument("--unit", choices=[unit.value for unit in Unit], required=True)
    grant.add_argument("--amount", type=int, required=True, help="less, when negative")
    grant.add_argument(
        "--per",
        choices=[period.value for period in Period],
        help="where nothing was counted in the present period yet",
    )
    grant.add_argument("--timezone", type=_zone, default="UTC", help="of the rule's quota (UTC)")
    show.set_defaults(command=_show)
    reset.set_defaults(command=_reset)
    grant.set_defaults(command=_grant)


def _show(arguments: argparse.Namespace) -> int:
    return ask(
        arguments.config,
        lambda connection: _found(connection, arguments),
        lambda found: _print(found, as_json=arguments.json),
    )


def _reset(arguments: argparse.Namespace) -> int:
    def work(connection: Connection) -> list[counting.Counter]:
        for counter in _found(connection, arguments):
            counting.reset(connection, counter)
        return _found(connection, arguments)

    return _change(arguments, work)


def _grant(arguments: argparse.Namespace) -> int:
    def work(connection: Connection) -> list[counting.Counter]:
        found = [c for c in _found(connection, arguments) if c.unit == arguments.unit]
        if not found and arguments.per is not None:
            now = SystemClock().now().timestamp()
            found = [
                counting.begun(
                    connection,
                    arguments.user,
                    arguments.rule,
                    arguments.unit,
                    Period(arguments.per),
                    now,
                    arguments.timezone,
                )
            ]
        for counter in found:
            counting.grant(connection, counter, arguments.amount)
        return _found(connection, arguments) if found else []

    return _change(arguments, work)


def _change(
    arguments: argparse.Namespace, work: Callable[[Connection], list[counting.Counter]]
) -> int:
    changed: list[counting.Counter] = []
    code = ask(arguments.config, work, changed.extend, writes=True)
    if code != OK:
        return code
    if not changed:
        which = f" under {arguments.rule}" if arguments.rule else ""
        print(
            f"nothing was counted for {arguments.user}{which} in the present period"
            + ("; --per says which period to begin" if hasattr(arguments, "per") else ""),
            file=sys.stderr,
        )
        return NO
    _print(changed, as_json=False)
    return OK


def _found(connection: Connection, arguments: argparse.Namespace) -> list[counting.Counter]:
    now = SystemClock().now().timestamp()
    found = counting.present(connection, now, arguments.user)
    return [counter for counter in found if arguments.rule in (None, counter.rule)]


def _print(found: Sequence[counting.Counter], *, as_json: bool) -> None:
    if as_json:
        for counter in found:
            values = {**asdict(counter), "since": counter.since.isoformat(), "left": counter.left}
            print(json.dumps(values))
        return
    print(_row(_TITLES))
    for counter in found:
        limit = f"{counter.most}+{counter.granted}" if counter.granted else str(counter.most)
        print(
            _row(
                (
                    counter.user,
                    counter.rule,
                    counter.unit,
                    counter.period,
                    f"{counter.since:%Y-%m-%d}",
                    str(counter.used),
                    str(counter.reserved),
                    limit,
                    str(counter.left),
                )
            )
        )


def _zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError):
        raise argparse.ArgumentTypeError(
            f'"{text}" is no time zone, such as Europe/Berlin'
        ) from None
    return text


def _row(cells: Sequence[str]) -> str:
    texts = [fit(clean(cell), width) for cell, width in zip(cells[:5], _WIDTHS, strict=False)]
    numbers = [cell.rjust(width) for cell, width in zip(cells[5:], _WIDTHS[5:], strict=True)]
    return " ".join([*texts, *numbers]).rstrip()

"""``ippgate jobs``: who printed what, as the ledger remembers it; pages by person, group, printer
and month."""

from __future__ import annotations

import argparse
import csv
import json
import os
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import UTC
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection

from ippgate.audit.show import WIDTH, clean, fit, parse_since
from ippgate.cli.output import OK, USAGE
from ippgate.clock import SystemClock
from ippgate.config.loader import load, read
from ippgate.exchange.ports import LedgerUnavailable
from ippgate.ledger import report
from ippgate.ledger.connections import Connections
from ippgate.preparing import ledger_location

T = TypeVar("T")

MOST = 100
"""Jobs listed, unless more are asked for."""
_TITLES = ("TIME", "USER", "PRINTER", "JOB", "STATE", "PAGES", "NAME")
_WIDTHS = (14, 11, 11, 6, 10, 5, 17)
_NUMBERS = ("jobs", "pages", "sheets", "octets")


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser(
        "jobs",
        help="list jobs, and count pages",
        description="Jobs as the ledger remembers them, newest first; or with --pages-by how many "
        "pages were printed. Times are UTC. Exit code: 0, 2 when the ledger cannot be read.",
    )
    parser.add_argument("-c", "--config", type=Path, required=True, metavar="FILE")
    parser.add_argument("--user", help="a name, or a directory id")
    parser.add_argument("--printer", help="a printer's name")
    parser.add_argument(
        "--state", choices=("unfinished", *report.WORDS), metavar="STATE", help="such as completed"
    )
    parser.add_argument("--since", help="submitted not before: 2h, 7d or 2026-11-01")
    parser.add_argument("--until", help="submitted before: 2h, 7d or 2026-12-01")
    parser.add_argument("--most", type=_positive, default=MOST, help=f"jobs listed ({MOST})")
    parser.add_argument(
        "--pages-by",
        type=_columns,
        metavar="COLUMN[,COLUMN]",
        help="count pages by person, group, printer, month",
    )
    shape = parser.add_mutually_exclusive_group()
    shape.add_argument("--json", action="store_true", help="one JSON object a line")
    shape.add_argument("--csv", action="store_true", help="of pages: as CSV (RFC 4180)")
    parser.set_defaults(command=jobs)


def jobs(arguments: argparse.Namespace) -> int:
    """Prints jobs, or pages."""
    try:
        wanted = _wanted(arguments)
    except ValueError as error:
        print(f"ippgate jobs: {error}", file=sys.stderr)
        return USAGE
    if arguments.pages_by is None and arguments.csv:
        print("ippgate jobs: --csv goes with --pages-by", file=sys.stderr)
        return USAGE
    if arguments.pages_by is None:
        most = arguments.most
        return ask(
            arguments.config,
            lambda connection: report.newest(connection, wanted, most),
            lambda found: _show_jobs(found, as_json=arguments.json),
        )
    by = arguments.pages_by
    return ask(
        arguments.config,
        lambda connection: report.pages(connection, wanted, by),
        lambda found: _show_pages(found, by, as_json=arguments.json, as_csv=arguments.csv),
    )


def ask(
    config: Path,
    work: Callable[[Connection], T],
    show: Callable[[T], None],
    *,
    writes: bool = False,
) -> int:
    """Asks the ledger that a configuration names, and shows the answer; the exit code.

    Raises ConfigurationError.
    """
    location = ledger_location(load(read(config)), os.environ)
    if location.file is not None and not location.file.exists():
        print(f"{location}: there is no ledger yet: no gateway has run here", file=sys.stderr)
        return USAGE
    connections = Connections(location)
    try:
        show(connections.run(work, writes=writes))
    except LedgerUnavailable as error:
        print(f"ippgate: {error}", file=sys.stderr)
        return USAGE
    finally:
        connections.close()
    return OK


def _wanted(arguments: argparse.Namespace) -> report.Wanted:
    now = SystemClock().now()
    times = [
        None if text is None else parse_since(text, now).timestamp()
        for text in (arguments.since, arguments.until)
    ]
    return report.Wanted(arguments.user, arguments.printer, arguments.state, *times)


def _show_jobs(found: Sequence[report.Job], *, as_json: bool) -> None:
    if as_json:
        for job in found:
            print(json.dumps(_as_json(job), ensure_ascii=True))
        return
    wide = shutil.get_terminal_size().columns if sys.stdout.isatty() else WIDTH
    widths = [*_WIDTHS[:-1], max(_WIDTHS[-1], wide - sum(_WIDTHS[:-1]) - len(_WIDTHS) + 1)]
    print(_row(_TITLES, widths))
    for job in found:
        cells = (
            f"{job.submitted:%m-%d %H:%M:%S}",
            job.user,
            job.printer,
            "-" if job.job_id is None else str(job.job_id),
            job.state,
            "-" if job.pages is None else str(job.pages),
            job.name or "-",
        )
        print(_row(cells, widths))


def _as_json(job: report.Job) -> dict[str, object]:
    values = asdict(job)
    for name in ("submitted", "ended"):
        time = values[name]
        values[name] = None if time is None else time.astimezone(UTC).isoformat()
    return values


def _show_pages(
    found: Sequence[report.Pages], by: Sequence[str], *, as_json: bool, as_csv: bool
) -> None:
    rows = [(*line.by, line.jobs, line.pages, line.sheets, line.octets) for line in found]
    names = (*by, *_NUMBERS)
    if as_json:
        for row in rows:
            print(json.dumps(dict(zip(names, row, strict=True))))
    elif as_csv:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(names)
        writer.writerows([_harmless(cell) for cell in row] for row in rows)
    else:
        totals = [sum(numbers) for numbers in zip(*(row[len(by) :] for row in rows), strict=True)]
        last = [("total", *("" for _ in by[1:]), *totals)] if rows else []
        _print_table([name.upper() for name in names], [*rows, *last], len(by))


def _print_table(titles: Sequence[str], rows: Sequence[Sequence[object]], texts: int) -> None:
    cells = [[clean(str(cell)) for cell in row] for row in [titles, *rows]]
    widths = [max(len(row[column]) for row in cells) for column in range(len(titles))]
    room = WIDTH - sum(widths[texts:]) - len(widths) + 1
    widths[:texts] = [min(width, max(8, room // texts)) for width in widths[:texts]]
    for row in cells:
        left = [fit(cell, width) for cell, width in zip(row[:texts], widths, strict=False)]
        right = [cell.rjust(width) for cell, width in zip(row[texts:], widths[texts:], strict=True)]
        print(" ".join([*left, *right]).rstrip())


def _harmless(cell: object) -> object:
    """A cell that a spreadsheet does not take for a formula: people's names come from elsewhere."""
    if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return f"'{cell}" if cell != report.NO_GROUP else cell
    return cell


def _row(cells: Sequence[str], widths: Sequence[int]) -> str:
    return " ".join(
        fit(clean(cell), width) for cell, width in zip(cells, widths, strict=True)
    ).rstrip()


def _columns(text: str) -> list[str]:
    names = list(dict.fromkeys(text.split(",")))
    for name in names:
        if name not in report.COLUMNS:
            raise argparse.ArgumentTypeError(f'"{name}" is none of {", ".join(report.COLUMNS)}')
    return names


def _positive(text: str) -> int:
    number = int(text) if text.isdigit() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f'"{text}" is not a number of 1 or more')
    return number

"""How commands talk to people: errors, warnings, and the server's log."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TextIO

from twisted.logger import (
    FilteringLogObserver,
    ILogObserver,
    LogLevel,
    LogLevelFilterPredicate,
    globalLogBeginner,
    textFileLogObserver,
)

from ippgate.audit.show import clean
from ippgate.config.findings import ConfigurationError, Finding

OK, NO, USAGE = 0, 1, 2
"""Exit codes: yes; no; usage or configuration."""


def failed(error: ConfigurationError) -> int:
    """Prints every mistake, one a line; the exit code."""
    print_findings(error.findings)
    print(f"{counted(len(error.findings), 'mistake')}: nothing was started", file=sys.stderr)
    return USAGE


def print_findings(findings: Iterable[Finding]) -> None:
    """One line a finding, on standard error."""
    for finding in findings:
        print(one_line(finding), file=sys.stderr)


def one_line(finding: Finding) -> str:
    """For a terminal: what stands in a file, or was said by a printer, cannot give it orders."""
    return clean(str(finding))


def counted(number: int, noun: str) -> str:
    """``1 printer``, ``2 printers``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def begin_log(stream: TextIO, *, least: LogLevel = LogLevel.info) -> None:
    """Twisted's log goes to a stream, a line an event; tracebacks of defects too."""
    predicate = LogLevelFilterPredicate(defaultLogLevel=least)
    predicate.setLogLevelForNamespace("stdout", LogLevel.warn)
    observer = ILogObserver(textFileLogObserver(stream))
    globalLogBeginner.beginLoggingTo(
        [FilteringLogObserver(observer, [predicate])], redirectStandardIO=False
    )

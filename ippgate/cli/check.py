"""``ippgate check -c FILE``: what is wrong, before it is live.

Checks configuration, rules and their expectations, certificates and file modes; with --online the
directory and every printer are asked, too. One line a finding; exit 1 when there is an error.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from ippgate.audit.show import clean
from ippgate.cli.output import NO, OK, counted, one_line
from ippgate.clock import SystemClock
from ippgate.config.findings import ConfigurationError, Finding, Severity
from ippgate.online import ask_everybody
from ippgate.preparing import Prepared, disappointed_expectations, prepare


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser(
        "check", help="check configuration, rules and certificates", description=__doc__
    )
    parser.add_argument("-c", "--config", type=Path, required=True, metavar="FILE")
    parser.add_argument("--online", action="store_true", help="ask directory and printers, too")
    parser.add_argument("--json", action="store_true", help="findings as JSON, one a line")
    parser.set_defaults(command=check)


def check(arguments: argparse.Namespace) -> int:
    """Prints the findings; 1 when there is an error."""
    try:
        prepared = prepare(arguments.config, os.environ, SystemClock().now())
    except ConfigurationError as error:
        return _report(error.findings, as_json=arguments.json)
    findings = list(prepared.warnings)
    try:
        findings += disappointed_expectations(prepared)
    except ConfigurationError as error:
        findings += error.findings
    if arguments.online:
        findings += _online(prepared, quiet=arguments.json)
    code = _report(findings, as_json=arguments.json)
    if not arguments.json:
        _summary(prepared, code)
    return code


def _report(findings: Sequence[Finding], *, as_json: bool) -> int:
    for finding in findings:
        print(_as_json(finding) if as_json else one_line(finding))
    return NO if any(finding.severity is Severity.ERROR for finding in findings) else OK


def _as_json(finding: Finding) -> str:
    return json.dumps(
        {
            "severity": finding.severity.value,
            "file": finding.file,
            "line": finding.line,
            "path": finding.path,
            "message": finding.message,
        }
    )


def _summary(prepared: Prepared, code: int) -> None:
    rules = counted(len(prepared.policy.rules), "rule")
    printers = counted(len(prepared.printers), "printer")
    verdict = "not usable as it is" if code else "good"
    print(f"{prepared.loaded.source.file}: {verdict} ({printers}, {rules})")


def _online(prepared: Prepared, *, quiet: bool) -> list[Finding]:
    """Runs the reactor for as long as the questions take.

    Raises KeyboardInterrupt when it was stopped before: what was not asked is not good.
    """
    from twisted.internet import reactor

    ended: list[list[Finding] | Failure] = []

    def tell(words: str) -> None:
        if not quiet:
            print(clean(words), file=sys.stderr)

    def ask() -> Deferred[None]:
        asking = Deferred.fromCoroutine(ask_everybody(prepared, reactor, tell))  # type: ignore[arg-type]
        return asking.addBoth(ended.append).addBoth(lambda _: reactor.stop())

    reactor.callWhenRunning(ask)
    reactor.run()
    if not ended:
        raise KeyboardInterrupt
    (found,) = ended
    if isinstance(found, Failure):
        found.raiseException()
    return found

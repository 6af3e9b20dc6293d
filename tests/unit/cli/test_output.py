"""How commands talk: findings, what was counted, the server's log."""

from __future__ import annotations

import subprocess
import sys

import pytest

from ippgate.cli.output import counted, failed, print_findings
from ippgate.config.findings import ConfigurationError, Finding, Severity

Output = pytest.CaptureFixture[str]
MISTAKE = Finding("ippgate.yaml", 3, "listen[0].tls", "is missing")


def test_mistakes_go_to_standard_error_one_a_line_and_counted(capsys: Output) -> None:
    assert failed(ConfigurationError([MISTAKE])) == 2
    assert capsys.readouterr() == (
        "",
        "ippgate.yaml:3: listen[0].tls: is missing\n1 mistake: nothing was started\n",
    )
    assert failed(ConfigurationError([MISTAKE, MISTAKE])) == 2
    assert capsys.readouterr().err.endswith("\n2 mistakes: nothing was started\n")


def test_a_warning_says_that_it_is_one(capsys: Output) -> None:
    print_findings([Finding("a.yaml", None, "", "is old", Severity.WARNING)])
    assert capsys.readouterr().err == "a.yaml: warning: is old\n"


def test_a_finding_is_one_line_whatever_it_quotes(capsys: Output) -> None:
    print_findings([Finding("a.yaml", 1, "key", 'not "\x1b[2J\r\nall is well"')])
    assert capsys.readouterr().err == 'a.yaml:1: key: not "\\x1b[2J\\x0d\\x0aall is well"\n'


def test_what_is_one_is_not_many() -> None:
    assert [counted(number, "rule") for number in (0, 1, 2)] == ["0 rules", "1 rule", "2 rules"]


@pytest.mark.parametrize(("least", "told"), [("info", ["begun", "odd"]), ("warn", ["odd"])])
def test_the_log_is_a_line_an_event_from_its_least_level_on(least: str, told: list[str]) -> None:
    """In a process of its own: Twisted's log begins once."""
    program = (
        "import sys\nfrom twisted.logger import Logger, LogLevel\n"
        "from ippgate.cli.output import begin_log\n"
        f"begin_log(sys.stderr, least=LogLevel.{least})\nlog = Logger('gate')\n"
        "log.debug('small')\nlog.info('begun')\nlog.warn('odd')\n"
        "Logger('stdout').info('noise')\nprint('answer')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60
    )
    assert done.stdout == "answer\n"
    assert [line.rpartition(" ")[2] for line in done.stderr.splitlines()] == told

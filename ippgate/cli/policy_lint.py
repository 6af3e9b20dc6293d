"""``ippgate policy lint``: rules that can never decide, doors that stand open, groups that are not
there."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

from ippgate.cli.output import NO, OK
from ippgate.clock import SystemClock
from ippgate.config.findings import ConfigurationError, Finding
from ippgate.config.loader import included, named, rule_files
from ippgate.exchange.ports import DirectoryUnavailable
from ippgate.identity.ldap_existing import existing_groups
from ippgate.policy.file import load
from ippgate.policy.lint import groups_of, lint
from ippgate.policy.policy import Policy
from ippgate.preparing import Prepared, prepare


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser(
        "lint", help="what rules say that they can hardly mean", description=__doc__
    )
    parser.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="rule files, folders")
    parser.add_argument("-c", "--config", type=Path, metavar="FILE", help="the site's own rules")
    parser.add_argument("--online", action="store_true", help="ask the directory for groups, too")
    parser.add_argument("--json", action="store_true", help="findings as JSON, one a line")
    parser.set_defaults(command=command, usage=parser.error)


def command(arguments: argparse.Namespace) -> int:
    """Prints the findings; 1 when there is one. Raises ConfigurationError."""
    if (arguments.config is None) == (not arguments.paths):
        arguments.usage("give rule files, or -c FILE")
    if arguments.online and arguments.config is None:
        arguments.usage("--online needs -c FILE: it says which directory to ask")
    policies, groups = [], None
    if arguments.config is not None:
        prepared = prepare(arguments.config, os.environ, SystemClock().now())
        policies.append(prepared.policy)
        groups = _groups(prepared, online=arguments.online)
    policies += [_policy(path) for path in arguments.paths]
    findings = [finding for policy in policies for finding in lint(policy, groups)]
    for finding in findings:
        print(_as_json(finding) if arguments.json else finding)
    if not arguments.json:
        rules = sum(len(policy.rules) for policy in policies)
        count = len(findings)
        print(f"{rules} rules, {count} {'warning' if count == 1 else 'warnings'}")
    return NO if findings else OK


def _policy(path: Path) -> Policy:
    files = rule_files(path) if path.is_dir() else [path]
    return load([named(file) for file in files], None, included)


def _groups(prepared: Prepared, *, online: bool) -> frozenset[str] | None:
    """Groups that exist; None: that is not known. Raises ConfigurationError."""
    named: frozenset[str] = frozenset()
    if prepared.users is not None:
        named = frozenset().union(*(user.groups for user in prepared.users.users.values()))
    if prepared.ldap is None:
        return named
    if not online or prepared.ldap.groups is None:
        return None
    wanted = groups_of(prepared.policy.rules) - named
    try:
        return named | existing_groups(prepared.ldap, wanted)
    except DirectoryUnavailable as error:
        key = ("identity", "ldap")
        raise ConfigurationError([prepared.loaded.error(key, str(error))]) from None


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

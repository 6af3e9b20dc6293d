"""``ippgate policy test PATH…``: runs the expectations of ``NAME.test.yaml`` files.

They are about ``NAME.yaml`` beside them, or, where there is none, about all rule files of their
folder together. Rules that no expectation reaches are named.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ippgate.cli.output import NO, OK, USAGE, print_findings
from ippgate.config.findings import ConfigurationError, Finding
from ippgate.config.loader import RULES_SUFFIX, TESTS_SUFFIX, included, named, rule_files
from ippgate.policy.expectations import Examined, examined
from ippgate.policy.file import load
from ippgate.policy.policy import Policy
from ippgate.policy.rule import Rule


@dataclass(frozen=True, slots=True)
class Tested:
    """A file of expectations, and the rules that it is about."""

    file: Path
    policy: Policy
    result: Examined

    @property
    def unreached(self) -> list[Rule]:
        return [rule for rule in self.policy.rules if rule.name not in self.result.reached]


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser("test", help="run the expectations", description=__doc__)
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.set_defaults(command=test)


def test(arguments: argparse.Namespace) -> int:
    """Prints a report; 1 when an expectation is not met. Raises ConfigurationError."""
    started = time.monotonic()
    files = list(_files(arguments.paths))
    if not files:
        words = f"no file of expectations (NAME{TESTS_SUFFIX})"
        print_findings([Finding(str(path), None, "", words) for path in arguments.paths])
        return USAGE
    tested = [_tested(file) for file in files]
    if arguments.json:
        print(json.dumps(_as_json(tested)))
    else:
        _report(tested, time.monotonic() - started)
    return NO if any(one.result.failed for one in tested) else OK


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(path.glob(f"*{TESTS_SUFFIX}"))
        elif path.name.endswith(TESTS_SUFFIX):
            yield path
        else:
            yield path.with_name(path.name.removesuffix(RULES_SUFFIX) + TESTS_SUFFIX)


def _tested(file: Path) -> Tested:
    name, text = named(file)
    about = file.with_name(file.name.removesuffix(TESTS_SUFFIX) + RULES_SUFFIX)
    files = [about] if about.exists() else rule_files(file.parent)
    texts = [named(rules) for rules in files]
    if not texts:
        raise ConfigurationError([Finding(str(file), None, "", "there are no rules beside it")])
    policy = load(texts, include=included)
    return Tested(file, policy, examined(policy, text, name))


def _report(tested: Sequence[Tested], seconds: float) -> None:
    width = max(len(str(one.file)) for one in tested)
    for one in tested:
        failed = len(one.result.failed)
        verdict = f"{failed} failed" if failed else "passed"
        rules = len(one.policy.rules)
        reached = f"{rules - len(one.unreached)} of {rules} rules reached"
        print(f"{one.file!s:{width}}  {one.result.examples:4} examples  {verdict:9}  {reached}")
    for one in tested:
        for finding in one.result.failed:
            print(f"FAILED {finding}")
        for rule in one.unreached:
            print(f'{rule.file}:{rule.line}: no expectation reaches "{rule.name}"')
    examples = sum(one.result.examples for one in tested)
    failures = sum(len(one.result.failed) for one in tested)
    words = f"{failures} failed, {examples} examples" if failures else f"{examples} examples passed"
    print(f"{words} in {seconds:.2f} s")


def _as_json(tested: Sequence[Tested]) -> dict[str, object]:
    return {
        "passed": not any(one.result.failed for one in tested),
        "files": [
            {
                "file": str(one.file),
                "examples": one.result.examples,
                "failed": [
                    {"line": finding.line, "path": finding.path, "message": finding.message}
                    for finding in one.result.failed
                ],
                "rules": len(one.policy.rules),
                "unreached": [rule.name for rule in one.unreached],
            }
            for one in tested
        ],
    }

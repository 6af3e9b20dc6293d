"""``ippgate policy explain``: what the rules say to a request, and why.

For each rule above the one that decides: the one criterion that does not match. Exit code 0: it is
permitted; 1: it is refused.
"""

from __future__ import annotations

import argparse
import json
import os
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from ippgate.cli.asking import ask
from ippgate.cli.output import NO, OK, USAGE, print_findings
from ippgate.clock import SystemClock
from ippgate.config.findings import Finding, did_you_mean
from ippgate.config.quantities import octets
from ippgate.exchange.ports import CredentialsRefused, DirectoryUnavailable
from ippgate.identifying import make_sources
from ippgate.ipp.enums import Operation
from ippgate.monitor.metrics import Metrics
from ippgate.policy.attributes import SYNTAX, Syntax, in_words, scalar
from ippgate.policy.decision import Decision, Effect, Reason, Values
from ippgate.policy.explanation import Explanation, explain
from ippgate.policy.facts import Asked, Document, Facts, Job, Principal, Scalar, Span
from ippgate.policy.rule import Rule
from ippgate.preparing import Prepared, prepare
from ippgate.reactor import Reactor

_WIDTH = 80
_REASONS = {
    Reason.NO_RULE: "no rule matched",
    Reason.NOT_OWNER: "no rule matched: the job is somebody else's",
    Reason.UNKNOWN_OPERATION: "no rule names the operation at this printer",
    Reason.ATTRIBUTES: "no rule matched, and one would have had the job asked for less",
    Reason.FORMAT: "no rule matched, and one would have for another format",
    Reason.SIZE: "no rule matched, and one would have for another size",
}


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser(
        "explain", help="could they do this, and why", description=__doc__
    )
    parser.add_argument("-c", "--config", type=Path, required=True, metavar="FILE")
    parser.add_argument("--user", metavar="U", help="left out: nobody is identified")
    parser.add_argument("--printer", required=True, metavar="P")
    parser.add_argument("--operation", required=True, metavar="O")
    parser.add_argument(
        "--group",
        action="append",
        default=[],
        metavar="G",
        help="of the user, who is not looked up then",
    )
    parser.add_argument(
        "--user-attribute",
        action="append",
        default=[],
        metavar="N=V",
        help="of the user in the directory, where it is not asked",
    )
    parser.add_argument("--method", default="basic", metavar="M", help="of signing in")
    parser.add_argument("--own-job", action="store_true", help="the job is the user's own")
    parser.add_argument("--address", default="192.0.2.1", metavar="A")
    parser.add_argument("--at", metavar="T", help="such as 2026-03-02T09:00+01:00; now")
    parser.add_argument("--tls", default="1.3", choices=["1.2", "1.3"])
    parser.add_argument(
        "--attribute",
        action="append",
        default=[],
        metavar="N=V",
        help="that the job asks for; repeatable",
    )
    parser.add_argument("--format", metavar="F", help="of the document, as declared")
    parser.add_argument("--detected", metavar="F", help="of the document, as its octets show")
    parser.add_argument("--size", metavar="N", help="of the document, such as 20MB")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.set_defaults(command=command)


def command(arguments: argparse.Namespace) -> int:
    """Prints the decision; 1 when it refuses. Raises ConfigurationError."""
    now = SystemClock().now()
    prepared = prepare(arguments.config, os.environ, now)
    try:
        facts = _facts(arguments, prepared, now)
    except ValueError as error:
        print_findings([Finding("ippgate policy explain", None, "", str(error))])
        return USAGE
    explanation = explain(prepared.policy, facts)
    if arguments.json:
        print(json.dumps(_as_json(explanation)))
    else:
        print("\n".join(_in_words(explanation, facts)))
    return OK if explanation.decision.effect is Effect.PERMIT else NO


# --- what is asked --------------------------------------------------------------------------------


def _facts(arguments: argparse.Namespace, prepared: Prepared, now: datetime) -> Facts:
    """Raises ValueError for what cannot be."""
    operation = Operation.from_keyword(arguments.operation)
    if operation is None:
        near = did_you_mean(arguments.operation, [known.keyword for known in Operation])
        raise ValueError(f'--operation: "{arguments.operation}" is no operation{near}')
    if arguments.printer not in prepared.printers:
        near = did_you_mean(arguments.printer, prepared.printers)
        raise ValueError(f'--printer: there is no printer "{arguments.printer}"{near}')
    at = now if arguments.at is None else datetime.fromisoformat(arguments.at)
    if at.tzinfo is None:
        raise ValueError("--at: the time needs its zone, as in 2026-03-02T09:00+01:00")
    size = None if arguments.size is None else octets(_number(arguments.size))
    document = Document(arguments.format, arguments.detected or arguments.format, size)
    return Facts(
        _principal(arguments, prepared),
        arguments.printer,
        operation,
        arguments.own_job,
        arguments.address,
        at,
        f"TLSv{arguments.tls}",
        Job(_asked(arguments.attribute), document),
    )


def _principal(arguments: argparse.Namespace, prepared: Prepared) -> Principal | None:
    if arguments.user is None:
        return None
    known = _in_directory(arguments, prepared)
    if known is not None:
        return replace(known, method=arguments.method)
    groups = frozenset(arguments.group)
    account = (
        None if prepared.users is None else prepared.users.users.get(arguments.user.casefold())
    )
    if account is not None:
        name, groups = account.name, groups | account.groups
    elif groups:
        name = arguments.user
    else:
        near = did_you_mean(arguments.user, prepared.users.users if prepared.users else ())
        raise ValueError(f'--user: nobody is called "{arguments.user}"{near}; or give --group')
    attributes: dict[str, tuple[str, ...]] = {}
    for name_, value in map(_pair, arguments.user_attribute):
        attributes[name_] = (*attributes.get(name_, ()), value)
    return Principal(name, f"explain:{name}", arguments.method, groups, attributes)


def _in_directory(arguments: argparse.Namespace, prepared: Prepared) -> Principal | None:
    """The person as the directory knows them; None: it is not to be asked. Raises ValueError."""
    if prepared.ldap is None or arguments.group or arguments.user_attribute:
        return None

    async def look_up(reactor: Reactor) -> Principal | None:
        sources = make_sources(prepared, reactor, Metrics("explain"))
        try:
            name = prepared.names.asked(arguments.user)
            for source in sources:
                found = await source.look_up(name)
                if found is not None:
                    return found
        finally:
            for source in sources:
                source.stop()
        return None

    try:
        found = ask(look_up)
    except (CredentialsRefused, DirectoryUnavailable) as error:
        raise ValueError(f"--user: {error}; or give --group") from None
    if found is None:
        raise ValueError(f'--user: nobody is called "{arguments.user}"; or give --group')
    return found


def _asked(words: Sequence[str]) -> Asked:
    asked: dict[str, tuple[Scalar, ...]] = {}
    for name, text in map(_pair, words):
        syntax = SYNTAX.get(name)
        value: Scalar
        if syntax is Syntax.RANGES:
            lower, _, upper = text.partition("-")
            value = Span(int(lower), int(upper or lower))
        elif syntax is Syntax.OPAQUE:
            value = text
        elif syntax is Syntax.BOOLEAN:
            value = scalar(name, text == "true")
        else:
            numeric = syntax is Syntax.INTEGER or syntax is Syntax.ENUM
            value = scalar(name, _number(text) if numeric else text)
        asked[name] = (*asked.get(name, ()), value)
    return asked


def _pair(word: str) -> tuple[str, str]:
    name, equals, value = word.partition("=")
    if not name or not equals:
        raise ValueError(f'"{word}" is not NAME=VALUE')
    return name, value


def _number(text: str) -> str | int:
    return int(text) if text.isdecimal() else text


# --- what is said ---------------------------------------------------------------------------------


def _in_words(explanation: Explanation, facts: Facts) -> Iterator[str]:
    decision = explanation.decision
    who = "nobody identified" if facts.principal is None else facts.principal.name
    yield f"{who}, {facts.operation.keyword} at {facts.printer}: {decision.effect.value.upper()}"
    if explanation.rule is not None:
        yield f'  by "{explanation.rule.name}" ({_place(explanation.rule)})'
    else:
        yield f"  {_REASONS.get(decision.reason, decision.reason.value)}"
    if decision.nearest is not None:
        yield f'  nearest: "{decision.nearest}"'
    for name, values in decision.refused:
        found = ", ".join(in_words(name, value) for value in values) or "(missing)"
        yield f"  refused: {name} {found}"
    if decision.message is not None:
        yield from _wrapped(f"  message: {decision.message}", "           ")
    yield from _obliged(decision)
    for name, words in explanation.choices:
        yield from _wrapped(f"  may choose {name}: {words}", "      ")
    if explanation.passed:
        yield ""
        yield "Rules above it:" if explanation.rule is not None else "Rules:"
    for passed in explanation.passed:
        yield f'  "{passed.rule.name}" ({_place(passed.rule)})'
        yield from _wrapped(f"      {passed.why}", "      ")


def _obliged(decision: Decision) -> Iterator[str]:
    for word, values in (
        ("enforced", decision.obligations.enforce),
        ("unless given", decision.obligations.default),
    ):
        for name, given in values:
            yield f"  {word}: {name} {', '.join(in_words(name, value) for value in given)}"
    for limit in decision.obligations.quota:
        yield f"  within {limit.most:,} {limit.unit.value} a {limit.period.value}"
    for shadow in decision.shadows:
        yield f'  on trial: "{shadow.rule}" would {shadow.effect.value}'


def _place(rule: Rule) -> str:
    return rule.file if rule.line is None else f"{rule.file}:{rule.line}"


def _wrapped(text: str, indent: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, subsequent_indent=indent, break_on_hyphens=False)


def _as_json(explanation: Explanation) -> dict[str, object]:
    decision, rule = explanation.decision, explanation.rule
    return {
        "decision": decision.effect.value,
        "reason": decision.reason.value,
        "rule": None if rule is None else _rule_as_json(rule),
        "nearest": decision.nearest,
        "message": decision.message,
        "refused": _values_as_json(decision.refused),
        "enforce": _values_as_json(decision.obligations.enforce),
        "default": _values_as_json(decision.obligations.default),
        "quota": [
            {"unit": limit.unit.value, "most": limit.most, "per": limit.period.value}
            for limit in decision.obligations.quota
        ],
        "shadows": {shadow.rule: shadow.effect.value for shadow in decision.shadows},
        "choices": dict(explanation.choices),
        "passed": [
            {**_rule_as_json(passed.rule), "why": passed.why} for passed in explanation.passed
        ],
    }


def _rule_as_json(rule: Rule) -> dict[str, object]:
    return {"name": rule.name, "file": rule.file, "line": rule.line}


def _values_as_json(values: Values) -> dict[str, list[str]]:
    return {name: [in_words(name, value) for value in given] for name, given in values}

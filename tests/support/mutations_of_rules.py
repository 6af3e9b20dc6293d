"""Every way in which one rule of a policy file could be a little wrong."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import yaml

Policy = dict[str, Any]


def mutants(text: str) -> Iterator[tuple[str, str]]:
    """Name and text of each policy that differs in one rule: the rule left out, turned round, for
    others, on trial, with a criterion or an obligation less, with an operation less, …"""
    policy: Policy = yaml.safe_load(text)
    for index, rule in enumerate(policy["rules"]):
        for name, changed in _changed(rule):
            mutant = copy.deepcopy(policy)
            if changed is None:
                del mutant["rules"][index]
            else:
                mutant["rules"][index] = changed
            yield f"{rule['name']}: {name}", yaml.safe_dump(mutant, sort_keys=False)


def _changed(rule: Policy) -> Iterator[tuple[str, Policy | None]]:
    yield "left out", None
    yield from _turned_round(rule)
    if rule.get("shadow"):
        yield "applied", {key: value for key, value in rule.items() if key != "shadow"}
    else:
        kept = {k: v for k, v in rule.items() if k not in ("enforce", "default", "hold", "quota")}
        yield "on trial", {**kept, "shadow": True}
    for who in ("anyone", "authenticated", "owner"):
        if rule["who"] != who and not (rule["who"] == "anyone" and who == "authenticated"):
            yield f"for {who}", {**rule, "who": who}
    yield from _shorter_lists(rule)
    for key in ("when", "document", "attributes", "enforce", "default", "quota", "hold"):
        if key in rule:
            without = {k: v for k, v in rule.items() if k != key}
            if key in ("document", "attributes") and rule["decision"] == "permit":
                if not {"document", "attributes", "quota"} & without.keys():
                    without.pop("message", None)
            yield f"without {key}", without
        for part in rule[key] if isinstance(rule.get(key), dict) else ():
            if len(rule[key]) > 1 and key != "quota":
                left = {k: v for k, v in rule[key].items() if k != part}
                yield f"without {key}.{part}", {**rule, key: left}


def _turned_round(rule: Policy) -> Iterator[tuple[str, Policy]]:
    dropped = ("enforce", "default", "hold", "quota", "message", "decision")
    kept = {key: value for key, value in rule.items() if key not in dropped}
    yield (
        "turned round",
        {**kept, "decision": "refuse" if rule["decision"] == "permit" else "permit"},
    )


def _shorter_lists(rule: Policy) -> Iterator[tuple[str, Policy]]:
    for key in ("operations", "printers"):
        given = rule.get(key)
        values: list[Any] = given if isinstance(given, list) else []
        for index, value in enumerate(values):
            if len(values) > 1:
                yield f"{key} without {value}", {**rule, key: values[:index] + values[index + 1 :]}
    formats = rule.get("document", {}).get("formats", [])
    for index, value in enumerate(formats):
        if len(formats) > 1:
            document = {**rule["document"], "formats": formats[:index] + formats[index + 1 :]}
            yield f"formats without {value}", {**rule, "document": document}

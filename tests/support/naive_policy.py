"""A second reading of the policy language, as plain as its README: slow, and sharing no code with
the first."""

from __future__ import annotations

import fnmatch
import ipaddress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

SETS: dict[str, set[str]] = {
    "@query": {"Get-Printer-Attributes", "Get-Jobs", "Get-Job-Attributes"},
    "@print": {"Print-Job", "Validate-Job", "Create-Job", "Send-Document"},
    "@job": {"Cancel-Job", "Hold-Job", "Get-Job-Attributes"},
}
"""As far as the tables use them."""
ASKS = {"Print-Job", "Validate-Job", "Create-Job", "Send-Document"}
DESCRIBES = {"Print-Job", "Validate-Job", "Send-Document"}
DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

Rule = dict[str, Any]


@dataclass(frozen=True)
class Row:
    """One question. ``groups`` None: nobody is identified."""

    name: str | None
    groups: frozenset[str] | None
    department: str
    method: str
    printer: str
    location: str
    tags: frozenset[str]
    operation: str
    owner: bool
    address: str
    at: datetime
    tls: str
    attributes: dict[str, list[Any]] = field(default_factory=dict)
    format: str | None = None
    size: int | None = None


def decide(rules: list[Rule], row: Row) -> tuple[str, str | None]:
    """The decision of an identified person, and the name of the rule that made it."""
    for rule in rules:
        if rule.get("shadow"):
            continue
        if all(part(rule, row) for part in (_who, _printers, _operations, _when, _asked)):
            return rule["decision"], rule["name"]
    return "refuse", None


def _who(rule: Rule, row: Row) -> bool:
    who = rule["who"]
    if isinstance(who, str):
        return who != "owner" or row.owner
    people = [*who.get("users", []), *who.get("groups", [])]
    if people and row.name not in who.get("users", []):
        if not set(who.get("groups", [])) & set(row.groups or ()):
            return False
    if "attributes" in who and row.department not in who["attributes"]["department"]:
        return False
    return "methods" not in who or row.method in who["methods"]


def _fits(patterns: list[str], words: list[str]) -> bool:
    positive = [pattern for pattern in patterns if not pattern.startswith("!")]
    negative = [pattern[1:] for pattern in patterns if pattern.startswith("!")]
    if any(fnmatch.fnmatchcase(word, pattern) for word in words for pattern in negative):
        return False
    return not positive or any(
        fnmatch.fnmatchcase(word, pattern) for word in words for pattern in positive
    )


def _printers(rule: Rule, row: Row) -> bool:
    printers = rule.get("printers", ["*"])
    if isinstance(printers, list):
        return _fits(printers, [row.printer])
    return (
        _fits(printers.get("names", ["*"]), [row.printer])
        and ("locations" not in printers or _fits(printers["locations"], [row.location]))
        and ("tags" not in printers or _fits(printers["tags"], sorted(row.tags)))
    )


def _operations(rule: Rule, row: Row) -> bool:
    return any(row.operation in SETS.get(word, {word}) for word in rule["operations"])


def _when(rule: Rule, row: Row) -> bool:
    when = rule.get("when", {})
    local = row.at.astimezone(ZoneInfo(when.get("timezone", "UTC")))
    if "days" in when:
        first, _, last = when["days"].partition("-")
        if not DAYS.index(first) <= local.weekday() <= DAYS.index(last or first):
            return False
    if "hours" in when:
        first, _, last = when["hours"].partition("-")
        if not first <= f"{local:%H:%M}" < last:
            return False
    if "networks" in when:
        address = ipaddress.ip_address(row.address)
        if not any(address in ipaddress.ip_network(network) for network in when["networks"]):
            return False
    return "tls" not in when or row.tls >= when["tls"]


def _asked(rule: Rule, row: Row) -> bool:
    permits = bool(rule["decision"] == "permit")
    for name, wanted in rule.get("attributes", {}).items():
        if row.operation not in ASKS:
            if not permits:
                return False
            continue
        if not _values(wanted, row.attributes.get(name), permits):
            return False
    document = rule.get("document", {})
    if document and row.operation not in DESCRIBES:
        return permits
    if "formats" in document:
        if row.format is None or row.format == "application/octet-stream":
            if not permits:
                return False
        elif not any(fnmatch.fnmatchcase(row.format, pattern) for pattern in document["formats"]):
            return False
    if row.size is None:
        return permits or not {"max_size", "min_size"} & document.keys()
    least, most = document.get("min_size", 0), document.get("max_size", row.size)
    return bool(least <= row.size <= most)


def _values(wanted: dict[str, Any], given: list[Any] | None, permits: bool) -> bool:
    if given is None:
        if "present" in wanted:
            return not wanted["present"]
        return permits and "min" not in wanted
    if wanted.get("present") is False:
        return False
    if set(wanted) == {"present"}:
        return True
    fitting = [
        ("is" not in wanted or value in wanted["is"])
        and ("not" not in wanted or value not in wanted["not"])
        and ("min" not in wanted or value >= wanted["min"])
        and ("max" not in wanted or value <= wanted["max"])
        for value in given
    ]
    return all(fitting) if permits else any(fitting)

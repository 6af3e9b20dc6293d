"""What a decision point elsewhere is asked: the facts of a decision, as JSON."""

from __future__ import annotations

from collections.abc import Mapping

from ippgate.policy.facts import Facts, Scalar


def question(facts: Facts) -> dict[str, object]:
    """The ``input`` of Open Policy Agent's data API. Names are those of the trail."""
    document = facts.job.document
    return {
        "user": _user(facts),
        "printer": facts.printer,
        "operation": facts.operation.keyword,
        "owner": facts.owner,
        "client": {"address": facts.address},
        "tls": {"version": facts.tls},
        "time": facts.at.isoformat(),
        "attributes": attributes(facts.job.attributes or {}),
        "document": {
            "declared": document.declared,
            "detected": document.detected,
            "octets": document.size,
        },
    }


def attributes(asked: Mapping[str, tuple[Scalar, ...]]) -> dict[str, object]:
    """Values as JSON has them; ranges as text."""
    return {
        name: [value if isinstance(value, int) else str(value) for value in values]
        for name, values in asked.items()
    }


def _user(facts: Facts) -> dict[str, object] | None:
    principal = facts.principal
    if principal is None:
        return None
    return {
        "name": principal.name,
        "id": principal.id,
        "method": principal.method,
        "groups": sorted(principal.groups),
        "attributes": {name: list(values) for name, values in principal.attributes.items()},
    }

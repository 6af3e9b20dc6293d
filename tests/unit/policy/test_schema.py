"""The schemas that are shipped are those of the code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ippgate.policy.schema import KINDS, schema_text

POLICIES = Path(__file__).parents[3] / "policies"


@pytest.mark.parametrize("kind", KINDS)
def test_the_shipped_schema_is_current(kind: str) -> None:
    file = POLICIES / f"{kind}.schema.json"
    assert file.read_text() == schema_text(kind), f"ippgate policy schema {kind} > {file}"


def test_it_describes_the_language() -> None:
    schema = json.loads(schema_text("policy"))
    rule = schema["$defs"]["RuleSection"]["properties"]
    assert {"who", "printers", "when", "document", "attributes", "enforce", "shadow"} <= set(rule)
    assert schema["$defs"]["ValuesSection"]["properties"].keys() >= {"is", "not", "min", "max"}
    assert schema["additionalProperties"] is False

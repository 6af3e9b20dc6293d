"""The schemas that are shipped are those of the language."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ippgate.policy.schema import KINDS, schema_text

POLICIES = Path(__file__).parents[3] / "policies"


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_shipped_is_what_is_read(kind: str) -> None:
    assert (POLICIES / f"{kind}.schema.json").read_text() == schema_text(kind)


def test_names_are_those_that_people_write() -> None:
    schema = json.loads(schema_text("policy"))
    values = schema["$defs"]["ValuesSection"]["properties"]
    assert {"is", "not", "min", "max", "present"} == values.keys()
    assert schema["required"] == ["version"]

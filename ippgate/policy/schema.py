"""JSON Schema of policy files and of expectations, made from what reads them."""

from __future__ import annotations

import json
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema

from ippgate.policy.expectations import ExpectationFile
from ippgate.policy.sections import PolicyFile

KINDS: dict[str, type[BaseModel]] = {"policy": PolicyFile, "expectations": ExpectationFile}
DIALECT = GenerateJsonSchema.schema_dialect


def schema_text(kind: str) -> str:
    """The schema of one of KINDS, as it is shipped."""
    schema: dict[str, Any] = KINDS[kind].model_json_schema(by_alias=True, mode="validation")
    titled = {"$schema": DIALECT, **schema, "title": f"ippgate {kind} file"}
    return json.dumps(titled, indent=2) + "\n"

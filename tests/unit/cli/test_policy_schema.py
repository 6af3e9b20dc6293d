"""ippgate policy schema prints what is shipped."""

from __future__ import annotations

import pytest

from ippgate.cli.main import main
from ippgate.policy.schema import KINDS, schema_text


@pytest.mark.parametrize("kind", KINDS)
def test_the_schema(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["policy", "schema", kind]) == 0
    assert capsys.readouterr().out == schema_text(kind)

"""The shape of policy files: what pydantic and our own checks refuse one by one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from ippgate.policy.sections import DocumentSection, PolicyFile, QuotaSection, ValuesSection

_RULE = {"name": "r", "who": "anyone", "operations": ["@print"], "decision": "permit"}


def test_a_value_stands_for_a_list_of_it() -> None:
    attributes = {"sides": "one-sided", "copies": [1, 2], "media": {"not": ["x"]}}
    file = PolicyFile.model_validate({"version": 1, "rules": [{**_RULE, "attributes": attributes}]})
    assert file.rules is not None
    assert file.rules[0].attributes == {
        "sides": ValuesSection.model_validate({"is": ["one-sided"]}),
        "copies": ValuesSection.model_validate({"is": [1, 2]}),
        "media": ValuesSection.model_validate({"not": ["x"]}),
    }


def test_sizes_are_written_as_people_do() -> None:
    assert DocumentSection.model_validate({"max_size": "200MB"}).max_size == 200_000_000
    assert QuotaSection.model_validate({"octets": "1GiB", "per": "day"}).octets == 2**30


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_anything_is_read_or_refused(value: object) -> None:
    for key in ("who", "printers", "when", "document", "attributes", "enforce", "quota", "hold"):
        try:
            PolicyFile.model_validate({"version": 1, "rules": [{**_RULE, key: value}]})
        except ValidationError:
            continue


def test_unknown_keys_are_refused() -> None:
    with pytest.raises(ValidationError, match="Extra inputs"):
        PolicyFile.model_validate({"version": 1, "rules": [{**_RULE, "whom": "x"}]})

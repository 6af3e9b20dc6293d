"""Enumerations: open, and in agreement with the IANA registry in both directions."""

from __future__ import annotations

import copy
import pickle
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from ippgate.ipp.enums import GroupTag, OpenEnum, Operation, Status, Tag
from tests.support.peers import corpora

KINDS: list[type[OpenEnum]] = [GroupTag, Tag, Operation, Status]
FIRST_VENDOR_OPERATION = 0x4000
_NAMESPACE = "{http://www.iana.org/assignments}"
_NO_NAMES = ("Reserved", "Unassigned", "octetString with", "For extension")


@pytest.fixture(scope="module", name="registry")
def _registry() -> dict[str, dict[int, str]]:
    """Names by code, for each of the registry's tables of codes."""
    return {title: dict(codes) for title, codes in tables(corpora() / "ipp/iana")}


def tables(folder: Path) -> Iterator[tuple[str, Iterator[tuple[int, str]]]]:
    root = ElementTree.parse(folder / "ipp-registrations.xml").getroot()
    for table in root.iter(f"{_NAMESPACE}registry"):
        title = table.findtext(f"{_NAMESPACE}title") or ""
        yield title, codes(table)


def codes(table: ElementTree.Element) -> Iterator[tuple[int, str]]:
    """Codes with a name; of the enum values, those of operations-supported."""
    for record in table.iter(f"{_NAMESPACE}record"):
        attribute = record.findtext(f"{_NAMESPACE}attribute", "operations-supported")
        code = re.match(r"0x[0-9A-F]+", record.findtext(f"{_NAMESPACE}value", ""))
        name = record.findtext(f"{_NAMESPACE}name", "")
        if attribute == "operations-supported" and code and not name.startswith(_NO_NAMES):
            yield int(code[0], 16), name.partition("(")[0]


def names(members: Iterator[OpenEnum]) -> dict[int, str]:
    return {member.value: member.keyword for member in members}


def test_operations_are_those_of_the_registry(registry: dict[str, dict[int, str]]) -> None:
    registered = (member for member in Operation if member < FIRST_VENDOR_OPERATION)
    assert names(registered) == registry["Enum Attribute Values"]


def test_status_codes_are_those_of_the_registry(registry: dict[str, dict[int, str]]) -> None:
    assert names(iter(Status)) == registry["Status Codes"]


def test_group_tags_are_those_of_the_registry(registry: dict[str, dict[int, str]]) -> None:
    assert names(iter(GroupTag)) == registry["Attribute Group Tags"]


def test_value_tags_are_those_of_the_registry(registry: dict[str, dict[int, str]]) -> None:
    expected = registry["Out-of-Band Attribute Value Tags"] | registry["Attribute Syntaxes"]
    expected |= {0x30: "octetString", 0x7F: "extension"}
    assert names(iter(Tag)) == expected


def test_operations_of_cups() -> None:
    own = {f"0x{m.value:04X}": m.keyword for m in Operation if m >= FIRST_VENDOR_OPERATION}
    assert own["0x4001"] == "CUPS-Get-Default"
    assert own["0x400F"] == "CUPS-Get-PPD"
    assert own["0x4027"] == "CUPS-Get-Document"
    assert own["0x4028"] == "CUPS-Create-Local-Printer"
    assert all(keyword.startswith("CUPS-") for keyword in own.values())


@pytest.mark.parametrize("kind", KINDS)
def test_unknown_codes_are_values(kind: type[OpenEnum]) -> None:
    odd = kind(0x7777)
    assert odd == 0x7777
    assert odd in {0x7777}
    assert isinstance(odd, kind)
    assert not odd.known
    assert odd.keyword == odd.name == "0x7777"
    assert copy.deepcopy(odd) == odd
    assert pickle.loads(pickle.dumps(odd)) == odd


@pytest.mark.parametrize("kind", KINDS)
def test_unknown_codes_take_no_memory(kind: type[OpenEnum]) -> None:
    before = len(kind)
    for code in range(0x5000, 0x6000):
        kind(code)
    assert len(kind) == before == len(kind._value2member_map_)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("code", [-1, 0x1_0000_0000, 1.5, "Print-Job", None])
def test_what_is_no_code(kind: type[OpenEnum], code: Any) -> None:
    with pytest.raises(ValueError, match="is not a valid"):
        kind(code)


@pytest.mark.parametrize("kind", KINDS)
def test_names_and_codes_are_each_other_s(kind: type[OpenEnum]) -> None:
    for member in kind:
        assert member.known
        assert kind.from_keyword(member.keyword) is member
        assert kind.from_keyword(member.keyword.upper()) is member
    assert kind.from_keyword("0x7777") is None
    assert kind.from_keyword("") is None

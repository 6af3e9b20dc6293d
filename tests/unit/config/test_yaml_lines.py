"""YAML with lines: what the program reads is what a person reads, and nothing is a traceback."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ippgate.config.findings import ConfigurationError, Finding
from ippgate.config.yaml_lines import MAX_CHARACTERS, MAX_DEPTH, dotted, parse

TEXT = """\
# a comment
public_name: print.example.org
listen:
  - address: "[::]:631"
    tls:
      key: tls/key.pem
  - address: 0.0.0.0:631
printers: {lab-1: {uri: "ipp://192.0.2.1/"}}
"""


def finding_of(text: str) -> Finding:
    """The one thing that is wrong with a text."""
    with pytest.raises(ConfigurationError) as raised:
        parse(text, "f.yaml")
    (finding,) = raised.value.findings
    assert finding.file == "f.yaml"
    return finding


def test_values_are_those_of_yaml() -> None:
    assert parse(TEXT, "f.yaml").value == yaml.safe_load(TEXT)


def test_every_key_and_item_has_its_line() -> None:
    lines = parse(TEXT, "f.yaml").lines
    assert lines["public_name",] == 2
    assert lines["listen", 0] == 4
    assert lines["listen", 0, "tls", "key"] == 6
    assert lines["listen", 1, "address"] == 7
    assert lines["printers", "lab-1", "uri"] == 8


def test_a_finding_stands_at_the_nearest_key_that_is_there() -> None:
    source = parse(TEXT, "f.yaml")
    finding = source.finding(("listen", 0, "tls", "certificate"), "is missing")
    assert str(finding) == "f.yaml:5: listen[0].tls.certificate: is missing"
    assert parse("", "f.yaml").finding(("a",), "is missing").line is None


@pytest.mark.parametrize(
    ("path", "text"), [((), ""), (("a",), "a"), (("a", 0, "b"), "a[0].b"), ((0,), "[0]")]
)
def test_paths_as_text(path: tuple[str | int, ...], text: str) -> None:
    assert dotted(path) == text


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n"])
def test_an_empty_file_has_no_value(text: str) -> None:
    assert parse(text, "f.yaml").value is None


def test_a_key_given_twice() -> None:
    finding = finding_of("a:\n  b: 1\n  c: 2\n  b: 3\n")
    assert (finding.line, finding.path) == (4, "a.b")
    assert "first in line 2" in finding.message


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("on: 1", '"on"'),
        ("7: 1", '"7"'),
        ("null: 1", '"null"'),
        ("<<: {a: 1}", '"<<"'),
        ("? [a]\n: 1", "a list or mapping"),
    ],
)
def test_a_key_that_is_not_text(text: str, shown: str) -> None:
    finding = finding_of(text)
    assert finding.line == 1
    assert shown in finding.message


@pytest.mark.parametrize("text", ["a: &x 1\nb: *x", "a: &x 1", "&x a: 1"])
def test_anchors_are_refused(text: str) -> None:
    finding = finding_of(text)
    assert finding.line == 1
    assert "anchors" in finding.message


@pytest.mark.parametrize(
    "text",
    ["a: !!int abc", "a: !!bool foo", "a: !!timestamp foo", "a: !!python/name:os.system x",
     "a: !!float x", "!!set {a, b}", "a: !!binary aGk=", "a: !mine 1"],
)  # fmt: skip
def test_tags_are_refused(text: str) -> None:
    assert "tags such as" in finding_of(text).message


@pytest.mark.parametrize("text", ["a: 2024-13-45", "a: 0x_", "a: " + "9" * 5000])
def test_what_only_looks_like_a_number_or_date(text: str) -> None:
    finding = finding_of(text)
    assert (finding.line, finding.path) == (1, "a")
    assert "put it in quotes" in finding.message
    assert len(finding.message) < 300


def test_mistakes_are_reported_together() -> None:
    with pytest.raises(ConfigurationError) as raised:
        parse("a: 2024-13-45\non: 1\nb: 1\nb: 2\n", "f.yaml")
    assert [finding.line for finding in raised.value.findings] == [1, 2, 4]


@pytest.mark.parametrize("text", ["a: [1", "\ta: 1", "a: 'b", "a: 1\n---\nb: 2", "a: b: c", "a: ="])
def test_what_is_not_yaml_has_a_line(text: str) -> None:
    finding = finding_of(text)
    assert finding.message.startswith("not valid YAML: ")
    assert finding.line is not None


@pytest.mark.parametrize("text", ["a: \x00", "a: \ud800"])
def test_characters_that_yaml_does_not_know(text: str) -> None:
    assert finding_of(text).message.startswith("not valid YAML: unacceptable character")


def test_nesting_up_to_the_bound() -> None:
    assert parse("[" * MAX_DEPTH + "]" * MAX_DEPTH, "f.yaml").value is not None
    finding = finding_of("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1))
    assert "nested deeper" in finding.message


@pytest.mark.parametrize("piece", [("[", "]"), ("{a: ", "}"), ("- ", "")])
def test_nesting_without_end_is_a_finding(piece: tuple[str, str]) -> None:
    opening, closing = piece
    assert "nested deeper" in finding_of(opening * 10_000 + closing * 10_000).message


def test_a_file_that_is_too_large() -> None:
    assert parse("#" * MAX_CHARACTERS, "f.yaml").value is None
    assert "larger than 1 MiB" in finding_of("#" * (MAX_CHARACTERS + 1)).message


@given(st.text(alphabet="ab:-[]{}&*!?|>'\"%@`,# \n\t0159x_.<=~\\\0", max_size=60))
def test_any_text_is_a_value_or_findings(text: str) -> None:
    try:
        source = parse(text, "f.yaml")
    except ConfigurationError:
        return
    assert source.value is None or source.lines[()] >= 1

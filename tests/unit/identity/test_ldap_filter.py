"""Filters with places for values: nothing that is filled in can become syntax."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ldap3.operation.search import MATCH_EQUAL, compile_filter, parse_filter

from ippgate.identity.ldap_filter import fill, mistakes

USERNAME = frozenset({"username"})
BOTH = frozenset({"username", "dn"})


def wrong(template: str) -> list[str]:
    return mistakes(template, known=USERNAME, needed=USERNAME)


@pytest.mark.parametrize(
    "template",
    [
        "(uid={username})",
        "(&(objectClass=person)(uid={username}))",
        "(&(objectCategory=person)(|(sAMAccountName={username})(userPrincipalName={username})))",
        "(userPrincipalName={username}@example.org)",
        "(uid:caseExactMatch:={username})",
    ],
)
def test_filters_that_people_write(template: str) -> None:
    assert wrong(template) == []


def test_a_matching_rule_for_nested_groups() -> None:
    template = "(member:1.2.840.113556.1.4.1941:={dn})"

    assert mistakes(template, known=BOTH, needed=BOTH) == []


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("(uid=alice)", "{username} must stand in it"),
        ("(uid={user})", "{user} is not known"),
        ("(uid={username}", "is not a filter"),
        ("uid={username}", "is not a filter"),
        ("(uid={username})(cn=x)", "is not a filter"),
        ("(uid={username}*)", "without *"),
        ("({username}=x)", "must follow an equals sign"),
        ("(uid>={username})", "must follow an equals sign"),
        ("", "must stand in it"),
    ],
)
def test_filters_that_do_not_work(template: str, words: str) -> None:
    assert words in "; ".join(wrong(template))


@pytest.mark.parametrize(
    "value",
    ["*", ")(", "*)(uid=*", "x)(|(uid=*", "\\2a", "\\", "a=b", "a:=b", "a>=b", "{dn}", "a&b", "~"],
)
def test_what_is_filled_in_stays_one_value(value: str) -> None:
    assert value_of(fill("(uid={username})", username=value)) == value


def test_values_are_filled_in_once() -> None:
    filled = fill("(|(member={dn})(memberUid={username}))", dn="cn={username}", username="x{dn}")

    assert filled == "(|(member=cn={username})(memberUid=x{dn}))"


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_no_value_can_leave_its_place(value: str) -> None:
    # ldap3 strips white space around values; names that have some are refused before.
    value = f"x{value}x"

    assert value_of(fill("(uid={username})", username=value)) == value


def value_of(filter_: str) -> str:
    """The assertion value that goes over the wire, of a filter that must be one equality."""
    root = parse_filter(filter_, None, True, True, None, False)  # type: ignore[no-untyped-call]
    (node,) = root.elements
    assert node.tag == MATCH_EQUAL
    assert node.assertion["attr"] == "uid"
    compiled = compile_filter(node)  # type: ignore[no-untyped-call]
    return bytes(compiled["equalityMatch"]["assertionValue"]).decode()

"""Authorization headers, read strictly."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ippgate.exchange.ports import CredentialsRefused
from ippgate.identity.basic import challenge, parse


def basic(user_pass: str | bytes) -> str:
    octets = user_pass.encode() if isinstance(user_pass, str) else user_pass
    return "Basic " + base64.b64encode(octets).decode()


def refused(authorization: str) -> CredentialsRefused:
    with pytest.raises(CredentialsRefused) as caught:
        parse(authorization)
    return caught.value


def test_the_challenge_quotes_the_realm() -> None:
    assert challenge("Printing") == 'Basic realm="Printing", charset="UTF-8"'
    assert challenge('a "b" \\c') == 'Basic realm="a \\"b\\" \\\\c", charset="UTF-8"'


@pytest.mark.parametrize(
    ("user_pass", "username", "password"),
    [
        ("alice:secret", "alice", "secret"),
        ("alice:with:colons:", "alice", "with:colons:"),
        ("søren:pässwörd\u2603", "søren", "pässwörd\u2603"),
        ("alice: spaces ", "alice", " spaces "),
    ],
)
def test_name_and_password(user_pass: str, username: str, password: str) -> None:
    credentials = parse(basic(user_pass))

    assert (credentials.username, credentials.password) == (username, password)
    assert password not in repr(credentials)


@pytest.mark.parametrize("scheme", ["Basic", "basic", "BASIC"])
def test_the_scheme_has_no_case(scheme: str) -> None:
    assert parse(basic("alice:secret").replace("Basic", scheme)).username == "alice"


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Basic",
        "Basic ",
        "Basic:YWxpY2U6c2VjcmV0",
        "Bearer YWxpY2U6c2VjcmV0",
        "Negotiate YWxpY2U6c2VjcmV0",
        'Digest username="alice"',
        "Local YWxpY2U6c2VjcmV0",
        " " + basic("alice:secret"),
        basic("alice:secret") + " ",
        basic("alice:secret") + ",Basic",
        basic("alice:secret").replace(" ", "\t"),
        basic("alice:secrets").rstrip("="),
        "Basic YWxpY2U6c2Vj\ncmV0",
        "Basic YWxpY2U6c2VjcmV0=",
        "Basic YWxpY2U6c2VjcmV0IQ==YQ==",
        "Basic YWxpY2U6c2VjcmV0YR==",  # the last 4 bits are not zero
        "Basic YWxpY2U6c2VjcmV0\u0130",
        basic("alice"),
        basic(b"alice:\xff\xfe"),
        basic(b"al\xc0\xadice:secret"),  # overlong UTF-8
        basic(b"alice:\xed\xa0\x80"),  # a surrogate
    ],
)
def test_what_is_not_basic_or_not_well_formed_is_refused(header: str) -> None:
    assert refused(header).outcome == "refused"


@pytest.mark.parametrize(
    "user_pass",
    [
        "alice:",
        "alice:\0",
        "alice:\0secret",
        "alice:secret\0",
        "alice:sec\nret",
        "alice:sec\x7fret",
        "alice:sec\x85ret",
        "alice:" + "x" * 1025,
        " alice:secret",
        ":secret",
        "\0:secret",
        "\uff41lice:secret",
    ],
)
def test_what_could_never_be_right_is_refused_without_asking_anybody(user_pass: str) -> None:
    error = refused(basic(user_pass))

    assert "secret" not in str(error)
    assert error.claimed == (user_pass.partition(":")[0] or None)


def test_a_header_has_a_bound() -> None:
    assert "longer" in str(refused("Basic " + "QUFB" * 1000))
    longest = parse(basic(f"{'a' * 255}:{'b' * 1024}"))
    assert len(longest.password) == 1024


@given(st.text(), st.text())
def test_any_octets_are_read_or_refused(scheme: str, rest: str) -> None:
    for header in (f"{scheme} {rest}", f"Basic {rest}", basic(rest.encode("utf-8", "ignore"))):
        try:
            credentials = parse(header)
        except CredentialsRefused:
            continue
        assert credentials.password
        assert ":" not in credentials.username

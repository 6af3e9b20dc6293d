"""Hashes of passwords: both kinds, and what a file may not ask for."""

import base64
import hashlib

import pytest

from ippgate.identity.passwords import hash_password, matches, mistake

SALT = b"salt of 16 bytes"


def scrypt(password: str, ln: int = 13) -> str:
    digest = hashlib.scrypt(
        password.encode(), salt=SALT, n=1 << ln, r=8, p=1, maxmem=1 << 28, dklen=32
    )
    salt, hashed = (base64.b64encode(part).decode().rstrip("=") for part in (SALT, digest))
    return f"$scrypt$ln={ln},r=8,p=1${salt}${hashed}"


@pytest.fixture(scope="module", params=["argon2id", "scrypt"])
def hashed(request: pytest.FixtureRequest) -> str:
    return hash_password("secret ☃") if request.param == "argon2id" else scrypt("secret ☃")


def test_only_the_password_itself_matches(hashed: str) -> None:
    assert mistake(hashed) is None
    assert matches(hashed, "secret ☃")
    for other in ("", "s", "secret ", "secret ☃ ", "secret ☃\0", "SECRET ☃", hashed):
        assert not matches(hashed, other)


def test_hashes_are_salted_and_carry_no_password() -> None:
    first, second = hash_password("canary"), hash_password("canary")

    assert first != second
    assert "canary" not in first


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("secret", "is not a hash"),
        ("", "is not a hash"),
        ("$2b$12$abcdefghijklmnopqrstuv", "is not a hash"),
        ("$argon2i$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNo", "not argon2id"),
        ("$argon2id$v=19$m=4194304,t=2,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNo", "asks for 4194304 KiB"),
        ("$argon2id$v=19$m=19456,t=99,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNo", "asks for 99 passes"),
        ("$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNo", "too weak"),
        ("$argon2id$nonsense", "not an argon2 hash"),
        (scrypt("x").replace("ln=13", "ln=20"), "asks for 1048576 KiB"),
        (scrypt("x").replace("ln=13", "ln=99"), "parameters"),
        (scrypt("x").replace("r=8", "r=999"), "asks for"),
        (scrypt("x").replace("p=1$", "p=99$"), "asks for"),
        (scrypt("x").replace("ln=13", "ln=4"), "too weak"),
        (scrypt("x").replace("p=1", "p=0"), "parameters"),
        ("$scrypt$ln=14,r=8,p=1$short$short", "is not of the form"),
        ("$scrypt$" + "x" * 600, "longer"),
    ],
)
def test_hashes_that_a_file_may_not_have(text: str, words: str) -> None:
    found = mistake(text)

    assert found is not None
    assert words in found

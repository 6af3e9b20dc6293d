"""What a configuration may say, section by section, and the words for what it may not."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ippgate.config.findings import ConfigurationError
from ippgate.config.model import Configuration
from ippgate.config.validation import validated
from ippgate.config.yaml_lines import parse

LEAST: dict[str, Any] = {
    "public_name": "print.example.org",
    "listen": [{"address": "[::]:631", "tls": {"certificate": "cert.pem", "key": "key.pem"}}],
    "identity": {"file": "users.yaml"},
    "printers": {"lab-1": {"uri": "ipp://192.0.2.21/ipp/print"}},
    "policies": ["policies/"],
    "audit": {"file": "audit.jsonl"},
}
LDAP = {"servers": ["ldaps://dc1.example.org"], "users": {"base": "dc=example,dc=org"}}


def configured(**sections: Any) -> Configuration:
    return Configuration.model_validate({**copy.deepcopy(LEAST), **sections})


def mistakes(**sections: Any) -> list[str]:
    """Each with its key's path, as ``ippgate check`` says it."""
    source = parse(json.dumps({**LEAST, **sections}), "ippgate.yaml")
    with pytest.raises(ConfigurationError) as caught:
        validated(Configuration, source)
    return [f"{finding.path}: {finding.message}" for finding in caught.value.findings]


def test_the_least_that_is_needed_has_the_values_that_the_readme_tells() -> None:
    least = configured()
    assert least.listen[0].tls.minimum_version == "1.2"
    assert least.monitor is None
    assert least.identity.realm == "Printing"
    cache, lockout, limits = least.identity.cache, least.identity.lockout, least.limits
    assert (cache.ttl, cache.negative_ttl) == (300, 30)
    assert (lockout.failures, lockout.within, lockout.for_) == (5, 120, 300)
    assert least.audit.queries == "all"
    assert (limits.connections, limits.connections_per_address) == (2000, 200)
    assert (limits.handshake, limits.head, limits.idle, limits.attributes) == (10, 10, 60, 20)
    assert limits.body_rate == 256


@pytest.mark.parametrize("section", sorted(LEAST))
def test_nothing_of_it_can_be_left_out(section: str) -> None:
    fewer = {key: value for key, value in LEAST.items() if key != section}
    with pytest.raises(ValueError, match=section):
        Configuration.model_validate(fewer)


@pytest.mark.parametrize(
    "name",
    ["print.example.org", "print", "print.example.org:8631", "192.0.2.1", "[2001:db8::1]:631"],
)
def test_names_that_clients_can_use(name: str) -> None:
    assert configured(public_name=name).public_name == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        "*.example.org",
        "https://print.example.org",
        "print.example.org/printers",
        "print.example.org:0",
        "print.example.org:65536",
        "user@print.example.org",
        "-print",
        "print.example.org\n",
        "2001:db8::1",
        "[::::]",
        "[1.2.3.4]",
        "x" * 201,
    ],
)
def test_names_that_no_client_could_use(name: str) -> None:
    (mistake,) = mistakes(public_name=name)
    assert mistake.startswith("public_name: ")
    assert "is not a host name" in mistake


@given(st.ip_addresses(), st.integers(0, 65535))
def test_every_address_with_a_port_can_be_listened_on(address: object, port: int) -> None:
    text = f"[{address}]:{port}" if ":" in str(address) else f"{address}:{port}"
    listen = [{**LEAST["listen"][0], "address": text}]
    assert configured(listen=listen).listen[0].address == text


@pytest.mark.parametrize(
    "address",
    [
        "631",
        "0.0.0.0",
        "localhost:631",
        ":::631",
        "[::]",
        "0.0.0.0:65536",
        "[::::]:631",
        "[0.0.0.0]:631",
        "999.1.1.1:631",
        "1:631",
        "0.0.0.0:",
    ],
)
def test_anything_else_is_not_an_address_and_an_example_is_given(address: str) -> None:
    listen = [{**LEAST["listen"][0], "address": address}]
    words = f'"{address}" is not an address with a port, such as "[::]:631" or "0.0.0.0:631"'
    assert mistakes(listen=listen) == [f"listen[0].address: {words}"]
    assert mistakes(monitor=address) == [f"monitor: {words}"]


def test_no_two_listen_at_one_address() -> None:
    first = LEAST["listen"][0]
    assert mistakes(listen=[first, first]) == [
        'listen: "[::]:631" is given twice: nobody can listen there twice'
    ]
    assert mistakes(monitor="[::]:631") == [
        'monitor: "[::]:631" is where clients connect to: give another port'
    ]
    free = {**first, "address": "127.0.0.1:0"}
    assert len(configured(listen=[free, free], monitor="127.0.0.1:0").listen) == 2


@pytest.mark.parametrize("name", ["lab-1", "1", "_", "Lab.1_b", "x" * 127])
def test_names_of_printers(name: str) -> None:
    assert list(configured(printers={name: {"uri": "ipp://192.0.2.1/"}}).printers) == [name]


@pytest.mark.parametrize("name", ["", "-lab", ".", "..", "a/b", "a b", "a%20b", "lábor", "x" * 128])
def test_names_that_no_address_can_have(name: str) -> None:
    (mistake,) = mistakes(printers={name: {"uri": "ipp://192.0.2.1/"}})
    assert mistake.startswith(f'printers: "{name}" cannot be a printer\'s name')


def test_somebody_must_be_able_to_sign_in() -> None:
    (mistake,) = mistakes(identity={"realm": "Printing"})
    assert mistake == "identity: nobody could sign in: give ldap, or file, or both"
    both = configured(identity={"ldap": LDAP, "file": "users.yaml"}).identity
    assert both.ldap is not None


@pytest.mark.parametrize(
    ("account", "words"),
    [
        ({"bind_dn": "cn=x"}, "bind_dn needs its password"),
        (
            {"bind_dn": "cn=x", "bind_password_file": "f", "bind_password_env": "E"},
            "bind_dn needs its password: give one of",
        ),
        ({"bind_password_file": "f"}, "no bind_dn"),
    ],
)
def test_an_account_and_its_one_password_belong_together(
    account: dict[str, str], words: str
) -> None:
    (mistake,) = mistakes(identity={"ldap": {**LDAP, **account}})
    assert mistake.startswith("identity.ldap: ")
    assert words in mistake


def test_proved_credentials_are_not_remembered_for_longer_than_an_hour() -> None:
    def cache(**keys: object) -> dict[str, object]:
        return {"file": "users.yaml", "cache": keys}

    assert configured(identity=cache(ttl="1h", negative_ttl=0)).identity.cache.negative_ttl == 0
    for key in ("ttl", "negative_ttl"):
        (mistake,) = mistakes(identity=cache(**{key: "61m"}))
        assert mistake.startswith("identity.cache: credentials are remembered for an hour at most")


@pytest.mark.parametrize("key", ["handshake", "head", "idle", "attributes"])
def test_deadlines_are_neither_none_nor_endless(key: str) -> None:
    for kept in ("100ms", "1h"):
        assert getattr(configured(limits={key: kept}).limits, key) in (0.1, 3600)
    for refused in (0, "99ms", "61m"):
        assert mistakes(limits={key: refused}) == [f"limits.{key}: must be between 100ms and 1h"]


def test_a_lockout_can_be_switched_off_and_not_by_a_negative_number() -> None:
    never = configured(identity={"file": "u", "lockout": {"failures": 0, "for": "1m"}})
    assert never.identity.lockout.failures == 0
    (mistake,) = mistakes(identity={"file": "u", "lockout": {"failures": -1}})
    assert mistake.startswith("identity.lockout.failures: ")


def test_numbers_and_words_are_not_guessed_from_each_other() -> None:
    assert mistakes(limits={"connections": "2000"}) == [
        "limits.connections: must be a whole number"
    ]
    listen = [{"address": "[::]:631", "tls": {**LEAST["listen"][0]["tls"], "minimum_version": 1.2}}]
    (mistake,) = mistakes(listen=listen)
    assert mistake.startswith("listen[0].tls.minimum_version: must be '1.2' or '1.3'")

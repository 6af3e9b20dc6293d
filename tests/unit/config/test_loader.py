"""The configuration file, and what it names."""

from __future__ import annotations

from pathlib import Path

import pytest

from ippgate.config.findings import ConfigurationError
from ippgate.config.loader import (
    Loaded,
    bind_password,
    expectation_texts,
    load,
    read,
    rule_texts,
)

GOOD = """\
public_name: print.example.org
listen:
  - address: "[::]:631"
    tls: {certificate: tls/fullchain.pem, key: tls/key.pem}
identity:
  ldap:
    servers: [ldaps://dc1.example.org]
    ca_file: tls/ca.pem
    bind_dn: cn=ippgate,dc=example,dc=org
    bind_password_file: password
    users: {base: "ou=people,dc=example,dc=org"}
  cache: {ttl: 10m}
printers:
  lab-1: {uri: "ipp://192.0.2.21/ipp/print", title: Lab 1}
policies: [policies/, more.yaml]
audit: {file: audit.jsonl}
"""


def loaded(folder: Path, text: str = GOOD) -> Loaded:
    file = folder / "ippgate.yaml"
    file.write_text(text)
    return load(read(file))


def mistakes(folder: Path, text: str) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        loaded(folder, text)
    prefix = f"{folder}/ippgate.yaml:"
    return [str(finding).removeprefix(prefix) for finding in caught.value.findings]


def test_a_good_file_is_typed_and_its_paths_count_from_its_folder(tmp_path: Path) -> None:
    configuration = loaded(tmp_path).configuration
    assert configuration.identity.cache.ttl == 600.0
    assert configuration.identity.ldap is not None
    assert configuration.identity.ldap.users.filter == "(uid={username})"
    assert configuration.limits.connections == 2000
    assert loaded(tmp_path).path(configuration.audit.file) == tmp_path / "audit.jsonl"


def test_every_mistake_is_reported_with_its_line_and_the_nearest_key(tmp_path: Path) -> None:
    text = (
        GOOD.replace("public_name", "publik_name")
        .replace('"[::]:631"', '"631"')
        .replace("10m", "10")
        .replace("  lab-1:", '  "lab 1":')
        .replace("bind_password_file: password\n", "bind_pasword_file: password\n")
    )
    words = mistakes(tmp_path, text)
    joined = "\n".join(words)
    assert '1: publik_name: is not a known key - did you mean "public_name"?' in joined
    assert "public_name: is missing" in joined
    assert '3: listen[0].address: "631" is not an address with a port' in joined
    assert 'did you mean "bind_password_file"?' in joined
    assert "12: identity.cache.ttl: '10' is not a duration" in joined.replace("10 is", "'10' is")
    assert '"lab 1" cannot be a printer\'s name' in joined


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("public_name: print.example.org", 'public_name: "ipps://x"', "is not a host name"),
        ("cache: {ttl: 10m}", "cache: {ttl: 2h}", "an hour at most"),
        ("    bind_password_file: password\n", "", "bind_dn needs its password"),
        ("    bind_dn: cn=ippgate,dc=example,dc=org\n", "", "no bind_dn"),
        ('  lab-1: {uri: "ipp://192.0.2.21/ipp/print", title: Lab 1}', "  {}", "not be empty"),
        ("policies: [policies/, more.yaml]", "policies: []", "must not be empty"),
        ("audit: {file: audit.jsonl}", "audit: {file: a, queries: some}", "queries"),
        ("audit: {file: audit.jsonl}", "audit: {file: a}\nmonitor: localhost", "with a port"),
        ("audit: {file: audit.jsonl}", "audit: {file: a}\nlimits: {head: 0}", "between 100ms"),
    ],
)
def test_what_cannot_work_is_refused_in_words(
    tmp_path: Path, old: str, new: str, words: str
) -> None:
    assert old in GOOD
    assert words in "\n".join(mistakes(tmp_path, GOOD.replace(old, new)))


def test_somebody_must_be_able_to_sign_in(tmp_path: Path) -> None:
    head, _, _ = GOOD.partition("  ldap:")
    tail = GOOD[GOOD.index("  cache:") :]
    assert "nobody could sign in" in "\n".join(mistakes(tmp_path, head + tail))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="No such file"):
        read(tmp_path / "nothing.yaml")


def test_a_file_that_is_not_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigurationError, match="is not UTF-8 text"):
        read(tmp_path / "x.yaml")


def test_rule_files_are_read_in_the_order_in_which_they_count(tmp_path: Path) -> None:
    site = loaded(tmp_path)
    (tmp_path / "policies").mkdir()
    for name in ("b.yaml", "a.yaml", "a.test.yaml", ".hidden.yaml", "notes.txt"):
        (tmp_path / "policies" / name).write_text(name)
    (tmp_path / "more.yaml").write_text("more")
    entries = site.configuration.policies
    texts = rule_texts(site, entries)
    assert [text for _, text in texts] == ["a.yaml", "b.yaml", "more"]
    assert [text for _, text in expectation_texts(site, entries)] == ["a.test.yaml"]


def test_rule_files_that_are_missing_are_all_named(tmp_path: Path) -> None:
    site = loaded(tmp_path)
    (tmp_path / "policies").mkdir()
    with pytest.raises(ConfigurationError) as caught:
        rule_texts(site, site.configuration.policies)
    words = str(caught.value)
    assert "policies[0]" in words
    assert "holds no rule file" in words
    assert "policies[1]" in words


def test_the_bind_password_comes_from_a_file_or_the_environment(tmp_path: Path) -> None:
    site = loaded(tmp_path)
    (tmp_path / "password").write_text("with space \n")
    assert bind_password(site, {}) == "with space "
    by_environment = GOOD.replace("bind_password_file: password", "bind_password_env: SECRET")
    site = loaded(tmp_path, by_environment)
    assert bind_password(site, {"SECRET": "x"}) == "x"
    with pytest.raises(ConfigurationError, match="no variable SECRET"):
        bind_password(site, {})


def test_an_empty_bind_password_is_a_mistake(tmp_path: Path) -> None:
    site = loaded(tmp_path)
    (tmp_path / "password").write_text("\n")
    with pytest.raises(ConfigurationError, match="is empty"):
        bind_password(site, {})

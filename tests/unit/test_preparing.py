"""From a configuration to checked parts."""

from __future__ import annotations

import resource
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ippgate.config.findings import ConfigurationError, Finding, Severity
from ippgate.preparing import Prepared, disappointed_expectations, prepare
from tests.support.gate_process import write_site
from tests.support.identities import of_file

NOW = datetime.now(UTC)
URI = "ipp://192.0.2.21/ipp/print"
DIRECTORY = """\
  ldap:
    servers: [ldaps://dc1.example.org]
    bind_dn: cn=ippgate,dc=example,dc=org
    users: {base: "dc=example,dc=org"}
"""

WRONG_IN_ALL_PLACES = """\
public_name: print.example.org
listen:
  - address: "127.0.0.1:0"
    tls: {certificate: absent.pem, key: absent.pem}
identity:
  relm: Printing
  ldap:
    servers: [ldap://dc1.example.org]
    users: {base: "dc=example,dc=org", filter: "(uid={user})"}
printers:
  lab-1: {uri: "usb://192.0.2.21/"}
policies: [absent/]
audit: {file: absent/audit.jsonl}
"""


def test_every_mistake_is_told_at_once_from_top_to_bottom(tmp_path: Path) -> None:
    file = tmp_path / "ippgate.yaml"
    file.write_text(WRONG_IN_ALL_PLACES)
    with pytest.raises(ConfigurationError) as caught:
        prepare(file, {}, NOW)
    told = [f"{finding.line}: {finding.path}" for finding in caught.value.findings]
    assert told == [
        "4: listen[0].tls",
        "6: identity.relm",
        "7: identity.ldap",
        "7: identity.ldap",
        "7: identity.ldap",
        "11: printers.lab-1.uri",
        "12: policies[0]",
        "13: audit.file",
    ]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A good site with accounts in a file."""
    identity = of_file(tmp_path, [("alice", "secret", "staff")])
    (tmp_path / "users.yaml").chmod(0o600)
    return write_site(tmp_path, {"lab-1": URI}, identity=identity)[0]


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def mistake(file: Path, environment: dict[str, str] | None = None) -> Finding:
    """The only one."""
    with pytest.raises(ConfigurationError) as caught:
        prepare(file, environment or {}, NOW)
    (finding,) = caught.value.findings
    return finding


def warnings(prepared: Prepared) -> list[str]:
    assert {finding.severity for finding in prepared.warnings} <= {Severity.WARNING}
    return [f"{finding.path}: {finding.message}" for finding in prepared.warnings]


def test_a_good_site_is_ready_to_be_opened(file: Path) -> None:
    prepared = prepare(file, {}, NOW)
    assert [rule.name for rule in prepared.policy.rules][1] == "staff print"
    assert prepared.tls[0].facts.names == ("localhost", "127.0.0.1")
    assert prepared.ldap is None
    assert prepared.users is not None
    assert list(prepared.users.users) == ["alice"]
    assert prepared.printers["lab-1"].host == "192.0.2.21"
    assert warnings(prepared) == []
    assert disappointed_expectations(prepared) == []


def test_a_trail_has_a_folder_and_is_none(file: Path) -> None:
    change(file, "audit.jsonl", "log/audit.jsonl")
    missing = mistake(file)
    assert missing.path == "audit.file"
    assert f"{file.parent / 'log'} does not exist" in missing.message
    (file.parent / "log" / "audit.jsonl").mkdir(parents=True)
    folder = mistake(file)
    assert folder.path == "audit.file"
    assert f"{file.parent / 'log' / 'audit.jsonl'} is a folder" in folder.message


def test_secrets_that_others_can_read_are_warned_of(file: Path) -> None:
    (file.parent / "users.yaml").chmod(0o604)
    (file.parent / "password").write_text("secret\n")
    (file.parent / "password").chmod(0o644)
    (file.parent / "key.pem").chmod(0o644)
    change(file, "identity:\n", f"identity:\n{DIRECTORY}    bind_password_file: password\n")
    told = warnings(prepare(file, {}, NOW))
    assert [words.partition(": ")[0] for words in told] == [
        "listen[0].tls",
        "identity.file",
        "identity.ldap.bind_password_file",
    ]
    assert f"chmod o= {file.parent / 'password'}" in told[2]
    (file.parent / "password").chmod(0o640)
    assert len(warnings(prepare(file, {}, NOW))) == 2


def test_a_certificate_that_ends_soon_is_warned_of(file: Path) -> None:
    (words,) = warnings(prepare(file, {}, NOW + timedelta(days=390, hours=12)))
    assert words.startswith("listen[0].tls: ")
    assert "ends in 6 days" in words


def test_a_password_comes_from_a_file_or_the_environment(file: Path) -> None:
    change(file, "identity:\n", f"identity:\n{DIRECTORY}    bind_password_env: SECRET\n")
    prepared = prepare(file, {"SECRET": "s3cret"}, NOW)
    assert prepared.ldap is not None
    assert prepared.ldap.bind_password == "s3cret"
    assert "s3cret" not in repr(prepared)
    absent = mistake(file)
    assert absent.path == "identity.ldap.bind_password_env"
    assert "SECRET" in absent.message


def test_more_connections_than_the_process_may_open_are_an_error(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (1024, 1024))
    finding = mistake(file)
    assert finding.path == "limits.connections"
    assert "LimitNOFILE" in finding.message
    file.write_text(f"{file.read_text()}limits: {{connections: 924}}\n")
    assert prepare(file, {}, NOW).loaded.configuration.limits.connections == 924


def test_every_wrong_certificate_is_told_not_the_first_alone(file: Path) -> None:
    other = "    tls: {certificate: absent.pem, key: key.pem}\n"
    change(
        file,
        "monitor:",
        f'  - address: "127.0.0.1:0"\n{other}  - address: "127.0.0.1:0"\n{other}monitor:',
    )
    with pytest.raises(ConfigurationError) as caught:
        prepare(file, {}, NOW)
    assert [finding.path for finding in caught.value.findings] == ["listen[1].tls", "listen[2].tls"]


def test_expectations_are_held_against_the_rules(file: Path) -> None:
    beside = file.parent / "policies" / "rules.test.yaml"
    lines = "version: 1\nexpectations:\n  - given: {who: anonymous, operation: Print-Job}\n"
    beside.write_text(f"{lines}    expect: permit\n")
    (finding,) = disappointed_expectations(prepare(file, {}, NOW))
    assert finding.severity is Severity.ERROR
    assert finding.file == str(beside)
    beside.write_text(f"{lines}    expect: identify\n")
    assert disappointed_expectations(prepare(file, {}, NOW)) == []


def test_a_site_that_cannot_be_read_names_the_file(tmp_path: Path) -> None:
    missing = tmp_path / "ippgate.yaml"
    assert f"{missing} cannot be read" in mistake(missing).message
    missing.write_bytes(b"public_name: \xff\n")
    assert "not UTF-8" in mistake(missing).message

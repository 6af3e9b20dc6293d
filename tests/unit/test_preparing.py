"""From a configuration to checked parts."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from ippgate.config.findings import ConfigurationError
from ippgate.preparing import prepare

NOW = datetime(2026, 6, 1, tzinfo=UTC)

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

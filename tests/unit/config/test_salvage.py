"""A file with mistakes: what of it is valid is still there to be checked."""

from __future__ import annotations

from pathlib import Path

import pytest

from ippgate.config.findings import ConfigurationError
from ippgate.config.loader import Loaded, load, read
from ippgate.config.salvage import salvaged

WRONG_EVERYWHERE_ELSE = """\
public_nam: print.example.org
listen:
  - address: "[::]:631"
    tls: {certificate: fullchain.pem, key: key.pem}
identity:
  realms: Printing
  ldap: {servers: [ldaps://dc1.example.org], users: {base: "dc=example,dc=org"}}
  file: 17
printers:
  lab-1: {uri: "ipp://192.0.2.21/ipp/print"}
  lab-2: {url: "ipp://192.0.2.22/ipp/print"}
policies: policies/
audit: {file: trail/audit.jsonl}
limits: {connections: many}
"""


def salvaged_of(folder: Path, text: str) -> Loaded:
    file = folder / "ippgate.yaml"
    file.write_text(text)
    written = read(file)
    with pytest.raises(ConfigurationError):
        load(written)
    return salvaged(written)


def test_valid_sections_are_there_and_others_are_not(tmp_path: Path) -> None:
    configuration = salvaged_of(tmp_path, WRONG_EVERYWHERE_ELSE).configuration
    assert [listen.tls.key for listen in configuration.listen] == ["key.pem"]
    assert configuration.identity.ldap is not None
    assert configuration.identity.file is None
    assert list(configuration.printers) == ["lab-1"]
    assert configuration.policies == []
    assert configuration.audit.file == "trail/audit.jsonl"
    assert configuration.limits.connections == 2000


@pytest.mark.parametrize("text", ["", "17", "[a, b]", "listen: 3\nprinters: [x]\nidentity: no\n"])
def test_nothing_is_salvaged_of_what_is_no_configuration(tmp_path: Path, text: str) -> None:
    configuration = salvaged_of(tmp_path, text).configuration
    assert configuration.listen == []
    assert configuration.printers == {}
    assert configuration.identity.ldap is None
    assert configuration.identity.file is None

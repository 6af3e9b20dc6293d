"""The demo's files: what a site has, in one folder, made on the spot and good to read."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ippgate.demo.slapd_files import ACCOUNTS
from ippgate.identity.passwords import hash_password
from ippgate.identity.settings import LdapSettings
from ippgate.listener.authority import create_authority, issue_server, write_private

PRINTER = "demo"
ALICE, BOB = ACCOUNTS
"""The demo listens on loopback only, and prints into a folder: their passwords are no secret."""
STAFF, VISITORS = ALICE.groups[0], BOB.groups[0]

REFUSAL = "Visitors print at the copier on the ground floor."

RULES = f"""\
# Read top to bottom: the first rule whose criteria all match decides.
# Nothing matches: refused.
version: 1
rules:
  - name: anyone may see what a printer can do
    who: anyone
    operations: [Get-Printer-Attributes]
    decision: permit

  - name: visitors use the ground floor
    who: {{groups: [{VISITORS}]}}
    operations: ["@print"]
    decision: refuse
    message: {REFUSAL}

  - name: staff print
    who: {{groups: [{STAFF}]}}
    operations: ["@print", "@query"]
    decision: permit

  - name: people manage their own jobs
    who: owner
    operations: ["@job"]
    decision: permit
"""


@dataclass(frozen=True, slots=True)
class DemoSite:
    """Where the demo's files are."""

    folder: Path

    @property
    def configuration(self) -> Path:
        return self.folder / "ippgate.yaml"

    @property
    def ca(self) -> Path:
        return self.folder / "tls" / "ca.pem"

    @property
    def trail(self) -> Path:
        return self.folder / "audit.jsonl"

    @property
    def printed(self) -> Path:
        """The virtual printer's paper tray."""
        return self.folder / "printed"


def write(
    folder: Path,
    *,
    port: int,
    printer_uri: str,
    now: datetime,
    directory: LdapSettings | None,
) -> DemoSite:
    """Writes everything into an empty folder. ``port`` 0: the system chooses one."""
    site = DemoSite(folder)
    site.printed.mkdir()
    (folder / "tls").mkdir()
    authority = create_authority(now)
    server = issue_server(authority, ["localhost", "127.0.0.1"], now)
    site.ca.write_bytes(authority.certificate_pem())
    (folder / "tls" / "fullchain.pem").write_bytes(server.certificate_pem())
    write_private(folder / "tls" / "key.pem", server.key_pem())
    (folder / "policies").mkdir()
    (folder / "policies" / "demo.yaml").write_text(RULES)
    if directory is None:
        write_private(folder / "users.yaml", _users().encode())
        identity = "  file: users.yaml\n"
    else:
        write_private(folder / "directory-password", directory.bind_password.encode())
        identity = _ldap(directory)
    site.configuration.write_text(_configuration(port, printer_uri, identity))
    return site


def _configuration(port: int, printer_uri: str, identity: str) -> str:
    return f"""\
public_name: localhost
listen:
  - address: "127.0.0.1:{port}"
    tls: {{certificate: tls/fullchain.pem, key: tls/key.pem}}
monitor: 127.0.0.1:0
identity:
  realm: ippgate demo
{identity}printers:
  {PRINTER}:
    uri: {printer_uri}
    title: Demo printer
    location: This machine
policies: [policies/]
audit:
  file: audit.jsonl
"""


def _users() -> str:
    lines = ["users:"]
    for account in ACCOUNTS:
        lines.append(f"  - name: {account.name}")
        lines.append(f"    password: {json.dumps(hash_password(account.password))}")
        lines.append(f"    groups: [{', '.join(account.groups)}]")
    return "\n".join(lines) + "\n"


def _ldap(directory: LdapSettings) -> str:
    return f"""\
  ldap:
    servers: [{", ".join(directory.servers)}]
    ca_file: {json.dumps(str(directory.ca_file))}
    bind_dn: {json.dumps(directory.bind_dn)}
    bind_password_file: directory-password
    users: {{base: {json.dumps(directory.users.base)}}}
"""

"""The ``identity`` section of a test's configuration, as YAML indented by two spaces."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from ippgate.identity.passwords import hash_password
from ippgate.identity.settings import LdapSettings

STAFF = (("alice", "wonder land:ü", "staff"), ("bob", "builder", "visitors"))
"""Name, password, group; a password may hold anything but control characters."""


def of_file(folder: Path, people: Sequence[tuple[str, str, str]] = STAFF) -> str:
    """Writes users.yaml into the folder."""
    lines = ["users:"]
    for name, password, group in people:
        hashed = json.dumps(hash_password(password))
        lines.append(f"  - {{name: {name}, password: {hashed}, groups: [{group}]}}")
    (folder / "users.yaml").write_text("\n".join(lines) + "\n")
    return "  file: users.yaml\n"


def of_directory(folder: Path, settings: LdapSettings, *more: str) -> str:
    """Writes the service account's password into the folder. ``more``: lines for the section."""
    (folder / "directory-password").write_text(settings.bind_password)
    groups = settings.groups
    lines = [
        f"    servers: {json.dumps(list(settings.servers))}",
        f"    start_tls: {json.dumps(settings.start_tls)}",
        f"    bind_dn: {json.dumps(settings.bind_dn)}",
        "    bind_password_file: directory-password",
        f"    users: {{base: {json.dumps(settings.users.base)}}}",
    ]
    if settings.ca_file is not None:
        lines.append(f"    ca_file: {json.dumps(str(settings.ca_file))}")
    if groups is not None:
        lines.append(
            f"    groups: {{base: {json.dumps(groups.base)}, filter: {json.dumps(groups.filter)}}}"
        )
    return "\n".join(["  ldap:", *lines, *(f"  {line}" for line in more)]) + "\n"

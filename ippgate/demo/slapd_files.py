"""What the demo's directory is made from: slapd's configuration, and the people in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ippgate.demo.slapd_certificates import CertificateFiles

BASE = "dc=example,dc=org"
PEOPLE = f"ou=people,{BASE}"
GROUPS = f"ou=groups,{BASE}"
SERVICE_DN = f"cn=ippgate,ou=services,{BASE}"
ADMIN_DN = f"cn=admin,{BASE}"
MODULES = Path("/usr/lib/ldap")
SCHEMAS = Path("/etc/ldap/schema")


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody in the directory."""

    name: str
    password: str
    groups: tuple[str, ...]


ACCOUNTS = (
    Account("alice", "alice-printing", ("staff",)),
    Account("bob", "bob-visiting", ("visitors",)),
)

_CONFIGURATION = """\
include {schemas}/core.schema
include {schemas}/cosine.schema
include {schemas}/inetorgperson.schema
modulepath {modules}
moduleload back_mdb
moduleload memberof
pidfile {folder}/slapd.pid
argsfile {folder}/slapd.args
TLSCACertificateFile {ca}
TLSCertificateFile {certificate}
TLSCertificateKeyFile {key}
{lines}
database mdb
maxsize 16777216
suffix "{base}"
rootdn "{admin_dn}"
rootpw {admin_password}
directory {folder}/data
index objectClass,uid,member eq
overlay memberof
{overlays}
access to attrs=userPassword by anonymous auth by * none
access to dn.subtree="{base}" by dn.exact="{service_dn}" read by users read by anonymous {anonymous}
"""

_LDIF = """\
dn: {base}
objectClass: dcObject
objectClass: organization
o: Example

dn: {people}
objectClass: organizationalUnit
ou: people

dn: {groups}
objectClass: organizationalUnit
ou: groups

dn: ou=services,{base}
objectClass: organizationalUnit
ou: services

dn: {service_dn}
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: ippgate
userPassword: {service_password}
"""


def configuration(
    folder: Path,
    certificates: CertificateFiles,
    admin_password: str,
    lines: Sequence[str],
    overlays: Sequence[str],
    *,
    anonymous_reads: bool,
) -> str:
    """slapd.conf(5); ``lines`` are global ones, such as ``allow bind_anon_cred``; ``overlays``: the
    database's further ones."""
    return _CONFIGURATION.format(
        folder=folder,
        schemas=SCHEMAS,
        modules=MODULES,
        ca=certificates.ca,
        certificate=certificates.certificate,
        key=certificates.key,
        lines="\n".join(lines),
        overlays="\n".join(overlays),
        base=BASE,
        admin_dn=ADMIN_DN,
        admin_password=admin_password,
        anonymous="read" if anonymous_reads else "none",
        service_dn=SERVICE_DN,
    )


def ldif(accounts: Sequence[Account], service_password: str, more: str) -> str:
    """The directory's entries (RFC 2849). ``more``: further entries."""
    members: dict[str, list[str]] = {}
    for account in accounts:
        for group in account.groups:
            members.setdefault(group, []).append(account.name)
    parts = [
        _LDIF.format(
            base=BASE,
            people=PEOPLE,
            groups=GROUPS,
            service_dn=SERVICE_DN,
            service_password=service_password,
        ),
        *(_person(account) for account in accounts),
        *(_group(name, names) for name, names in members.items()),
    ]
    return "\n".join([*parts, more])


def _person(account: Account) -> str:
    # slapadd does not run the overlay that keeps memberOf, so it is written out.
    fields: list[Mapping[str, str]] = [
        {"dn": f"uid={account.name},{PEOPLE}"},
        {"objectClass": "inetOrgPerson"},
        {"uid": account.name},
        {"cn": account.name.title()},
        {"sn": account.name.title()},
        {"userPassword": account.password},
        *({"memberOf": f"cn={group},{GROUPS}"} for group in account.groups),
    ]
    return "".join(f"{key}: {value}\n" for field in fields for key, value in field.items())


def _group(name: str, members: Sequence[str]) -> str:
    lines = "".join(f"member: uid={member},{PEOPLE}\n" for member in members)
    return f"dn: cn={name},{GROUPS}\nobjectClass: groupOfNames\ncn: {name}\n{lines}"

"""A real Active Directory domain: Samba's domain controller, on a loopback address of its own.

Its LDAP ports are fixed, so it gets an address that nothing else has; needs root. Provisioning
takes some six seconds, so one domain serves all tests of a module.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import socket
import subprocess
import textwrap
from collections.abc import Iterator
from pathlib import Path

from ippgate.demo.slapd_certificates import make_certificates
from ippgate.identity.settings import GroupSearch, LdapSettings, UserSearch
from tests.support.peers import lacking, require, require_root
from tests.support.processes import free_port, running

REALM = "CORP.EXAMPLE.ORG"
DOMAIN = "CORP"
BASE = "DC=corp,DC=example,DC=org"
PASSWORDS = {
    "alice": "Alice-Printing:1 ü",
    "bob": "Bob-Visiting1",
    "carol": "Carol-Leaving1",
    "svc": "Svc-Searching1",
}
CROWD = 2000
SERVICE = "HTTP/localhost"
PYTHON = "/usr/bin/python3"
"""Debian's own, which has Samba's modules."""

_PEOPLE = f"""
import json, sys
from samba.auth import system_session
from samba.param import LoadParm
from samba.samdb import SamDB
lp = LoadParm()
lp.load(sys.argv[1])
db = SamDB(session_info=system_session(), lp=lp)
users = "CN=Users," + str(db.domain_dn())
db.transaction_start()
for name, password in json.loads(sys.argv[2]).items():
    db.newuser(name, password, mailaddress=name + "@example.org", department="Dept of " + name)
    db.setexpiry("(sAMAccountName=%s)" % name, 0, no_expiry_req=True)
def group(name, *members):
    db.add(dict(dn="CN=%s,%s" % (name, users), objectClass="group", sAMAccountName=name,
                member=["CN=%s,%s" % (m, users) for m in members] or []))
for n in range({CROWD}):
    db.add(dict(dn="CN=c%d,%s" % (n, users), objectClass="contact"))
db.modify_ldif("dn: CN=svc,%s\\nchangetype: modify\\nadd: servicePrincipalName\\n"
               "servicePrincipalName: {SERVICE}\\n" % users)
group("staff", "alice", "bob")
group("printing", "staff")
group("house", "printing")
group("everyone", "Domain Users")
group("crowd", "alice", *["c%d" % n for n in range({CROWD})])
db.disable_account("(sAMAccountName=bob)")
db.setexpiry("(sAMAccountName=carol)", -86400)
db.transaction_commit()
"""


class Samba:
    """The domain CORP, which runs. ``address``: of its one controller."""

    def __init__(self, folder: Path, address: str) -> None:
        self.folder = folder
        self.address = address
        self.kdc_port = free_port()
        self.configuration = folder / "smb.conf"
        self.ca_file = folder / "ca.pem"

    @property
    def uri(self) -> str:
        return f"ldaps://{self.address}"

    def settings(self, *, nested: bool = True, member_of: bool = False) -> LdapSettings:
        """What a gateway is told about this domain."""
        either = "(|(sAMAccountName={username})(userPrincipalName={username}))"
        users = f"CN=Users,{BASE}"
        return LdapSettings(
            servers=(self.uri,),
            users=UserSearch(users, either, "sAMAccountName", "objectGUID", ("department", "mail")),
            groups=None if member_of else GroupSearch(users, "(member={dn})", nested=nested),
            bind_dn=f"svc@{REALM.lower()}",
            bind_password=PASSWORDS["svc"],
            ca_file=self.ca_file,
            # A controller that serves from one process stands still now and then.
            step_seconds=15.0,
            whole_seconds=30.0,
        )

    def provision(self) -> None:
        """Makes the domain and its people."""
        certificates = make_certificates(self.folder, [self.address])
        command = [
            *("samba-tool", "domain", "provision", "--server-role=dc", "--dns-backend=NONE"),
            *(f"--targetdir={self.folder / 'dc'}", f"--realm={REALM}", f"--domain={DOMAIN}"),
            *("--adminpass=Adm1n-Domain!", "--host-name=dc1", f"--host-ip={self.address}"),
        ]
        _run(command)
        dc = self.folder / "dc"
        self.configuration.write_text(
            textwrap.dedent(
                f"""\
                [global]
                netbios name = DC1
                realm = {REALM}
                workgroup = {DOMAIN}
                server role = active directory domain controller
                server services = ldap, cldap, kdc
                interfaces = {self.address}/8
                bind interfaces only = yes
                private dir = {dc}/private
                state directory = {dc}/state
                cache directory = {dc}/cache
                lock directory = {dc}
                pid directory = {dc}
                binddns dir = {dc}/bind-dns
                ncalrpc dir = {dc}/ncalrpc
                winbindd socket directory = {dc}/winbindd
                log file = {dc}/log.%m
                krb5 port = {self.kdc_port}
                kpasswd port = {free_port()}
                cldap port = {free_port()}
                tls cafile = {certificates.ca}
                tls certfile = {certificates.certificate}
                tls keyfile = {certificates.key}
                """
            )
        )
        _run([PYTHON, "-c", _PEOPLE, str(self.configuration), json.dumps(PASSWORDS)])

    def keytab(self) -> Path:
        """Keys of SERVICE."""
        file = self.folder / "http.keytab"
        _run(
            [
                *("samba-tool", "domain", "exportkeytab", str(file), f"--principal={SERVICE}"),
                *("-s", str(self.configuration)),
            ]
        )
        return file

    def kerberos(self, folder: Path, user: str, password: str) -> dict[str, str]:
        """The environment in which ``user`` has a ticket of this domain. AssertionError: none."""
        configuration = folder / "krb5.conf"
        configuration.write_text(
            textwrap.dedent(
                f"""\
                [libdefaults]
                default_realm = {REALM}
                dns_lookup_kdc = false
                dns_canonicalize_hostname = false
                rdns = false
                [realms]
                {REALM} = {{
                  kdc = {self.address}:{self.kdc_port}
                }}
                [domain_realm]
                localhost = {REALM}
                """
            )
        )
        environment = {
            "KRB5_CONFIG": str(configuration),
            "KRB5CCNAME": f"FILE:{folder / user}.tickets",
        }
        done = subprocess.run(
            [require("kinit"), user],
            input=password + "\n",
            capture_output=True,
            text=True,
            timeout=30,
            env={**os.environ, **environment},
        )
        assert done.returncode == 0, done.stderr
        return environment


@contextlib.contextmanager
def samba(folder: Path) -> Iterator[Samba]:
    """A domain of its own, which ends with the block."""
    program = require("samba")
    require("samba-tool")
    require_root("an Active Directory domain")
    if not Path("/usr/share/samba/setup").exists():
        lacking("Samba cannot provision: apt install samba-ad-provision")
    domain = Samba(folder, _own_address())
    domain.provision()
    with running(
        [program, "-i", "-M", "single", "-s", domain.configuration],
        log=folder / "samba.log",
        address=(domain.address, 636),
    ):
        yield domain


def _own_address() -> str:
    """A loopback address on which nobody serves LDAP."""
    for _ in range(20):
        address = f"127.{random.randint(64, 127)}.{random.randint(1, 254)}.{random.randint(1, 254)}"
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind((address, 636))
            return address
    raise AssertionError("no loopback address is free")


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, f"{command[0]}: {done.stdout[-2000:]}{done.stderr[-3000:]}"

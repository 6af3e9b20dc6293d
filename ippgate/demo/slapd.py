"""A real OpenLDAP on this machine's loopback, with a few people, for the demo and for tests."""

from __future__ import annotations

import base64
import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from ippgate.demo.slapd_certificates import make_certificates
from ippgate.demo.slapd_files import (
    ACCOUNTS,
    ADMIN_DN,
    GROUPS,
    MODULES,
    PEOPLE,
    SERVICE_DN,
    Account,
    configuration,
    ldif,
)
from ippgate.identity.settings import GroupSearch, LdapSettings, UserSearch

START_SECONDS = 10.0
"""slapd answers in a tenth of a second; a busy machine takes longer."""
STOP_SECONDS = 5.0
LOAD_SECONDS = 30.0
ATTEMPTS = 3
"""A port that was free a moment ago may be taken when slapd binds it."""
HOST = "127.0.0.1"
PLACES = ("/usr/sbin", "/usr/lib/openldap", "/usr/libexec")
"""Where slapd is installed, besides the PATH."""


class SlapdError(Exception):
    """slapd is not installed, or did not start. The text says what to do."""


class Slapd:
    """An OpenLDAP server in ``folder``, which must exist and be empty.

    ``lines``: global lines for slapd.conf(5); ``overlays``: lines of its database. ``log``: what
    goes to ``slapd.log``, as in ``stats``. ``more``: LDIF of further entries. ``names``: whom
    the server certificate is for. ``days``: how long it holds; negative for one that has ended.
    ``anonymous_reads``: whether everybody may read all but passwords. ``service_password``: of the
    gateway's account; made up unless given.
    Methods block: use it before a reactor runs, or in threads.
    """

    def __init__(
        self,
        folder: Path,
        *,
        accounts: Sequence[Account] = ACCOUNTS,
        lines: Sequence[str] = (),
        overlays: Sequence[str] = (),
        log: str = "0",
        more: str = "",
        names: Sequence[str] = ("localhost", HOST),
        days: float = 7,
        anonymous_reads: bool = False,
        service_password: str | None = None,
    ) -> None:
        """Writes certificates, configuration and data. Raises SlapdError."""
        self.folder = folder
        self.accounts = tuple(accounts)
        self.service_password = service_password or secrets.token_urlsafe(16)
        self.admin_password = secrets.token_urlsafe(16)
        self.ldap_port = 0
        self.ldaps_port = 0
        self._program = program("slapd")
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None
        certificates = make_certificates(folder, names, days)
        self.ca_file = certificates.ca
        (folder / "data").mkdir(0o700)
        self._admin_password_file = folder / "admin.password"
        self._admin_password_file.touch(0o600)
        self._admin_password_file.write_text(self.admin_password)
        self._configuration = folder / "slapd.conf"
        self._configuration.touch(0o600)
        self._configuration.write_text(
            configuration(
                folder,
                certificates,
                self.admin_password,
                lines,
                overlays,
                anonymous_reads=anonymous_reads,
            )
        )
        self._load(ldif(self.accounts, self.service_password, more))

    @property
    def ldaps_uri(self) -> str:
        return f"ldaps://{HOST}:{self.ldaps_port}"

    @property
    def ldap_uri(self) -> str:
        """For StartTLS."""
        return f"ldap://{HOST}:{self.ldap_port}"

    def settings(self, *servers: str, member_of: bool = False) -> LdapSettings:
        """What the gateway's configuration says about this directory: ldaps, service account,
        groups by search or by ``member_of``. ``servers``: other addresses than its own."""
        return LdapSettings(
            servers=servers or (self.ldaps_uri,),
            users=UserSearch(PEOPLE, "(uid={username})"),
            groups=None if member_of else GroupSearch(GROUPS, "(member={dn})"),
            bind_dn=SERVICE_DN,
            bind_password=self.service_password,
            ca_file=self.ca_file,
        )

    def start(self) -> None:
        """Starts, or starts again on the same ports; returns when both ports answer.

        Raises SlapdError.
        """
        attempts = 1 if self.ldap_port else ATTEMPTS
        for attempt in range(attempts):
            if not self.ldap_port:
                self.ldap_port, self.ldaps_port = _free_port(), _free_port()
            try:
                self._start()
            except SlapdError:
                self.stop()
                if attempt + 1 == attempts:
                    raise
                self.ldap_port = self.ldaps_port = 0
            else:
                return

    def stop(self) -> None:
        """Ends the process, if there is one."""
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def pause(self) -> None:
        """The server stands still: it takes connections and says nothing, until ``resume``."""
        os.kill(self._running().pid, signal.SIGSTOP)

    def resume(self) -> None:
        os.kill(self._running().pid, signal.SIGCONT)

    def modify(self, changes: str, *options: str) -> None:
        """Changes entries, as the administrator: LDIF change records. Raises SlapdError."""
        command = [
            *(program("ldapmodify"), "-x", "-H", self.ldap_uri),
            *("-M", "-D", ADMIN_DN, "-y", str(self._admin_password_file), *options),
        ]
        _run(command, changes)

    def add(self, entries: str) -> None:
        """Adds entries, as the administrator: LDIF. Raises SlapdError."""
        self.modify(entries, "-a")

    def set_password(self, name: str, password: str) -> None:
        """Raises SlapdError."""
        encoded = base64.b64encode(password.encode()).decode()
        self.modify(
            f"dn: uid={name},{PEOPLE}\nchangetype: modify\nreplace: userPassword\n"
            f"userPassword:: {encoded}\n"
        )

    def _load(self, entries: str) -> None:
        if not (MODULES / "memberof.so").exists():
            raise SlapdError(f"{MODULES}/memberof.so is missing: this needs Debian's package slapd")
        command = [self._program, "-T", "add", "-q", "-f", str(self._configuration)]
        _run(command, entries)

    def _start(self) -> None:
        log = (self.folder / "slapd.log").open("ab")
        with log:
            self._process = subprocess.Popen(  # noqa: S603
                [
                    *(self._program, "-f", str(self._configuration), "-d", self._log),
                    *("-h", f"{self.ldap_uri}/ {self.ldaps_uri}/"),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        until = time.monotonic() + START_SECONDS
        while not (_answers(self.ldap_port) and _answers(self.ldaps_port)):
            if self._process.poll() is not None or time.monotonic() > until:
                said = (self.folder / "slapd.log").read_text(errors="replace")[-1000:]
                raise SlapdError(f"slapd did not start in {self.folder}: {said}")
            time.sleep(0.02)

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise SlapdError("slapd does not run")
        return self._process


def program(name: str) -> str:
    """The path of one of OpenLDAP's programs. Raises SlapdError."""
    path = shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", ""), *PLACES]))
    if path is None:
        raise SlapdError(f"{name} is not installed: on Debian, apt install slapd ldap-utils")
    return path


def _run(command: Sequence[str], standard_input: str) -> None:
    try:
        done = subprocess.run(  # noqa: S603
            command,
            input=standard_input.encode(),
            capture_output=True,
            timeout=LOAD_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise SlapdError(f"{command[0]} did not end within {LOAD_SECONDS:g} s") from None
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace")[-1000:]
        raise SlapdError(f"{command[0]} failed: {said}")


def _free_port() -> int:
    with socket.socket() as free:
        free.bind((HOST, 0))
        port: int = free.getsockname()[1]
        return port


def _answers(port: int) -> bool:
    with socket.socket() as client:
        client.settimeout(1)
        return client.connect_ex((HOST, port)) == 0

"""Nobody but the directory is given a password, with a real OpenLDAP: ldaps and StartTLS with wrong
authorities, names, dates and protocols; servers that are none; referrals."""

from __future__ import annotations

import socket
import threading
import time
from dataclasses import replace
from typing import Any, ClassVar

import pytest
from twisted.internet.threads import deferToThread

from ippgate.demo.slapd_certificates import make_certificates
from ippgate.demo.slapd_files import PEOPLE
from ippgate.exchange.ports import DirectoryUnavailable
from ippgate.identity.ldap_connection import DirectoryConnection, Journal, Unreachable
from ippgate.identity.ldap_server import LdapServer
from ippgate.identity.ldap_tls import client_context
from ippgate.identity.settings import LdapSettings, UserSearch
from tests.support.slapd import ALICE, SlapdCase


class ImpersonationCase(SlapdCase):
    """Nobody but the directory is given a password."""

    async def refused(self, settings: LdapSettings, words: str) -> None:
        with pytest.raises(DirectoryUnavailable, match=words):
            await self.directory(settings).verify(*ALICE)
        assert set(self.meter.take_calls()) == {"connect"}
        assert set(self.meter.up.values()) == {False}

    def serve(self, talk: Any, scheme: str = "ldap") -> str:
        """A server for one connection."""
        listener = socket.create_server(("127.0.0.1", 0))
        listener.settimeout(5)

        def run() -> None:
            connection, _ = listener.accept()
            connection.settimeout(5)
            with connection:
                talk(connection)

        self.server = threading.Thread(target=run, daemon=True)
        self.server.start()
        self.addCleanup(listener.close)
        self.addCleanup(self.server.join, 5)
        return f"{scheme}://127.0.0.1:{listener.getsockname()[1]}"


class Impersonation(ImpersonationCase):
    async def test_an_authority_that_is_not_ours(self) -> None:
        other = make_certificates(self.folder(), ["127.0.0.1"])
        settings = replace(self.slapd.settings(), ca_file=other.ca)

        await self.refused(settings, "CERTIFICATE_VERIFY_FAILED")
        start_tls = replace(settings, servers=(self.slapd.ldap_uri,), start_tls=True)
        await self.refused(start_tls, "CERTIFICATE_VERIFY_FAILED")

    async def test_the_systems_authorities_do_not_know_ours(self) -> None:
        await self.refused(
            replace(self.slapd.settings(), ca_file=None), "CERTIFICATE_VERIFY_FAILED"
        )

    async def test_a_server_that_has_no_tls_is_told_nothing(self) -> None:
        told: list[bytes] = []

        def without_tls(connection: socket.socket) -> None:
            told.append(connection.recv(4096))
            # ExtendedResponse: protocolError (RFC 4511 sections 4.12, 4.14.2).
            message_id = told[0][2 : 4 + told[0][3]]
            reply = message_id + bytes.fromhex("78070a010204000400")
            connection.sendall(bytes([0x30, len(reply)]) + reply)
            told.append(connection.recv(4096))

        uri = self.serve(without_tls)
        settings = replace(self.slapd.settings(uri), start_tls=True)
        await self.refused(settings, "startTLS failed")
        await deferToThread(self.server.join, 5)
        assert b"1.3.6.1.4.1.1466.20037" in told[0]
        assert told[1] == b""

    async def test_a_connection_that_was_closed_is_not_made_again_without_tls(self) -> None:
        journal = Journal(time.monotonic() + 5, 1.5)
        server = LdapServer.parse(self.slapd.ldap_uri)
        context = client_context(self.slapd.ca_file)
        connection = DirectoryConnection(server, context, start_tls=True, journal=journal)
        connection._ldap.strategy.close()

        with pytest.raises(Unreachable, match="closed the connection"):
            connection.bind(f"uid=alice,{PEOPLE}", ALICE[1], "bind")
        assert journal.open == []

    async def test_what_is_not_ldap_is_no_answer(self) -> None:
        def web_server(connection: socket.socket) -> None:
            connection.recv(4096)
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        await self.refused(self.slapd.settings(self.serve(web_server, "ldaps")), "127.0.0.1")
        settings = self.slapd.settings(self.serve(web_server))
        with pytest.raises(DirectoryUnavailable):
            await self.directory(settings).verify(*ALICE)


class ForAnotherName(ImpersonationCase):
    options: ClassVar[dict[str, Any]] = {"names": ["directory.example.org", "192.0.2.1"]}

    async def test_a_certificate_for_another_name(self) -> None:
        await self.refused(self.slapd.settings(), "IP address mismatch")
        by_name = f"ldaps://localhost:{self.slapd.ldaps_port}"
        await self.refused(self.slapd.settings(by_name), "Hostname mismatch")
        start_tls = replace(self.slapd.settings(self.slapd.ldap_uri), start_tls=True)
        await self.refused(start_tls, "IP address mismatch")


class Expired(ImpersonationCase):
    options: ClassVar[dict[str, Any]] = {"days": -1}

    async def test_a_certificate_that_has_ended(self) -> None:
        await self.refused(self.slapd.settings(), "certificate has expired")


class OldProtocol(ImpersonationCase):
    options: ClassVar[dict[str, Any]] = {"lines": ["TLSCipherSuite NORMAL:-VERS-ALL:+VERS-TLS1.1"]}

    async def test_a_server_that_speaks_tls_1_1(self) -> None:
        await self.refused(self.slapd.settings(), "SSL|TLS|closed|reset")


class Referrals(SlapdCase):
    """Where a directory points elsewhere, nothing goes."""

    elsewhere: ClassVar[socket.socket]

    @classmethod
    def setUpClass(cls) -> None:
        cls.elsewhere = socket.create_server(("127.0.0.1", 0))
        cls.elsewhere.setblocking(False)
        uri = f"ldap://127.0.0.1:{cls.elsewhere.getsockname()[1]}"
        cls.options = {
            "more": f"dn: uid=remote,{PEOPLE}\nobjectClass: referral\n"
            "objectClass: extensibleObject\n"
            f"uid: remote\nref: {uri}/uid=remote,{PEOPLE}\n\n"
            "dn: ou=moved,dc=example,dc=org\nobjectClass: referral\n"
            f"objectClass: extensibleObject\nou: moved\nref: {uri}/{PEOPLE}\n",
            "lines": [f"referral {uri}"],
        }
        super().setUpClass()

    @classmethod
    def tearDownClass(cls) -> None:
        super().tearDownClass()
        cls.elsewhere.close()

    async def test_no_referral_is_followed(self) -> None:
        assert await self.directory().verify("remote", "secret") is None
        assert await self.directory().verify(*ALICE) is not None
        for base in ("ou=moved,dc=example,dc=org", "dc=elsewhere,dc=net"):
            users = UserSearch(base, "(uid={username})")
            with pytest.raises(DirectoryUnavailable, match="never followed"):
                await self.directory(replace(self.slapd.settings(), users=users)).verify(*ALICE)

        with pytest.raises(BlockingIOError):
            self.elsewhere.accept()

"""The listener before real TLS clients, on loopback: openssl, curl, ipptool."""

from __future__ import annotations

import re
import subprocess
import tempfile
from pathlib import Path

from twisted.internet import reactor
from twisted.internet.defer import maybeDeferred
from twisted.internet.interfaces import IReactorTCP, IReactorTime
from twisted.internet.threads import deferToThread
from twisted.trial.unittest import TestCase

from ippgate.exchange.ports import Answer, Body, Head, Peer
from ippgate.ipp.encoder import encode
from ippgate.ipp.enums import GroupTag
from ippgate.ipp.message import Attribute, Group, Message
from ippgate.ipp.values import charset, natural_language
from ippgate.listener.limits import Caps, Census, Deadlines
from ippgate.listener.port import ListenAddress, Listener, listen, where
from ippgate.listener.tls import server_tls
from ippgate.spawn import Tasks
from tests.support.certificates import ServerFiles, server_files
from tests.support.peers import require

QUESTION = """{
    NAME "Ask"
    OPERATION Get-Printer-Attributes
    GROUP operation-attributes-tag
    ATTR charset attributes-charset utf-8
    ATTR naturalLanguage attributes-natural-language en
    ATTR uri printer-uri $uri
    STATUS successful-ok
}
"""


async def application(head: Head, body: Body, peer: Peer) -> Answer:
    """Answers IPP with successful-ok and the request's id, anything else with what it read."""
    whole = b""
    while octets := await body.read():
        whole += octets
    if head.method != "POST":
        return Answer(200, (("Content-Type", "text/plain"),), b"a page")
    if head.values("content-type") != ["application/ipp"]:
        return Answer(200, (), b"%d octets" % len(whole))
    attributes = (
        Attribute("attributes-charset", (charset("utf-8"),)),
        Attribute("attributes-natural-language", (natural_language("en"),)),
    )
    group = Group(GroupTag.OPERATION, attributes)
    request_id = int.from_bytes(whole[4:8], "big")
    reply = encode(Message((whole[0], whole[1]), 0, request_id, (group,)))
    return Answer(200, (("Content-Type", "application/ipp"),), reply)


class RealClientTests(TestCase):
    timeout = 60

    def setUp(self) -> None:
        assert IReactorTCP.providedBy(reactor)
        assert IReactorTime.providedBy(reactor)
        self.folder = Path(tempfile.mkdtemp(prefix="ippgate-tls-"))
        self.files: ServerFiles = server_files(self.folder)
        self.tasks = Tasks()
        self.census = Census(Caps())
        listener = Listener(
            application,
            reactor,
            tls=server_tls(self.files.certificate, self.files.key),
            deadlines=Deadlines(handshake=1.0),
            census=self.census,
            tasks=self.tasks,
        )
        listening = listen(reactor, ListenAddress("127.0.0.1", 0), listener)
        self.port = where(listening)[1]
        self.addCleanup(maybeDeferred, listening.stopListening)
        self.addCleanup(listener.stop_connections)

    async def run_program(self, *words: str, given: bytes = b"") -> tuple[int, str]:
        """Exit status and all that was said."""

        def run() -> tuple[int, str]:
            environment = {"HOME": str(self.folder), "PATH": "/usr/bin:/bin"}
            ended = subprocess.run(
                words,
                input=given,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=30,
                env=environment,
            )
            return ended.returncode, ended.stdout.decode("utf-8", "replace")

        return await deferToThread(run)

    async def s_client(self, *options: str, given: bytes = b"") -> str:
        address = f"127.0.0.1:{self.port}"
        words = (require("openssl"), "s_client", "-connect", address, *options)
        return (await self.run_program(*words, given=given))[1]

    async def curl(self, *options: str) -> tuple[int, str]:
        trusted = ("--cacert", str(self.files.authority), "-sS", "--max-time", "20")
        return await self.run_program(require("curl"), *trusted, *options)

    async def test_openssl_agrees_on_tls_1_3_and_on_the_certificate(self) -> None:
        said = await self.s_client(
            "-CAfile",
            str(self.files.authority),
            *("-verify_return_error", "-verify_hostname", "localhost", "-alpn", "h2,http/1.1"),
        )
        assert "Verification: OK" in said
        assert "New, TLSv1.3" in said
        assert "ALPN protocol: http/1.1" in said

    async def test_openssl_finds_nothing_weak(self) -> None:
        weak = "ALL:COMPLEMENTOFALL:!ECDHE:@SECLEVEL=0"
        for options in (
            ("-tls1", "-cipher", "ALL:@SECLEVEL=0"),
            ("-tls1_1", "-cipher", "ALL:@SECLEVEL=0"),
            ("-tls1_2", "-cipher", weak),
            ("-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA256:ECDHE-ECDSA-AES128-SHA"),
            ("-alpn", "h2"),
        ):
            said = await self.s_client(*options)
            assert re.search(r"alert (protocol version|handshake failure)|no application", said), (
                options,
                said,
            )

    async def test_openssl_renegotiates_in_vain(self) -> None:
        # On a line of its own, R asks s_client to renegotiate.
        said = await self.s_client("-tls1_2", given=b"R\n")
        assert "Secure Renegotiation IS supported" in said
        assert "no renegotiation" in said

    async def test_curl_uploads(self) -> None:
        document = self.folder / "document"
        document.write_bytes(b"x" * 3_000_000)
        uri = f"https://localhost:{self.port}/printers/lab-1"
        for framing in ((), ("-H", "Transfer-Encoding: chunked"), ("-H", "Expect: 100-continue")):
            status, said = await self.curl("--data-binary", f"@{document}", *framing, uri)
            assert (status, said) == (0, "3000000 octets"), framing

    async def test_curl_keeps_the_connection(self) -> None:
        uri = f"https://localhost:{self.port}/"
        status, said = await self.curl("-w", "%{num_connects} ", uri, uri, uri)
        assert status == 0
        assert re.findall(r"a page(\d) ", said) == ["1", "0", "0"]

    async def test_curl_in_the_clear_is_told_to_use_tls(self) -> None:
        _, said = await self.curl("-i", f"http://localhost:{self.port}/")
        assert said.startswith("HTTP/1.1 426 Upgrade Required")
        assert "Upgrade: TLS/1.2,HTTP/1.1" in said
        assert "a page" not in said

    async def test_ipptool_over_ipps(self) -> None:
        await self.ipptool("ipps", "-v")

    async def test_ipptool_upgrades_to_tls(self) -> None:
        await self.ipptool("ipp", "-E")

    async def ipptool(self, scheme: str, option: str) -> None:
        question = self.folder / "question.test"
        question.write_text(QUESTION)
        uri = f"{scheme}://localhost:{self.port}/printers/lab-1"
        words = (require("ipptool"), "-t", option, uri, str(question))
        status, said = await self.run_program(*words)
        assert status == 0, said
        assert "[PASS]" in said

    async def test_ipptool_without_tls_is_told_to_upgrade_and_does(self) -> None:
        await self.ipptool("ipp", "-v")

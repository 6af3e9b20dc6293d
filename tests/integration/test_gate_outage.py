"""The gate with two OpenLDAPs of which one, then both go away while people print: nobody's request
is lost, who waits hears in time, and it is as before within seconds."""

from __future__ import annotations

import base64
import http.client
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path

import pytest

from ippgate.demo import pdf
from ippgate.demo.client import Client
from ippgate.demo.slapd import Slapd
from ippgate.identity.settings import LdapSettings
from ippgate.ipp.encoder import encode
from ippgate.ipp.enums import Operation
from tests.support.curl import curl
from tests.support.exchange_fakes import request
from tests.support.gate_process import GateProcess, gate_process
from tests.support.identities import of_directory
from tests.support.peers import require
from tests.support.processes import wait_until_true
from tests.support.virtual_printer import VirtualPrinterProcess, virtual_printer

PDF = pdf.page(["Printed while the directory comes and goes."])
UNCACHED = ("cache: {ttl: 0, negative_ttl: 0}", "lockout: {failures: 0}")


class Two:
    """Two servers with the same people, and the same service account."""

    def __init__(self, folder: Path) -> None:
        self.servers = []
        for name in ("one", "two"):
            (folder / name).mkdir()
            self.servers.append(Slapd(folder / name, service_password="one-for-both"))
        self.ca_file = folder / "both.pem"
        self.ca_file.write_bytes(b"".join(s.ca_file.read_bytes() for s in self.servers))

    def settings(self, *before: str) -> LdapSettings:
        settings = self.servers[0].settings(*before, *(s.ldaps_uri for s in self.servers))
        return replace(settings, ca_file=self.ca_file)


@pytest.fixture(scope="module")
def printer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VirtualPrinterProcess]:
    with virtual_printer(tmp_path_factory.mktemp("printer")) as process:
        yield process


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Two]:
    require("slapd")
    (tmp_path / "directories").mkdir()
    both = Two(tmp_path / "directories")
    with ExitStack() as stack:
        for server in both.servers:
            server.start()
            stack.callback(server.stop)
        yield both


def alice(gate: GateProcess) -> Client:
    return gate.client("alice", "alice-printing")


def up(gate: GateProcess, server: Slapd) -> bool:
    return f'directory_up{{server="127.0.0.1:{server.ldaps_port}"}} 1.0' in gate.get("/metrics")


def test_one_goes_away_and_no_request_is_lost(
    tmp_path: Path, two: Two, printer: VirtualPrinterProcess
) -> None:
    identity = of_directory(tmp_path, two.settings(), *UNCACHED)
    with gate_process(tmp_path, {"lab-1": printer.uri}, identity=identity) as gate:
        statuses: list[str] = []
        slowest = [0.0]
        stop = threading.Event()

        def ask() -> None:
            while not stop.is_set():
                began = time.monotonic()
                reply = alice(gate).ask(Operation.GET_PRINTER_ATTRIBUTES, "lab-1")
                statuses.append(reply.summary)
                slowest[0] = max(slowest[0], time.monotonic() - began)

        threads = [threading.Thread(target=ask) for _ in range(3)]
        for thread in threads:
            thread.start()
        wait_until_true("some are answered", lambda: len(statuses) > 10)
        two.servers[0].stop()
        before = len(statuses)
        wait_until_true("more are answered", lambda: len(statuses) > before + 20)
        assert not up(gate, two.servers[0])
        two.servers[0].start()
        wait_until_true("the first is seen again", lambda: up(gate, two.servers[0]), seconds=5)
        two.servers[1].stop()
        before = len(statuses)
        wait_until_true("more are answered", lambda: len(statuses) > before + 20)
        stop.set()
        for thread in threads:
            thread.join()

    assert set(statuses) == {"successful-ok"}
    assert slowest[0] < 3


def test_both_go_away_and_come_back(
    tmp_path: Path, two: Two, printer: VirtualPrinterProcess
) -> None:
    identity = of_directory(tmp_path, two.settings(), *UNCACHED)
    with gate_process(tmp_path, {"lab-1": printer.uri}, identity=identity) as gate:
        with closing(_MadeJob(gate)) as job:
            job.send(PDF[:100])
            for server in two.servers:
                server.stop()
            began = time.monotonic()
            reply = alice(gate).print("lab-1", PDF, "application/pdf", "refused")
            assert reply.summary == "server-error-service-unavailable"
            assert "the directory does not answer" in reply.words
            assert time.monotonic() - began < 3
            job.send(PDF[100:])
            assert job.end() == 200
        wait_until_true("the metric says so", lambda: not any(up(gate, s) for s in two.servers))
        assert "unavailable" in gate.get("/metrics")

        two.servers[1].start()
        began = time.monotonic()
        wait_until_true(
            "alice prints again",
            lambda: (
                alice(gate).print("lab-1", PDF, "application/pdf", "again").summary
                == "successful-ok"
            ),
            seconds=5,
        )
        assert time.monotonic() - began < 5
        outcomes = [r for r in gate.records() if r["event"] == "request.outcome"]
        assert [r["result"]["ipp"] for r in outcomes].count("successful-ok") == 2
        (refused, *_) = [r for r in outcomes if r["decision"]["reason"] == "directory-unavailable"]
        assert "127.0.0.1" in refused["result"]["error"]


def test_a_black_hole_delays_the_first_and_then_nobody(
    tmp_path: Path, two: Two, printer: VirtualPrinterProcess
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as hole:
        uri = f"ldaps://127.0.0.1:{hole.getsockname()[1]}"
        identity = of_directory(tmp_path, two.settings(uri), *UNCACHED)
        with gate_process(tmp_path, {"lab-1": printer.uri}, identity=identity) as gate:
            times = []
            for _ in range(10):
                began = time.monotonic()
                reply = alice(gate).ask(Operation.GET_PRINTER_ATTRIBUTES, "lab-1")
                times.append(time.monotonic() - began)
                assert reply.summary == "successful-ok"
    assert times[0] < 2.5
    assert max(times[1:]) < 1


def test_who_was_known_lately_goes_on_where_that_is_wanted(
    tmp_path: Path, slapd: Slapd, printer: VirtualPrinterProcess
) -> None:
    identity = of_directory(
        tmp_path, slapd.settings(), "cache: {ttl: 100ms, negative_ttl: 0, stale_ttl: 1h}"
    )
    with gate_process(tmp_path, {"lab-1": printer.uri}, identity=identity) as gate:
        assert (
            alice(gate).print("lab-1", PDF, "application/pdf", "known").summary == "successful-ok"
        )
        slapd.stop()
        try:
            time.sleep(0.2)
            again = alice(gate).print("lab-1", PDF, "application/pdf", "stale")
            other = gate.client("alice", "another").print("lab-1", PDF, "application/pdf", "no")
            outcomes = [r for r in gate.records() if r["event"] == "request.outcome"]
        finally:
            slapd.start()
        assert again.summary == "successful-ok"
        assert other.summary == "server-error-service-unavailable"
        assert ["stale" in record.get("user", {}) for record in outcomes] == [False, True, False]
        assert 'outcome="stale"' in gate.get("/metrics")


def test_the_gate_starts_without_its_directory(
    tmp_path: Path, slapd: Slapd, printer: VirtualPrinterProcess
) -> None:
    slapd.stop()
    identity = of_directory(tmp_path, slapd.settings(), *UNCACHED)
    try:
        with gate_process(tmp_path, {"lab-1": printer.uri}, identity=identity) as gate:
            uri = f"ipps://localhost:{gate.port}/printers/lab-1"
            anybody = request(Operation.GET_PRINTER_ATTRIBUTES, target=uri, version=(1, 1))
            url = uri.replace("ipps", "https")
            assert curl(url, anybody, b"", gate.ca) == "successful-ok"
            wait_until_true("the metric says so", lambda: "directory_up" in gate.get("/metrics"))
            assert not up(gate, slapd)
            slapd.start()
            wait_until_true("it is seen", lambda: up(gate, slapd), seconds=5)
            assert alice(gate).print("lab-1", PDF, "application/pdf", "x").summary == (
                "successful-ok"
            )
    finally:
        slapd.stop()
        slapd.start()


class _MadeJob:
    """A Print-Job whose document comes in pieces."""

    def __init__(self, gate: GateProcess) -> None:
        context = ssl.create_default_context(cafile=str(gate.ca))
        self._client = http.client.HTTPSConnection("localhost", gate.port, context=context)
        self._client.putrequest("POST", "/printers/lab-1")
        self._client.putheader("Content-Type", "application/ipp")
        self._client.putheader("Transfer-Encoding", "chunked")
        credentials = base64.b64encode(b"alice:alice-printing").decode()
        self._client.putheader("Authorization", f"Basic {credentials}")
        self._client.endheaders()
        uri = f"ipps://localhost:{gate.port}/printers/lab-1"
        self.send(encode(request(Operation.PRINT_JOB, target=uri, version=(1, 1))))
        wait_until_true(
            "the job goes to the printer",
            lambda: any(r["event"] == "request.intent" for r in gate.records()),
        )

    def send(self, octets: bytes) -> None:
        self._client.send(b"%x\r\n%b\r\n" % (len(octets), octets))

    def end(self) -> int:
        self._client.send(b"0\r\n\r\n")
        reply = self._client.getresponse()
        reply.read()
        return reply.status

    def close(self) -> None:
        self._client.close()

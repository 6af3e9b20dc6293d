"""Who is asking, without a password: certificates, addresses with tokens, networks that are
believed; with a real OpenLDAP, curl, ipptool and a CUPS queue."""

from __future__ import annotations

import contextlib
import http.client
import json
import re
import ssl
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ippgate.demo import pdf
from ippgate.demo.slapd import Slapd
from ippgate.demo.slapd_files import GROUPS, PEOPLE
from ippgate.ipp.decoder import decode
from ippgate.ipp.encoder import encode
from ippgate.ipp.enums import GroupTag, Operation
from ippgate.ipp.message import Message, Value
from tests.support import curl
from tests.support.cups import cupsd, ippeveprinter, ipptool
from tests.support.exchange_fakes import request
from tests.support.gate_process import RULES, GateProcess, gate_process
from tests.support.identities import of_directory
from tests.support.people_ca import PeopleCa
from tests.support.processes import wait_until_true
from tests.support.virtual_printer import VirtualPrinterProcess, virtual_printer

NO_CACHE = ("cache: {ttl: 0, negative_ttl: 0}",)
NAMES = (r"""names: {'PC-*\{username}': '{username}', '{username}@example.org': '{username}'}""",)
MAIL = ("certificate: {name: mail}",)
_ATTRIBUTES = """{
NAME "Attributes"
VERSION 1.1
OPERATION Get-Printer-Attributes
GROUP operation-attributes-tag
ATTR charset attributes-charset utf-8
ATTR naturalLanguage attributes-natural-language en
ATTR uri printer-uri $uri
ATTR keyword requested-attributes all
STATUS successful-ok
}
"""
PDF = pdf.page(["Printed without a password."])
BELIEVED = """  - name: the kiosk prints
    who: {users: [kiosk]}
    operations: ["@print"]
    decision: permit
"""


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> PeopleCa:
    return PeopleCa(tmp_path_factory.mktemp("people"))


@pytest.fixture(scope="module")
def printer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VirtualPrinterProcess]:
    with virtual_printer(tmp_path_factory.mktemp("printer")) as process:
        yield process


@pytest.fixture(scope="module")
def gate(
    tmp_path_factory: pytest.TempPathFactory,
    slapd: Slapd,
    people: PeopleCa,
    printer: VirtualPrinterProcess,
) -> Iterator[GateProcess]:
    folder = tmp_path_factory.mktemp("gate")
    (folder / "state").mkdir()
    with gate_process(
        folder,
        {"lab-1": printer.uri, "lab-2": printer.uri},
        identity=of_directory(folder, slapd.settings(), *NO_CACHE, *NAMES, *MAIL),
        tls=f", client_ca: {people.ca}, client_crl: {people.crl}",
        more="state: state\n",
    ) as process:
        yield process


def print_job(gate: GateProcess, path: str = "/printers/lab-1", user: str = "anybody") -> Message:
    uri = f"ipps://localhost:{gate.port}{path}"
    return request(Operation.PRINT_JOB, target=uri, user_name=user, version=(1, 1))


def sent(
    gate: GateProcess, *options: str | Path, path: str = "/printers/lab-1", user: str = "anybody"
) -> str:
    """Print-Job by curl; the status."""
    url = f"https://localhost:{gate.port}{path}"
    return curl.curl(url, print_job(gate, path, user), PDF, gate.ca, *options)


def last_outcome(gate: GateProcess) -> dict[str, Any]:
    ends = ("request.outcome", "authentication.refused")
    return [record for record in gate.records() if record["event"] in ends][-1]


def issue(gate: GateProcess, user: str = "alice", *words: str) -> tuple[str, str]:
    """A new token's id, and its path."""
    done = gate.command("token", "issue", "--user", user, "--json", *words)
    assert done.returncode == 0, done.stderr
    issued = json.loads(done.stdout)
    address: str = next(iter(issued["addresses"].values()))
    return issued["id"], address.partition(f":{gate.port}")[2]


# --- certificates --------------------------------------------------------------------------------


def test_a_certificate_prints_until_it_is_revoked(gate: GateProcess, people: PeopleCa) -> None:
    alice = people.issue("alice", mail=["alice@example.org"])
    shown = curl.options("alice", people.folder)
    assert sent(gate, *shown) == "successful-ok"
    user = last_outcome(gate)["user"]
    assert (user["name"], user["method"], user["claimed"]) == ("alice", "certificate", "anybody")
    assert user["credential"] == f"{alice.certificate.serial_number:x}"
    assert last_outcome(gate)["tls"]["subject"] == "CN=alice"

    people.revoke(alice)
    assert sent(gate, *shown) == "HTTP 401"
    refused = last_outcome(gate)
    assert refused["event"] == "authentication.refused"
    assert "certificate revoked" in refused["result"]["error"]
    people.revoke()
    assert sent(gate, *shown) == "successful-ok"


def test_a_connection_that_is_open_is_refused_too(gate: GateProcess, people: PeopleCa) -> None:
    issued = people.issue("keeper", mail=["alice@example.org"])
    context = ssl.create_default_context(cafile=str(gate.ca))
    context.load_cert_chain(people.folder / "keeper.pem", people.folder / "keeper.key")
    client = http.client.HTTPSConnection("localhost", gate.port, context=context)
    with contextlib.closing(client):
        answers = []
        for revoked in ((), (issued,)):
            people.revoke(*revoked)
            body = _get_attributes(gate)
            client.request("POST", "/printers/lab-1", body, {"Content-Type": "application/ipp"})
            reply = client.getresponse()
            reply.read()
            answers.append((reply.status, client.sock.getsockname()))
    people.revoke()

    (good, first), (refused, second) = answers
    assert (good, refused, first) == (200, 401, second)


def test_certificates_that_prove_nothing(gate: GateProcess, people: PeopleCa) -> None:
    other = PeopleCa(people.folder / "other")
    now = datetime.now(UTC)
    other.issue("alice", mail=["alice@example.org"])
    people.issue("late", mail=["alice@example.org"], now=now - timedelta(days=50), days=10)
    people.issue("nobody", mail=["nobody@example.org"])
    people.issue("stranger", mail=["alice@example.net"])
    people.issue("nameless")
    people.issue("twice", mail=["alice@example.org", "bob@example.org"])
    for folder, user, reason in (
        (other.folder, "alice", "certificate"),
        (people.folder, "late", "certificate has expired"),
        (people.folder, "nobody", "no such user"),
        (people.folder, "stranger", "identity.names has no form"),
        (people.folder, "nameless", "no single mail"),
        (people.folder, "twice", "no single mail"),
    ):
        assert sent(gate, *curl.options(user, folder)) == "HTTP 401"
        assert reason in last_outcome(gate)["result"]["error"], user


# --- addresses with tokens -----------------------------------------------------------------------


def test_an_address_of_ones_own_prints(gate: GateProcess) -> None:
    id_, path = issue(gate)

    assert sent(gate, path=path, user="PC-7\\somebody") == "successful-ok"
    user = last_outcome(gate)["user"]
    assert (user["name"], user["method"], user["credential"]) == ("alice", "token", id_)
    assert user["claimed"] == "PC-7\\somebody"


def test_every_address_in_replies_begins_alike(gate: GateProcess, slapd: Slapd) -> None:
    _, path = issue(gate)
    url = f"ipps://localhost:{gate.port}{path}"
    suite = gate.folder / "attributes.test"
    suite.write_text(_ATTRIBUTES)
    done = subprocess.run(
        ["ipptool", "-tvI", url, str(suite)],
        capture_output=True,
        text=True,
        env={"HOME": str(gate.folder), "PATH": "/usr/bin:/bin"},
    )
    assert "[PASS]" in done.stdout, done.stdout
    assert "uri-authentication-supported (keyword) = none" in done.stdout
    ours = re.findall(rf"\w+://localhost:{gate.port}(/\S*)", done.stdout)
    assert len(ours) >= 3
    assert {address.partition("/printers/")[0] for address in ours} == {
        path.partition("/printers/")[0]
    }


def test_the_page_and_the_icon_of_an_address(gate: GateProcess) -> None:
    _, path = issue(gate)
    url = f"https://localhost:{gate.port}{path}"

    def get(address: str) -> tuple[str, bytes]:
        done = subprocess.run(
            ["curl", "-s", "--cacert", gate.ca, "-w", "%{stderr}%{http_code}", address],
            capture_output=True,
        )
        return done.stderr.decode(), done.stdout

    status, page = get(url)
    assert (status, f'src="{path}/icon.png"' in page.decode()) == ("200", True)
    assert b"It is your own" in page
    status, icon = get(f"{url}/icon.png")
    assert (status, icon[:4]) == ("200", b"\x89PNG")
    assert get(url.replace("/t/", "/t/x"))[0] == "404"


def test_tokens_that_are_refused(gate: GateProcess) -> None:
    id_, path = issue(gate, "alice", "--printer", "lab-1")
    token = path.split("/")[2]
    assert sent(gate, path=path) == "successful-ok"
    wrong = {
        path.replace(token, token[:-1]): "no such token",
        path.replace(token, "A" * 43): "no such token",
        path.replace(token, token.swapcase()): "no such token",
        path.replace("lab-1", "lab-2"): f"the token {id_} is for the printer lab-1",
    }
    for tampered, reason in wrong.items():
        assert sent(gate, path=tampered) == "HTTP 401"
        assert last_outcome(gate)["result"]["error"] == reason

    listed = gate.command("token", "list", "--user", "alice")
    assert re.search(rf"^{id_} +alice +lab-1 .* good$", listed.stdout, re.MULTILINE)
    revoked = gate.command("token", "revoke", id_)
    assert (revoked.returncode, revoked.stdout) == (0, f"{id_}: revoked\n")
    assert sent(gate, path=path) == "HTTP 401"
    assert last_outcome(gate)["result"]["error"] == f"the token {id_} is revoked"
    assert gate.command("token", "revoke", id_).returncode == 1
    assert gate.command("token", "issue", "--user", "nobody").returncode == 2


def test_two_peoples_addresses_in_one_request_are_refused(gate: GateProcess) -> None:
    _, mine = issue(gate)
    _, other = issue(gate)
    url = f"https://localhost:{gate.port}{mine}"
    assert curl.curl(url, print_job(gate, other), PDF, gate.ca) == "client-error-bad-request"
    plain = f"https://localhost:{gate.port}/printers/lab-1"
    options = curl_basic(gate)
    assert curl.curl(plain, print_job(gate, mine), PDF, gate.ca, *options) == (
        "client-error-bad-request"
    )


def curl_basic(gate: GateProcess) -> tuple[str, ...]:
    return ("--user", "alice:alice-printing")


def test_a_queue_without_a_password_prints_until_its_person_leaves_the_group(
    tmp_path: Path, message_bus: dict[str, str], slapd: Slapd, document: Path
) -> None:
    server = tmp_path / "cups"
    server.mkdir()
    (tmp_path / "state").mkdir()
    with (
        ippeveprinter(tmp_path, message_bus) as printer,
        gate_process(
            tmp_path,
            {"lab-1": printer.uri},
            identity=of_directory(tmp_path, slapd.settings(), *NO_CACHE),
            more="state: state\n",
        ) as gate,
        cupsd(server) as cups,
    ):
        _, path = issue(gate)
        uri = f"ipps://localhost:{gate.port}{path}"
        suite = ipptool(uri, "get-printer-attributes.test", None, tmp_path)
        assert suite.passed(), suite.output
        cups.run("lpadmin", "-p", "lab", "-E", "-v", uri, "-m", "everywhere")
        # cupsd asks the printer what it takes in the background, and refuses jobs until it knows.
        wait_until_true("the queue is ready", lambda: '"lab" is now available' in cups.log())
        cups.run("lp", "-d", "lab", document)
        wait_until_true(
            f"it is printed; cupsd says:\n{cups.log()[-4000:]}",
            lambda: len(printer.printed()) == 1,
            seconds=60,
        )
        slapd.modify(
            f"dn: cn=staff,{GROUPS}\nchangetype: modify\n"
            f"add: member\nmember: uid=bob,{PEOPLE}\n-\n"
            f"delete: member\nmember: uid=alice,{PEOPLE}\n"
        )
        try:
            assert sent(gate, path=path) == "client-error-not-authorized"
            refused = last_outcome(gate)
        finally:
            slapd.modify(
                f"dn: cn=staff,{GROUPS}\nchangetype: modify\n"
                f"add: member\nmember: uid=alice,{PEOPLE}\n-\n"
                f"delete: member\nmember: uid=bob,{PEOPLE}\n"
            )
        assert (refused["user"]["name"], refused["user"]["method"]) == ("alice", "token")
        token = path.split("/")[2]
        for file in (gate.trail, tmp_path / "gate.log", *(tmp_path / "state").iterdir()):
            assert token.encode() not in file.read_bytes(), file
        assert token not in gate.get("/metrics")
        assert 'ippgate_authentications_total{method="token",outcome="accepted"}' in gate.get(
            "/metrics"
        ).replace('outcome="accepted",method="token"', 'method="token",outcome="accepted"')


# --- networks that are believed ------------------------------------------------------------------


def test_names_are_believed_from_such_a_network_alone(
    tmp_path: Path, slapd: Slapd, printer: VirtualPrinterProcess, gate: GateProcess
) -> None:
    with gate_process(
        tmp_path,
        {"lab-1": printer.uri},
        identity=of_directory(tmp_path, slapd.settings(), *NO_CACHE, *NAMES),
        rules=RULES + BELIEVED,
        printer=", trusted_networks: [127.0.0.0/8, '::1/128']",
    ) as believing:
        assert sent(believing, user="PC-17\\Alice") == "successful-ok"
        user = last_outcome(believing)["user"]
        assert user == {
            "name": "alice",
            "id": user["id"],
            "method": "network",
            "groups": ["staff"],
            "claimed": "PC-17\\Alice",
        }
        assert len(user["id"]) == 36
        assert sent(believing, user="kiosk") == "successful-ok"
        assert last_outcome(believing)["user"]["id"] == "network:kiosk"
        assert sent(believing, user="bob") == "client-error-not-authorized"
        for claimed in ("EVIL\\alice", " alice"):
            assert sent(believing, user=claimed) == "HTTP 401"
        # A password counts more than a claim.
        assert sent(believing, "--user", "alice:wrong", user="alice") == "HTTP 401"
        url = f"https://localhost:{believing.port}/printers/lab-1"
        octets = subprocess.run(
            [
                *("curl", "-s", "--cacert", str(believing.ca), "--data-binary", "@-"),
                *("-H", "Content-Type: application/ipp", url),
            ],
            input=_get_attributes(believing),
            capture_output=True,
        ).stdout
        group = decode(octets)[0].group(GroupTag.PRINTER)
        assert group is not None
        attribute = group.get("uri-authentication-supported")
        assert attribute is not None
        assert isinstance(attribute.values[0], Value)
        assert attribute.values[0].octets == b"requesting-user-name"
    assert sent(gate, user="alice") == "HTTP 401"


def _get_attributes(gate: GateProcess) -> bytes:
    uri = f"ipps://localhost:{gate.port}/printers/lab-1"
    return encode(
        request(Operation.GET_PRINTER_ATTRIBUTES, target=uri, user_name=None, version=(1, 1))
    )

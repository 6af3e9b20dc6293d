"""Rules as people meet them: ipptool, lp and lpstat before the gate, ippeveprinter behind it."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.cups import IppEvePrinter, cupsd, ippeveprinter
from tests.support.gate_process import GateProcess, gate_process
from tests.support.identities import of_file
from tests.support.peers import require
from tests.support.processes import wait_until_true

PEOPLE = (("alice", "all-colours", "staff"), ("bob", "only-black", "pupils"))
PASSWORDS = {name: password for name, password, _ in PEOPLE}
RULES = """version: 1
rules:
  - name: everybody sees printers
    who: authenticated
    printers: ["lab-*"]
    operations: ["@query", CUPS-Get-Printers]
    decision: permit
  - name: staff print
    who: {groups: [staff]}
    operations: ["@print", "@query", "@job"]
    decision: permit
  - name: pupils print in black and on both sides
    who: {groups: [pupils]}
    printers: ["lab-*"]
    operations: ["@print", "@job"]
    document: {max_size: 100KB}
    attributes:
      print-color-mode: {not: [color]}
      copies: {max: 3}
    decision: permit
    enforce: {sides: two-sided-long-edge}
    message: Pupils print in black, three copies at most.
"""
GET_ATTRIBUTES = """{
    OPERATION Get-Printer-Attributes
    GROUP operation-attributes-tag
    ATTR charset attributes-charset utf-8
    ATTR language attributes-natural-language en
    ATTR uri printer-uri $uri
    ATTR name requesting-user-name $user
    STATUS successful-ok
    DISPLAY print-color-mode-supported
    DISPLAY print-color-mode-default
    DISPLAY sides-supported
    DISPLAY sides-default
    DISPLAY copies-supported
}
"""
PRINT = """{
    OPERATION Print-Job
    GROUP operation-attributes-tag
    ATTR charset attributes-charset utf-8
    ATTR language attributes-natural-language en
    ATTR uri printer-uri $uri
    ATTR name requesting-user-name $user
    ATTR name job-name "Report"
    ATTR mimeMediaType document-format application/pdf
    GROUP job-attributes-tag
    ATTR keyword sides one-sided
    FILE $filename
    DISPLAY job-id
}
"""
JOB = """{
    OPERATION Get-Job-Attributes
    GROUP operation-attributes-tag
    ATTR charset attributes-charset utf-8
    ATTR language attributes-natural-language en
    ATTR uri printer-uri $uri
    ATTR integer job-id 1
    ATTR name requesting-user-name $user
    ATTR keyword requested-attributes all
    DISPLAY sides
    DISPLAY print-color-mode
    DISPLAY job-state
    DISPLAY job-originating-user-name
}
"""


@pytest.fixture
def printer(tmp_path: Path, message_bus: dict[str, str]) -> Iterator[IppEvePrinter]:
    """An office printer: colour, both sides."""
    with ippeveprinter(tmp_path, message_bus, "-2", "-s", "30,30") as found:
        yield found


@pytest.fixture
def gate(tmp_path: Path, printer: IppEvePrinter) -> Iterator[GateProcess]:
    site = tmp_path / "gate"
    site.mkdir()
    printers = {"lab-1": printer.uri, "lab-2": printer.uri, "hall": printer.uri}
    with gate_process(site, printers, identity=of_file(site, PEOPLE), rules=RULES) as process:
        yield process


def ask(folder: Path, uri: str, test: str, *more: str | Path) -> tuple[dict[str, str], str]:
    """What ipptool displays, by attribute; and all its output."""
    file = folder / "ask.test"
    file.write_text(test)
    done = subprocess.run(
        [require("ipptool"), *map(str, more), "-tv", uri, str(file)],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "HOME": str(folder)},
    )
    output = done.stdout + done.stderr
    values = re.findall(r"^ {8}(\S+) \([^)]*\) = (.*)$", done.stdout, re.MULTILINE)
    return dict(values), output


def as_(gate: GateProcess, person: str, printer: str = "lab-1") -> str:
    return gate.uri(person, PASSWORDS[person], printer)


def test_two_people_see_two_printers(tmp_path: Path, gate: GateProcess) -> None:
    hers, output = ask(tmp_path, as_(gate, "alice"), GET_ATTRIBUTES)
    his, _ = ask(tmp_path, as_(gate, "bob"), GET_ATTRIBUTES)
    assert "color" in hers["print-color-mode-supported"].split(","), output
    assert "one-sided" in hers["sides-supported"]
    assert his["print-color-mode-supported"] == "monochrome"
    assert his["print-color-mode-default"] == "monochrome"
    assert his["sides-supported"] == "two-sided-long-edge"
    assert his["sides-default"] == "two-sided-long-edge"
    assert his["copies-supported"] == "1-3"
    assert hers["copies-supported"] != "1-3"


def test_sides_are_enforced_at_the_printer(
    tmp_path: Path, gate: GateProcess, printer: IppEvePrinter, document: Path
) -> None:
    asked, output = ask(tmp_path, as_(gate, "bob"), PRINT, "-f", document)
    assert asked["job-id"] == "1", output
    got, output = ask(tmp_path, printer.uri, JOB)
    assert got["sides"] == "two-sided-long-edge", output
    assert got["print-color-mode"] == "monochrome", output
    assert got["job-originating-user-name"] == "bob", output


def test_a_document_that_turns_out_too_large_is_cancelled_at_the_printer(
    tmp_path: Path, gate: GateProcess, printer: IppEvePrinter
) -> None:
    large = tmp_path / "large.pdf"
    large.write_bytes(b"%PDF-1.7\n" + b"x" * 3_000_000)
    _, output = ask(tmp_path, as_(gate, "bob"), PRINT, "-f", large, "-C")
    assert "client-error-request-entity-too-large" in output, output
    assert "Pupils print in black" in output
    record = gate.records()[-1]
    assert record["decision"]["reason"] == "size"
    got, output = ask(tmp_path, printer.uri, JOB)
    assert got.get("job-state") in (None, "canceled", "aborted"), output


def test_lp_in_colour_is_cancelled_with_the_rule_s_message(
    tmp_path: Path, gate: GateProcess, printer: IppEvePrinter, document: Path
) -> None:
    server = tmp_path / "cups"
    server.mkdir()
    with cupsd(server) as cups:
        cups.run("lpadmin", "-p", "lab", "-E", "-v", as_(gate, "bob"), "-m", "everywhere")
        cups.run("lp", "-d", "lab", "-o", "print-color-mode=color", document)
        unsupported = r"unsupported-attributes-tag.*\n.*print-color-mode keyword color"
        wait_until_true(
            "the job is cancelled, and its log says which value was refused",
            lambda: re.search(unsupported, cups.log()),
            seconds=60,
        )
        log = cups.log()
    assert "client-error-attributes-or-values-not-supported" in log
    assert "Pupils print in black, three copies at most." in log
    assert printer.printed() == []


def lpstat(folder: Path, gate: GateProcess, person: str) -> set[str]:
    """What ``lpstat -e`` of a person lists, who types their password when they are asked."""
    command = [require("lpstat"), "-E", "-U", person, "-h", f"localhost:{gate.port}", "-e"]
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ["HOME"] = str(folder)
        os.execv(command[0], command)
    output = b""
    typed = 0
    deadline = time.monotonic() + 30
    try:
        while time.monotonic() < deadline:
            try:
                piece = os.read(terminal, 4096)
            except OSError:
                break
            if not piece:
                break
            output += piece
            if output.count(b"?") > typed and b"assword" in output:
                typed += 1
                os.write(terminal, PASSWORDS[person].encode() + b"\n")
    finally:
        os.close(terminal)
        os.waitpid(pid, 0)
    lines = output.decode().replace("\r", "").splitlines()
    return {line for line in lines if re.fullmatch(r"[A-Za-z0-9_-]+", line)}


def test_lpstat_of_a_cups_client_lists_the_person_s_printers_only(
    tmp_path: Path, gate: GateProcess
) -> None:
    assert lpstat(tmp_path, gate, "bob") == {"lab-1", "lab-2"}
    assert lpstat(tmp_path, gate, "alice") == {"lab-1", "lab-2", "hall"}

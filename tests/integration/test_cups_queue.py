"""A real print server in front of the gate: a queue on ipps://, as administrators set it up."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from ippgate.demo.slapd import Slapd
from tests.support.cups import cupsd, ippeveprinter
from tests.support.gate_process import gate_process
from tests.support.identities import of_directory
from tests.support.jpeg import small_jpeg
from tests.support.processes import wait_until_true

PRINTED = ("Print-Job", "Send-Document")


def test_lp_prints_a_pdf_and_a_jpeg_through_the_gate(
    tmp_path: Path, message_bus: dict[str, str], slapd: Slapd, document: Path
) -> None:
    picture = tmp_path / "picture.jpg"
    picture.write_bytes(small_jpeg())
    server = tmp_path / "cups"
    server.mkdir()
    with (
        ippeveprinter(tmp_path, message_bus) as printer,
        gate_process(
            tmp_path, {"lab-1": printer.uri}, identity=of_directory(tmp_path, slapd.settings())
        ) as gate,
        cupsd(server) as cups,
    ):
        uri = gate.uri("alice", slapd.accounts[0].password)
        cups.run("lpadmin", "-p", "lab", "-E", "-v", uri, "-m", "everywhere")
        # cupsd asks the printer what it takes in the background, and refuses jobs until it knows.
        wait_until_true("the queue is ready", lambda: '"lab" is now available' in cups.log())
        for count, file in enumerate((document, picture), 1):
            cups.run("lp", "-d", "lab", file)
            wait_until_true(
                f"{file.name} is printed; cupsd says:\n{cups.log()[-4000:]}",
                lambda count=count: len(printer.printed()) == count,
                seconds=60,
            )
            wait_until_true(
                "the outcome stands in the trail",
                lambda count=count: len(_printed(gate.records())) == count,
            )
        received = printer.printed()
        outcomes = _printed(gate.records())
    for file, record in zip(received, outcomes, strict=True):
        octets = file.read_bytes()
        assert record["user"]["name"] == "alice"
        assert record["user"]["method"] == "basic"
        assert record["job"]["id"] > 0
        assert record["document"]["sha256"] == hashlib.sha256(octets).hexdigest()
        assert record["document"]["octets"] == len(octets) > 100


def _printed(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Outcomes of operations that carried a document, and succeeded."""
    return [
        record
        for record in records
        if record["event"] == "request.outcome"
        and record["operation"] in PRINTED
        and str(record["result"]["ipp"]).startswith("successful")
    ]

"""CUPS's own conformance suites, through the gate onto ippeveprinter, beside the same suites
without the gate: what passes directly passes through the gate."""

from __future__ import annotations

from pathlib import Path

import pytest

from ippgate.demo.slapd import Slapd
from tests.support.cups import ippeveprinter, ipptool
from tests.support.gate_process import gate_process
from tests.support.identities import of_directory

pytestmark = pytest.mark.xdist_group("printing")

NOT_FOR_AUTHENTICATED = {"RFC 8011 section 4.2.6: Get-Jobs Operation (my-jobs different user)"}
"""ipptool skips these itself when its URI names a user: the authenticated name counts then."""


@pytest.mark.parametrize("suite", ["ipp-1.1.test", "ipp-2.0.test", "ipp-everywhere.test"])
def test_what_passes_directly_passes_through_the_gate(
    suite: str,
    tmp_path: Path,
    message_bus: dict[str, str],
    slapd: Slapd,
    document: Path,
) -> None:
    (tmp_path / "direct").mkdir()
    with ippeveprinter(tmp_path / "direct", message_bus) as printer:
        direct = ipptool(printer.uri, suite, document, tmp_path)
    site = tmp_path / "gate"
    site.mkdir()
    with (
        ippeveprinter(site, message_bus) as printer,
        gate_process(
            site, {"lab-1": printer.uri}, identity=of_directory(site, slapd.settings())
        ) as gate,
    ):
        uri = gate.uri("alice", slapd.accounts[0].password)
        through = ipptool(uri, suite, document, tmp_path)
    assert len(direct.passed()) > 20, f"the suite did not run directly:\n{direct.output}"
    lost = direct.passed() - through.passed() - NOT_FOR_AUTHENTICATED
    assert not lost, f"{sorted(lost)} fail through the gate:\n{through.output}"

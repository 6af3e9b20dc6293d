"""A site in a folder, for commands that look at its rules: certificates, accounts, two printers."""

from __future__ import annotations

from pathlib import Path

from tests.support.gate_process import write_site
from tests.support.identities import of_file

PRINTERS = {"lab-1": "ipp://192.0.2.21/ipp/print", "hall": "ipp://192.0.2.22/ipp/print"}
RULES = """version: 1
rules:
  - {name: look, who: anyone, operations: [Get-Printer-Attributes], decision: permit}
  - name: staff print in black
    who: {groups: [staff]}
    printers: ["lab-*"]
    operations: ["@print"]
    attributes: {print-color-mode: {not: [color]}}
    decision: permit
    enforce: {sides: two-sided-long-edge}
    message: Print in black.
"""


def policy_site(folder: Path, rules: str = RULES) -> Path:
    """The configuration. People: alice of staff, bob of visitors."""
    configuration, _, _ = write_site(folder, PRINTERS, identity=of_file(folder), rules=rules)
    return configuration

"""Groups that rules name, asked for in a real OpenLDAP."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from pathlib import Path

import pytest

from ippgate.cli.main import main
from ippgate.demo.slapd import Slapd
from ippgate.demo.slapd_files import GROUPS
from ippgate.exchange.ports import DirectoryUnavailable
from ippgate.identity.ldap_existing import existing_groups
from ippgate.identity.settings import GroupSearch
from tests.support.gate_process import write_site
from tests.support.identities import of_directory
from tests.support.processes import free_port

SEARCH = GroupSearch(GROUPS, "(member={dn})", "cn", False)


def test_which_groups_exist(slapd: Slapd) -> None:
    settings = dataclasses.replace(slapd.settings(), groups=SEARCH)
    names = ["staff", "stuff", "*", "visitors)(cn=*"]
    assert existing_groups(settings, names) == {"staff"}


def test_a_directory_that_is_down(slapd: Slapd) -> None:
    nowhere = (f"ldaps://localhost:{free_port()}",)
    settings = dataclasses.replace(slapd.settings(), groups=SEARCH, servers=nowhere)
    with pytest.raises(DirectoryUnavailable):
        existing_groups(settings, ["staff"])


def test_lint_asks_the_directory(
    tmp_path: Path, slapd: Slapd, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = dataclasses.replace(slapd.settings(), groups=SEARCH)
    configuration, _, _ = write_site(
        tmp_path,
        {"lab-1": "ipp://192.0.2.21/ipp/print"},
        identity=of_directory(tmp_path, settings),
        rules="version: 1\nrules:\n  - {name: r, who: {groups: [staff, stuff]}, "
        "operations: ['@print'], decision: permit}\n",
    )
    assert main(["policy", "lint", "-c", str(configuration)]) == 0
    assert main(["policy", "lint", "-c", str(configuration), "--online"]) == 1
    assert 'no group is called "stuff"' in capsys.readouterr().out


def test_explain_looks_a_person_up(tmp_path: Path, slapd: Slapd) -> None:
    settings = dataclasses.replace(slapd.settings(), groups=SEARCH)
    configuration, _, _ = write_site(
        tmp_path,
        {"lab-1": "ipp://192.0.2.21/ipp/print"},
        identity=of_directory(tmp_path, settings),
    )
    command = [sys.executable, "-m", "ippgate.cli.main", "policy", "explain"]
    asked = ["-c", str(configuration), "--printer", "lab-1", "--operation", "Print-Job"]
    for user, code, says in (
        ("ALICE", 0, 'alice, Print-Job at lab-1: PERMIT\n  by "staff print"'),
        ("bob", 1, "bob (of visitors) is not one of group staff"),
        ("nobody", 2, 'nobody is called "nobody"'),
    ):
        done = subprocess.run([*command, *asked, "--user", user], capture_output=True, text=True)
        assert done.returncode == code, done.stderr
        assert says in done.stdout + done.stderr

"""What tests need from outside: real programs, and folders of data that are not ours.

A program that is missing is an error in CI, and a skip elsewhere that says what to install.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest

_PACKAGES = {
    "slapd": "slapd",
    "ldapsearch": "ldap-utils",
    "cupsd": "cups",
    "lp": "cups-client",
    "lpadmin": "cups-client",
    "cupsdisable": "cups-client",
    "lpstat": "cups-client",
    "ipptool": "cups-ipp-utils",
    "ippeveprinter": "cups-ipp-utils",
    "avahi-daemon": "avahi-daemon",
    "dbus-daemon": "dbus",
    "samba": "samba-ad-dc",
    "samba-tool": "samba",
    "kinit": "krb5-user",
    "openssl": "openssl",
    "postgres": "postgresql",
    "curl": "curl",
}
_FOLDERS = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])


def require(program: str) -> str:
    """The program's path; when it is not installed, the test is skipped, or fails in CI."""
    path = shutil.which(program, path=_FOLDERS)
    if path is None:
        lacking(f"{program} is not installed: apt install {_PACKAGES.get(program, program)}")
    return path


def require_root(what: str) -> None:
    """For peers that only root can start."""
    if os.geteuid() != 0:
        lacking(f"{what} needs root")


def lacking(words: str) -> NoReturn:
    """Something real is missing: an error in CI, a skip elsewhere."""
    if os.environ.get("CI"):
        pytest.fail(words)
    pytest.skip(words)


def corpora() -> Path:
    """The folder of real printers' replies and decoder vectors; skips when it is not given."""
    folder = os.environ.get("IPPGATE_CORPORA")
    if not folder:
        pytest.skip("IPPGATE_CORPORA is not set: it names a folder of data that is not ours")
    return Path(folder)

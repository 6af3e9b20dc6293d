"""A site with accounts in a file, for commands that ask who somebody is."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar, cast

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from ippgate.reactor import Reactor
from tests.support.exchange_fakes import run
from tests.support.gate_process import write_site
from tests.support.identities import of_file

T = TypeVar("T")

NAMES = r"""  names: {'CORP\{username}': '{username}'}
"""


def site(folder: Path, *, state: bool = True, more: str = "") -> Path:
    """The configuration: alice is staff; names may have the domain CORP."""
    identity = of_file(folder, [("alice", "secret", "staff")]) + NAMES
    if state:
        (folder / "state").mkdir()
        more += "state: state\n"
    printers = {"lab-1": "ipp://192.0.2.21/ipp/print", "lab-2": "ipp://192.0.2.22/ipp/print"}
    file, _, _ = write_site(folder, printers, identity=identity, more=more)
    return file


def ask_at_once(question: Callable[[Reactor], Coroutine[Deferred[Any], Any, T]]) -> T:
    """In place of the reactor: nothing that is asked has to wait."""
    return run(question(cast(Reactor, Clock())))

"""Tests with a real OpenLDAP: one for all tests of a class."""

from __future__ import annotations

import base64
import shutil
import socket
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar, cast

from twisted.internet import reactor as global_reactor
from twisted.internet.defer import Deferred, DeferredList
from twisted.trial.unittest import TestCase

from ippgate.clock import SystemClock
from ippgate.demo.slapd import Slapd
from ippgate.exchange.ports import CredentialsRefused, DirectoryUnavailable
from ippgate.identity.cache import CredentialCache
from ippgate.identity.identifier import BasicIdentifier
from ippgate.identity.ldap_directory import LdapDirectory
from ippgate.identity.lockout import Lockout
from ippgate.identity.people import People
from ippgate.identity.settings import LdapSettings
from ippgate.reactor import Reactor
from tests.support.exchange_fakes import FakeMeter
from tests.support.peers import require

ALICE = ("alice", "alice-printing")
BOB = ("bob", "bob-visiting")
REACTOR = cast(Reactor, global_reactor)


class Meter(FakeMeter):
    """Keeps what was counted."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[tuple[str, str]] = []
        self.up: dict[str, bool] = {}

    def directory_called(self, *, server: str, call: str, seconds: float) -> None:
        assert 0 <= seconds < 3
        self.calls.append((server, call))

    def directory_up(self, *, server: str, up: bool) -> None:
        self.up[server] = up

    def take_calls(self) -> list[str]:
        calls = [call for _, call in self.calls]
        self.calls.clear()
        return calls


class SlapdCase(TestCase):
    """A directory for all tests of a class, made with ``options``."""

    options: ClassVar[dict[str, Any]] = {}
    slapd: ClassVar[Slapd]
    _folder: ClassVar[Path]

    @classmethod
    def setUpClass(cls) -> None:
        require("slapd")
        require("ldapsearch")
        cls._folder = Path(tempfile.mkdtemp(prefix="ippgate-slapd-"))
        cls.slapd = Slapd(cls._folder, **cls.options)
        cls.slapd.start()

    @classmethod
    def tearDownClass(cls) -> None:
        cls.slapd.stop()
        shutil.rmtree(cls._folder)

    def setUp(self) -> None:
        self.meter = Meter()

    def directory(self, settings: LdapSettings | None = None) -> LdapDirectory:
        settings = settings or self.slapd.settings()
        assert settings.mistakes() == []
        directory = LdapDirectory(settings, REACTOR, self.meter)
        self.addCleanup(directory.stop)
        return directory

    def identifier(
        self,
        directory: LdapDirectory | None = None,
        ttl: float = 300,
        negative_ttl: float = 30,
        lockout: Lockout | None = None,
    ) -> BasicIdentifier:
        cache = CredentialCache(ttl, negative_ttl, SystemClock())
        people = People([directory or self.directory()], cache)
        return BasicIdentifier("Printing", people, cache, self.meter, lockout)

    def black_hole(self) -> str:
        """Takes connections, and says nothing."""
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)
        return f"ldaps://127.0.0.1:{listener.getsockname()[1]}"

    def folder(self) -> Path:
        folder = Path(tempfile.mkdtemp(prefix="ippgate-tls-"))
        self.addCleanup(shutil.rmtree, folder)
        return folder


def basic(username: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()


def unused_uri() -> str:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return f"ldaps://127.0.0.1:{free.getsockname()[1]}"


async def outcome(attempt: Any) -> object:
    """What a sign-in ends with: a person, or an error."""
    try:
        return await attempt
    except (CredentialsRefused, DirectoryUnavailable) as error:
        return error


async def ended(attempts: Sequence[Any]) -> list[object]:
    """What sign-ins that run at once end with."""
    running = [Deferred.fromCoroutine(outcome(attempt)) for attempt in attempts]
    return [result for _, result in await DeferredList(running, fireOnOneErrback=True)]

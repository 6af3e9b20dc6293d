"""A directory that is gone, stands still, or drips, with a real OpenLDAP beside it: everybody hears
in time, and those who are known do not notice."""

from __future__ import annotations

import socket
import threading
import time
from dataclasses import replace

import pytest
from twisted.internet.defer import Deferred, DeferredList
from twisted.internet.threads import deferToThread

from ippgate.exchange.ports import CredentialsRefused, DirectoryUnavailable
from ippgate.identity.ldap_directory import LdapDirectory
from tests.support.exchange_fakes import PEER
from tests.support.slapd import ALICE, BOB, REACTOR, SlapdCase, basic, ended, outcome, unused_uri


class Trouble(SlapdCase):
    """A directory that is gone, stands still, or drips."""

    def setUp(self) -> None:
        super().setUp()
        self.began = time.monotonic()

    def elapsed(self) -> float:
        now = time.monotonic()
        elapsed, self.began = now - self.began, now
        return elapsed

    async def test_a_server_that_is_gone_is_passed_over(self) -> None:
        gone = unused_uri()
        directory = self.directory(self.slapd.settings(gone, self.slapd.ldaps_uri))

        assert await directory.verify(*ALICE) is not None
        assert self.elapsed() < 1
        label = gone.removeprefix("ldaps://")
        assert self.meter.up[label] is False
        assert self.meter.up[self.slapd.ldaps_uri.removeprefix("ldaps://")] is True
        # And then it is asked behind the other.
        self.meter.calls.clear()
        assert await directory.verify(*ALICE) is not None
        assert label not in {server for server, _ in self.meter.calls}

    async def test_a_server_that_says_nothing_is_passed_over_in_time(self) -> None:
        directory = self.directory(self.slapd.settings(self.black_hole(), self.slapd.ldaps_uri))

        assert await directory.verify(*ALICE) is not None
        assert self.elapsed() < 2.5
        assert await directory.verify(*BOB) is not None
        assert self.elapsed() < 1

    async def test_a_wrong_password_goes_to_one_server_only(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as second:
            second.setblocking(False)
            uri = f"ldaps://127.0.0.1:{second.getsockname()[1]}"
            directory = self.directory(self.slapd.settings(self.slapd.ldaps_uri, uri))
            with pytest.raises(CredentialsRefused):
                await directory.verify("alice", "wrong")
            assert await directory.verify("nobody", "wrong") is None
            with pytest.raises(BlockingIOError):
                second.accept()

    async def test_black_hole(self) -> None:
        directory = self.directory(self.slapd.settings(self.black_hole()))

        with pytest.raises(DirectoryUnavailable, match=r"127\.0\.0\.1"):
            await directory.verify(*ALICE)
        assert self.elapsed() < 3

    async def test_two_black_holes(self) -> None:
        servers = self.black_hole(), self.black_hole()
        directory = self.directory(self.slapd.settings(*servers))

        with pytest.raises(DirectoryUnavailable, match=r"127\.0\.0\.1"):
            await directory.verify(*ALICE)
        assert 2 < self.elapsed() < 3
        assert set(self.meter.up.values()) == {False}
        assert len(self.meter.up) == 2

    async def test_many_at_once_all_hear_in_time_and_later_ones_at_once(self) -> None:
        directory = self.directory(self.slapd.settings(self.black_hole()))
        results = await ended([directory.verify(f"user{n}", "x") for n in range(200)])

        assert self.elapsed() < 3
        assert {type(result) for result in results} == {DirectoryUnavailable}
        assert any("wait already" in str(result) for result in results)
        with pytest.raises(DirectoryUnavailable, match="not asked again yet"):
            await directory.verify(*ALICE)
        assert self.elapsed() < 0.1

    async def test_a_directory_that_stands_still_stops_nobody_who_is_known(self) -> None:
        directory = self.directory()
        identifier = self.identifier(directory)
        await identifier.identify(basic(*ALICE), PEER)
        self.slapd.pause()
        try:
            others = [
                Deferred.fromCoroutine(outcome(identifier.identify(basic(f"u{n}", "x"), PEER)))
                for n in range(20)
            ]
            self.elapsed()
            for _ in range(100):
                assert (await identifier.identify(basic(*ALICE), PEER)).name == "alice"
            assert self.elapsed() < 0.5
            results = await DeferredList(others)
            assert self.elapsed() < 3
            assert {type(result) for _, result in results} == {DirectoryUnavailable}
        finally:
            self.slapd.resume()
        # And it is back when it is back: a probe finds out.
        await deferToThread(time.sleep, 1.6)
        assert (await identifier.identify(basic(*BOB), PEER)).name == "bob"

    async def test_a_server_that_drips_is_cut_off(self) -> None:
        listener = socket.create_server(("127.0.0.1", 0))
        stop = threading.Event()

        def drip() -> None:
            connection, _ = listener.accept()
            with connection:
                # A search result that never becomes complete (RFC 4511 section 5.1).
                for octet in b"\x30\x84\x00\x10\x00\x00" + b"\x02" * 1000:
                    if stop.wait(0.1):
                        return
                    try:
                        connection.sendall(bytes([octet]))
                    except OSError:
                        return

        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        self.addCleanup(thread.join, 5)
        self.addCleanup(listener.close)
        self.addCleanup(stop.set)
        uri = f"ldap://127.0.0.1:{listener.getsockname()[1]}"
        directory = self.directory(replace(self.slapd.settings(uri), threads=1, waiting=0))

        with pytest.raises(DirectoryUnavailable, match=r"did not answer within 2\.5 s"):
            await directory.verify(*ALICE)
        assert self.elapsed() < 3
        # The thread is free again at once.
        await deferToThread(time.sleep, 0.1)
        with pytest.raises(DirectoryUnavailable, match=r"127\.0\.0\.1") as caught:
            await directory.verify(*ALICE)
        assert "wait already" not in str(caught.value)

    async def test_connections_that_a_restart_closed_are_made_anew(self) -> None:
        directory = self.directory()
        await directory.verify(*ALICE)
        self.slapd.stop()
        with pytest.raises(DirectoryUnavailable, match="refused"):
            await directory.verify(*ALICE)
        self.slapd.start()
        assert await directory.verify(*ALICE) is not None
        self.slapd.stop()
        self.slapd.start()
        self.meter.take_calls()
        assert await directory.verify(*ALICE) is not None
        assert self.meter.take_calls()[:2] == ["search", "connect"]

    async def test_stopping_does_not_wait_for_a_hung_directory(self) -> None:
        directory = LdapDirectory(self.slapd.settings(self.black_hole()), REACTOR, self.meter)
        waiting = [
            Deferred.fromCoroutine(outcome(directory.verify(f"u{n}", "x"))) for n in range(20)
        ]
        await deferToThread(time.sleep, 0.2)
        self.elapsed()
        directory.stop()
        assert self.elapsed() < 0.5
        results = await DeferredList(waiting)
        assert {type(result) for _, result in results} == {DirectoryUnavailable}

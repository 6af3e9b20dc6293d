"""The demo's story, where it does not end as it must; as it must, tests/e2e/test_demo.py tells."""

from __future__ import annotations

import socket
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast
from unittest.mock import patch

import pytest
from twisted.internet import reactor as global_reactor
from twisted.internet.defer import Deferred
from twisted.trial.unittest import TestCase

from ippgate.demo import site, story
from ippgate.demo.printer import VirtualPrinter
from ippgate.demo.story import Demo, DemoFailed, free_port
from ippgate.exchange.ports import Answer, Body, Head, Peer

reactor = cast(Any, global_reactor)


class StoryTests(TestCase):
    timeout = 60

    def setUp(self) -> None:
        folder = TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.said: list[str] = []

    def demo(self) -> Demo:
        made = Demo(reactor, self.folder, self.said.append, environment={}, port=0)
        self.addCleanup(lambda: Deferred.fromCoroutine(made.close()))
        return made

    async def test_every_chapter_says_what_was_answered(self) -> None:
        demo = self.demo()
        await demo.open()
        await demo.tell()
        told = "\n".join(self.said)
        assert f"{site.ALICE.name} ({site.STAFF}) prints hello.pdf" in told
        assert f"{site.BOB.name} ({site.VISITORS}) prints the same:" in told
        assert "answer   successful-ok" in told
        assert "answer   client-error-not-authorized" in told
        assert f"words    {site.REFUSAL}" in told
        await demo.close()
        await demo.close()

    async def test_a_printer_that_is_broken_is_told_in_the_words_of_the_answer(self) -> None:
        async def broken(self: VirtualPrinter, head: Head, body: Body, peer: Peer) -> Answer:
            return Answer(503, close=True)

        with patch.object(VirtualPrinter, "__call__", broken):
            demo = self.demo()
            await demo.open()
            with pytest.raises(DemoFailed) as caught:
                await demo.tell()
        words = str(caught.value)
        assert words.startswith(
            "alice must be able to print, and the answer was server-error-service-unavailable: "
            "Printer demo did not answer."
        )
        assert "Message(" not in words

    async def test_rules_that_refuse_nobody_do_not_pass_for_a_refusal(self) -> None:
        rules = site.RULES.replace("decision: refuse", "decision: permit")
        rules = rules.replace(f"    message: {site.REFUSAL}\n", "")
        with patch.object(site, "RULES", rules):
            demo = self.demo()
        await demo.open()
        with pytest.raises(DemoFailed, match="must be refused in the rule's words"):
            await demo.tell()


def test_the_port_that_is_named_everywhere_is_taken_when_it_is_free(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setattr(story, "PREFERRED_PORT", port)
        assert free_port() == 0
    assert free_port() == port

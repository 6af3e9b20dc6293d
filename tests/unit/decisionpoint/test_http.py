"""A decision point over HTTP: a real server on loopback, that answers well, badly, late, or not."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable

import pytest
from twisted.internet import reactor
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.interfaces import IListeningPort
from twisted.trial.unittest import TestCase

from ippgate.decisionpoint.http import MOST_OCTETS, HttpDecisionPoint
from ippgate.exchange.ports import Answer, Body, Head, NoOpinion, Opinion, Peer
from ippgate.listener.limits import Caps, Census, Deadlines
from ippgate.listener.port import ListenAddress, Listener, listen, where
from ippgate.spawn import Tasks

Answering = Callable[[], Awaitable[Answer]]


def with_(octets: bytes, status: int = 200, *headers: tuple[str, str]) -> Answering:
    async def answer() -> Answer:
        return Answer(status, headers, octets)

    return answer


async def never() -> Answer:
    await Deferred()
    raise AssertionError("nobody fires it")


class HttpDecisionPointTests(TestCase):
    port: IListeningPort
    questions: list[object]

    def serve(self, answering: Answering) -> str:
        self.questions = []

        async def application(head: Head, body: Body, peer: Peer) -> Answer:
            octets = b""
            while piece := await body.read():
                octets += piece
            body.attributes_complete()
            self.questions.append(json.loads(octets))
            assert head.values("content-type") == ["application/json"]
            return await answering()

        listener = Listener(
            application,
            reactor,
            tls=None,
            deadlines=Deadlines(),
            census=Census(Caps(10, 10)),
            tasks=Tasks(),
        )
        address = ListenAddress.parse("127.0.0.1:0")
        self.port = listen(reactor, address, listener)
        self.addCleanup(listener.stop_connections)
        self.addCleanup(self.port.stopListening)
        host, number = where(self.port)
        return f"http://{host}:{number}/v1/data/print"

    async def ask(self, answering: Answering, timeout: float = 5.0) -> Opinion:
        point = HttpDecisionPoint(reactor)
        self.addCleanup(lambda: Deferred.fromCoroutine(point.close()))
        return await point.ask(self.serve(answering), {"printer": "lab-1"}, timeout)

    async def no_opinion(self, answering: Answering, words: str, timeout: float = 5.0) -> None:
        with pytest.raises(NoOpinion, match=words):
            await self.ask(answering, timeout)

    async def test_yes_and_no(self) -> None:
        assert await self.ask(with_(b'{"result": true}')) == Opinion(True)
        assert self.questions == [{"input": {"printer": "lab-1"}}]
        assert await self.ask(with_(b'{"result": false}')) == Opinion(False)

    async def test_with_a_message_for_the_person(self) -> None:
        answer = b'{"result": {"allow": false, "message": "Not on Fridays."}}'
        assert await self.ask(with_(answer)) == Opinion(False, "Not on Fridays.")

    async def test_what_is_undefined_is_no_answer(self) -> None:
        for answer in (b"{}", b'{"result": null}', b'{"result": "yes"}', b"[]", b"{", b""):
            await self.no_opinion(with_(answer), "means nothing")

    async def test_another_status_is_no_answer(self) -> None:
        await self.no_opinion(with_(b'{"result": true}', 500), "HTTP status 500")

    async def test_a_redirect_is_not_followed(self) -> None:
        elsewhere = with_(b'{"result": true}', 302, ("Location", "http://192.0.2.1/"))
        await self.no_opinion(elsewhere, "HTTP status 302")

    async def test_an_answer_without_end_is_none(self) -> None:
        await self.no_opinion(with_(b" " * (MOST_OCTETS + 1) + b'{"result": true}'), "longer")

    async def test_too_late_is_no_answer(self) -> None:
        await self.no_opinion(never, r"did not answer within 0\.2 s", 0.2)

    async def test_nobody_there(self) -> None:
        url = self.serve(with_(b""))
        await maybeDeferred(self.port.stopListening)
        with pytest.raises(NoOpinion, match="refused"):
            await HttpDecisionPoint(reactor).ask(url, {}, 5.0)

"""A decision point that is asked over HTTP, as Open Policy Agent's data API is.

The question is posted as ``{"input": …}``. The answer is ``{"result": true}`` or false, or an
object with ``allow`` and, for the person, ``message``. Anything else is no answer, and that is a
refusal: no result at all (OPA's for what no rule defines), another status, a redirect, too late.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from twisted.internet.defer import CancelledError, Deferred, TimeoutError
from twisted.internet.error import ConnectError, ConnectionLost, DNSLookupError
from twisted.internet.interfaces import IReactorTime
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure
from twisted.web.client import (
    Agent,
    BrowserLikePolicyForHTTPS,
    HTTPConnectionPool,
    ResponseDone,
    ResponseFailed,
)
from twisted.web.http_headers import Headers
from twisted.web.iweb import IBodyProducer, IPolicyForHTTPS, IResponse
from zope.interface import implementer

from ippgate.exchange.ports import NoOpinion, Opinion

MOST_OCTETS = 64 * 1024
"""Of an answer; more is none."""
_OK = 200
_HEADERS = Headers({b"Content-Type": [b"application/json"], b"Accept": [b"application/json"]})


class HttpDecisionPoint:
    """Implements the port DecisionPoint. Connections are kept."""

    def __init__(self, reactor: IReactorTime, trusting: IPolicyForHTTPS | None = None) -> None:
        """``trusting``: which certificates are believed; the system's authorities unless given."""
        self._reactor = reactor
        self._pool = HTTPConnectionPool(reactor, persistent=True)  # type: ignore[no-untyped-call]
        trusting = trusting or BrowserLikePolicyForHTTPS()  # type: ignore[no-untyped-call]
        self._agent = Agent(reactor, trusting, pool=self._pool)  # type: ignore[no-untyped-call]

    async def ask(self, url: str, question: Mapping[str, object], timeout: float) -> Opinion:
        """See the port."""
        body = json.dumps({"input": question}).encode()
        asking = Deferred.fromCoroutine(self._ask(url, body))
        try:
            return _opinion(await asking.addTimeout(timeout, self._reactor))
        except TimeoutError:
            raise NoOpinion(f"{url} did not answer within {timeout:g} s") from None
        except ResponseFailed as error:
            if any(reason.check(CancelledError) for reason in error.reasons):
                raise NoOpinion(f"{url} did not answer within {timeout:g} s") from None
            words = ", ".join(reason.getErrorMessage() for reason in error.reasons)
            raise NoOpinion(f"{url}: {words}") from None
        except (ConnectError, ConnectionLost, DNSLookupError) as error:
            raise NoOpinion(f"{url}: {error}") from None
        except ValueError as error:
            raise NoOpinion(f"{url} answered what means nothing: {error}") from None

    async def close(self) -> None:
        """Ends the connections that are kept."""
        await self._pool.closeCachedConnections()  # type: ignore[no-untyped-call]

    async def _ask(self, url: str, body: bytes) -> bytes:
        """Raises ValueError when the answer is none."""
        response = await self._agent.request(b"POST", url.encode(), _HEADERS, _Octets(body))
        octets = await _read(response)
        if response.code != _OK:
            raise ValueError(f"HTTP status {response.code}")
        return octets


def _opinion(octets: bytes) -> Opinion:
    """Raises ValueError when it is none."""
    answer = json.loads(octets)
    result = answer.get("result") if isinstance(answer, dict) else None
    if isinstance(result, bool):
        return Opinion(result)
    if isinstance(result, dict) and isinstance(result.get("allow"), bool):
        message = result.get("message")
        return Opinion(result["allow"], message if isinstance(message, str) else None)
    raise ValueError("it has no result that is true, false, or an object with allow")


async def _read(response: IResponse) -> bytes:
    """The answer's body. Raises ValueError when it is too large."""
    done: Deferred[bytes] = Deferred()
    response.deliverBody(_Bounded(done))  # type: ignore[no-untyped-call]
    return await done


class _Bounded(Protocol):
    """Collects a body up to MOST_OCTETS."""

    def __init__(self, done: Deferred[bytes]) -> None:
        self._done = done
        self._octets = b""

    def dataReceived(self, data: bytes) -> None:
        self._octets += data
        if len(self._octets) > MOST_OCTETS and self.transport is not None:
            self._end(ValueError(f"it is longer than {MOST_OCTETS} octets"))
            self.transport.loseConnection()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        error = reason.value
        complete = error is None or isinstance(error, ResponseDone)
        self._end(self._octets if complete else error)

    def _end(self, result: bytes | BaseException | None) -> None:
        if self._done.called:
            return
        if isinstance(result, bytes):
            self._done.callback(result)
        elif result is not None:
            self._done.errback(result)


@implementer(IBodyProducer)
class _Octets:
    """A request's body that is all there."""

    def __init__(self, octets: bytes) -> None:
        self._octets = octets
        self.length = len(octets)

    def startProducing(self, consumer: object) -> Deferred[None]:
        consumer.write(self._octets)  # type: ignore[attr-defined]
        done: Deferred[None] = Deferred()
        done.callback(None)
        return done

    def pauseProducing(self) -> None: ...
    def stopProducing(self) -> None: ...
    def resumeProducing(self) -> None: ...

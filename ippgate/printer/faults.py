"""Twisted's and httptools' errors in the words of an administrator: translated here and nowhere
else."""

from __future__ import annotations

from twisted.internet import defer, error

_WORDS: tuple[tuple[type[BaseException], str], ...] = (
    (error.DNSLookupError, "its name is not known (DNS)"),
    (error.ConnectionRefusedError, "it refuses connections: is it off, or is the port wrong?"),
    (error.TimeoutError, "it does not answer connections"),
    (defer.TimeoutError, "it does not answer connections"),
    (error.ConnectingCancelledError, "it does not answer connections"),
    (error.TCPTimedOutError, "it does not answer connections"),
    (error.NoRouteError, "there is no route to it"),
    (error.ConnectBindError, "no local address to connect from"),
    (error.ConnectError, "it cannot be connected to"),
    (error.ConnectionDone, "it closed the connection"),
    (error.ConnectionLost, "it broke the connection"),
    (error.ConnectionAborted, "the connection was given up"),
)


def words(fault: BaseException | None) -> str:
    """Why a connection could not be made, or ended."""
    for kind, text in _WORDS:
        if isinstance(fault, kind):
            return text
    return f"the connection failed: {type(fault).__name__}"


_STATUS_WORDS = {
    401: "it asks for a user and a password, which the gateway does not give",
    403: "it refuses requests of the gateway",
    404: "it has no such path: is its address complete?",
    405: "it takes no IPP on this path: is its address complete?",
    426: "it demands TLS",
}


def status_words(status: int) -> str:
    """What an HTTP status other than 200 says about the printer."""
    text = _STATUS_WORDS.get(status)
    if text is None and 300 <= status < 400:
        text = "it sends the gateway elsewhere, which is not followed"
    elif text is None:
        text = "it does not answer with IPP"
    return f"{text} (HTTP status {status})"

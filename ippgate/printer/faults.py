"""Twisted's and httptools' errors in the words of an administrator: translated here and nowhere
else."""

from __future__ import annotations

from twisted.internet import error

_WORDS: tuple[tuple[type[BaseException], str], ...] = (
    (error.DNSLookupError, "its name is not known (DNS)"),
    (error.ConnectionRefusedError, "it refuses connections: is it off, or is the port wrong?"),
    (error.TimeoutError, "it does not answer connections"),
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

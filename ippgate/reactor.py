"""What the gateway needs of Twisted's reactor, as one type."""

from __future__ import annotations

from twisted.internet.interfaces import (
    IReactorCore,
    IReactorFromThreads,
    IReactorTCP,
    IReactorTime,
)


class Reactor(IReactorCore, IReactorTCP, IReactorTime, IReactorFromThreads):
    """TCP, time, and calls from threads."""

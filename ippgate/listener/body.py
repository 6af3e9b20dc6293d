"""A request's body, as the application reads it."""

from __future__ import annotations

from collections.abc import Callable

from ippgate.exchange.ports import ClientTooSlow, Head
from ippgate.flow import Inflow
from ippgate.listener.deadline import Deadline
from ippgate.listener.limits import Deadlines

_ENDED_BY_THE_BODY = frozenset({"attributes", "rate", "drain"})
"""Deadlines for the body; another one may run when its end comes: the client's taking of an
answer."""


class RequestBody:
    """Implements the port Body: octets with back-pressure, deadlines, and ``100 Continue``.

    ``send_continue`` is called at the first read of a body that the client asked about.
    """

    def __init__(
        self,
        head: Head,
        inflow: Inflow,
        deadline: Deadline,
        deadlines: Deadlines,
        send_continue: Callable[[], None],
    ) -> None:
        self._inflow = inflow
        self._deadline = deadline
        self._deadlines = deadlines
        self._send_continue = send_continue
        self._unasked = head.expects_continue
        self._in_attributes = True
        self._window_octets = 0
        self._awaited = False
        self._started = False
        self.length = head.content_length
        self.received = 0
        self.discarding = False

    @property
    def complete(self) -> bool:
        """Whether the client's last octet has come."""
        return self._inflow.complete

    @property
    def continued(self) -> bool:
        """Whether the client knows that it shall send: it did not ask, or was answered."""
        return not self._unasked

    def missing(self) -> int | None:
        """Octets still to come; None for a chunked body that is not complete."""
        if self.complete:
            return 0
        return None if self.length is None else self.length - self.received

    # --- the application's side -----------------------------------------------------------------

    async def read(self) -> bytes:
        """The next octets; ``b""`` at the end. Raises ClientGone or ClientTooSlow."""
        if not self._inflow.complete and not self._inflow.size:
            if self._unasked:
                self._unasked = False
                self._send_continue()
            if self._in_attributes and not self._started:
                self._started = True
                self._deadline.set("attributes", self._deadlines.attributes)
        self._awaited = True
        try:
            octets = await self._inflow.read()
        finally:
            self._awaited = False
        self._window_octets += len(octets)
        return octets

    def attributes_complete(self) -> None:
        """From here on the least rate counts, not the deadline of the attributes."""
        self._in_attributes = False
        if not self._inflow.complete:
            self._open_window()

    # --- the connection's side ------------------------------------------------------------------

    def push(self, octets: bytes) -> None:
        """Octets came from the client."""
        self.received += len(octets)
        if not self.discarding:
            self._inflow.push(octets)

    def end(self) -> None:
        """The client's last octet came."""
        if self._deadline.name in _ENDED_BY_THE_BODY:
            self._deadline.clear()
        self._inflow.end()

    def fail(self, error: Exception) -> None:
        """The body will not be complete."""
        self._inflow.fail(error)

    def discard(self) -> None:
        """The answer is decided: what still comes is not kept."""
        self.discarding = True
        if self._deadline.name in _ENDED_BY_THE_BODY:
            self._deadline.clear()

    def window_passed(self) -> None:
        """A window of the least rate ended: goes on, or fails the body.

        Octets count when the application takes them, and nothing is held against the client while
        octets wait here, or nobody asks for any: the printer's side is slow then.
        """
        least = self._deadlines.body_rate * self._deadlines.window
        if self._inflow.size or not self._awaited or self._window_octets >= least:
            self._open_window()
            return
        self.fail(
            ClientTooSlow(
                f"{self._window_octets} octets in {self._deadlines.window:g} seconds, "
                f"and at least {self._deadlines.body_rate} a second are expected"
            )
        )

    def _open_window(self) -> None:
        self._window_octets = 0
        self._deadline.set("rate", self._deadlines.window)

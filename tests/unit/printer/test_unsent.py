"""The system's send queue."""

from __future__ import annotations

import socket

from ippgate.printer.unsent import unsent


class Transport:
    def __init__(self, handle: socket.socket) -> None:
        self._handle = handle

    def getHandle(self) -> socket.socket:
        return self._handle


def test_what_the_other_end_does_not_take_is_counted() -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        with socket.create_connection(server.getsockname()) as client, server.accept()[0]:
            assert unsent(Transport(client)) == 0
            client.setblocking(False)
            sent = 0
            try:
                while True:
                    sent += client.send(b"x" * 65536)
            except BlockingIOError:
                pass
            assert 0 < unsent(Transport(client)) <= sent


def test_where_nobody_knows_it_is_nothing() -> None:
    assert unsent(object()) == 0
    closed = socket.socket()
    closed.close()
    assert unsent(Transport(closed)) == 0

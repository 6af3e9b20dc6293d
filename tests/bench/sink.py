"""A printer that takes documents as fast as they come: ``python -m tests.bench.sink PORT REPLY``.

Reads a request of any framing to its end without keeping it, then answers with the octets of the
file REPLY. Blocking sockets and one thread a connection: it must cost next to nothing beside a
proxy.
"""

from __future__ import annotations

import re
import socket
import sys
import threading
from pathlib import Path

_BUFFER = 1 << 20
_LAST_CHUNK = b"0\r\n\r\n"


def serve(connection: socket.socket, reply: bytes) -> None:
    """Answers requests on one connection until the client ends it."""
    buffer = bytearray(_BUFFER)
    answer = (
        b"HTTP/1.1 200 OK\r\nContent-Type: application/ipp\r\nContent-Length: %d\r\n\r\n"
        % len(reply)
    ) + reply
    pending = b""
    with connection:
        while True:
            while b"\r\n\r\n" not in pending:
                octets = connection.recv(_BUFFER)
                if not octets:
                    return
                pending += octets
            head, _, rest = pending.partition(b"\r\n\r\n")
            length = re.search(rb"(?i)content-length:\s*(\d+)", head)
            if length is not None:
                left = int(length[1]) - len(rest)
                while left > 0:
                    got = connection.recv_into(buffer, min(left, _BUFFER))
                    if not got:
                        return
                    left -= got
            else:
                tail = rest[-5:]
                while not tail.endswith(_LAST_CHUNK):
                    got = connection.recv_into(buffer)
                    if not got:
                        return
                    tail = (tail + bytes(buffer[max(0, got - 5) : got]))[-5:]
            pending = b""
            connection.sendall(answer)


def main(port: int, reply: Path) -> None:
    with socket.create_server(("127.0.0.1", port), backlog=512) as listening:
        while True:
            connection, _ = listening.accept()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(
                target=serve, args=(connection, reply.read_bytes()), daemon=True
            ).start()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))

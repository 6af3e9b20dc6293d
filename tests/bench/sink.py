"""A printer that takes documents as fast as they come: ``python -m tests.bench.sink PORT REPLY``.

Reads a request of any framing to its end without keeping it, then answers with the octets of the
file REPLY, which is an IPP message, and with the request-id that was asked with. Blocking sockets
and one thread a connection: it must cost next to nothing beside a proxy.
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
    head_of_answer = (
        b"HTTP/1.1 200 OK\r\nContent-Type: application/ipp\r\nContent-Length: %d\r\n\r\n"
        % len(reply)
    )
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
            while (request_id := _request_id(rest, chunked=length is None)) is None:
                octets = connection.recv(_BUFFER)
                if not octets:
                    return
                rest += octets
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
            connection.sendall(head_of_answer + reply[:4] + request_id + reply[8:])


def _request_id(body: bytes, *, chunked: bool) -> bytes | None:
    """Octets 5 to 8 of the message (RFC 8010 section 3.1.1); None: they have not come yet."""
    start = body.find(b"\r\n") + 2 if chunked else 0
    if chunked and start == 1:
        return None
    request_id = body[start + 4 : start + 8]
    return request_id if len(request_id) == 4 else None


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

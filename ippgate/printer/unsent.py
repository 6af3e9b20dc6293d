"""What a printer has not taken yet: a full window is flow control, an empty one is not."""

from __future__ import annotations

import fcntl
import struct
import termios


def unsent(transport: object) -> int:
    """Octets in the system's send queue of a TCP transport that the other end has not acknowledged;
    0 where the system does not tell."""
    handle = getattr(transport, "getHandle", None)
    if handle is None:
        return 0
    try:
        answer = fcntl.ioctl(handle().fileno(), termios.TIOCOUTQ, b"\0\0\0\0")
    except (OSError, ValueError):  # ValueError: the socket is closed already
        return 0
    octets: int = struct.unpack("i", answer)[0]
    return octets

"""A printer's address: where to connect, what to call it, which path to post to."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlsplit

_PORTS = {"ipp": 631, "http": 80}


class PrinterAddress(NamedTuple):
    """``host`` and ``port`` to connect to; ``authority`` is the Host header, the printer's own name
    for itself as configured; ``path`` is posted to."""

    uri: str
    host: str
    port: int
    authority: str
    path: str

    @classmethod
    def parse(cls, uri: str) -> PrinterAddress:
        """``ipp://HOST[:PORT]/PATH``, or http://. Raises ValueError."""
        parts = urlsplit(uri)
        scheme = parts.scheme.lower()
        if scheme not in _PORTS:
            raise ValueError(f'"{uri}" must begin with ipp:// (or http://)')
        if not parts.hostname:
            raise ValueError(f'"{uri}" names no host')
        if parts.username is not None or parts.query or parts.fragment:
            raise ValueError(f'"{uri}" must have no user, query or fragment')
        if not uri.isascii() or any(character <= " " for character in uri):
            raise ValueError(f'"{uri}" must be of printable ASCII characters')
        port = parts.port if parts.port is not None else _PORTS[scheme]
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        return cls(uri, parts.hostname, port, f"{host}:{port}", parts.path or "/")

"""A directory server's address, as it is configured."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

PORTS = {"ldap": 389, "ldaps": 636}
"""RFC 4516 section 2, and IANA's registry for ldaps."""


@dataclass(frozen=True, slots=True)
class LdapServer:
    """``host``: a name or an address without brackets. ``ldaps``: TLS from the first octet."""

    host: str
    port: int
    ldaps: bool

    @classmethod
    def parse(cls, uri: str) -> LdapServer:
        """From ``ldaps://dc1.example.org[:636]``. Raises ValueError in words."""
        try:
            parts = urlsplit(uri)
            port = parts.port
        except ValueError as error:
            raise ValueError(f'"{uri}" is not an address of a directory: {error}') from None
        if parts.scheme not in PORTS:
            raise ValueError(f'"{uri}" must begin with ldaps:// or ldap://')
        if parts.username is not None or parts.password is not None:
            raise ValueError(f'"{parts.scheme}://…": accounts belong into bind_dn, not here')
        if not parts.hostname or any(c.isspace() or not c.isprintable() for c in uri) or port == 0:
            raise ValueError(f'"{uri}" is not an address such as ldaps://dc1.example.org')
        if parts.path not in ("", "/") or parts.query or parts.fragment:
            raise ValueError(
                f'"{uri}": give the host only; what is searched stands in users and groups'
            )
        return cls(parts.hostname, port or PORTS[parts.scheme], parts.scheme == "ldaps")

    @property
    def label(self) -> str:
        """``host:port``, for metrics."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        """Whether nothing that is sent there leaves this machine."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    def __str__(self) -> str:
        return f"{'ldaps' if self.ldaps else 'ldap'}://{self.label}"

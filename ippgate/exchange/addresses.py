"""The gateway's own addresses: the paths that it serves, and the URIs that it writes into replies.

A printer is ``/printers/NAME``, and ``/ipp/print/NAME`` for clients that insist; its jobs are
``…/jobs/ID`` below it. Names of printers need no escaping, so a path with ``%`` names nothing.

Before each of them may stand ``/t/TOKEN``: the address is one person's own then, for clients that
cannot say who asks. All addresses in replies to them begin alike, so that they go on using it.
"""

from __future__ import annotations

import re
import uuid
from typing import NamedTuple
from urllib.parse import urlsplit

IPPS_PORT = 631
"""Left out of ipps URIs (RFC 7472 section 4.1)."""
HTTPS_PORT = 443

_TARGET = re.compile(
    r"(?:/t/(?P<token>[A-Za-z0-9_-]{1,128}))?"
    r"(?:/printers|/ipp/print)/(?P<printer>[A-Za-z0-9._-]{1,127})(?:/jobs/(?P<job>[0-9]{1,10}))?/?"
)
_MAX_JOB_ID = 2**31 - 1
_IPP_SCHEMES = ("ipp", "ipps", "http", "https")


class Token(str):
    """A secret that an address carries: not shown where addresses are."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "Token(…)"


class Target(NamedTuple):
    """A printer by its name at the gateway, or one of its jobs; in whose name, if the address says
    so."""

    printer: str
    job_id: int | None = None
    token: Token | None = None


def parse_path(path: str) -> Target | None:
    """The printer or job that a path names; None when it names neither."""
    match = _TARGET.fullmatch(path)
    if match is None:
        return None
    token = None if match["token"] is None else Token(match["token"])
    job = match["job"]
    if job is None:
        return Target(match["printer"], None, token)
    job_id = int(job)
    return Target(match["printer"], job_id, token) if 0 < job_id <= _MAX_JOB_ID else None


def parse_target_uri(uri: str) -> Target | None:
    """The printer or job that a target URI of a request names (RFC 8011 section 4.1.5).

    Only the path counts: clients reach one gateway under several names. None when the URI is
    not absolute, has another scheme, a query or a fragment, or names neither printer nor job.
    """
    try:
        parts = urlsplit(uri)
    except ValueError:
        return None
    if parts.scheme.lower() not in _IPP_SCHEMES or not parts.netloc:
        return None
    if parts.query or parts.fragment:
        return None
    return parse_path(parts.path)


class PublicAddress(NamedTuple):
    """Under which host and port clients reach the gateway: what goes into every rewritten URI.

    ``token``: of the client that the URIs are for, if its own address has one."""

    host: str
    port: int = IPPS_PORT
    token: Token | None = None

    @classmethod
    def parse(
        cls, public_name: str, listener_port: int, token: Token | None = None
    ) -> PublicAddress:
        """``public_name`` is a host, or ``host:port``; without a port the listener's counts."""
        parts = urlsplit(f"//{public_name}")
        host = parts.hostname or public_name
        return cls(host, parts.port if parts.port is not None else listener_port, token)

    @property
    def prefix(self) -> str:
        """Of every path."""
        return "" if self.token is None else f"/t/{self.token}"

    def authority(self, default_port: int) -> str:
        """``host`` or ``host:port``, IPv6 addresses in brackets."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == default_port else f"{host}:{self.port}"

    def printer(self, name: str) -> str:
        """The printer's URI."""
        return f"ipps://{self.authority(IPPS_PORT)}{self.prefix}/printers/{name}"

    def job(self, name: str, job_id: int) -> str:
        """The URI of a job: it names its printer, so that no other job can be meant."""
        return f"ipps://{self.authority(IPPS_PORT)}{self.prefix}/printers/{name}/jobs/{job_id}"

    def page(self, name: str) -> str:
        """The gateway's page about a printer."""
        return f"https://{self.authority(HTTPS_PORT)}{self.prefix}/printers/{name}"

    def icon(self, name: str) -> str:
        """The gateway's icon for a printer."""
        return f"https://{self.authority(HTTPS_PORT)}{self.prefix}/printers/{name}/icon.png"

    def uuid(self, name: str) -> str:
        """The printer's UUID behind the gateway: stable, and not the printer's own.

        Clients merge queues of one UUID, so the printer's own would make them use it directly.
        """
        own = uuid.uuid5(uuid.NAMESPACE_URL, f"ipps://{self.host.lower()}/printers/{name}")
        return own.urn

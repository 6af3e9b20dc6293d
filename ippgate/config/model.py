"""The configuration file, section by section. A leaf: anyone may import it.

Paths are text here, relative to the file's folder (ippgate.config.loader resolves them). What needs
more than the file itself to be judged (certificates, rules, the directory) is checked by
ippgate.preparing.
"""

from __future__ import annotations

import ipaddress
import re
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator, model_validator

from ippgate.config.quantities import Duration
from ippgate.config.validation import Section

Text = Annotated[str, Field(min_length=1, max_length=255)]
FilePath = Annotated[str, Field(min_length=1, max_length=4096)]

_PUBLIC_NAME = re.compile(
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[(?P<six>[0-9A-Fa-f:.]+)\])"
    r"(?::(?P<port>[0-9]{1,5}))?"
)
_PRINTER_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,126}")
_ADDRESS = re.compile(r"(?:\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<four>[0-9.]+)):(?P<port>[0-9]{1,5})")


def _address(text: str) -> str:
    match = _ADDRESS.fullmatch(text)
    if match is None or int(match["port"]) > 65535 or not _is_ip(match["four"], match["six"]):
        raise ValueError(
            f'"{text}" is not an address with a port, such as "[::]:631" or "0.0.0.0:631"'
        )
    return text


MOST_STALE = 86_400.0


def _is_ip(four: str | None, six: str | None) -> bool:
    """Whether what was given of the two, without brackets, is an address of that kind."""
    try:
        if four is not None:
            ipaddress.IPv4Address(four)
        if six is not None:
            ipaddress.IPv6Address(six)
    except ValueError:
        return False
    return True


class Tls(Section):
    """A listener's certificate chain and key, in PEM. ``client_ca``: who signs certificates of
    people, who may use them instead of passwords here; ``client_crl``: which are revoked."""

    certificate: FilePath
    key: FilePath
    minimum_version: Literal["1.2", "1.3"] = "1.2"
    client_ca: FilePath | None = None
    client_crl: FilePath | None = None

    @model_validator(mode="after")
    def _a_ca(self) -> Tls:
        if self.client_crl is not None and self.client_ca is None:
            raise ValueError("client_crl is given, but no client_ca")
        return self


class Listen(Section):
    """Where clients connect to."""

    address: str
    tls: Tls

    _check = field_validator("address")(_address)


class LdapUsers(Section):
    """Where people are found. ``name``: the attribute of the canonical name; ``id``: the stable
    one; ``attributes``: what rules may look at besides."""

    base: Text
    filter: Text = "(uid={username})"
    name: Text = "uid"
    id: Text = "entryUUID"
    attributes: tuple[Text, ...] = Field((), strict=False)


class LdapGroups(Section):
    """Where a person's groups are found; without this section, in the person's ``memberOf``.
    ``nested``: groups of groups count, too."""

    base: Text
    filter: Text = "(member={dn})"
    name: Text = "cn"
    nested: bool = False


class Ldap(Section):
    """A directory: servers are asked in this order."""

    servers: Annotated[list[Text], Field(min_length=1)]
    ca_file: FilePath | None = None
    start_tls: bool = False
    bind_dn: Text | None = None
    bind_password_file: FilePath | None = None
    bind_password_env: Text | None = None
    users: LdapUsers
    groups: LdapGroups | None = None

    @model_validator(mode="after")
    def _one_password(self) -> Ldap:
        given = [self.bind_password_file, self.bind_password_env]
        if self.bind_dn is not None and given.count(None) != 1:
            raise ValueError(
                "bind_dn needs its password: give one of bind_password_file, bind_password_env"
            )
        if self.bind_dn is None and given.count(None) != 2:
            raise ValueError("a bind password is given, but no bind_dn")
        return self


class Cache(Section):
    """How long proved and refused credentials are remembered; 0 is not at all. ``stale_ttl``: how
    long since they were proved they are honoured while no server of the directory answers."""

    ttl: Duration = 300.0
    negative_ttl: Duration = 30.0
    stale_ttl: Duration = 0.0

    @model_validator(mode="after")
    def _bounds(self) -> Cache:
        if self.ttl > 3600 or self.negative_ttl > 3600:
            raise ValueError(
                "credentials are remembered for an hour at most: a disabled account must not print"
            )
        if self.stale_ttl > MOST_STALE:
            raise ValueError("stale_ttl is a day at most: nobody can be disabled meanwhile")
        if 0 < self.stale_ttl <= self.ttl:
            raise ValueError("stale_ttl counts from the proof, like ttl: it must be longer")
        return self


class Lockout(Section):
    """Too many wrong passwords for a name ``within`` some time: it is not asked about ``for`` some
    time. Stay below the directory's own threshold. ``failures`` 0: never."""

    failures: Annotated[int, Field(ge=0, le=1000)] = 5
    within: Duration = 120.0
    for_: Duration = Field(default=300.0, alias="for")


class Certificate(Section):
    """Whom a client certificate stands for. ``name``: which of its names is the person's;
    ``filter``: how the directory finds them by it, unless as if it had been typed."""

    name: Literal["upn", "mail", "common_name", "uid", "subject"] = "upn"
    filter: Text | None = None


class Negotiate(Section):
    """Kerberos tickets, by SPNEGO. ``keytab``: keys of the service HTTP at the public name."""

    keytab: FilePath


class Identity(Section):
    """Who people are: a directory, a file of accounts, or both (the directory is asked first).

    ``names``: forms of names with a domain or realm, and what is asked for then."""

    realm: Text = "Printing"
    ldap: Ldap | None = None
    file: FilePath | None = None
    names: dict[Text, Text] = Field(default_factory=dict)
    certificate: Certificate = Certificate()
    negotiate: Negotiate | None = None
    cache: Cache = Cache()
    lockout: Lockout = Lockout()

    @model_validator(mode="after")
    def _somewhere(self) -> Identity:
        if self.ldap is None and self.file is None:
            raise ValueError("nobody could sign in: give ldap, or file, or both")
        return self


def _network(text: object) -> object:
    if not isinstance(text, str):
        raise ValueError("must be a network in quotes, such as 198.51.100.0/24")
    try:
        network = ip_network(text)
    except ValueError as error:
        raise ValueError(f'"{text}" is not a network such as 198.51.100.0/24: {error}') from None
    if network.prefixlen == 0:
        raise ValueError(f'"{text}" is the whole world: anybody could claim to be anybody')
    return network


Network = Annotated[IPv4Network | IPv6Network, BeforeValidator(_network)]


class Printer(Section):
    """A printer behind the gateway. ``title`` and ``location``: as people know it. ``tags``: words
    that policies know it by. ``trusted_networks``: from where names are believed without any
    proof."""

    uri: Text
    title: Text | None = None
    location: Text | None = None
    tags: list[Text] = Field(default_factory=list)
    trusted_networks: tuple[Network, ...] = Field((), strict=False)


class Audit(Section):
    """The trail. ``queries``: whether permitted queries are recorded, or refused ones only."""

    file: FilePath
    queries: Literal["all", "refused"] = "all"


class Ledger(Section):
    """The memory of jobs. ``url``: SQLite's file or PostgreSQL's address. ``keep``: how long jobs
    are remembered after they were submitted. PostgreSQL's password, where one is needed, is in
    ``password_file`` or in the environment variable ``password_env``."""

    url: Annotated[str, Field(min_length=1, max_length=4096)] | None = None
    keep: Duration = 90 * 86400.0
    password_file: FilePath | None = None
    password_env: Text | None = None

    @field_validator("keep")
    @classmethod
    def _some_time(cls, value: float) -> float:
        if value < 86400:
            raise ValueError("must be 1d or more: jobs stand at printers for a while")
        return value

    @model_validator(mode="after")
    def _one_password(self) -> Ledger:
        if self.password_file is not None and self.password_env is not None:
            raise ValueError("give one of password_file, password_env")
        return self


def _only_url(value: object) -> object:
    """``ledger: sqlite:///…`` says what ``ledger: {url: sqlite:///…}`` says."""
    return {"url": value} if isinstance(value, str) else value


class Limits(Section):
    """What clients can cost. ``body_rate``: octets a second that a document must bring at least."""

    connections: Annotated[int, Field(ge=1, le=100_000)] = 2000
    connections_per_address: Annotated[int, Field(ge=1, le=100_000)] = 200
    handshake: Duration = 10.0
    head: Duration = 10.0
    idle: Duration = 60.0
    attributes: Duration = 20.0
    body_rate: Annotated[int, Field(ge=1)] = 256

    @field_validator("handshake", "head", "idle", "attributes")
    @classmethod
    def _some_time(cls, value: float) -> float:
        if not 0.1 <= value <= 3600:
            raise ValueError("must be between 100ms and 1h")
        return value


class Configuration(Section):
    """The whole file. ``state``: the folder of what the gateway remembers across restarts."""

    public_name: str
    listen: Annotated[list[Listen], Field(min_length=1)]
    monitor: str | None = None
    identity: Identity
    printers: Annotated[dict[str, Printer], Field(min_length=1)]
    policies: Annotated[list[FilePath], Field(min_length=1)]
    audit: Audit
    state: FilePath | None = None
    ledger: Annotated[Ledger, BeforeValidator(_only_url)] = Ledger()
    limits: Limits = Limits()

    @field_validator("public_name")
    @classmethod
    def _host(cls, text: str) -> str:
        name = _PUBLIC_NAME.fullmatch(text)
        if (
            name is None
            or len(text) > 200
            or not 0 < int(name["port"] or 631) < 65536
            or not _is_ip(None, name["six"])
        ):
            raise ValueError(
                f'"{text}" is not a host name that clients could use, such as print.example.org'
            )
        return text

    @field_validator("listen")
    @classmethod
    def _once(cls, listen: list[Listen]) -> list[Listen]:
        addresses = [each.address for each in listen if not each.address.endswith(":0")]
        for address in addresses:
            if addresses.count(address) > 1:
                raise ValueError(f'"{address}" is given twice: nobody can listen there twice')
        return listen

    @field_validator("monitor")
    @classmethod
    def _monitor(cls, text: str | None, info: ValidationInfo) -> str | None:
        if text is None:
            return None
        if not text.endswith(":0") and text in {
            each.address for each in info.data.get("listen", ())
        }:
            raise ValueError(f'"{text}" is where clients connect to: give another port')
        return _address(text)

    @field_validator("printers")
    @classmethod
    def _names(cls, printers: dict[str, Printer]) -> dict[str, Printer]:
        for name in printers:
            if not _PRINTER_NAME.fullmatch(name):
                raise ValueError(
                    f'"{name}" cannot be a printer\'s name: it becomes part of its address, so '
                    'letters, digits, "." "_" "-", at most 127'
                )
        return printers

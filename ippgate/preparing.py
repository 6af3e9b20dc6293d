"""From a configuration to checked parts, without touching the network.

``ippgate check`` does no more than this; what it accepts is what ``ippgate run`` opens.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, ParamSpec, TypeVar

from ippgate.config.findings import ConfigurationError, Finding, Severity
from ippgate.config.loader import (
    Folder,
    Loaded,
    bind_password,
    expectation_texts,
    included,
    ledger_password,
    load,
    read,
    rule_texts,
)
from ippgate.config.model import Configuration, Limits, Tls
from ippgate.config.salvage import salvaged
from ippgate.identity import ldap_filter, name_forms, user_file
from ippgate.identity.name_forms import NameForms
from ippgate.identity.negotiate import Accept, NegotiateUnusable, ticket_acceptor
from ippgate.identity.settings import GroupSearch, LdapSettings, UserSearch
from ippgate.identity.user_file import UserFile
from ippgate.ledger.location import FILE, Location
from ippgate.ledger.location import parse as parse_location
from ippgate.listener.client_certificates import ClientCaError, ClientTrust
from ippgate.listener.limits import Caps, short_of_descriptors
from ippgate.listener.tls import ServerTls, TlsConfigurationError, findings, server_tls
from ippgate.policy.expectations import disappointed
from ippgate.policy.facts import Place
from ippgate.policy.file import load as load_rules
from ippgate.policy.policy import Policy
from ippgate.printer.address import PrinterAddress

T = TypeVar("T")
P = ParamSpec("P")

READABLE_BY_OTHERS = 0o004


@dataclass(frozen=True, slots=True)
class Prepared:
    """Everything that was checked, and can be used. ``tls``: one for each listener. ``accept``:
    takes Kerberos tickets, where that is configured."""

    loaded: Loaded
    policy: Policy
    tls: tuple[ServerTls, ...]
    ldap: LdapSettings | None
    users: UserFile | None
    names: NameForms
    accept: Accept | None
    ledger: Location
    printers: Mapping[str, PrinterAddress]
    warnings: tuple[Finding, ...]


def prepare(file: Path, environment: Mapping[str, str], now: datetime) -> Prepared:
    """Checks every part of a configuration.

    Raises ConfigurationError with every mistake of every file: what a valid configuration's parts
    are checked for is checked in the valid sections of another one, too.
    """
    written = read(file)
    try:
        loaded = load(written)
    except ConfigurationError as error:
        found = [*error.findings, *_mistakes_of_rules(written)]
        _parts(salvaged(written), environment, found)
        raise ConfigurationError(sorted(found, key=_place)) from None
    return _prepared(loaded, environment, now)


def _prepared(loaded: Loaded, environment: Mapping[str, str], now: datetime) -> Prepared:
    found: list[Finding] = []
    policy = _attempt(found, _policy, loaded)
    parts = _parts(loaded, environment, found)
    if found or policy is None or parts.tls is None or parts.names is None:
        raise ConfigurationError(sorted(found, key=_place))
    if parts.ledger is None or not parts.printers:
        raise ConfigurationError(sorted(found, key=_place))
    return Prepared(
        loaded=loaded,
        policy=policy,
        tls=parts.tls,
        ldap=parts.ldap,
        users=parts.users,
        names=parts.names,
        accept=parts.accept,
        ledger=parts.ledger,
        printers=parts.printers,
        warnings=tuple(_warnings(loaded, parts.tls, now)),
    )


class _Parts(NamedTuple):
    """What the sections are about, rules apart; None where there are mistakes, or nothing."""

    tls: tuple[ServerTls, ...] | None
    ldap: LdapSettings | None
    users: UserFile | None
    names: NameForms | None
    accept: Accept | None
    ledger: Location | None
    printers: dict[str, PrinterAddress] | None


def _parts(loaded: Loaded, environment: Mapping[str, str], found: list[Finding]) -> _Parts:
    """The mistakes go to ``found``."""
    parts = _Parts(
        tls=_attempt(found, _tls, loaded),
        ldap=_attempt(found, _ldap, loaded, environment),
        users=_attempt(found, _users, loaded),
        names=_attempt(found, _names, loaded),
        accept=_attempt(found, _negotiate, loaded),
        ledger=_attempt(found, ledger_location, loaded, environment),
        printers=_attempt(found, _printers, loaded),
    )
    _attempt(found, _certificate, loaded)
    found += _surroundings(loaded)
    return parts


def _place(finding: Finding) -> tuple[str, int]:
    """Findings are told file by file, from top to bottom."""
    return finding.file, finding.line or 0


def disappointed_expectations(prepared: Prepared) -> list[Finding]:
    """What the expectations beside the rule files say otherwise (``NAME.test.yaml``).

    Raises ConfigurationError when such a file is wrong itself.
    """
    entries = prepared.loaded.configuration.policies
    return [
        finding
        for file, text in expectation_texts(prepared.loaded, entries)
        for finding in disappointed(prepared.policy, text, file)
    ]


def caps(limits: Limits) -> Caps:
    """The caps on connections of the printers' listeners, all together."""
    return Caps(limits.connections, limits.connections_per_address)


def _attempt(
    found: list[Finding], part: Callable[P, T], *arguments: P.args, **named: P.kwargs
) -> T | None:
    """A part; None, and its mistakes in ``found``, when it cannot be made."""
    try:
        return part(*arguments, **named)
    except ConfigurationError as error:
        found += error.findings
        return None


def _policy(loaded: Loaded) -> Policy:
    configuration = loaded.configuration
    texts = rule_texts(loaded, configuration.policies)
    return load_rules(texts, places(configuration), included)


def places(configuration: Configuration) -> dict[str, Place]:
    """What policies know of the printers."""
    return {
        name: Place(printer.location or "", frozenset(printer.tags))
        for name, printer in configuration.printers.items()
    }


def _mistakes_of_rules(written: Folder) -> tuple[Finding, ...]:
    """Of the rule files that a configuration lists which is no configuration otherwise."""
    keys = written.source.value
    entries = keys.get("policies") if isinstance(keys, dict) else None
    if not isinstance(entries, list) or not all(isinstance(entry, str) for entry in entries):
        return ()
    try:
        load_rules(rule_texts(written, entries), include=included)
    except ConfigurationError as error:
        return error.findings
    return ()


def _tls(loaded: Loaded) -> tuple[ServerTls, ...]:
    ready = []
    found = []
    for index, listen in enumerate(loaded.configuration.listen):
        tls = listen.tls
        try:
            ready.append(
                server_tls(
                    loaded.path(tls.certificate),
                    loaded.path(tls.key),
                    tls.minimum_version,
                    _trust(loaded, tls),
                )
            )
        except (TlsConfigurationError, ClientCaError) as error:
            found.append(loaded.error(("listen", index, "tls"), str(error)))
    if found:
        raise ConfigurationError(found)
    return tuple(ready)


def _trust(loaded: Loaded, tls: Tls) -> ClientTrust | None:
    if tls.client_ca is None:
        return None
    crl = None if tls.client_crl is None else loaded.path(tls.client_crl)
    return ClientTrust(loaded.path(tls.client_ca), crl)


def _negotiate(loaded: Loaded) -> Accept | None:
    negotiate = loaded.configuration.identity.negotiate
    if negotiate is None:
        return None
    key = ("identity", "negotiate")
    if not any("@" in typed for typed in loaded.configuration.identity.names):
        words = (
            "a ticket says alice@REALM: identity.names must have that form, as in "
            "'{username}@corp.example.org': '{username}'"
        )
        raise ConfigurationError([loaded.error(key, words)])
    try:
        return ticket_acceptor(loaded.path(negotiate.keytab))
    except NegotiateUnusable as error:
        raise ConfigurationError([loaded.error(key, str(error))]) from None


def _certificate(loaded: Loaded) -> None:
    """Checks how the directory finds people by their certificates. Raises ConfigurationError."""
    filter_ = loaded.configuration.identity.certificate.filter
    if filter_ is None:
        return
    username = frozenset({"username"})
    mistakes = ldap_filter.mistakes(filter_, known=username, needed=username)
    if mistakes:
        key = ("identity", "certificate", "filter")
        raise ConfigurationError(loaded.error(key, words) for words in mistakes)


def _ldap(loaded: Loaded, environment: Mapping[str, str]) -> LdapSettings | None:
    ldap = loaded.configuration.identity.ldap
    if ldap is None:
        return None
    users, groups = ldap.users, ldap.groups
    settings = LdapSettings(
        servers=tuple(ldap.servers),
        users=UserSearch(users.base, users.filter, users.name, users.id, users.attributes),
        groups=None
        if groups is None
        else GroupSearch(groups.base, groups.filter, groups.name, groups.nested),
        bind_dn=ldap.bind_dn,
        bind_password=bind_password(loaded, environment),
        ca_file=None if ldap.ca_file is None else loaded.path(ldap.ca_file),
        start_tls=ldap.start_tls,
    )
    mistakes = settings.mistakes()
    if mistakes:
        raise ConfigurationError(loaded.error(("identity", "ldap"), words) for words in mistakes)
    return settings


def _names(loaded: Loaded) -> NameForms:
    table = loaded.configuration.identity.names
    mistakes = name_forms.mistakes(table)
    if mistakes:
        raise ConfigurationError(loaded.error(("identity", "names"), words) for words in mistakes)
    return NameForms(table)


def _users(loaded: Loaded) -> UserFile | None:
    name = loaded.configuration.identity.file
    if name is None:
        return None
    return user_file.load(loaded.read(name, ("identity", "file")), str(loaded.path(name)))


def ledger_location(loaded: Loaded, environment: Mapping[str, str]) -> Location:
    """Where the ledger is: beside the trail, where nothing else is said, since that folder can be
    written. Raises ConfigurationError."""
    ledger = loaded.configuration.ledger
    if ledger.url is None:
        return Location(file=loaded.path(loaded.configuration.audit.file).parent / FILE)
    try:
        location = parse_location(ledger.url, loaded.folder, ledger_password(loaded, environment))
    except ValueError as error:
        raise ConfigurationError([loaded.error(("ledger",), str(error))]) from None
    if location.file is not None and not location.file.parent.is_dir():
        words = f"the folder {location.file.parent} does not exist: make it, writable for the "
        raise ConfigurationError([loaded.error(("ledger",), words + "gateway's account")])
    return location


def _printers(loaded: Loaded) -> dict[str, PrinterAddress]:
    addresses = {}
    found = []
    for name, printer in loaded.configuration.printers.items():
        try:
            addresses[name] = PrinterAddress.parse(printer.uri)
        except ValueError as error:
            found.append(loaded.error(("printers", name, "uri"), str(error)))
    if found:
        raise ConfigurationError(found)
    return addresses


def _surroundings(loaded: Loaded) -> Iterator[Finding]:
    configuration = loaded.configuration
    short = short_of_descriptors(caps(configuration.limits))
    if short is not None:
        yield loaded.error(("limits", "connections"), short)
    trail = loaded.path(configuration.audit.file)
    folder = trail.parent
    if trail.is_dir():
        words = f"{trail} is a folder: give the name of a file, such as audit.jsonl in it"
        yield loaded.error(("audit", "file"), words)
    elif not folder.is_dir():
        words = f"the folder {folder} does not exist: make it, writable for the gateway's account"
        yield loaded.error(("audit", "file"), words)
    if configuration.state is not None:
        state = loaded.path(configuration.state)
        if not state.is_dir():
            words = f"the folder {state} does not exist: make it, for the gateway's account alone"
            yield loaded.error(("state",), words)


def _warnings(loaded: Loaded, ready: tuple[ServerTls, ...], now: datetime) -> Iterator[Finding]:
    configuration = loaded.configuration
    for index, (listen, tls) in enumerate(zip(configuration.listen, ready, strict=True)):
        for words in () if tls.trust is None else tls.trust.findings(now):
            yield _warning(loaded, ("listen", index, "tls", "client_crl"), words)
        files = loaded.path(listen.tls.certificate), loaded.path(listen.tls.key)
        for words in findings(*files, now):
            yield _warning(loaded, ("listen", index, "tls"), words)
    identity = configuration.identity
    if identity.file is not None:
        yield from _readable_by_others(loaded, ("identity", "file"), identity.file)
    if identity.ldap is not None and identity.ldap.bind_password_file is not None:
        key = ("identity", "ldap", "bind_password_file")
        yield from _readable_by_others(loaded, key, identity.ldap.bind_password_file)


def _readable_by_others(loaded: Loaded, key: tuple[str, ...], name: str) -> Iterator[Finding]:
    path: Path = loaded.path(name)
    if path.stat().st_mode & READABLE_BY_OTHERS:
        yield _warning(loaded, key, f"{path}: others can read it: chmod o= {path}")


def _warning(loaded: Loaded, key: tuple[str | int, ...], words: str) -> Finding:
    error = loaded.error(key, words)
    return Finding(error.file, error.line, error.path, words, Severity.WARNING)

"""``ippgate identity``: what the gateway would make of a person, and whom it does not ask about."""

from __future__ import annotations

import argparse
import getpass
import json
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path

from ippgate.cli.asking import ask
from ippgate.cli.output import NO, OK, USAGE
from ippgate.clock import SystemClock
from ippgate.exchange.ports import CredentialsRefused, DirectoryUnavailable
from ippgate.identifying import make_sources, make_tallies, open_state
from ippgate.identity.basic import password_mistake
from ippgate.identity.lockout import unlock
from ippgate.identity.names import typed_mistake
from ippgate.identity.source import Source
from ippgate.policy.facts import Principal
from ippgate.preparing import Prepared, prepare
from ippgate.reactor import Reactor


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser(
        "identity", help="ask who somebody is; unlock a name", description=__doc__
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    test = commands.add_parser(
        "test",
        help="ask the directory as the gateway would",
        description="Asks as the gateway would, without its cache. Exit 1 when the person could "
        "not use the gateway, or nobody answers.",
    )
    test.add_argument("user", metavar="USER", help="a name as somebody would type it")
    test.add_argument("-c", "--config", type=Path, required=True, metavar="FILE")
    test.add_argument(
        "--password",
        action="store_true",
        help="try a password, too: it is asked for, or is the first line of standard input",
    )
    test.add_argument("--json", action="store_true")
    test.set_defaults(command=test_command)
    free = commands.add_parser(
        "unlock",
        help="let a name be asked about again",
        description="Forgets wrong passwords that were counted for a name. An account that the "
        "directory itself has locked stays so. Exit 1 when nothing was counted.",
    )
    free.add_argument("user", metavar="USER")
    free.add_argument("-c", "--config", type=Path, required=True, metavar="FILE")
    free.set_defaults(command=unlock_command)


def unlock_command(arguments: argparse.Namespace) -> int:
    """Works on the state file, so that all workers see it at once."""
    prepared = prepare(arguments.config, os.environ, SystemClock().now())
    try:
        state = open_state(prepared)
        if state is None:
            print(
                "ippgate identity unlock: no state folder is configured, so each worker counts in "
                "its own memory: set state, or restart the gateway",
                file=sys.stderr,
            )
            return USAGE
        try:
            name = prepared.names.asked(arguments.user)
            count = unlock(make_tallies(prepared, state), name)
        finally:
            state.close()
    except (CredentialsRefused, DirectoryUnavailable) as error:
        print(f"ippgate identity unlock: {error}", file=sys.stderr)
        return USAGE
    if not count:
        print(f"{name}: no wrong password was counted")
        return NO
    print(f"{name}: may be asked about again ({count} counted questions forgotten)")
    return OK


@dataclass
class Findings:
    """What was found out about a person. ``calls``: server, call, seconds."""

    typed: str
    asked: str | None = None
    source: str | None = None
    principal: Principal | None = None
    refused: str | None = None
    basic: str = "needs a password: none was tried (--password)"
    calls: list[tuple[str, str, float]] = field(default_factory=list)

    # --- DirectoryMeter -------------------------------------------------------------------------

    def directory_called(self, *, server: str, call: str, seconds: float) -> None:
        self.calls.append((server, call, seconds))

    def directory_up(self, *, server: str, up: bool) -> None:
        """Not told: the calls say as much."""


def test_command(arguments: argparse.Namespace) -> int:
    """Prints what is found; 1 when the person could not use the gateway."""
    prepared = prepare(arguments.config, os.environ, SystemClock().now())
    password = _password() if arguments.password else None
    wrong = None if password is None else password_mistake(password)
    if wrong is not None:
        print(f"ippgate identity test: {wrong}", file=sys.stderr)
        return USAGE
    found = Findings(arguments.user)
    try:
        mistake = typed_mistake(arguments.user)
        if mistake is not None:
            raise CredentialsRefused(mistake)
        found.asked = prepared.names.asked(arguments.user)
        ask(lambda reactor: _find_out(prepared, reactor, found, password))
    except (CredentialsRefused, DirectoryUnavailable) as error:
        found.refused = str(error)
    if arguments.json:
        print(json.dumps(_as_json(prepared, found), ensure_ascii=False))
    else:
        for line in _as_text(prepared, found):
            print(line)
    good = found.principal is not None and found.refused is None
    return OK if good and not found.basic.startswith("refused") else NO


async def _find_out(
    prepared: Prepared, reactor: Reactor, found: Findings, password: str | None
) -> None:
    assert found.asked is not None, "a name that is refused is not asked for"
    sources = make_sources(prepared, reactor, found)
    try:
        await _look_up(sources, found, found.asked)
        if password is not None:
            found.basic = await _try(sources, found.asked, password)
    finally:
        for source in sources:
            source.stop()


async def _look_up(sources: list[Source], found: Findings, name: str) -> None:
    for source in sources:
        found.source = source.name
        found.principal = await source.look_up(name)
        if found.principal is not None:
            return
    found.source = None
    found.refused = "no such user"


async def _try(sources: list[Source], name: str, password: str) -> str:
    for source in sources:
        try:
            if await source.verify(name, password) is not None:
                return "accepted"
        except CredentialsRefused as error:
            return f"refused: {error}"
    return "refused: no such user"


def _methods(prepared: Prepared, found: Findings) -> dict[str, str]:
    """What each method would decide about this person."""
    configuration = prepared.loaded.configuration
    known = found.refused is None
    refused = f"refused: {found.refused}"
    methods = {"basic": found.basic if known else refused}
    if any(tls.trust is not None for tls in prepared.tls):
        wanted = configuration.identity.certificate
        found_by = wanted.filter or "as if it had been typed"
        methods["certificate"] = (
            f"accepted with a certificate whose {wanted.name} leads here ({found_by})"
            if known
            else refused
        )
    if configuration.state is not None:
        methods["token"] = "accepted with a token of theirs" if known else refused
    believing = [name for name, p in configuration.printers.items() if p.trusted_networks]
    if believing:
        where = f"from the networks that {', '.join(sorted(believing))} believe"
        methods["network"] = f"believed {where}" if known else f"{refused}; {where}"
    return methods


def _as_text(prepared: Prepared, found: Findings) -> list[str]:
    lines = [f"typed       {found.typed}"]
    if found.asked is not None and found.asked != found.typed:
        lines.append(f"asked for   {found.asked}")
    principal = found.principal
    if principal is not None:
        lines += [
            f"name        {principal.name}",
            f"id          {principal.id}",
            f"known to    {found.source}",
            f"groups      {', '.join(sorted(principal.groups)) or 'none'}",
        ]
        lines += [f"{name:<11} {', '.join(v)}" for name, v in sorted(principal.attributes.items())]
    if found.refused is not None:
        lines.append(f"refused     {found.refused}")
    lines += [f"{name:<11} {words}" for name, words in _methods(prepared, found).items()]
    if found.calls:
        lines += ["", f"{'server':<32} {'call':<14} {'ms':>8}"]
        lines += [
            f"{server:<32} {call:<14} {seconds * 1000:>8.1f}"
            for server, call, seconds in found.calls
        ]
    return lines


def _as_json(prepared: Prepared, found: Findings) -> dict[str, object]:
    principal = found.principal
    return {
        "typed": found.typed,
        "asked": found.asked,
        "source": found.source,
        "name": None if principal is None else principal.name,
        "id": None if principal is None else principal.id,
        "groups": [] if principal is None else sorted(principal.groups),
        "attributes": {} if principal is None else dict(principal.attributes),
        "refused": found.refused,
        "methods": _methods(prepared, found),
        "calls": [
            {"server": server, "call": call, "ms": round(seconds * 1000, 3)}
            for server, call, seconds in found.calls
        ],
    }


def _password() -> str:
    if sys.stdin.isatty():
        return getpass.getpass("Password: ")
    return sys.stdin.readline(4096).removesuffix("\n").removesuffix("\r")

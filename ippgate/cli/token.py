"""``ippgate token``: printer addresses of one person's own, for clients that cannot sign in."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from ippgate.cli.asking import ask
from ippgate.cli.output import NO, OK, USAGE
from ippgate.clock import SystemClock
from ippgate.exchange.addresses import PublicAddress, Token
from ippgate.exchange.ports import CredentialsRefused, DirectoryUnavailable
from ippgate.identifying import make_sources, open_state
from ippgate.identity.names import typed_mistake
from ippgate.identity.tokens import IssuedToken, TokenStore
from ippgate.listener.port import ListenAddress
from ippgate.monitor.metrics import Metrics
from ippgate.policy.facts import Principal
from ippgate.preparing import Prepared, prepare
from ippgate.reactor import Reactor

DAYS = 365
MOST_DAYS = 3650
DAY_SECONDS = 86_400.0


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser(
        "token", help="printer addresses of one person's own", description=__doc__
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    issue = commands.add_parser(
        "issue",
        help="an address for a person",
        description="Prints addresses with a new token in them. It cannot be shown again: whoever "
        "has it prints in the person's name.",
    )
    issue.add_argument("--user", required=True, metavar="U")
    issue.add_argument("--printer", metavar="P", help="good for this printer only")
    issue.add_argument("--days", type=int, default=DAYS, metavar="N", help=f"{DAYS} unless given")
    issue.set_defaults(command=_command(issue_command))
    list_ = commands.add_parser("list", help="tokens by person, without the tokens themselves")
    list_.add_argument("--user", metavar="U")
    list_.set_defaults(command=_command(list_command))
    revoke = commands.add_parser(
        "revoke",
        help="refuse tokens from now on",
        description="Works at once, for all workers. Exit 1 when one was not there.",
    )
    revoke.add_argument("id", nargs="+", metavar="ID", help="as ippgate token list shows it")
    revoke.set_defaults(command=_command(revoke_command))
    for command in (issue, list_, revoke):
        command.add_argument("-c", "--config", type=Path, required=True, metavar="FILE")
        command.add_argument("--json", action="store_true")


Command = Callable[[argparse.Namespace, Prepared, TokenStore], int]


def _command(command: Command) -> Callable[[argparse.Namespace], int]:
    """The command with the state file open."""

    def run(arguments: argparse.Namespace) -> int:
        prepared = prepare(arguments.config, os.environ, SystemClock().now())
        try:
            state = open_state(prepared)
            if state is None:
                return _say("no state folder is configured to keep tokens in: set state")
            try:
                return command(arguments, prepared, TokenStore(state))
            finally:
                state.close()
        except (CredentialsRefused, DirectoryUnavailable) as error:
            return _say(str(error))

    return run


def issue_command(arguments: argparse.Namespace, prepared: Prepared, store: TokenStore) -> int:
    """For somebody whom a source knows. Prints an address for each printer."""
    printers = list(prepared.printers)
    if arguments.printer is not None:
        if arguments.printer not in printers:
            return _say(f"there is no printer {arguments.printer}")
        printers = [arguments.printer]
    if not 1 <= arguments.days <= MOST_DAYS:
        return _say(f"--days must be from 1 to {MOST_DAYS}")
    wrong = typed_mistake(arguments.user)
    if wrong is not None:
        return _say(wrong)
    name = prepared.names.asked(arguments.user)
    principal = ask(lambda reactor: _look_up(prepared, reactor, name))
    if principal is None:
        return _say(f"nobody knows {name}")
    now = SystemClock().now().timestamp()
    token, issued = store.issue(principal, arguments.printer, now, arguments.days * DAY_SECONDS)
    public = _public(prepared, Token(token))
    addresses = {printer: public.printer(printer) for printer in printers}
    if arguments.json:
        print(json.dumps({**_as_json(issued, now), "addresses": addresses}))
        return OK
    print(f"{issued.id}  for {issued.person}, until {_day(issued.expires)}: shown only now")
    for address in addresses.values():
        print(address)
    return OK


async def _look_up(prepared: Prepared, reactor: Reactor, name: str) -> Principal | None:
    sources = make_sources(prepared, reactor, Metrics("token"))
    try:
        for source in sources:
            principal = await source.look_up(name)
            if principal is not None:
                return principal
    finally:
        for source in sources:
            source.stop()
    return None


def list_command(arguments: argparse.Namespace, _: Prepared, store: TokenStore) -> int:
    """A table; 1 when it is empty."""
    now = SystemClock().now().timestamp()
    tokens = [token for token in store.all() if arguments.user in (None, token.person)]
    if arguments.json:
        for token in tokens:
            print(json.dumps(_as_json(token, now)))
    elif tokens:
        print(f"{'id':<12} {'person':<22} {'printer':<18} {'until':<12} state")
        for token in tokens:
            printer = token.printer or "any"
            print(
                f"{token.id:<12} {token.person:<22} {printer:<18} {_day(token.expires):<12} "
                f"{_state(token, now)}"
            )
    return OK if tokens else NO


def revoke_command(arguments: argparse.Namespace, _: Prepared, store: TokenStore) -> int:
    """Tokens that are there are revoked, even when others are not."""
    now = SystemClock().now().timestamp()
    done = {id_: store.revoke(id_, now) for id_ in arguments.id}
    if arguments.json:
        print(json.dumps(done))
    else:
        for id_, revoked in done.items():
            print(f"{id_}: {'revoked' if revoked else 'no such token, or revoked before'}")
    return OK if all(done.values()) else NO


def _public(prepared: Prepared, token: Token) -> PublicAddress:
    configuration = prepared.loaded.configuration
    port = ListenAddress.parse(configuration.listen[0].address).port
    return PublicAddress.parse(configuration.public_name, port, token)


def _as_json(token: IssuedToken, now: float) -> dict[str, object]:
    return {
        "id": token.id,
        "person": token.person,
        "person_id": token.person_id,
        "printer": token.printer,
        "issued": _time(token.issued),
        "expires": _time(token.expires),
        "state": _state(token, now),
    }


def _state(token: IssuedToken, now: float) -> str:
    if token.revoked is not None:
        return "revoked"
    return "expired" if now >= token.expires else "good"


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def _day(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d}"


def _say(words: str) -> int:
    print(f"ippgate token: {words}", file=sys.stderr)
    return USAGE

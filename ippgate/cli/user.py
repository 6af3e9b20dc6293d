"""``ippgate user hash``: an entry for the user file."""

from __future__ import annotations

import argparse
import getpass
import json
import sys

from ippgate.identity.basic import password_mistake
from ippgate.identity.names import typed_mistake
from ippgate.identity.passwords import hash_password

MOST_CHARACTERS = 4096
"""Of a line on standard input; no password is as long."""

LONGEST_GROUP = 255
"""As in the user file."""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the command ``user`` with its own commands."""
    user = subparsers.add_parser("user", help="accounts in the user file")
    commands = user.add_subparsers(dest="user_command", metavar="COMMAND", required=True)
    hash_ = commands.add_parser(
        "hash",
        help="a line for the user file",
        description="Asks for a password, and prints a line for the user file. Without a terminal, "
        "the password is the first line of standard input.",
    )
    hash_.add_argument("name", nargs="?", metavar="NAME", help="the user's name")
    hash_.add_argument(
        "--group", action="append", default=[], metavar="G", help="a group of the user; repeatable"
    )
    hash_.set_defaults(command=hash_command)


def hash_command(arguments: argparse.Namespace) -> int:
    """Prints the entry; without a name, only the hash. Returns 0; 2 when nothing usable was
    typed."""
    name: str | None = arguments.name
    wrong = None
    if name is not None:
        wrong = typed_mistake(name) or ("a user name has no colon" if ":" in name else None)
        if wrong is None and not all(0 < len(group) <= LONGEST_GROUP for group in arguments.group):
            wrong = f"a group's name has 1 to {LONGEST_GROUP} characters"
    elif arguments.group:
        wrong = "a group needs a user: ippgate user hash NAME --group G"
    if wrong is None:
        password, wrong = _asked()
        if wrong is None:
            print(_entry(name, hash_password(password), arguments.group))
            return 0
    print(f"ippgate user hash: {wrong}", file=sys.stderr)
    return 2


def _asked() -> tuple[str, str | None]:
    """The password, and what is wrong with it."""
    if not sys.stdin.isatty():
        password = sys.stdin.readline(MOST_CHARACTERS).removesuffix("\n").removesuffix("\r")
        return password, _mistake(password)
    try:
        password = getpass.getpass("Password: ")
        wrong = _mistake(password)
        if wrong is None and getpass.getpass("Again: ") != password:
            wrong = "the two are not the same"
    except EOFError:
        return "", "no password was given"
    return password, wrong


def _mistake(password: str) -> str | None:
    # Octets that are not UTF-8 come as surrogates, which UTF-8 does not have.
    if any("\ud800" <= character <= "\udfff" for character in password):
        return "the password is not UTF-8"
    return password_mistake(password)


def _entry(name: str | None, hashed: str, groups: list[str]) -> str:
    if name is None:
        return hashed
    # JSON's quoting is YAML's too.
    fields = [f"name: {_quoted(name)}", f"password: {_quoted(hashed)}"]
    if groups:
        fields.append(f"groups: [{', '.join(map(_quoted, groups))}]")
    return f"  - {{{', '.join(fields)}}}"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)

"""``ippgate policy schema``: the JSON Schema of policy files: editors complete and check by it."""

from __future__ import annotations

import argparse

from ippgate.cli.output import OK
from ippgate.policy.schema import KINDS, schema_text


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser(
        "schema", help="the JSON Schema of policy files", description=__doc__
    )
    parser.add_argument("kind", nargs="?", choices=list(KINDS), default="policy")
    parser.set_defaults(command=schema)


def schema(arguments: argparse.Namespace) -> int:
    """Prints it."""
    print(schema_text(arguments.kind), end="")
    return OK

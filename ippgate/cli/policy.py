"""``ippgate policy``: what rules say, before they say it to people. Each of its commands is a file
beside this one."""

from __future__ import annotations

import argparse

from ippgate.cli import policy_explain, policy_lint, policy_replay, policy_schema, policy_test


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the command ``policy`` with its own commands."""
    policy = subparsers.add_parser("policy", help="ask rules, test them, try them on a trail")
    commands = policy.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in (policy_explain, policy_test, policy_lint, policy_replay, policy_schema):
        command.add_parser(commands)

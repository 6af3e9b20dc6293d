"""``ippgate``: the command line. Each command is a file beside this one.

Exit codes: 0 yes, 1 no, 2 usage or configuration.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib.metadata import version

from ippgate.cli import (
    audit,
    cert,
    check,
    demo,
    identity,
    jobs,
    policy,
    quota,
    run,
    token,
    user,
)
from ippgate.cli.output import failed
from ippgate.config.findings import ConfigurationError

_COMMANDS = (demo, run, check, policy, jobs, quota, audit, identity, token, cert, user)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; the exit code."""
    parser = argparse.ArgumentParser(
        prog="ippgate",
        description="A TLS-terminating, authenticating IPP gateway for printers that cannot be "
        "trusted on a network.",
    )
    parser.add_argument("--version", action="version", version=f"ippgate {version('ippgate')}")
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in _COMMANDS:
        command.add_parser(subparsers)
    chosen = parser.parse_args(arguments)
    try:
        code: int = chosen.command(chosen)
    except ConfigurationError as error:
        return failed(error)
    except BrokenPipeError:
        sys.stderr.close()
        return 1
    except KeyboardInterrupt:
        print(file=sys.stderr)
        return 130
    return code


if __name__ == "__main__":
    sys.exit(main())

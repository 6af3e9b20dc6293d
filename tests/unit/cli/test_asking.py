"""The reactor runs for one question: what it brings, or raises."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
from twisted.internet.task import deferLater
from ippgate.cli.asking import ask

async def question(reactor):
    await deferLater(reactor, 0.01)
    {ends}

print(ask(question))
"""


@pytest.mark.parametrize(
    ("ends", "code", "said"),
    [
        ("return 'an answer'", 0, "an answer\n"),
        ("raise ValueError('no answer')", 1, "ValueError: no answer\n"),
        (
            "import os, signal; os.kill(os.getpid(), signal.SIGTERM); await deferLater(reactor, 9)",
            1,
            "KeyboardInterrupt\n",
        ),
    ],
)
def test_it_ends_with_the_question(ends: str, code: int, said: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(ends=ends)],
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert (done.returncode != 0) == bool(code), done.stderr
    assert (done.stdout + done.stderr).endswith(said)

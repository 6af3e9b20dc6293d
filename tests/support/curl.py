"""curl as an IPP client: it can show certificates and Kerberos tickets."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from ippgate.ipp.decoder import decode
from ippgate.ipp.encoder import encode
from ippgate.ipp.enums import Status
from ippgate.ipp.message import Message
from tests.support.peers import require


def curl(
    url: str,
    message: Message,
    document: bytes,
    ca: Path,
    *options: str | Path,
    environment: Mapping[str, str] | None = None,
) -> str:
    """Posts a request; ``HTTP 401``, or the IPP status's keyword."""
    done = subprocess.run(
        [
            *(require("curl"), "--silent", "--show-error", "--cacert", ca, *options),
            *("--header", "Content-Type: application/ipp", "--data-binary", "@-"),
            *("--write-out", "%{stderr}%{http_code}", url),
        ],
        input=encode(message) + document,
        capture_output=True,
        timeout=60,
        env={**os.environ, **(environment or {})},
    )
    assert done.returncode == 0, done.stderr.decode()
    http = int(done.stderr[-3:])
    return f"HTTP {http}" if http != 200 else Status(decode(done.stdout)[0].code).keyword


def options(user: str, folder: Path) -> Sequence[str | Path]:
    """For the certificate of a person in the folder of a CA."""
    return ("--cert", folder / f"{user}.pem", "--key", folder / f"{user}.key")

"""``ippgate policy replay`` on what is no trail."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from ippgate.cli.main import main
from tests.support.gate_process import write_site
from tests.support.identities import of_file


@pytest.mark.parametrize(
    ("name", "octets"),
    [
        ("trail.jsonl.gz", b"no gzip"),
        ("trail.jsonl.gz", gzip.compress(b"{}\n" * 999, mtime=0)[:-12]),
        ("trail.jsonl.gz", b"\x1f\x8b\x08" + b"\0" * 7 + b"\xff"),
        ("passwd", b"root:x:0:0:root:/root:/bin/bash\n"),
    ],
)
def test_what_is_no_trail_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, octets: bytes
) -> None:
    identity = of_file(tmp_path, [("alice", "secret", "staff")])
    file = write_site(tmp_path, {"lab-1": "ipp://192.0.2.21/"}, identity=identity)[0]
    trail = tmp_path / name
    trail.write_bytes(octets)
    assert main(["policy", "replay", "-c", str(file), "--audit", str(trail)]) == 2
    assert capsys.readouterr().err.startswith(f"cannot read {trail}: ")

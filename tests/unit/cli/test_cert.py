"""``ippgate cert`` as people run it."""

from __future__ import annotations

import json
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from ippgate.cli import cert
from ippgate.cli.main import main
from ippgate.listener.tls import server_tls
from tests.support.certificates import server_files
from tests.support.processes import free_port

Output = pytest.CaptureFixture[str]
COLUMNS = 80


def create(out: Path, *more: str, host: str = "print.example.org") -> int:
    return main(["cert", "create", "--host", host, "--out", str(out), *more])


def test_what_it_makes_can_be_served_and_only_the_owner_reads_the_keys(
    tmp_path: Path, capsys: Output
) -> None:
    out = tmp_path / "new" / "tls"
    assert create(out, "--host", "192.0.2.10") == 0
    facts = server_tls(out / "fullchain.pem", out / "key.pem").facts
    assert facts.names == ("print.example.org", "192.0.2.10")
    for key in ("key.pem", "ca-key.pem"):
        assert stat.S_IMODE((out / key).stat().st_mode) == 0o600
    said = capsys.readouterr()
    assert said.err == ""
    for name in ("ca.pem", "ca-key.pem", "fullchain.pem", "key.pem"):
        assert str(out / name) in said.out
    assert f"until {facts.not_after:%Y-%m-%d}" in said.out
    lines = [line.replace(f"{out}/", "tls/") for line in said.out.splitlines()]
    assert max(map(len, lines)) <= COLUMNS


def test_a_second_time_replaces_nothing_and_says_how(tmp_path: Path, capsys: Output) -> None:
    assert create(tmp_path) == 0
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    capsys.readouterr()
    assert create(tmp_path) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == f"{tmp_path / 'fullchain.pem'} exists already: use --renew to replace it\n"
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_chain_whose_key_is_elsewhere_is_not_replaced_either(
    tmp_path: Path, capsys: Output
) -> None:
    chain = tmp_path / "fullchain.pem"
    chain.write_text("bought elsewhere")
    assert create(tmp_path) == 2
    assert str(chain) in capsys.readouterr().err
    assert chain.read_text() == "bought elsewhere"
    assert list(tmp_path.iterdir()) == [chain]


def test_renewing_makes_a_new_key_under_the_same_authority(tmp_path: Path) -> None:
    assert create(tmp_path) == 0
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert create(tmp_path, "--renew", host="new.example.org") == 0
    after = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert {name for name in after if after[name] != before[name]} == {"key.pem", "fullchain.pem"}
    facts = server_tls(tmp_path / "fullchain.pem", tmp_path / "key.pem").facts
    assert facts.names == ("new.example.org",)


@pytest.mark.parametrize(("gone", "left"), [("ca.pem", "ca-key.pem"), ("ca-key.pem", "ca.pem")])
def test_half_an_authority_is_neither_used_nor_replaced(
    gone: str, left: str, tmp_path: Path, capsys: Output
) -> None:
    assert create(tmp_path) == 0
    (tmp_path / gone).unlink()
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    capsys.readouterr()
    assert create(tmp_path, "--renew") == 2
    said = capsys.readouterr().err
    assert f"{tmp_path / left} is there, but {tmp_path / gone} is not" in said
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_name_that_is_none_leaves_what_is_there(tmp_path: Path, capsys: Output) -> None:
    assert create(tmp_path) == 0
    key = (tmp_path / "key.pem").read_bytes()
    capsys.readouterr()
    assert create(tmp_path, "--renew", host="https://print.example.org") == 2
    assert '"https://print.example.org" is neither a host name' in capsys.readouterr().err
    assert (tmp_path / "key.pem").read_bytes() == key


def test_a_folder_that_cannot_be_one_is_named(tmp_path: Path, capsys: Output) -> None:
    file = tmp_path / "tls"
    file.write_text("")
    assert create(file) == 2
    said = capsys.readouterr().err
    assert str(file) in said
    assert "--renew" not in said


# --- show -----------------------------------------------------------------------------------------


def test_what_a_certificate_says(tmp_path: Path, capsys: Output) -> None:
    files = server_files(tmp_path, days=30)
    assert main(["cert", "show", str(files.certificate)]) == 0
    subject, issuer, names, since, until = capsys.readouterr().out.splitlines()
    assert subject == "subject  CN=gate.test"
    assert issuer == "issuer   CN=test CA"
    assert names == "names    gate.test, localhost, 127.0.0.1"
    assert since.startswith("from     20")
    assert until.endswith("(in 29 days)")


@pytest.mark.parametrize("days", [-400, 400], ids=["over", "not begun"])
def test_one_that_does_not_hold_now_is_a_no(days: int, tmp_path: Path, capsys: Output) -> None:
    files = server_files(tmp_path, now=datetime.now(UTC) + timedelta(days=days))
    assert main(["cert", "show", str(files.certificate)]) == 1
    assert "(not valid now)" in capsys.readouterr().out
    assert main(["cert", "show", "--json", str(files.certificate)]) == 1
    assert json.loads(capsys.readouterr().out)["valid"] is False


def test_json_has_the_same(tmp_path: Path, capsys: Output) -> None:
    files = server_files(tmp_path)
    assert main(["cert", "show", "--json", str(files.certificate)]) == 0
    told = json.loads(capsys.readouterr().out)
    parsed = x509.load_pem_x509_certificate(files.certificate.read_bytes())
    assert told == {
        "subject": "CN=gate.test",
        "issuer": "CN=test CA",
        "names": ["gate.test", "localhost", "127.0.0.1"],
        "not_before": parsed.not_valid_before_utc.isoformat(),
        "not_after": parsed.not_valid_after_utc.isoformat(),
        "valid": True,
    }


def test_a_certificate_without_names_is_one_that_clients_refuse(
    tmp_path: Path, capsys: Output
) -> None:
    files = server_files(tmp_path)
    assert main(["cert", "show", str(files.authority)]) == 0
    assert "names    none: clients will refuse it" in capsys.readouterr().out


def test_a_server_that_does_not_answer_is_named(capsys: Output) -> None:
    url = f"ipps://127.0.0.1:{free_port()}"
    assert main(["cert", "show", url]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == f"ippgate cert show: {url} does not answer: Connection refused\n"


@pytest.mark.parametrize("what", ["ftp://print.example.org", "ipps://", "ipps://print:99999"])
def test_what_is_no_address_of_a_server(what: str, capsys: Output) -> None:
    assert main(["cert", "show", what]) == 2
    assert capsys.readouterr().err.startswith("ippgate cert show: ")


def test_the_files_that_are_made_are_those_that_the_readme_names() -> None:
    readme = (Path(__file__).parents[3] / "README.md").read_text()
    for name in (cert.CHAIN, cert.KEY):
        assert f"tls/{name}" in readme

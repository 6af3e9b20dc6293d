"""The demo's files are a site that the ordinary commands accept."""

from __future__ import annotations

import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ippgate.demo import site
from ippgate.identity import passwords
from ippgate.identity.settings import LdapSettings, UserSearch
from ippgate.ipp.enums import Operation
from ippgate.policy.decision import Effect
from ippgate.policy.facts import Facts, Principal
from ippgate.preparing import Prepared, prepare

NOW = datetime.now(UTC)
PRINTER_URI = "ipp://127.0.0.1:8000/ipp/print"


def written(folder: Path, directory: LdapSettings | None = None) -> tuple[site.DemoSite, Prepared]:
    made = site.write(folder, port=8631, printer_uri=PRINTER_URI, now=NOW, directory=directory)
    return made, prepare(made.configuration, {}, NOW)


def test_it_can_be_served_and_nothing_in_it_is_doubtful(tmp_path: Path) -> None:
    made, prepared = written(tmp_path)
    assert prepared.warnings == ()
    assert prepared.printers[site.PRINTER].uri == PRINTER_URI
    configuration = prepared.loaded.configuration
    assert configuration.listen[0].address == "127.0.0.1:8631"
    assert prepared.tls[0].facts.names == ("localhost", "127.0.0.1")
    assert prepared.loaded.path(configuration.audit.file) == made.trail
    assert made.printed.is_dir()


def test_its_accounts_are_those_that_the_demo_tells(tmp_path: Path) -> None:
    _, prepared = written(tmp_path)
    assert prepared.users is not None
    for account in (site.ALICE, site.BOB):
        user = prepared.users.users[account.name]
        assert user.groups == set(account.groups)
        assert passwords.matches(user.password, account.password)


def test_keys_and_accounts_are_their_owners_alone(tmp_path: Path) -> None:
    written(tmp_path)
    for name in ("users.yaml", "tls/key.pem"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("group", "operation", "effect"),
    [
        (site.STAFF, Operation.PRINT_JOB, Effect.PERMIT),
        (site.STAFF, Operation.GET_JOBS, Effect.PERMIT),
        (site.VISITORS, Operation.PRINT_JOB, Effect.REFUSE),
        (site.VISITORS, Operation.GET_PRINTER_ATTRIBUTES, Effect.PERMIT),
    ],
)
def test_its_rules_say_what_the_story_tells(
    group: str, operation: Operation, effect: Effect, tmp_path: Path
) -> None:
    _, prepared = written(tmp_path)
    person = Principal("somebody", "id", "file", frozenset({group}))
    decision = prepared.policy.decide(
        Facts(person, site.PRINTER, operation, False, "127.0.0.1", NOW)
    )
    assert decision.effect is effect
    if effect is Effect.REFUSE:
        assert decision.message == site.REFUSAL


def test_with_a_directory_the_service_accounts_password_is_in_a_file(tmp_path: Path) -> None:
    ca_file = tmp_path / "ca: of the directory.pem"
    directory = LdapSettings(
        servers=("ldaps://localhost:6360",),
        users=UserSearch("ou=people,dc=example,dc=org", "(uid={username})"),
        bind_dn="cn=gate\\, the first,dc=example,dc=org",
        bind_password="s: {cret}",
        ca_file=ca_file,
    )
    home = tmp_path / "demo"
    home.mkdir()
    other, _ = written(home)
    ca_file.write_bytes(other.ca.read_bytes())
    site_folder = tmp_path / "ldap"
    site_folder.mkdir()
    made, prepared = written(site_folder, directory)
    assert prepared.users is None
    assert prepared.ldap == directory
    assert directory.bind_password not in made.configuration.read_text()
    password = site_folder / "directory-password"
    assert stat.S_IMODE(password.stat().st_mode) == 0o600

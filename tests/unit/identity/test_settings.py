"""What may be wrong with a directory's settings, in words."""

from dataclasses import replace
from pathlib import Path

import pytest

from ippgate.identity.settings import GroupSearch, LdapSettings, UserSearch

GOOD = LdapSettings(
    servers=("ldaps://dc1.example.org", "ldaps://dc2.example.org"),
    users=UserSearch("ou=people,dc=example,dc=org", "(uid={username})"),
    groups=GroupSearch("ou=groups,dc=example,dc=org", "(member={dn})", nested=True),
    bind_dn="cn=ippgate,dc=example,dc=org",
    bind_password="canary",
)


def test_good_settings_have_no_mistakes_and_hide_their_password() -> None:
    assert GOOD.mistakes() == []
    assert "canary" not in repr(GOOD)


def test_cleartext_to_another_machine_is_a_mistake() -> None:
    (words,) = replace(GOOD, servers=("ldap://dc1.example.org",)).mistakes()

    assert "in the clear" in words
    assert replace(GOOD, servers=("ldap://dc1.example.org",), start_tls=True).mistakes() == []
    assert replace(GOOD, servers=("ldap://127.0.0.1", "ldap://[::1]")).mistakes() == []


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    settings = replace(
        GOOD,
        servers=("ldaps://a", "ldaps://a:636", "nonsense"),
        users=UserSearch("people", "(uid=x)"),
        groups=GroupSearch("dc=example", "(member={dn}"),
        bind_password="",
        ca_file=tmp_path / "missing.pem",
        start_tls=True,
    )

    told = "\n".join(settings.mistakes())

    for words in (
        '"ldaps://a:636" is given twice',
        '"nonsense" must begin with ldaps://',
        "cannot have start_tls too",
        "bind_dn: its password is empty",
        'users.base: "people" is not a distinguished name',
        "users.filter: ",
        "groups.filter: ",
        "missing.pem cannot be read: No such file",
    ):
        assert words in told


def test_nested_groups_need_the_dn() -> None:
    groups = GroupSearch("dc=example", "(memberUid={username})")

    assert replace(GOOD, groups=groups).mistakes() == []
    (words,) = replace(GOOD, groups=replace(groups, nested=True)).mistakes()
    assert "{dn} must stand in it" in words


@pytest.mark.parametrize("account", ["ippgate@example.org", "EXAMPLE\\ippgate"])
def test_active_directory_accounts_need_no_dn(account: str) -> None:
    assert replace(GOOD, bind_dn=account).mistakes() == []


def test_a_file_of_authorities_must_hold_some(tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_text("nothing")

    (words,) = replace(GOOD, ca_file=tmp_path / "empty.pem").mistakes()

    assert "holds no certificate" in words
    assert replace(GOOD, servers=()).mistakes() == ["servers: names no server"]

"""Accounts that may not be used, as their entries say."""

from datetime import UTC, datetime

import pytest

from ippgate.identity.ldap_account import locked, unusable
from ippgate.identity.ldap_entry import Entry, EntryUnfit

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
WINDOWS_NOW = (int(NOW.timestamp()) + 11_644_473_600) * 10_000_000
"""NOW in accountExpires; the seconds between the epochs are Microsoft's own figure."""
TODAY = int(NOW.timestamp()) // 86_400


def entry(**attributes: str | int) -> Entry:
    values = {name.replace("_", "-").lower(): [str(v).encode()] for name, v in attributes.items()}
    return Entry("uid=alice,dc=example,dc=org", values)


@pytest.mark.parametrize(
    ("attributes", "words"),
    [
        ({"userAccountControl": 0x202}, "disabled"),
        ({"userAccountControl": 0x10202}, "disabled"),
        ({"nsAccountLock": "TRUE"}, "disabled"),
        ({"accountExpires": WINDOWS_NOW - 1}, r"expired \(accountExpires"),
        ({"accountExpires": WINDOWS_NOW}, "expired"),
        ({"accountExpires": 1}, "expired"),
        ({"shadowExpire": TODAY}, r"expired \(shadowExpire"),
        ({"shadowExpire": 1}, "expired"),
        ({"shadowExpire": 0}, "expired"),
    ],
)
def test_accounts_that_nobody_may_use(attributes: dict[str, str | int], words: str) -> None:
    with pytest.raises(AssertionError, match=words):
        assert unusable(entry(**attributes), NOW) is None


@pytest.mark.parametrize(
    "attributes",
    [
        {},
        {"userAccountControl": 0x200},
        {"userAccountControl": -2_147_483_136},
        {"nsAccountLock": "false"},
        {"accountExpires": 0},
        {"accountExpires": 2**63 - 1},
        {"accountExpires": 2**63 - 2},
        {"accountExpires": WINDOWS_NOW + 10_000_000},
        {"shadowExpire": -1},
        {"shadowExpire": TODAY + 1},
        {"shadowExpire": 99_999_999},
    ],
)
def test_accounts_that_may_be_used(attributes: dict[str, str | int]) -> None:
    assert unusable(entry(**attributes), NOW) is None
    assert locked(entry(**attributes)) is None


@pytest.mark.parametrize(
    ("attributes", "words"),
    [
        ({"msDS_User_Account_Control_Computed": 0x10}, "locked"),
        ({"msDS_User_Account_Control_Computed": 0x800000}, "password has expired"),
        ({"pwdAccountLockedTime": "20260302110000Z"}, "locked"),
        ({"pwdAccountLockedTime": "000001010000Z"}, "locked"),
    ],
)
def test_accounts_that_the_directory_has_locked(
    attributes: dict[str, str | int], words: str
) -> None:
    assert unusable(entry(**attributes), NOW) is None
    assert words in (locked(entry(**attributes)) or "")


@pytest.mark.parametrize("name", ["userAccountControl", "accountExpires", "shadowExpire"])
@pytest.mark.parametrize("value", ["", "x", "1.5", "0x2"])
def test_values_that_cannot_be_read_permit_nothing(name: str, value: str) -> None:
    if value == "":
        assert unusable(entry(**{name: value}), NOW) is None
        return
    with pytest.raises(EntryUnfit, match=name):
        unusable(entry(**{name: value}), NOW)

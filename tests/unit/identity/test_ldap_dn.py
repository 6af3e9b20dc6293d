"""Distinguished names, as far as names of people and groups are read from them."""

import pytest

from ippgate.identity.ldap_dn import first_rdn


@pytest.mark.parametrize(
    ("dn", "pairs"),
    [
        ("cn=staff,ou=groups,dc=example", [("cn", "staff")]),
        ("CN=Staff\\, night,DC=example", [("CN", "Staff, night")]),
        ("cn=K\\C3\\B6ln,dc=example", [("cn", "Köln")]),
        ("cn=a\\2Cb\\5cc,dc=example", [("cn", "a,b\\c")]),
        ("cn=a+uid=b,dc=example", [("cn", "a"), ("uid", "b")]),
        ("cn=alone", [("cn", "alone")]),
    ],
)
def test_the_first_rdn(dn: str, pairs: list[tuple[str, str]]) -> None:
    assert first_rdn(dn) == pairs


@pytest.mark.parametrize("dn", ["", "staff", "=staff,dc=example", "cn=\\ff\\fe,dc=example"])
def test_what_is_no_dn(dn: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        first_rdn(dn)

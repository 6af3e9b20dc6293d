"""What results of a bind mean for the person."""

import pytest

from ippgate.identity.ldap_results import refusal

AD = "80090308: LdapErr: DSID-0C09042A, comment: AcceptSecurityContext error, data {}, v3839"


@pytest.mark.parametrize(
    ("code", "message", "reason"),
    [
        (49, "", "wrong password"),
        (49, AD.format("52e"), "wrong password"),
        (49, AD.format("533"), "the account is disabled"),
        (49, AD.format("775"), "the account is locked"),
        (49, AD.format("fff"), "wrong password"),
        (48, "", "the account has no password"),
    ],
)
def test_refusals(code: int, message: str, reason: str) -> None:
    assert refusal(code, message) == reason


@pytest.mark.parametrize("code", [1, 2, 3, 8, 10, 13, 51, 52, 80])
def test_results_that_say_nothing_about_the_person(code: int) -> None:
    assert refusal(code, "") is None

"""Servers that do not answer are left alone, and come back."""

import pytest
from twisted.internet.task import Clock

from ippgate.exchange.ports import DirectoryUnavailable
from ippgate.identity.availability import Availability
from ippgate.identity.ldap_server import LdapServer

ONE = LdapServer("one", 636, True)
TWO = LdapServer("two", 636, True)


def fail(availability: Availability, server: LdapServer, times: int) -> None:
    for _ in range(times):
        availability.failed(server.label, f"{server} refuses")


def test_servers_are_asked_in_the_order_of_the_configuration() -> None:
    assert Availability([ONE, TWO], Clock().seconds).to_ask() == [ONE, TWO]


def test_one_that_failed_goes_behind_for_a_while() -> None:
    clock = Clock()
    availability = Availability([ONE, TWO], clock.seconds)
    fail(availability, ONE, 1)

    assert availability.to_ask() == [TWO, ONE]
    clock.advance(31)
    assert availability.to_ask() == [ONE, TWO]


def test_one_that_answers_again_is_first_again() -> None:
    availability = Availability([ONE, TWO], Clock().seconds)
    fail(availability, ONE, 5)
    availability.answered(ONE.label)

    assert availability.to_ask() == [ONE, TWO]


def test_when_none_answers_only_one_question_in_a_while_tries() -> None:
    clock = Clock()
    availability = Availability([ONE], clock.seconds)
    fail(availability, ONE, 2)
    assert availability.to_ask() == [ONE]
    fail(availability, ONE, 1)

    with pytest.raises(DirectoryUnavailable, match="ldaps://one:636 refuses"):
        availability.to_ask()
    clock.advance(2)
    assert availability.to_ask() == [ONE]
    with pytest.raises(DirectoryUnavailable):
        availability.to_ask()
    clock.advance(2)
    assert availability.to_ask() == [ONE]
    availability.answered(ONE.label)
    assert availability.to_ask() == [ONE]
    assert availability.to_ask() == [ONE]

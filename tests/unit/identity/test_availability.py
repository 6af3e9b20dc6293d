"""Servers that do not answer are left alone, and come back."""

import pytest
from twisted.internet.task import Clock

from ippgate.exchange.ports import DirectoryUnavailable
from ippgate.identity.availability import Availability
from ippgate.identity.ldap_server import LdapServer

ONE = LdapServer("one", 636, True)
TWO = LdapServer("two", 636, True)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def fail(availability: Availability, server: LdapServer, times: int) -> None:
    for _ in range(times):
        availability.failed(server.label, f"{server} refuses")


def test_servers_are_asked_in_the_order_of_the_configuration() -> None:
    assert Availability([ONE, TWO], Clock().seconds).to_ask() == [ONE, TWO]


def test_one_that_failed_goes_behind_for_a_while(clock: Clock) -> None:
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


def test_no_question_goes_to_a_server_that_failed_three_times(clock: Clock) -> None:
    availability = Availability([ONE, TWO], clock.seconds)
    fail(availability, ONE, 3)

    assert availability.to_ask() == [TWO]
    clock.advance(3600)
    assert availability.to_ask() == [TWO]
    assert not availability.is_up(ONE.label)
    availability.answered(ONE.label)
    assert availability.to_ask() == [ONE, TWO]
    assert availability.is_up(ONE.label)


def test_when_none_answers_nobody_waits(clock: Clock) -> None:
    availability = Availability([ONE], clock.seconds)
    fail(availability, ONE, 2)
    assert availability.to_ask() == [ONE]
    fail(availability, ONE, 1)

    with pytest.raises(DirectoryUnavailable, match="ldaps://one:636 refuses") as caught:
        availability.to_ask()
    assert caught.value.unreachable
    availability.answered(ONE.label)
    assert availability.to_ask() == [ONE]

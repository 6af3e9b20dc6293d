"""Replies that the gateway makes itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ippgate.exchange.replies import MAX_STATUS_MESSAGE, reply, shortened, with_id
from ippgate.ipp.decoder import decode
from ippgate.ipp.enums import GroupTag, Status
from ippgate.ipp.message import Message
from ippgate.ipp.values import charset, natural_language
from tests.support.exchange_fakes import texts_of

ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=400)


def decoded(octets: bytes) -> Message:
    message, rest = decode(octets)
    assert rest == b""
    return message


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ((1, 0), (1, 0)),
        ((1, 1), (1, 1)),
        ((2, 0), (2, 0)),
        ((2, 2), (2, 2)),
        ((0, 9), (1, 0)),
        ((3, 0), (2, 0)),
        ((255, 255), (2, 0)),
    ],
)
def test_version_and_request_id_are_the_requests_or_the_nearest_version(
    asked: tuple[int, int], answered: tuple[int, int]
) -> None:
    message = decoded(reply(Status.CLIENT_ERROR_BAD_REQUEST, (asked, 2**32 - 1)))
    assert (message.version, message.request_id) == (answered, 2**32 - 1)
    assert message.code == Status.CLIENT_ERROR_BAD_REQUEST


def test_a_request_whose_head_was_never_read_is_answered_all_the_same() -> None:
    message = decoded(reply(Status.SERVER_ERROR_SERVICE_UNAVAILABLE, None, "Try again later."))
    assert (message.version, message.request_id) == ((2, 0), 0)
    assert texts_of(message, "status-message") == ["Try again later."]


def test_charset_and_language_come_first_as_every_client_expects() -> None:
    for words in (None, "No."):
        (group,) = decoded(reply(Status.SUCCESSFUL_OK, ((1, 1), 1), words)).groups
        assert group.tag == GroupTag.OPERATION
        first, second, *others = group.attributes
        assert (first.name, first.values) == ("attributes-charset", (charset("utf-8"),))
        assert (second.name, second.values) == (
            "attributes-natural-language",
            (natural_language("en"),),
        )
        assert [attribute.name for attribute in others] == ["status-message"] * (words is not None)


@given(ANY_TEXT)
def test_a_message_is_whole_or_cut_between_characters_and_ends_in_an_ellipsis(words: str) -> None:
    short = shortened(words)
    if len(words.encode()) <= MAX_STATUS_MESSAGE:
        assert short == words
    else:
        assert short.endswith("…")
        assert words.startswith(short[:-1])
        assert MAX_STATUS_MESSAGE - 6 < len(short.encode()) <= MAX_STATUS_MESSAGE
    assert texts_of(
        decoded(reply(Status.CLIENT_ERROR_BAD_REQUEST, ((1, 1), 1), words)), "status-message"
    ) == [short]


@given(ANY_TEXT)
def test_the_id_survives_however_long_the_message_is(words: str) -> None:
    told = with_id(words, "0f1e2d3c4b5a")
    assert told.endswith(" [0f1e2d3c4b5a]")
    assert shortened(told) == told
    said = told.removesuffix(" [0f1e2d3c4b5a]")
    assert said == words or (said.endswith("…") and words.startswith(said[:-1]))

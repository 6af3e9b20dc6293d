"""Get-Printer-Attributes: which question a request puts, and what of the answer it asked for."""

from __future__ import annotations

import pytest

from ippgate.exchange.addresses import Target
from ippgate.exchange.capabilities import Question, cut, question, requested
from ippgate.exchange.request import Request, understand
from ippgate.ipp.enums import GroupTag, Operation, Tag
from ippgate.ipp.message import Attribute, Group, Message, Value
from ippgate.ipp.values import integer, keyword, text
from tests.support.exchange_fakes import PRINTER_URI, request

ATTRIBUTES = (
    "printer-state",
    "sides-supported",
    "sides-default",
    "charset-supported",
    "media-col-database",
    "vendor-thing",
)


def asking(*words: str, **how: object) -> Request:
    more = (
        (Attribute("requested-attributes", tuple(keyword(word) for word in words)),)
        if words
        else ()
    )
    return understood(request(Operation.GET_PRINTER_ATTRIBUTES, *more, **how))  # type: ignore[arg-type]


def understood(message: Message) -> Request:
    return understand(message, Target("lab-1"))


def given(*words: str) -> list[str]:
    """The names that the client is told, of ATTRIBUTES."""
    group = Group(GroupTag.PRINTER, tuple(Attribute(n, (text("x"),)) for n in ATTRIBUTES))
    message = cut(Message((2, 0), 0, 1, (group,)), requested(asking(*words)))
    return [attribute.name for attribute in message.groups[0].attributes]


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ((), [n for n in ATTRIBUTES if n != "media-col-database"]),
        (("all",), [n for n in ATTRIBUTES if n != "media-col-database"]),
        (("all", "media-col-database"), list(ATTRIBUTES)),
        (("job-template",), ["sides-supported", "sides-default"]),
        (("printer-description",), ["printer-state", "charset-supported", "vendor-thing"]),
        (("printer-description", "sides-default"),
         ["printer-state", "sides-default", "charset-supported", "vendor-thing"]),
        (("vendor-thing", "sides-default"), ["sides-default", "vendor-thing"]),
        (("no-such-attribute",), []),
        (("none",), []),
    ],
)  # fmt: skip
def test_what_was_asked_for_is_told(words: tuple[str, ...], names: list[str]) -> None:
    assert given(*words) == names


def test_clients_that_ask_for_different_attributes_put_one_question() -> None:
    assert question(asking("printer-state")) == question(asking("all")) == question(asking())
    assert question(asking("printer-state", user_name="alice")) == question(asking())


@pytest.mark.parametrize(
    "other",
    [
        asking("media-col-database"),
        asking(version=(1, 1)),
        asking(document_format="image/urf"),
    ],
)
def test_what_a_reply_may_depend_on_is_part_of_the_question(other: Request) -> None:
    assert question(other) is not None
    assert question(other) != question(asking())


@pytest.mark.parametrize(
    "other",
    [
        understood(request(Operation.GET_JOBS)),
        understood(request(Operation.GET_PRINTER_ATTRIBUTES, Attribute("x-y", (integer(1),)))),
        understood(
            request(
                Operation.GET_PRINTER_ATTRIBUTES,
                groups=(Group(GroupTag.JOB, (Attribute("copies", (integer(1),)),)),),
            )
        ),
        understood(
            request(
                Operation.GET_PRINTER_ATTRIBUTES,
                Attribute("requested-attributes", (Value(Tag.NAME_WITHOUT_LANGUAGE, b"all"),)),
            )
        ),
    ],
)
def test_what_is_not_understood_is_put_to_the_printer_as_it_is(other: Request) -> None:
    assert question(other) is None


def test_the_question_names_nobody() -> None:
    asked = Question((1, 1), "de", "image/urf", True).message(PRINTER_URI, 7)
    assert (asked.version, asked.request_id) == ((1, 1), 7)
    attributes = dict(asked.groups[0].attributes)
    assert attributes["requesting-user-name"] == (Value(Tag.NAME_WITHOUT_LANGUAGE, b"anonymous"),)
    assert attributes["requested-attributes"] == (keyword("all"), keyword("media-col-database"))
    assert attributes["document-format"] == (Value(Tag.MIME_MEDIA_TYPE, b"image/urf"),)

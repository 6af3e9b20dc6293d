"""What the virtual printer says of itself agrees with itself, as clients check it."""

from __future__ import annotations

import pytest

from ippgate.demo.capabilities import MEDIA, printer_attributes
from ippgate.exchange.wellformed import ill_formed
from ippgate.ipp.decoder import decode
from ippgate.ipp.encoder import encode
from ippgate.ipp.enums import GroupTag, Tag
from ippgate.ipp.message import Collection, Group, Message, Value
from ippgate.ipp.values import as_text

URI = "ipp://127.0.0.1:8000/ipp/print"
GROUP = Group(GroupTag.PRINTER, tuple(printer_attributes(URI, 5, 0)))
ALL = {attribute.name: attribute.values for attribute in GROUP.attributes}


def texts(name: str) -> list[str]:
    return [as_text(value) for value in ALL[name] if isinstance(value, Value)]


def test_it_is_a_message_that_strict_clients_read() -> None:
    assert len(ALL) == len(GROUP.attributes), "no name twice"
    message = Message((1, 1), 0, 1, (GROUP,))
    assert decode(encode(message)) == (message, b"")
    assert ill_formed(GROUP.attributes) is None


def test_everything_that_rfc_8011_section_5_4_demands_is_there() -> None:
    assert set(ALL) >= {
        "charset-configured",
        "charset-supported",
        "compression-supported",
        "document-format-default",
        "document-format-supported",
        "generated-natural-language-supported",
        "ipp-versions-supported",
        "natural-language-configured",
        "operations-supported",
        "pdl-override-supported",
        "printer-is-accepting-jobs",
        "printer-name",
        "printer-state",
        "printer-state-reasons",
        "printer-up-time",
        "printer-uri-supported",
        "queued-job-count",
        "uri-authentication-supported",
        "uri-security-supported",
    }


def test_it_is_what_the_gateway_is_for_no_tls_and_no_users() -> None:
    assert texts("printer-uri-supported") == [URI]
    assert texts("uri-security-supported") == ["none"]
    assert texts("uri-authentication-supported") == ["requesting-user-name"]
    assert max(texts("ipp-versions-supported")) == "1.1"


@pytest.mark.parametrize("name", [name for name in ALL if name.endswith("-default")])
def test_every_default_is_supported(name: str) -> None:
    supported = ALL.get(name.replace("-default", "-supported"))
    assert supported is not None
    (default,) = ALL[name]
    if name == "media-col-default":
        assert default in ALL["media-col-database"]
    elif name == "copies-default":
        assert [value.tag for value in supported if isinstance(value, Value)] == [
            Tag.RANGE_OF_INTEGER
        ]
    else:
        assert default in supported


def test_media_are_the_same_by_name_and_by_size() -> None:
    assert texts("media-supported") == list(MEDIA)
    assert set(texts("media-ready")) <= set(MEDIA)
    sizes = ALL["media-size-supported"]
    assert len(sizes) == len(MEDIA) == len(ALL["media-col-database"])
    for media, size in zip(ALL["media-col-database"], sizes, strict=True):
        assert isinstance(media, Collection)
        assert {member.name for member in media.members} == set(texts("media-col-supported"))
        assert media.members[0].values == (size,)


def test_time_begins_at_one_and_jobs_make_it_busy() -> None:
    def state(up: int, jobs: int) -> tuple[bytes, bytes]:
        said = {each.name: each.values[0] for each in printer_attributes(URI, up, jobs)}
        up_time, printer_state = said["printer-up-time"], said["printer-state"]
        assert isinstance(up_time, Value)
        assert isinstance(printer_state, Value)
        return up_time.octets, printer_state.octets

    assert state(0, 0) == (b"\0\0\0\1", b"\0\0\0\3")
    assert state(60, 2) == (b"\0\0\0\x3c", b"\0\0\0\4")

"""What a request must not say in two ways, and the status that says so."""

from __future__ import annotations

import pytest

from ippgate.exchange.addresses import Target
from ippgate.exchange.refusal import IppRefusal
from ippgate.exchange.request import understand
from ippgate.ipp.enums import GroupTag, Operation, Status, Tag
from ippgate.ipp.message import Attribute, Collection, Group, Message, Value
from ippgate.ipp.values import boolean, charset, integer, keyword, name, natural_language, uri
from tests.support.exchange_fakes import GATE_URI, request

LAB_1 = Target("lab-1")
BAD = Status.CLIENT_ERROR_BAD_REQUEST
CHARSET = Attribute("attributes-charset", (charset("utf-8"),))
LANGUAGE = Attribute("attributes-natural-language", (natural_language("en"),))
PRINTER = Attribute("printer-uri", (uri(GATE_URI),))


def plain(*attributes: Attribute) -> Message:
    return Message((2, 0), Operation.GET_JOBS, 1, (Group(GroupTag.OPERATION, attributes),))


def job_group(*attributes: Attribute) -> tuple[Group, ...]:
    return (Group(GroupTag.JOB, attributes),)


def refused(message: Message, path: Target = LAB_1) -> Status:
    with pytest.raises(IppRefusal) as refusal:
        understand(message, path)
    return refusal.value.status


def test_an_ordinary_request() -> None:
    understood = understand(request(Operation.CANCEL_JOB, job_id=3), LAB_1)
    assert understood.operation is Operation.CANCEL_JOB
    assert understood.target == Target("lab-1", 3)
    assert understood.claimed == "claimed"
    assert not understood.own_jobs


@pytest.mark.parametrize("odd", ["Job-Uri", "ColorModel", "copies ", "Requesting-User-Name", "é"])
def test_names_that_are_no_keywords_are_left_out(odd: str) -> None:
    attribute = Attribute(odd, (uri("ipp://elsewhere/ipp/print/2"),))
    copies = Attribute("copies", (integer(2),))
    plain_one = request(Operation.CANCEL_JOB, job_id=3, groups=job_group(copies))
    for message in (
        request(Operation.CANCEL_JOB, attribute, job_id=3, groups=job_group(copies)),
        request(Operation.CANCEL_JOB, job_id=3, groups=job_group(attribute, copies)),
    ):
        assert understand(message, LAB_1).message == plain_one


def test_my_jobs_selects_jobs_of_a_list_and_nothing_else() -> None:
    mine = Attribute("my-jobs", (boolean(True),))
    assert understand(request(Operation.GET_JOBS, mine), LAB_1).own_jobs
    for operation in (Operation.PURGE_JOBS, Operation.PAUSE_PRINTER, Operation.CANCEL_JOBS):
        assert not understand(request(operation, mine), LAB_1).own_jobs


def test_a_job_uri_names_printer_and_job() -> None:
    message = request(
        Operation.CANCEL_JOB, Attribute("job-uri", (uri(f"{GATE_URI}/jobs/3"),)), target=None
    )
    assert understand(message, LAB_1).target == Target("lab-1", 3)
    assert understand(message, Target("lab-1", 3)).target == Target("lab-1", 3)


@pytest.mark.parametrize(
    ("message", "path"),
    [
        pytest.param(request(Operation.GET_JOBS, request_id=0), LAB_1, id="request-id 0"),
        pytest.param(request(Operation.GET_JOBS), Target("lab-2"), id="path of another printer"),
        pytest.param(
            request(Operation.CANCEL_JOB, job_id=3), Target("lab-1", 4), id="path of another job"
        ),
        pytest.param(
            request(
                Operation.CANCEL_JOB,
                Attribute("job-uri", (uri("ipps://h/printers/lab-2/jobs/3"),)),
                target=None,
            ),
            LAB_1,
            id="job-uri of another printer",
        ),
        pytest.param(
            request(Operation.GET_JOBS, Attribute("job-uri", (uri(f"{GATE_URI}/jobs/1"),))),
            LAB_1,
            id="printer-uri and job-uri",
        ),
        pytest.param(
            request(
                Operation.CANCEL_JOB,
                Attribute("job-uri", (uri(f"{GATE_URI}/jobs/1"),)),
                target=None,
                job_id=2,
            ),
            LAB_1,
            id="job-uri and job-id",
        ),
        pytest.param(request(Operation.GET_JOBS, target=None), LAB_1, id="no target"),
        pytest.param(request(Operation.CANCEL_JOB), LAB_1, id="no job"),
        pytest.param(request(Operation.CANCEL_JOB, job_id=-1), LAB_1, id="job-id -1"),
        pytest.param(
            request(Operation.GET_JOBS, target="/printers/lab-1"), LAB_1, id="relative target"
        ),
        pytest.param(
            request(Operation.GET_JOBS, Attribute("requesting-user-name", (name("root"),))),
            LAB_1,
            id="requesting-user-name twice",
        ),
        pytest.param(
            request(
                Operation.PRINT_JOB,
                groups=job_group(Attribute("requesting-user-name", (name("root"),))),
            ),
            LAB_1,
            id="requesting-user-name in the job group",
        ),
        pytest.param(
            request(
                Operation.PRINT_JOB,
                user_name=None,
                groups=job_group(Attribute("requesting-user-name", (name("root"),))),
            ),
            LAB_1,
            id="requesting-user-name in the job group alone",
        ),
        pytest.param(
            request(
                Operation.PRINT_JOB,
                groups=job_group(
                    Attribute("copies", (integer(1),)), Attribute("copies", (integer(999),))
                ),
            ),
            LAB_1,
            id="copies twice",
        ),
        pytest.param(
            request(
                Operation.PRINT_JOB,
                Attribute("job-name", (name("a"),)),
                groups=job_group(Attribute("job-name", (name("b"),))),
            ),
            LAB_1,
            id="job-name in both groups",
        ),
        pytest.param(
            request(
                Operation.PRINT_JOB, groups=job_group(Attribute("compression", (keyword("gzip"),)))
            ),
            LAB_1,
            id="compression in the job group",
        ),
        pytest.param(
            request(Operation.PRINT_JOB, groups=(*job_group(), *job_group())),
            LAB_1,
            id="two job groups",
        ),
        pytest.param(
            request(Operation.GET_JOBS, groups=(request(1).groups[0],)),
            LAB_1,
            id="two operation groups",
        ),
        pytest.param(
            Message((2, 0), Operation.GET_JOBS, 1, job_group(CHARSET)),
            LAB_1,
            id="no operation group",
        ),
        pytest.param(Message((2, 0), Operation.GET_JOBS, 1, ()), LAB_1, id="no group"),
        pytest.param(plain(LANGUAGE, CHARSET, PRINTER), LAB_1, id="language before charset"),
        pytest.param(plain(CHARSET, PRINTER), LAB_1, id="no language"),
        pytest.param(
            plain(Attribute("attributes-charset", (keyword("utf-8"),)), LANGUAGE, PRINTER),
            LAB_1,
            id="charset of another syntax",
        ),
        pytest.param(
            plain(CHARSET, LANGUAGE, Attribute("printer-uri", (uri(GATE_URI), uri(GATE_URI)))),
            LAB_1,
            id="two values of printer-uri",
        ),
        pytest.param(
            request(Operation.PRINT_JOB, Attribute("job-name", (name("a\r\nb"),))),
            LAB_1,
            id="CR LF in a name",
        ),
        pytest.param(
            request(
                Operation.PRINT_JOB,
                groups=job_group(
                    Attribute(
                        "media-col",
                        (Collection((Attribute("Media-Type", (keyword("x"),)),)),),
                    )
                ),
            ),
            LAB_1,
            id="capitals in a member's name",
        ),
        pytest.param(
            request(
                Operation.PRINT_JOB,
                groups=job_group(
                    Attribute("media-col", (Collection((Attribute("m", (integer(1),)),) * 2),))
                ),
            ),
            LAB_1,
            id="a member twice",
        ),
        pytest.param(
            request(Operation.PRINT_JOB, groups=(Group(GroupTag.UNSUPPORTED, ()),)),
            LAB_1,
            id="a group of replies",
        ),
    ],
)
def test_refused_as_bad_request(message: Message, path: Target) -> None:
    assert refused(message, path) == BAD


def test_versions_and_charsets() -> None:
    for version in ((0, 0), (3, 0), (255, 255)):
        message = request(Operation.GET_JOBS, version=version)
        assert refused(message) == Status.SERVER_ERROR_VERSION_NOT_SUPPORTED
    for octets in (b"utf-16", b"", b"u\xfb-8"):
        other = Attribute("attributes-charset", (Value(Tag.CHARSET, octets),))
        refusal = refused(plain(other, LANGUAGE, PRINTER))
        assert refusal == Status.CLIENT_ERROR_CHARSET_NOT_SUPPORTED

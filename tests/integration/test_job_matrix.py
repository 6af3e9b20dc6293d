"""Two people and an operator x every operation on a job x own, another's and a foreign job, through
the gate onto ippeveprinter, and onto a queue that a cupsd shares."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ippgate.demo.client import Client, Reply
from ippgate.exchange.jobs import SeenJob, seen_jobs
from ippgate.ipp import values
from ippgate.ipp.enums import Operation as Op
from ippgate.ipp.enums import Status
from ippgate.ipp.message import Attribute
from tests.support import direct
from tests.support.cups import cupsd, ippeveprinter
from tests.support.gate_process import GateProcess, gate_process
from tests.support.identities import of_file
from tests.support.processes import wait_until_true

PEOPLE = (
    ("alice", "wonder land:ü", "staff"),
    ("bob", "builder", "staff"),
    ("olga", "operates", "operators"),
)
RULES = """version: 1
rules:
  - name: people print
    who: {groups: [staff, operators]}
    operations: ["@print", "@query"]
    decision: permit
  - name: own jobs
    who: owner
    operations: ["@job", CUPS-Authenticate-Job]
    decision: permit
  - name: operators
    who: {groups: [operators]}
    operations: ["@job", "@operate", CUPS-Authenticate-Job]
    decision: permit
privacy:
  job_attributes: [job-name, document-name, job-originating-user-name]
  visible_to: [owner, {groups: [operators]}]
"""
PDF = b"%PDF-1.4 a page"
LAST = Attribute("last-document", (values.boolean(True),))
CONTINUING = (Op.SEND_DOCUMENT, Op.CLOSE_JOB)
ON_JOBS = (
    *CONTINUING,
    Op.CANCEL_JOB,
    Op.HOLD_JOB,
    Op.RELEASE_JOB,
    Op.RESTART_JOB,
    Op.SET_JOB_ATTRIBUTES,
    Op.GET_JOB_ATTRIBUTES,
    Op.GET_DOCUMENTS,
    Op.GET_DOCUMENT_ATTRIBUTES,
    Op.CANCEL_DOCUMENT,
    Op.RESUBMIT_JOB,
    Op.CUPS_AUTHENTICATE_JOB,
)
QUERIES = (Op.GET_JOB_ATTRIBUTES, Op.GET_DOCUMENTS, Op.GET_DOCUMENT_ATTRIBUTES)


@dataclass(frozen=True, slots=True)
class Scene:
    """A gate before a real printer. ``can``: operations on jobs that this printer has."""

    gate: GateProcess
    printer_uri: str
    can: frozenset[Op]

    def client(self, name: str) -> Client:
        return self.gate.client(name, next(p[1] for p in PEOPLE if p[0] == name))

    def job(self, owner: str) -> int:
        """A job under construction; of somebody, or foreign."""
        if owner == "foreign":
            return direct.new_job(self.printer_uri, "alice")
        named = Attribute("job-name", (values.name(f"{owner}'s own"),))
        reply = self.client(owner).ask(Op.CREATE_JOB, "lab-1", [named])
        assert reply.message is not None
        assert reply.status is not None
        assert reply.status < 0x100, reply.words
        (job,) = seen_jobs(reply.message, 0.0)
        return job.job_id

    def on_job(self, who: str, operation: Op, job_id: int) -> Reply:
        attributes = [Attribute("job-id", (values.integer(job_id),))]
        document = b""
        if operation == Op.SEND_DOCUMENT:
            attributes += [LAST, Attribute("document-format", (values.mime_media_type(FORMAT),))]
            document = PDF
        if operation in (Op.CANCEL_DOCUMENT, Op.GET_DOCUMENT_ATTRIBUTES):
            attributes.append(Attribute("document-number", (values.integer(1),)))
        return self.client(who).ask(operation, "lab-1", attributes, document)

    def tidy(self) -> None:
        """Nothing is left for the next test."""
        for job in direct.jobs(self.printer_uri):
            number = Attribute("job-id", (values.integer(job.job_id),))
            direct.ask(self.printer_uri, Op.CANCEL_JOB, job.user_name or "root", [number])
        wait_until_true("no job is left", lambda: not direct.jobs(self.printer_uri))

    def outcome(self, operation: Op) -> dict[str, Any]:
        """The newest line of the trail about such an operation."""
        of_it = ("request.outcome", operation.keyword)
        records = reversed(self.gate.records())
        return next(r for r in records if (r["event"], r.get("operation")) == of_it)


FORMAT = "application/pdf"


@contextlib.contextmanager
def on_ippeveprinter(folder: Path, bus: dict[str, str]) -> Iterator[tuple[str, frozenset[Op]]]:
    with ippeveprinter(folder, bus, command="exit 0") as printer:
        can = {Op.SEND_DOCUMENT, Op.CLOSE_JOB, Op.CANCEL_JOB, Op.GET_JOB_ATTRIBUTES}
        yield printer.uri, frozenset(can)


@contextlib.contextmanager
def on_cupsd(folder: Path, bus: dict[str, str]) -> Iterator[tuple[str, frozenset[Op]]]:
    """A shared queue whose jobs wait."""
    (folder / "cups").mkdir()
    with cupsd(folder / "cups") as cups:
        device = "socket://127.0.0.1:9"
        cups.run("lpadmin", "-p", "queue", "-v", device, "-E", "-o", "printer-is-shared=true")
        cups.run("cupsdisable", "queue")
        can = {
            *(Op.SEND_DOCUMENT, Op.CLOSE_JOB, Op.CANCEL_JOB, Op.GET_JOB_ATTRIBUTES),
            *(Op.HOLD_JOB, Op.SET_JOB_ATTRIBUTES),
        }
        yield f"ipp://127.0.0.1:{cups.port}/printers/queue", frozenset(can)


MANY_JOBS = pytest.mark.parametrize("scene", ["cupsd"], indirect=True)
"""ippeveprinter has one job at a time."""

PRINTERS: dict[str, Callable[..., contextlib.AbstractContextManager[tuple[str, frozenset[Op]]]]] = {
    "ippeveprinter": on_ippeveprinter,
    "cupsd": on_cupsd,
}


@pytest.fixture(scope="module", params=PRINTERS)
def scene(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    shared_bus: dict[str, str],
) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("matrix")
    with (
        PRINTERS[request.param](folder, shared_bus) as (uri, can),
        gate_process(folder, {"lab-1": uri}, identity=of_file(folder, PEOPLE), rules=RULES) as gate,
    ):
        yield Scene(gate, uri, can)


@pytest.mark.parametrize("operation", ON_JOBS, ids=lambda operation: operation.keyword)
def test_who_may_do_what_to_whose_job(scene: Scene, operation: Op) -> None:
    for who, whose in itertools.product(("alice", "bob", "olga"), ("alice", "bob", "foreign")):
        job_id = scene.job(whose)
        reply = scene.on_job(who, operation, job_id)
        record = scene.outcome(operation)
        cell = f"{who} x {operation.keyword} x {whose}'s job: {reply.summary} {reply.words}"
        if who == whose or (who == "olga" and operation not in CONTINUING):
            assert record["decision"]["effect"] == "permit", cell
            assert record["result"]["printer"] == record["result"]["ipp"], cell
            if operation in scene.can:
                assert reply.summary.startswith("successful"), cell
        elif whose == "foreign" and who != "olga":
            assert reply.status == Status.CLIENT_ERROR_NOT_FOUND, cell
        elif operation in QUERIES:
            assert record["decision"]["effect"] == "permit", cell
            assert _names(reply) == [], cell
        else:
            assert reply.status == Status.CLIENT_ERROR_NOT_AUTHORIZED, cell
            assert record["decision"]["effect"] == "refuse", cell
            assert "printer" not in record["result"], cell
        scene.tidy()


def test_ids_that_are_nobodys_are_not_found_in_the_same_words(scene: Scene) -> None:
    foreign = scene.job("foreign")
    answers = set()
    for job_id in (foreign, 424242, 2**31 - 1):
        reply = scene.on_job("alice", Op.CANCEL_JOB, job_id)
        assert reply.status == Status.CLIENT_ERROR_NOT_FOUND
        answers.add(reply.words.partition(" [")[0].replace(str(job_id), "N"))
    assert len(answers) == 1
    scene.tidy()


def test_both_job_id_and_job_uri_are_refused(scene: Scene) -> None:
    job_id = scene.job("alice")
    uri = f"ipps://localhost:{scene.gate.port}/printers/lab-1/jobs/{job_id}"
    both = [
        Attribute("job-uri", (values.uri(uri),)),
        Attribute("job-id", (values.integer(job_id),)),
    ]
    reply = scene.client("alice").ask(Op.CANCEL_JOB, "lab-1", both)
    assert reply.status == Status.CLIENT_ERROR_BAD_REQUEST
    scene.tidy()


def listed(scene: Scene, who: str, *more: Attribute) -> list[SeenJob]:
    wanted = Attribute("requested-attributes", (values.keyword("all"),))
    reply = scene.client(who).ask(Op.GET_JOBS, "lab-1", [wanted, *more])
    assert reply.status == Status.SUCCESSFUL_OK, reply.words
    assert reply.message is not None
    return seen_jobs(reply.message, 0.0)


@MANY_JOBS
def test_lists_show_ones_own_mask_others_and_leave_out_what_is_foreign(scene: Scene) -> None:
    ids = {who: scene.job(who) for who in ("alice", "bob", "foreign")}
    names = {
        who: {job.job_id: (job.user_name, job.name) for job in listed(scene, who)}
        for who in ("alice", "bob", "olga")
    }
    own = {who: (who, f"{who}'s own") for who in ("alice", "bob")}
    hidden = (None, None)
    assert names["alice"] == {ids["alice"]: own["alice"], ids["bob"]: hidden}
    assert names["bob"] == {ids["alice"]: hidden, ids["bob"]: own["bob"]}
    assert names["olga"][ids["alice"]] == own["alice"]
    assert set(names["olga"]) == set(ids.values())
    scene.tidy()


@MANY_JOBS
def test_my_jobs_and_limits_count_what_is_left(scene: Scene) -> None:
    order = ("foreign", "bob", "alice", "foreign", "alice", "bob", "alice")
    ids = [(who, scene.job(who)) for who in order]
    alices = [job_id for who, job_id in ids if who == "alice"]
    mine = Attribute("my-jobs", (values.boolean(True),))
    first = Attribute("first-job-id", (values.integer(alices[1]),))
    found = listed(scene, "alice", mine)
    assert {job.job_id for job in found} == set(alices)
    two = listed(scene, "alice", mine, Attribute("limit", (values.integer(2),)))
    assert [job.job_id for job in two] == [job.job_id for job in found][:2]
    assert {job.job_id for job in listed(scene, "alice", mine, first)} == set(alices[1:])
    scene.tidy()


def test_cancel_my_jobs_where_the_printer_knows_only_names(scene: Scene) -> None:
    job_id = scene.job("foreign")
    assert scene.client("alice").ask(Op.CANCEL_MY_JOBS, "lab-1").status == Status.SUCCESSFUL_OK
    assert [job.job_id for job in direct.jobs(scene.printer_uri)] == [job_id]
    scene.tidy()


@MANY_JOBS
def test_cancel_my_jobs_cancels_ones_own_and_no_others(scene: Scene) -> None:
    ids = {who: [scene.job(who), scene.job(who)] for who in ("alice", "bob", "foreign")}
    reply = scene.client("alice").ask(Op.CANCEL_MY_JOBS, "lab-1")
    assert reply.status == Status.SUCCESSFUL_OK, reply.words
    left = {job.job_id for job in direct.jobs(scene.printer_uri)}
    assert left == {*ids["bob"], *ids["foreign"]}
    record = scene.outcome(Op.CANCEL_MY_JOBS)
    assert sorted(record["job"]["ids"]) == ids["alice"]
    of_bob = [Attribute("job-ids", (values.integer(ids["bob"][0]),))]
    refused = scene.client("alice").ask(Op.CANCEL_MY_JOBS, "lab-1", of_bob)
    assert refused.status == Status.CLIENT_ERROR_NOT_FOUND
    assert scene.client("bob").ask(Op.CANCEL_MY_JOBS, "lab-1", of_bob).status == 0
    left = {job.job_id for job in direct.jobs(scene.printer_uri)}
    assert left == {ids["bob"][1], *ids["foreign"]}
    scene.tidy()


@MANY_JOBS
def test_cancel_jobs_is_for_operators(scene: Scene) -> None:
    for who in ("alice", "bob", "foreign"):
        scene.job(who)
    refused = scene.client("alice").ask(Op.CANCEL_JOBS, "lab-1")
    assert refused.status == Status.CLIENT_ERROR_NOT_AUTHORIZED
    assert len(direct.jobs(scene.printer_uri)) == 3
    done = scene.client("olga").ask(Op.CANCEL_JOBS, "lab-1")
    assert done.status == Status.SUCCESSFUL_OK, done.words
    assert direct.jobs(scene.printer_uri) == []


@pytest.mark.parametrize("scene", ["ippeveprinter"], indirect=True)
def test_cancel_jobs_where_the_printer_cannot(scene: Scene) -> None:
    scene.job("bob")
    done = scene.client("olga").ask(Op.CANCEL_JOBS, "lab-1")
    assert done.status == Status.SUCCESSFUL_OK, done.words
    assert direct.jobs(scene.printer_uri) == []
    wanted = Attribute("requested-attributes", (values.keyword("operations-supported"),))
    reply = scene.client("olga").ask(Op.GET_PRINTER_ATTRIBUTES, "lab-1", [wanted])
    assert reply.message is not None
    attribute = reply.message.groups[1].get("operations-supported")
    assert attribute is not None
    assert values.enum(Op.CANCEL_JOBS) in attribute.values
    assert direct.ask(scene.printer_uri, Op.CANCEL_JOBS, "root").code == (
        Status.SERVER_ERROR_OPERATION_NOT_SUPPORTED
    )


def _names(reply: Reply) -> list[str]:
    """What tells whose a job is, in a reply."""
    assert reply.message is not None
    private = ("job-name", "document-name", "job-originating-user-name")
    return [
        attribute.name
        for group in reply.message.groups
        for attribute in group.attributes
        if attribute.name in private
    ]

"""A virtual printer of the kind that the gateway is for: IPP/1.1 in the clear, and no users.

It believes every name that it is told, prints whatever comes into a folder, and keeps its last
jobs. It stands alone: what it knows of IPP is its own, apart from the codec.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from ippgate.demo.capabilities import printer_attributes
from ippgate.document.format import WINDOW, detect
from ippgate.exchange.ports import Answer, Body, Clock, Head, Peer
from ippgate.ipp import values
from ippgate.ipp.decoder import Decoder
from ippgate.ipp.encoder import encode
from ippgate.ipp.enums import GroupTag, Operation, Status
from ippgate.ipp.errors import DecodeError
from ippgate.ipp.message import Attribute, Group, Message, Value

T = TypeVar("T")

PATH = "/ipp/print"
VERSION = (1, 1)
JOBS = 200
"""Jobs remembered; a printer of its age keeps fewer."""
_SUFFIXES = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/pwg-raster": "pwg"}
_PENDING_HELD, _PROCESSING, _CANCELED, _ABORTED, _COMPLETED = 4, 5, 7, 8, 9
_IPP = (("Content-Type", "application/ipp"),)


@dataclass(slots=True)
class PrintedJob:
    """A job, and the file that it was printed into."""

    job_id: int
    user: str
    name: str
    state: int
    file: Path | None = None


class Refused(Exception):
    """The printer's own no."""

    def __init__(self, status: Status) -> None:
        super().__init__(status.keyword)
        self.status = status


class VirtualPrinter:
    """An application for a listener in the clear. ``jobs``: by id, the newest last."""

    def __init__(self, folder: Path, clock: Clock, jobs: int = JOBS) -> None:
        self._folder = folder
        self._most = jobs
        self._clock = clock
        self._started = clock.monotonic()
        self._next_id = 1
        self.jobs: OrderedDict[int, PrintedJob] = OrderedDict()

    async def __call__(self, head: Head, body: Body, peer: Peer) -> Answer:
        """Answers one request; what is not IPP is answered with 400."""
        if head.method != "POST":
            return Answer(405, (("Allow", "POST"),))
        decoder = Decoder()
        try:
            while decoder.message is None:
                octets = await body.read()
                if not octets:
                    decoder.finish()
                decoder.feed(octets)
        except DecodeError:
            return Answer(400, close=True)
        message = decoder.message
        body.attributes_complete()
        status = Status.SUCCESSFUL_OK
        groups: list[Group] = []
        try:
            groups = await self._perform(message, bytes(decoder.rest), body, peer)
        except Refused as refused:
            status = refused.status
        operation = Group(
            GroupTag.OPERATION,
            (
                Attribute("attributes-charset", (values.charset("utf-8"),)),
                Attribute("attributes-natural-language", (values.natural_language("en"),)),
            ),
        )
        reply = Message(VERSION, status, message.request_id, (operation, *groups))
        return Answer(200, _IPP, encode(reply))

    async def _perform(self, message: Message, rest: bytes, body: Body, peer: Peer) -> list[Group]:
        """The reply's groups. Raises Refused."""
        if message.version[0] != 1:
            raise Refused(Status.SERVER_ERROR_VERSION_NOT_SUPPORTED)
        asked = _Asked(message)
        uri = f"ipp://{peer.address}:{peer.local_port}{PATH}"
        match message.code:
            case Operation.GET_PRINTER_ATTRIBUTES:
                up = int(self._clock.monotonic() - self._started)
                unfinished = sum(job.state < _CANCELED for job in self.jobs.values())
                chosen = asked.chosen(printer_attributes(uri, up, unfinished))
                return [Group(GroupTag.PRINTER, chosen)]
            case Operation.VALIDATE_JOB:
                return []
            case Operation.PRINT_JOB:
                job = self._new_job(asked)
                await self._print(job, rest, body)
                return [self._group(job, uri)]
            case Operation.CREATE_JOB:
                return [self._group(self._new_job(asked), uri)]
            case Operation.SEND_DOCUMENT:
                job = self._job(asked)
                if job.state != _PENDING_HELD:
                    raise Refused(Status.CLIENT_ERROR_NOT_POSSIBLE)
                await self._print(job, rest, body)
                return [self._group(job, uri)]
            case Operation.CANCEL_JOB:
                job = self._job(asked)
                if job.state >= _CANCELED:
                    raise Refused(Status.CLIENT_ERROR_NOT_POSSIBLE)
                job.state = _CANCELED
                return []
            case Operation.GET_JOB_ATTRIBUTES:
                return [self._group(self._job(asked), uri)]
            case Operation.GET_JOBS:
                return [self._group(job, uri) for job in self._listed(asked)]
            case _:
                raise Refused(Status.SERVER_ERROR_OPERATION_NOT_SUPPORTED)

    # --- jobs -------------------------------------------------------------------------------------

    def _new_job(self, asked: _Asked) -> PrintedJob:
        user = asked.text("requesting-user-name") or "anonymous"
        job = PrintedJob(self._next_id, user, asked.text("job-name") or "Untitled", _PENDING_HELD)
        self._next_id += 1
        self.jobs[job.job_id] = job
        if len(self.jobs) > self._most:
            self.jobs.popitem(last=False)
        return job

    async def _print(self, job: PrintedJob, rest: bytes, body: Body) -> None:
        """Paper is a file. The kernel's page cache takes the octets: no write waits for a disk.

        Raises what the body raises: half a document is thrown away.
        """
        job.state = _PROCESSING
        unfinished = self._folder / f".job-{job.job_id}"
        window = rest
        try:
            with unfinished.open("wb") as paper:
                paper.write(rest)
                while octets := await body.read():
                    if len(window) < WINDOW:
                        window += octets
                    paper.write(octets)
        except BaseException:
            job.state = _ABORTED
            unfinished.unlink(missing_ok=True)
            raise
        suffix = _SUFFIXES.get(detect(window), "prn")
        job.file = unfinished.rename(self._folder / f"job-{job.job_id}.{suffix}")
        if job.state == _PROCESSING:
            job.state = _COMPLETED

    def _job(self, asked: _Asked) -> PrintedJob:
        job = self.jobs.get(asked.integer("job-id") or 0)
        if job is None:
            raise Refused(Status.CLIENT_ERROR_NOT_FOUND)
        return job

    def _listed(self, asked: _Asked) -> list[PrintedJob]:
        completed = asked.text("which-jobs") == "completed"
        mine = asked.boolean("my-jobs") and asked.text("requesting-user-name")
        listed = [
            job
            for job in reversed(self.jobs.values())
            if (job.state >= _CANCELED) == completed and (not mine or job.user == mine)
        ]
        return listed[: asked.integer("limit")]

    def _group(self, job: PrintedJob, uri: str) -> Group:
        reason = {
            _PENDING_HELD: "job-incoming",
            _PROCESSING: "job-printing",
            _CANCELED: "job-canceled-by-user",
            _ABORTED: "aborted-by-system",
            _COMPLETED: "job-completed-successfully",
        }[job.state]
        return Group(
            GroupTag.JOB,
            (
                Attribute("job-id", (values.integer(job.job_id),)),
                Attribute("job-uri", (values.uri(f"{uri}/{job.job_id}"),)),
                Attribute("job-printer-uri", (values.uri(uri),)),
                Attribute("job-state", (values.enum(job.state),)),
                Attribute("job-state-reasons", (values.keyword(reason),)),
                Attribute("job-name", (values.name(job.name),)),
                Attribute("job-originating-user-name", (values.name(job.user),)),
            ),
        )


class _Asked:
    """A request's operation attributes, read with less care than the gateway takes."""

    def __init__(self, message: Message) -> None:
        self._group = message.group(GroupTag.OPERATION)

    def text(self, name: str) -> str | None:
        return self._read(name, values.as_text)

    def integer(self, name: str) -> int | None:
        return self._read(name, values.as_integer)

    def boolean(self, name: str) -> bool:
        return self._read(name, values.as_boolean) or False

    def chosen(self, attributes: list[Attribute]) -> tuple[Attribute, ...]:
        """Those of requested-attributes; everything but media-col-database without it."""
        asked = self._group.get("requested-attributes") if self._group is not None else None
        names = (
            {v.octets.decode("latin-1") for v in asked.values if isinstance(v, Value)}
            if asked
            else set()
        )
        if not names or names & {"all", "printer-description"}:
            return tuple(
                attribute
                for attribute in attributes
                if attribute.name != "media-col-database" or attribute.name in names
            )
        return tuple(attribute for attribute in attributes if attribute.name in names)

    def _read(self, name: str, read: Callable[[Value], T]) -> T | None:
        attribute = self._group.get(name) if self._group is not None else None
        if attribute is None or not isinstance(attribute.values[0], Value):
            return None
        try:
            return read(attribute.values[0])
        except ValueError:
            return None

"""Somebody who stands at the printer itself, past the gateway: cleartext IPP, no credentials."""

from __future__ import annotations

import http.client
import itertools
from collections.abc import Sequence
from urllib.parse import urlsplit

from ippgate.exchange.jobs import SeenJob, seen_jobs
from ippgate.ipp import values
from ippgate.ipp.decoder import decode
from ippgate.ipp.encoder import encode
from ippgate.ipp.enums import GroupTag, Operation
from ippgate.ipp.message import Attribute, Group, Message

_ids = itertools.count(1)


def ask(
    uri: str,
    operation: Operation,
    user: str,
    attributes: Sequence[Attribute] = (),
    document: bytes = b"",
) -> Message:
    """One operation at a printer. Blocks."""
    parts = urlsplit(uri)
    group = Group(
        GroupTag.OPERATION,
        (
            Attribute("attributes-charset", (values.charset("utf-8"),)),
            Attribute("attributes-natural-language", (values.natural_language("en"),)),
            Attribute("printer-uri", (values.uri(uri),)),
            Attribute("requesting-user-name", (values.name(user),)),
            *attributes,
        ),
    )
    request = encode(Message((1, 1), operation, next(_ids), (group,)))
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 631, timeout=30)
    try:
        connection.request(
            "POST", parts.path, request + document, {"Content-Type": "application/ipp"}
        )
        octets = connection.getresponse().read()
    finally:
        connection.close()
    return decode(octets)[0]


def new_job(uri: str, user: str, document: bytes | None = None) -> int:
    """A job that does not come through the gateway; without a document it waits for one."""
    operation = Operation.CREATE_JOB if document is None else Operation.PRINT_JOB
    named = Attribute("job-name", (values.name("walk-up"),))
    (job,) = seen_jobs(ask(uri, operation, user, [named], document or b""), 0.0)
    return job.job_id


def jobs(uri: str, *, completed: bool = False) -> list[SeenJob]:
    """All jobs of one kind, as the printer tells."""
    which = values.keyword("completed" if completed else "not-completed")
    wanted = Attribute("requested-attributes", (values.keyword("all"),))
    asked = [Attribute("which-jobs", (which,)), wanted]
    return seen_jobs(ask(uri, Operation.GET_JOBS, "root", asked), 0.0)

"""The catalogue of events, and the fields of a record. A leaf: anyone may import it."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime


class Event(enum.Enum):
    """Every event that the trail can hold, with what it means."""

    REQUEST_INTENT = "request.intent"
    """A state-changing operation is permitted and is about to be forwarded."""
    REQUEST_OUTCOME = "request.outcome"
    """A request was answered: by the printer, or refused by the gateway."""
    AUTHENTICATION_REFUSED = "authentication.refused"
    """Credentials were given and refused. (A bare 401 without credentials is not an event.)"""
    JOB_ENDED = "job.ended"
    """A job came to its end at the printer, or the printer forgot it."""
    CONFIGURATION_LOADED = "configuration.loaded"
    """The gateway started with this configuration and these policies."""
    STREAM_OPENED = "stream.opened"
    """A chain of records begins or goes on in this file."""
    STREAM_CLOSED = "stream.closed"
    """The gateway stopped in good order."""


JsonObject = dict[str, object]


@dataclass(frozen=True, slots=True)
class Record:
    """One line of the trail, before the stream's own fields (``stream seq prev hash``) are added.

    Parts are JSON objects with string keys, or None when they do not apply: absent from the line
    then. Their members:

    ``client``: address, port. ``tls``: version, cipher, subject. ``user``: name, id, method,
    credential, stale, groups, attributes, claimed.
    ``attributes``: the attributes that policy looked at. ``decision``: effect, rule, reason,
    message, nearest, owner, obligations, shadows, revision.
    ``job``: id, uuid, name, ids. ``document``: declared, detected, octets, sha256.
    ``result``: http, ipp, printer (its status), octets_in, octets_out, ms, directory_ms,
    printer_ms, error.
    """

    time: datetime
    event: Event
    id: str
    client: JsonObject | None = None
    tls: JsonObject | None = None
    user: JsonObject | None = None
    printer: str | None = None
    operation: str | None = None
    attributes: JsonObject | None = None
    decision: JsonObject | None = None
    job: JsonObject | None = None
    document: JsonObject | None = None
    result: JsonObject | None = None
    detail: JsonObject | None = None

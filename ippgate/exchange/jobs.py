"""Jobs as the ledger remembers them, and as a printer describes them; whether both are the same.

Printers that restart may count from 1 again, so a job-id alone names no job for long. What tells
one from another: job-uuid (PWG 5100.13), else when it was made and for whom, else whether the
printer was started since.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ippgate.exchange.job_ids import group_job_id
from ippgate.ipp.enums import GroupTag
from ippgate.ipp.first import first_integer, first_text
from ippgate.ipp.message import Attribute, Group, Message, Value

CREATED_SECONDS = 180.0
"""How far the printer's own account of when a job was made may be from the ledger's: a document
may be long on its way before a printer makes its job, and printers' clocks are coarse."""
BOOT_SECONDS = 5.0
"""How exact a printer's up-time is, in whole seconds and with the time that its answer took."""
TRUNCATED = 8
"""Old printers keep the beginning of a user's name; fewer characters than this prove nothing."""
ANONYMOUS = "anonymous"
"""What a printer is told that somebody is called who was not asked to sign."""
NOBODY = ""
"""The owner's id of a job that nobody was asked to sign: it is nobody's own."""

_FIRST_ENDED = 7
"""job-state: 7 canceled, 8 aborted, 9 completed (RFC 8011 section 5.3.7)."""
_NO_NAMES = frozenset({"", ANONYMOUS, "unknown", "withheld"})

IDENTIFYING = (
    "job-id",
    "job-uuid",
    "job-originating-user-name",
    "time-at-creation",
    "job-printer-up-time",
)
"""What is asked about a job to know whose it is."""

PROGRESS = (
    "job-state",
    "job-state-reasons",
    "job-impressions-completed",
    "job-media-sheets-completed",
    "job-pages-completed",
    "job-k-octets-processed",
    "print-color-mode",
    "print-color-mode-actual",
    "sides",
    "sides-actual",
)
"""What is asked about a job to know what came of it."""


@dataclass(frozen=True, slots=True)
class RememberedJob:
    """A job of the ledger.

    ``key``: the ledger's own number. ``job_id`` None: it is not known yet which job the printer
    made of it. ``current`` False: another job has that id now. Times are seconds since the epoch;
    ``confirmed``: when the printer last described this job under this id, and its ``state`` then;
    ``request``: the id of the request that made it, as in the trail.
    """

    key: int
    printer: str
    job_id: int | None
    uuid: str | None
    owner_id: str
    owner_name: str
    name: str | None
    submitted: float
    confirmed: float
    request: str = ""
    state: int | None = None
    ended: bool = False
    current: bool = True


@dataclass(frozen=True, slots=True)
class SeenJob:
    """A job as a printer describes it; None where it does not say.

    ``created``: seconds since the epoch, reckoned from the printer's up-time; ``created_before``:
    when the printer was started, if it made the job earlier.
    """

    job_id: int
    uuid: str | None = None
    user_name: str | None = None
    name: str | None = None
    created: float | None = None
    created_before: float | None = None
    state: int | None = None
    reasons: tuple[str, ...] = ()
    impressions: int | None = None
    sheets: int | None = None
    pages: int | None = None
    k_octets: int | None = None
    color: str | None = None
    sides: str | None = None

    @property
    def ended(self) -> bool:
        """Whether it is canceled, aborted or completed."""
        return self.state is not None and self.state >= _FIRST_ENDED

    @property
    def tells_apart(self) -> bool:
        """Whether it says enough to know it from another job of the same id and user."""
        return (self.uuid, self.created, self.created_before) != (None, None, None)


def same(remembered: RememberedJob, seen: SeenJob, booted: float | None = None) -> bool:
    """Whether what the printer describes under an id is the job that was remembered under it.

    ``booted``: when the printer was started, where the job itself does not tell it apart.
    """
    if remembered.uuid is not None and seen.uuid is not None:
        return remembered.uuid == seen.uuid
    if not same_name(remembered.owner_name, seen.user_name):
        return False
    if seen.created is not None:
        # A printer that takes a document slowly makes the job any time between.
        earliest = remembered.submitted - CREATED_SECONDS
        latest = max(remembered.confirmed, remembered.submitted) + CREATED_SECONDS
        return earliest <= seen.created <= latest
    if seen.created_before is not None:
        return remembered.submitted <= seen.created_before + BOOT_SECONDS
    return booted is None or remembered.confirmed >= booted - BOOT_SECONDS


def same_name(owner: str, seen: str | None) -> bool:
    """Whether a printer's job-originating-user-name can be what the gateway wrote there."""
    if seen is None or seen.casefold() in _NO_NAMES:
        return True
    name, wanted = seen.casefold(), owner.casefold()
    return name == wanted or (len(name) >= TRUNCATED and wanted.startswith(name))


def could_be(submission: RememberedJob, seen: SeenJob) -> bool:
    """Whether a job that the ledger does not know can be what came of a submission whose answer
    was never heard. Here the printer must name its owner: nothing else ties them together."""
    if seen.user_name is None or seen.user_name.casefold() in _NO_NAMES:
        return False
    if not same_name(submission.owner_name, seen.user_name):
        return False
    if seen.created is not None and seen.created < submission.submitted - BOOT_SECONDS - 1:
        return False
    return None in (submission.name, seen.name) or same_text(submission.name, seen.name)


def same_text(given: str | None, seen: str | None) -> bool:
    """Whether a printer's job-name can be the one that was given: some cut it."""
    given, seen = given or "", seen or ""
    return given == seen or (len(seen) >= TRUNCATED and given.startswith(seen))


def seen_jobs(reply: Message, now: float) -> list[SeenJob]:
    """The jobs that a reply describes; groups without an id are none."""
    jobs = (seen_job(group, now) for group in reply.groups if group.tag == GroupTag.JOB)
    return [job for job in jobs if job is not None]


def seen_job(group: Group, now: float, asked: int | None = None) -> SeenJob | None:
    """What a job group says; None when it does not say its id, and no single one was ``asked``
    about."""
    found = {attribute.name: attribute for attribute in group.attributes}
    job_id = group_job_id(group) or asked
    if job_id is None:
        return None
    created, created_before = _created(found, now)
    return SeenJob(
        job_id=job_id,
        uuid=first_text(found.get("job-uuid")),
        user_name=first_text(found.get("job-originating-user-name")),
        name=first_text(found.get("job-name")),
        created=created,
        created_before=created_before,
        state=first_integer(found.get("job-state")),
        reasons=_texts(found.get("job-state-reasons")),
        impressions=first_integer(found.get("job-impressions-completed")),
        sheets=first_integer(found.get("job-media-sheets-completed")),
        pages=first_integer(found.get("job-pages-completed")),
        k_octets=first_integer(found.get("job-k-octets-processed")),
        color=first_text(found.get("print-color-mode-actual"))
        or first_text(found.get("print-color-mode")),
        sides=first_text(found.get("sides-actual") or found.get("sides")),
    )


def _created(found: Mapping[str, Attribute], now: float) -> tuple[float | None, float | None]:
    """When the printer made the job; or when it was started, if the job is older than that.

    time-at-creation counts the printer's up-time, and is 0 or less for jobs that are older than
    that (RFC 8011 section 5.3.14).
    """
    at, up = (
        first_integer(found.get("time-at-creation")),
        first_integer(found.get("job-printer-up-time")),
    )
    if at is None or up is None or up <= 0 or at > up:
        return None, None
    return (now - (up - at), None) if at > 0 else (None, now - up)


def _texts(attribute: Attribute | None) -> tuple[str, ...]:
    if attribute is None:
        return ()
    values = (value for value in attribute.values if isinstance(value, Value))
    return tuple(value.octets.decode("utf-8", "replace") for value in values)

"""Which job a group of a printer's reply describes."""

from __future__ import annotations

from ippgate.ipp.enums import GroupTag
from ippgate.ipp.first import first_integer, first_value
from ippgate.ipp.message import Group

_GROUPS = (GroupTag.JOB, GroupTag.DOCUMENT, GroupTag.EVENT_NOTIFICATION)
_NAMES = ("job-id", "document-job-id", "notify-job-id")


def group_job_id(group: Group) -> int | None:
    """Its job-id, or else the number that ends its job-uri."""
    if group.tag not in _GROUPS:
        return None
    for name in _NAMES:
        job_id = first_integer(group.get(name))
        if job_id is not None:
            return job_id
    job_uri = first_value(group.get("job-uri"))
    tail = job_uri.octets.rpartition(b"/")[2] if job_uri is not None else b""
    return int(tail) if tail.isdigit() and len(tail) <= 10 else None

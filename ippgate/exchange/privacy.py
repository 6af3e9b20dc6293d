"""ANSWER: jobs as a person may see them.

Masked attributes are left out, as CUPS leaves out JobPrivateValues: clients then show what they
show for a job of an unknown name. The status is the same either way (RFC 8011 section 9.4).
"""

from __future__ import annotations

from collections.abc import Mapping

from ippgate.exchange.job_ids import group_job_id
from ippgate.exchange.jobs import IDENTIFYING, RememberedJob
from ippgate.exchange.ownership import is_own
from ippgate.exchange.request import Request
from ippgate.ipp.enums import GroupTag
from ippgate.ipp.first import first_integer
from ippgate.ipp.message import Attribute, Group, Message, Value
from ippgate.ipp.values import integer, keyword, name
from ippgate.policy.facts import Principal
from ippgate.policy.privacy import Privacy

MOST = 400
"""Jobs that a printer is asked for, before any is left out: as many as fit into a reply of the size
that is read, with all their attributes."""

_HERE = frozenset({"limit", "first-job-id", "first-index", "my-jobs", "requested-attributes"})
"""What Get-Jobs asks for and the gateway does itself, since it filters first."""
_DEFAULT = frozenset({"job-uri", "job-id"})
"""What Get-Jobs answers where nothing is asked for (RFC 8011 section 4.2.6.1)."""
_ADDED = (*IDENTIFYING, "job-uri", "job-name")
"""What must be known of every job, asked for or not: whose it is."""
_GROUPS = frozenset({"all", "job-description", "job-status", "job-template", "job-actual"})
_WITH_ADDED = frozenset({"all", "job-description", "job-status"})
_USER_NAME = "job-originating-user-name"
_JOBS = (GroupTag.JOB, GroupTag.DOCUMENT)


def listing_question(message: Message) -> Message:
    """Get-Jobs as the printer is asked: for all jobs, with what tells whose they are."""
    operation, *rest = message.groups
    kept = tuple(attribute for attribute in operation.attributes if attribute.name not in _HERE)
    names = dict.fromkeys((*sorted(_requested(operation)), *_ADDED))
    wanted = Attribute("requested-attributes", tuple(keyword(word) for word in names))
    limit = Attribute("limit", (integer(MOST),))
    return message._replace(groups=(operation._replace(attributes=(*kept, limit, wanted)), *rest))


def listing_answer(
    message: Message,
    request: Request,
    owners: Mapping[int, RememberedJob],
    principal: Principal | None,
    privacy: Privacy,
) -> Message:
    """The printer's list as this person may see it: filtered, then cut to what was asked for.

    ``owners``: jobs that came through the gateway, by id.
    """
    operation = request.message.groups[0]
    requested = _requested(operation)
    first_id = _number(operation, "first-job-id") or 1
    first_index = _number(operation, "first-index") or 1
    limit = _number(operation, "limit")
    listed = []
    others = []
    for group in message.groups:
        if group.tag != GroupTag.JOB:
            others.append(group)
            continue
        job_id = group_job_id(group)
        job = owners.get(job_id) if job_id is not None else None
        if job_id is None or job_id < first_id or (request.own_jobs and not is_own(job, principal)):
            continue
        shown = shown_job(group, job, principal, privacy)
        if shown is not None:
            listed.append(shown._replace(attributes=_cut(shown, requested)))
    end = None if limit is None else first_index - 1 + limit
    return message._replace(groups=(*others, *listed[first_index - 1 : end]))


def shown_jobs(
    message: Message,
    job: RememberedJob | None,
    principal: Principal | None,
    privacy: Privacy,
) -> Message:
    """A reply that is about one job, as this person may see it."""
    groups = []
    for group in message.groups:
        shown = shown_job(group, job, principal, privacy) if group.tag in _JOBS else group
        if shown is not None:
            groups.append(shown)
    return message._replace(groups=tuple(groups))


def shown_job(
    group: Group, job: RememberedJob | None, principal: Principal | None, privacy: Privacy
) -> Group | None:
    """A job as this person may see it; None: not at all. ``job`` None: it is foreign.

    Its owner's name is the directory's, where the printer kept a part of it.
    """
    if privacy.visible(principal, is_own(job, principal)):
        if job is None:
            return group
        return group._replace(
            attributes=tuple(_with_owner(attribute, job) for attribute in group.attributes)
        )
    if job is None or privacy.job_attributes is None:
        return None
    return group._replace(
        attributes=tuple(
            attribute for attribute in group.attributes if not privacy.hides(attribute.name)
        )
    )


def _with_owner(attribute: Attribute, job: RememberedJob) -> Attribute:
    if attribute.name != _USER_NAME:
        return attribute
    return Attribute(_USER_NAME, (name(job.owner_name),))


def _cut(group: Group, requested: frozenset[str]) -> tuple[Attribute, ...]:
    """What was asked for. A printer may ignore that, and more was asked of it."""
    if requested & _GROUPS:
        added = frozenset() if requested & _WITH_ADDED else frozenset(_ADDED) - requested
        return tuple(attribute for attribute in group.attributes if attribute.name not in added)
    return tuple(attribute for attribute in group.attributes if attribute.name in requested)


def _requested(operation: Group) -> frozenset[str]:
    attribute = operation.get("requested-attributes")
    if attribute is None:
        return _DEFAULT
    return frozenset(
        value.octets.decode("ascii", "replace")
        for value in attribute.values
        if isinstance(value, Value)
    )


def _number(operation: Group, attribute_name: str) -> int | None:
    """A positive number; None when there is none, or it makes no sense."""
    number = first_integer(operation.get(attribute_name))
    return number if number is not None and number > 0 else None

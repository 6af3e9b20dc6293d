"""Which job a group is about."""

from __future__ import annotations

import pytest

from ippgate.exchange.job_ids import group_job_id
from ippgate.ipp.enums import GroupTag
from ippgate.ipp.message import Attribute, Group
from ippgate.ipp.values import integer, text, uri

JOB_9 = Attribute("job-uri", (uri("ipp://192.0.2.21/ipp/print/jobs/9"),))


@pytest.mark.parametrize(
    ("tag", "attributes", "job_id"),
    [
        (GroupTag.JOB, (Attribute("job-id", (integer(3),)), JOB_9), 3),
        (GroupTag.JOB, (Attribute("job-id", (text("3"),)), JOB_9), 9),
        (GroupTag.JOB, (JOB_9,), 9),
        (GroupTag.JOB, (Attribute("job-uri", (uri("ipp://192.0.2.21/jobs/current"),)),), None),
        (GroupTag.JOB, (Attribute("job-uri", (uri(f"ipp://h/{'1' * 11}"),)),), None),
        (GroupTag.JOB, (), None),
        (GroupTag.DOCUMENT, (Attribute("document-job-id", (integer(4),)),), 4),
        (GroupTag.EVENT_NOTIFICATION, (Attribute("notify-job-id", (integer(5),)),), 5),
        (GroupTag.PRINTER, (Attribute("job-id", (integer(3),)), JOB_9), None),
    ],
)
def test_job_ids(tag: int, attributes: tuple[Attribute, ...], job_id: int | None) -> None:
    assert group_job_id(Group(tag, attributes)) == job_id

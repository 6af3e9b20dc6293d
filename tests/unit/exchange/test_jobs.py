"""When a job that a printer describes is the one that was remembered under its id."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ippgate.exchange.jobs import (
    BOOT_SECONDS,
    CREATED_SECONDS,
    RememberedJob,
    SeenJob,
    could_be,
    same,
    same_name,
    seen_job,
)
from ippgate.ipp.enums import GroupTag
from ippgate.ipp.message import Attribute, Collection, Group
from ippgate.ipp.values import enum, integer, keyword, name, uri

T = 1_800_000_000.0
JOB = RememberedJob(1, "lab-1", 7, None, "id-alice", "alice", "page", T, T + 2)
UUID = "urn:uuid:00000000-0000-4000-8000-000000000001"


def seen(**said: object) -> SeenJob:
    return replace(SeenJob(7, user_name="alice"), **said)  # type: ignore[arg-type]


def test_the_uuid_decides_where_both_have_one() -> None:
    known = replace(JOB, uuid=UUID)
    assert same(known, seen(uuid=UUID, user_name="somebody"))
    assert not same(known, seen(uuid=UUID[:-1] + "2", created=T + 1))


def test_without_a_uuid_it_must_be_made_about_then_and_for_the_same_person() -> None:
    assert same(JOB, seen(created=T + 1))
    assert not same(JOB, seen(created=T + 3 + CREATED_SECONDS))
    assert not same(JOB, seen(created=T - 1 - CREATED_SECONDS))
    assert not same(JOB, seen(created=T + 1, user_name="bob"))


def test_a_printer_that_was_started_since_means_another_job() -> None:
    assert same(JOB, seen(), booted=T - 1000)
    assert not same(JOB, seen(), booted=T + 3 + BOOT_SECONDS)
    assert same(JOB, seen(created_before=T + 500)), "a job that outlived the restart"
    assert not same(replace(JOB, submitted=T + 600), seen(created_before=T + 500))


@pytest.mark.parametrize(
    ("owner", "told", "verdict"),
    [
        ("alice", "alice", True),
        ("alice", "ALICE", True),
        ("alice", None, True),
        ("alice", "", True),
        ("alice", "anonymous", True),
        ("alice", "ali", False),
        ("alice", "alice2", False),
        ("maximiliane", "maximili", True),
        ("maximiliane", "maximilian", True),
        ("maximiliane", "maximus", False),
    ],
)
def test_printers_tell_names_in_their_own_way(owner: str, told: str | None, verdict: bool) -> None:
    assert same_name(owner, told) is verdict


def test_a_submission_needs_a_printer_that_names_its_owner() -> None:
    waiting = replace(JOB, job_id=None)
    assert could_be(waiting, seen(name="page"))
    assert could_be(waiting, seen(name=None, created=T))
    assert not could_be(waiting, seen(name="other"))
    assert not could_be(waiting, seen(user_name=None))
    assert not could_be(waiting, seen(user_name="anonymous"))
    assert not could_be(waiting, seen(created=T - 60))


@given(
    created=st.one_of(st.none(), st.floats(T - 10**7, T + 10**7)),
    booted=st.one_of(st.none(), st.floats(T - 10**7, T + 10**7)),
    user=st.sampled_from(["bob", "alic", "alice2"]),
)
def test_whatever_the_printers_clock_says_nobody_gets_a_job_of_another_name(
    created: float | None, booted: float | None, user: str
) -> None:
    assert not same(JOB, seen(user_name=user, created=created), booted)


def test_what_a_group_says_is_read_and_what_is_nonsense_is_not() -> None:
    group = Group(
        GroupTag.JOB,
        (
            Attribute("job-uri", (uri("ipp://192.0.2.21/jobs/12"),)),
            Attribute("job-uuid", (uri(UUID),)),
            Attribute("job-originating-user-name", (name("alice"),)),
            Attribute("job-state", (enum(5),)),
            Attribute("job-state-reasons", (keyword("job-printing"), keyword("other"))),
            Attribute("time-at-creation", (integer(90),)),
            Attribute("job-printer-up-time", (integer(100),)),
            Attribute("job-impressions-completed", (keyword("many"),)),
            Attribute("job-name", (Collection(()),)),
        ),
    )
    job = seen_job(group, T)
    assert job is not None
    assert (job.job_id, job.uuid, job.user_name) == (12, UUID, "alice")
    assert (job.created, job.state, job.reasons) == (T - 10, 5, ("job-printing", "other"))
    assert (job.impressions, job.name) == (None, None)
    assert not job.ended


def test_a_group_without_an_id_is_about_the_job_that_was_asked_for() -> None:
    group = Group(GroupTag.JOB, (Attribute("job-state", (enum(9),)),))
    assert seen_job(group, T) is None
    job = seen_job(group, T, asked=7)
    assert job is not None
    assert (job.job_id, job.ended) == (7, True)


@pytest.mark.parametrize(("at", "up"), [(0, 100), (-50, 100)])
def test_a_job_from_before_the_restart_says_so(at: int, up: int) -> None:
    group = Group(
        GroupTag.JOB,
        (
            Attribute("job-id", (integer(7),)),
            Attribute("time-at-creation", (integer(at),)),
            Attribute("job-printer-up-time", (integer(up),)),
        ),
    )
    job = seen_job(group, T)
    assert job is not None
    assert (job.created, job.created_before) == (None, T - up)

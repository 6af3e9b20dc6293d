"""Whose job is it to know: what is hidden of jobs, and from whom. Applied where jobs are shown."""

from __future__ import annotations

from dataclasses import dataclass

from ippgate.policy.criteria.who import Scope, Who
from ippgate.policy.facts import Principal

PRIVATE_ATTRIBUTES = frozenset(
    {
        "document-name",
        "document-name-supplied",
        "job-account-id",
        "job-accounting-user-id",
        "job-message-from-operator",
        "job-name",
        "job-originating-host-name",
        "job-originating-user-name",
        "job-originating-user-uri",
        "original-requesting-user-name",
    }
)
"""Hidden where no policy says otherwise: they name people and what they print."""


@dataclass(frozen=True, slots=True)
class Privacy:
    """The ``privacy`` section of the policies.

    ``job_attributes``: names of attributes that are hidden; None: all of a job, which is then left
    out of lists. ``visible_to``: who sees them nevertheless; an entry of scope OWNER is the job's
    owner.
    """

    job_attributes: frozenset[str] | None = PRIVATE_ATTRIBUTES
    visible_to: tuple[Who, ...] = (Who(Scope.OWNER),)

    def visible(self, principal: Principal | None, owner: bool) -> bool:
        """Whether this person sees everything of a job. ``owner``: whether it is their own."""
        return any(
            owner if who.scope is Scope.OWNER else who.fits(principal) for who in self.visible_to
        )

    def hides(self, attribute: str) -> bool:
        """Whether an attribute is hidden from those who do not see everything."""
        return self.job_attributes is None or attribute in self.job_attributes

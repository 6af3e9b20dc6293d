"""DECIDE: from a request and a principal to a permission, or to a refusal (saying_no.py).

what is not known            where it comes from                      when it cannot be had
---------------------------  ---------------------------------------  --------------------------
the job and its owner        ledger, and the printer                  0x0406, 0x0502
what was asked at creation   made_jobs.py                             0x0404, or refused
what the printer does anyway its capabilities                         0x0502
the document's format, size  its octets (guarding.py)                 permitted so far
what somebody else decides   decision point                           0x0502
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from ippgate.exchange.abilities import Abilities, KnownAbilities
from ippgate.exchange.asking import asked, scalar
from ippgate.exchange.enquiries import NoSuchJob
from ippgate.exchange.jobs import RememberedJob
from ippgate.exchange.made_jobs import MadeJob, MadeJobs
from ippgate.exchange.operations import CONTINUES_JOB, PRINTS_AGAIN, SELECTS_OWN_JOBS
from ippgate.exchange.ownership import TargetJob, is_own
from ippgate.exchange.ports import Edges, NoOpinion, Peer, Printer
from ippgate.exchange.question import question
from ippgate.exchange.refusal import Challenge, IppRefusal
from ippgate.exchange.request import Request
from ippgate.exchange.saying_no import (
    cannot_do,
    no_opinion,
    no_such_job,
    no_such_printer,
    not_remembered,
    other_terms,
    refusal,
)
from ippgate.exchange.shaping import RESHAPED, SHAPED, Unsupported, supported
from ippgate.ipp.enums import Operation
from ippgate.policy.criteria.values import ASKS
from ippgate.policy.decision import Decision, Effect, Reason, Values
from ippgate.policy.facts import Asked, Document, Facts, Job, Principal, Scalar
from ippgate.policy.offers import Offers
from ippgate.policy.policy import Policy

_REASONS_OF_A_JOB = (Reason.ATTRIBUTES, Reason.FORMAT, Reason.SIZE)


Note = Callable[[Decision, Facts], None]


@dataclass(frozen=True, slots=True)
class Permission:
    """A decision that permits, what it was made from, and what is written into the job.

    ``job``: the one that the request names, if it came through the gateway. ``printing``: where a
    job is printed again or changed, the decision on printing it so, whose quota counts; ``before``:
    what a changed job asked for until then.
    """

    decision: Decision
    facts: Facts
    enforce: Values = ()
    default: Values = ()
    job: RememberedJob | None = None
    printing: Decision | None = None
    before: Asked | None = None


class Deciding:
    """Decides requests one by one; remembers open jobs and what printers can do."""

    def __init__(self, policy: Policy, edges: Edges) -> None:
        self._policy = policy
        self._edges = edges
        self._can = KnownAbilities()
        self.made_jobs = MadeJobs()

    async def permission(
        self,
        request: Request,
        caller: Facts,
        printer: Printer | None,
        document: Document,
        note: Note,
    ) -> Permission:
        """The permission. Raises Challenge, IppRefusal or PrinterUnavailable.

        ``caller``: facts about who asks, from where and when. ``note`` hears every decision that is
        made on the way, the last one last. What nobody could permit is refused without looking at
        the job: so much about it is not told.
        """
        facts = replace(caller, owner=_owner_by_nature(request), job=self._job(request, document))
        decision = self._policy.decide(facts)
        note(decision, facts)
        if decision.effect is Effect.IDENTIFY:
            raise Challenge
        if printer is None or not self._visible(decision, facts):
            raise no_such_printer(facts.printer)
        job: RememberedJob | None = None
        if request.target.job_id is not None and decision.effect is not Effect.REFUSE:
            job = await self._look_up(facts, request, printer)
            facts = replace(facts, owner=is_own(job, facts.principal))
        if decision.effect is Effect.LOOK_UP_OWNER:
            decision = self._policy.decide(facts)
            note(decision, facts)
        added: Values = ()
        if self._depends_on_defaults(request, decision):
            facts, added = await self._with_defaults(facts, printer)
            decision = self._policy.decide(facts)
            note(decision, facts)
        decision = await self._permitted(decision, facts, request)
        if request.operation in CONTINUES_JOB:
            self._own_job(facts, request)
            self._same_terms(decision, request)
        permission = await self._obliged(decision, facts, request, printer, added)
        return replace(permission, job=job)

    def again(
        self, permission: Permission, document: Document, request: Request, note: Note
    ) -> Permission:
        """The same request, now that more is known of its document. Raises IppRefusal, also where
        another rule decides now whose values cannot be written any more."""
        job = replace(permission.facts.job, document=document)
        facts = replace(permission.facts, job=job)
        decision = self._policy.decide(facts)
        note(decision, facts)
        if decision.effect is Effect.ASK and decision.rule == permission.decision.rule:
            decision = replace(decision, effect=Effect.PERMIT)
        if decision.effect is not Effect.PERMIT:
            raise refusal(decision, request)
        if decision.obligations != permission.decision.obligations:
            raise other_terms(decision, request)
        return replace(permission, decision=decision, facts=facts)

    def sizes(self, request: Request) -> list[int]:
        """Sizes of documents, in octets, that the decision can change at, ascending."""
        return self._policy.sizes(request.target.printer, request.operation)

    def made(self, permission: Permission, job_id: int) -> None:
        """A job was made, which may wait for its documents, or be changed."""
        facts = permission.facts
        job = MadeJob(facts.job.attributes or {}, permission.decision.obligations.enforce)
        self.made_jobs.remember(facts.printer, job_id, job)

    def changed(self, permission: Permission, job_id: int) -> None:
        """A job's owner changed it."""
        facts = permission.facts
        before = self.made_jobs.get(facts.printer, job_id)
        if before is not None and facts.owner:
            job = replace(before, asked=facts.job.attributes or {})
            self.made_jobs.remember(facts.printer, job_id, job)

    # --- what it is decided from ------------------------------------------------------------------

    def _job(self, request: Request, document: Document) -> Job:
        operation = request.operation
        if operation not in ASKS:
            return Job(document=document)
        attributes: Asked | None = asked(request)
        if operation in CONTINUES_JOB or operation is Operation.RESUBMIT_JOB:
            before = self.made_jobs.get(request.target.printer, request.target.job_id)
            if before is None and self._policy.looks_at(request.target.printer, operation):
                attributes = None
            elif before is not None and operation is Operation.RESUBMIT_JOB:
                attributes = {**before.asked, **asked(request)}
            elif before is not None:
                attributes = _together(before.asked, attributes)
        return Job(attributes, document)

    def _visible(self, decision: Decision, facts: Facts) -> bool:
        """Whether there is such a printer for this person: who may do this may see it."""
        return decision.effect is not Effect.REFUSE or self._policy.may_see(facts)

    async def _look_up(
        self, facts: Facts, request: Request, printer: Printer
    ) -> RememberedJob | None:
        job = TargetJob(request, printer, facts.principal, self._policy.privacy, self._edges)
        try:
            return await job.look_up()
        except NoSuchJob:
            raise no_such_job(request) from None

    def _refusal(self, decision: Decision, facts: Facts, request: Request) -> IppRefusal:
        """The refusal. Who may not list others' jobs does not hear that there is one."""
        if decision.reason is Reason.NOT_OWNER and request.target.job_id is not None:
            listing = replace(facts, operation=Operation.GET_JOBS, owner=False, job=Job())
            if self._policy.decide(listing).effect is not Effect.PERMIT:
                return no_such_job(request)
        return refusal(decision, request)

    def _depends_on_defaults(self, request: Request, decision: Decision) -> bool:
        if request.operation not in SHAPED or decision.reason not in (
            Reason.RULE,
            *_REASONS_OF_A_JOB,
        ):
            return False
        return bool(self._policy.looks_at(request.target.printer, request.operation))

    async def _with_defaults(self, facts: Facts, printer: Printer) -> tuple[Facts, Values]:
        """What the job asks for by leaving attributes out: what the printer would do then, or what
        this person was shown in its place; the second is to be written into the job."""
        can = await self._can.of(printer)
        offers = self._policy.offers(facts)
        looked_at = self._policy.looks_at(facts.printer, facts.operation)
        meant = _as_taken(dict(facts.job.attributes or {}), looked_at, can)
        added: list[tuple[str, tuple[Scalar, ...]]] = []
        for name in sorted(looked_at - meant.keys()):
            default = can.default(name)
            if default is None:
                continue
            value = _instead(name, default, can, offers)
            meant[name] = (default if value is None else value,)
            if value not in (None, default):
                added.append((name, meant[name]))
        return replace(facts, job=replace(facts.job, attributes=meant)), tuple(added)

    # --- what it needs besides --------------------------------------------------------------------

    async def _permitted(self, decision: Decision, facts: Facts, request: Request) -> Decision:
        """A decision that permits, by a rule or by somebody else. Raises IppRefusal."""
        if decision.effect is Effect.PERMIT:
            return decision
        if decision.effect is not Effect.ASK or decision.outside is None:
            raise self._refusal(decision, facts, request)
        point, outside = self._edges.decision_point, decision.outside
        try:
            if point is None:
                raise NoOpinion("this gateway has nobody to ask")
            opinion = await point.ask(outside.url, question(facts), outside.timeout)
        except NoOpinion as error:
            raise no_opinion(decision, str(error)) from None
        if opinion.permits:
            return replace(decision, effect=Effect.PERMIT)
        message = opinion.message or decision.message
        raise refusal(replace(decision, effect=Effect.REFUSE, message=message), request)

    def _own_job(self, facts: Facts, request: Request) -> None:
        """What adds to a job is for its owner alone, whatever a rule permits."""
        if facts.principal is None:
            raise Challenge
        if not facts.owner:
            raise self._refusal(Decision(Effect.REFUSE, Reason.NOT_OWNER), facts, request)

    def _same_terms(self, decision: Decision, request: Request) -> None:
        """A document goes into a job that was made on the terms of the rule that permits it."""
        if not request.carries_document:
            return
        before = self.made_jobs.get(request.target.printer, request.target.job_id)
        enforced = before.enforced if before is not None else ()
        if enforced != decision.obligations.enforce:
            raise other_terms(decision, request)

    async def _obliged(
        self,
        decision: Decision,
        facts: Facts,
        request: Request,
        printer: Printer,
        added: Values,
    ) -> Permission:
        enforce, default = decision.obligations.enforce, decision.obligations.default
        printing, before = None, None
        if request.operation in PRINTS_AGAIN and facts.owner:
            return await self._printed_again(decision, facts, request)
        if request.operation in RESHAPED and facts.owner:
            facts, printing, before = await self._changed_job(facts, request, printer)
            enforce = (*(printing.obligations.enforce if printing is not None else ()), *enforce)
        elif request.operation in CONTINUES_JOB:
            default = ()  # what the job is made with is written already, and is not undone here
        elif request.operation not in SHAPED:
            return Permission(decision, facts)
        if enforce or default:
            can = await self._can.of(printer)
            try:
                enforce, default = supported(enforce, default, can)
            except Unsupported as error:
                raise cannot_do(decision, printer.name, error) from None
        ruled = {name for name, _ in (*enforce, *default)}
        moved = tuple((name, values) for name, values in added if name not in ruled)
        return Permission(
            decision, facts, enforce, (*default, *moved), printing=printing, before=before
        )

    async def _changed_job(
        self, facts: Facts, request: Request, printer: Printer
    ) -> tuple[Facts, Decision | None, Asked | None]:
        """The job as its owner would have it, the decision on printing it, and what it asked for
        before: it must be one that they could have printed, not the change alone."""
        looked_at = self._policy.looks_at(facts.printer, Operation.CREATE_JOB)
        made = self.made_jobs.get(facts.printer, request.target.job_id)
        if made is None:
            if self._policy.offers(facts).attributes:
                raise not_remembered(request)
            return facts, None, None
        whole = {**made.asked, **(facts.job.attributes or {})}
        if looked_at:
            whole = _as_taken(whole, looked_at, await self._can.of(printer))
        facts = replace(facts, job=replace(facts.job, attributes=whole))
        printing = self._policy.decide(replace(facts, operation=Operation.CREATE_JOB))
        if printing.reason in _REASONS_OF_A_JOB:
            raise refusal(printing, request)
        return facts, printing, made.asked

    async def _printed_again(
        self, decision: Decision, facts: Facts, request: Request
    ) -> Permission:
        """A job that its owner prints again must be one that they may print now."""
        made = self.made_jobs.get(facts.printer, request.target.job_id)
        facts = replace(facts, job=Job(made.asked if made is not None else None))
        as_new = replace(facts, operation=Operation.CREATE_JOB, owner=None)
        printing = self._policy.decide(as_new)
        if made is None and printing.reason in _REASONS_OF_A_JOB:
            raise not_remembered(request)
        printing = await self._permitted(printing, as_new, request)
        return Permission(decision, facts, printing=printing)


def caller_of(
    principal: Principal | None, printer: str, operation: Operation, peer: Peer, at: datetime
) -> Facts:
    """Who asks, from where and when, about which printer."""
    tls = None if peer.tls is None else peer.tls.version
    return Facts(principal, printer, operation, None, peer.address, at, tls)


def _as_taken(
    asked: dict[str, tuple[Scalar, ...]], looked_at: frozenset[str], can: Abilities
) -> dict[str, tuple[Scalar, ...]]:
    """What is asked for, and, where that is no value of the printer's, what it does in its place
    (RFC 8011 section 4.1.7): so nobody gets by a wrong value what is refused by its own name."""
    for name in looked_at & asked.keys():
        default = can.default(name)
        if default is not None and any(can.ignores(name, value) for value in asked[name]):
            asked[name] = (*asked[name], default)
    return asked


def _instead(name: str, default: Scalar, can: Abilities, offers: Offers) -> Scalar | None:
    """What this person is shown as the default: the printer's own, or the first value that may be
    chosen; None: no value may."""
    if default in offers.of(name, default):
        return default
    for value in can.supported(name):
        for offered in offers.of(name, scalar(value)):
            if can.takes(name, offered):
                return offered
    return None


def _owner_by_nature(request: Request) -> bool | None:
    """Whether the person owns what the operation selects, where no job is named.

    None: a job is named, and its owner is not looked up yet.
    """
    if request.target.job_id is not None:
        return None
    return request.own_jobs or request.operation in SELECTS_OWN_JOBS


def _together(before: Mapping[str, tuple[Scalar, ...]], now: Asked | None) -> Asked:
    found = dict(before)
    for name, values in (now or {}).items():
        found[name] = (*found.get(name, ()), *values)
    return found

"""One request's life, from its head to its line in the trail.

    state         does                                    what may go wrong, what the client sees
    ------------  --------------------------------------  ------------------------------------------
    READ_HEAD     method, content type, path              403 404 405 415
    IDENTIFY      credentials → principal                 401; directory down: 0x0502
    READ_MESSAGE  attributes, in limits and deadlines     0x0400 0x0503 0x040D; too slow: 408
    DECIDE        facts → policy → decision               0x0406 0x0403 0x0501; anonymous: 401
    PREPARE       rewrite; intent on disk; ledger         trail or ledger not writable: 0x0502
    FORWARD       → printer; document passes, digested;   printer down: 0x0502; client gone: nothing
                  or what is known of the printer
    ANSWER        ledger; printer's reply → client's view  printer answers nonsense: 0x0502
    RECORD        outcome, metrics                        query that cannot be recorded: 0x0502

The states follow each other as methods do below. Each raises what ends the exchange early, and
:meth:`Exchange.__call__` is the only place that turns it into an answer: whatever is not expected
there is recorded and ends as HTTP 500. Nothing is forwarded after an error.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

from ippgate.exchange import job_answers
from ippgate.exchange.account import Account
from ippgate.exchange.addresses import Target, Token
from ippgate.exchange.asking import document as document_facts
from ippgate.exchange.capabilities import Question, question, requested
from ippgate.exchange.counting import attach, give_back, reserve
from ippgate.exchange.deciding import Deciding, Permission, caller_of
from ippgate.exchange.describing import Descriptions
from ippgate.exchange.forwarding import Passing, empty, passing
from ippgate.exchange.guarding import cancel, looked_into
from ippgate.exchange.head import IPP_CONTENT_TYPE, PageRoute, RootRoute, route
from ippgate.exchange.identifying import authentication, believe, identify, owner_of_address
from ippgate.exchange.listing import groups, listed, target_of
from ippgate.exchange.new_job import NewJob
from ippgate.exchange.operations import (
    CREATES_JOB,
    QUERIES,
    RETURNS_DOCUMENT,
    SELECTS_OWN_JOBS,
    SHOWS_CAPABILITIES,
)
from ippgate.exchange.page import ICON_HEADERS, PAGE_HEADERS, printer_page
from ippgate.exchange.ports import (
    Answer,
    Body,
    ClientGone,
    ClientTooSlow,
    DirectoryUnavailable,
    Edges,
    Head,
    LedgerUnavailable,
    Peer,
    Printer,
    PrinterReply,
    PrinterUnavailable,
    TrailUnwritable,
)
from ippgate.exchange.privacy import listing_question
from ippgate.exchange.reading import Section, read_reply, read_request
from ippgate.exchange.refusal import Challenge, HttpRefusal, IppRefusal
from ippgate.exchange.replies import reply as own_reply
from ippgate.exchange.replies import with_id
from ippgate.exchange.request import Request, bad_request, understand
from ippgate.exchange.saying_no import directory_down, ledger_down
from ippgate.exchange.shaping import shaped
from ippgate.exchange.site import PrinterText as PrinterText
from ippgate.exchange.site import Site as Site
from ippgate.exchange.to_client import View, to_client
from ippgate.exchange.to_printer import ANONYMOUS, to_printer
from ippgate.ipp.encoder import encode
from ippgate.ipp.enums import Operation, Status
from ippgate.ipp.errors import DecodeError
from ippgate.ipp.message import Message
from ippgate.policy.decision import Effect
from ippgate.policy.facts import Principal
from ippgate.policy.offers import UNRESTRICTED
from ippgate.policy.policy import Policy

_TEXT = (("Content-Type", "text/plain; charset=utf-8"),)
_IPP = (("Content-Type", IPP_CONTENT_TYPE),)
_LAST_SUCCESS = 0x00FF
"""Status codes up to here are successful-… (RFC 8011 appendix B)."""
_SIGN_IN = "Sign in with your name and password to use this printer.\n"


class Exchange:
    """The application that a listener serves: one call is one request."""

    def __init__(self, policy: Policy, edges: Edges, site: Site) -> None:
        self._policy = policy
        self._edges = edges
        self._site = site
        self._deciding = Deciding(policy, edges)
        self._descriptions = Descriptions()

    async def __call__(self, head: Head, body: Body, peer: Peer) -> Answer:
        """Answers one request. Raises only what is a defect, after recording it."""
        clock = self._edges.clock
        account = Account(
            self._edges.new_id(), clock.now(), clock.monotonic(), peer, self._policy.revision
        )
        try:
            return await self._live(head, body, peer, account)
        except Challenge:
            return await self._challenge(account)
        except HttpRefusal as refusal:
            return await self._refuse_over_http(refusal, account)
        except IppRefusal as refusal:
            return await self._refuse(refusal, account)
        except LedgerUnavailable as error:
            return await self._refuse(ledger_down(error), account)
        except DecodeError as error:
            if error.header is not None:
                version, _, request_id = error.header
                account.header = (version, request_id)
            words = f"The request is not valid IPP: {error}"
            return await self._refuse(bad_request(words), account)
        except PrinterUnavailable as error:
            return await self._printer_failed(error, account)
        except TrailUnwritable as error:
            return await self._unrecorded(error, account)
        except ClientTooSlow as error:
            return await self._refuse_over_http(HttpRefusal(408, f"Too slow: {error}"), account)
        except ClientGone as error:
            return await self._client_gone(error, account)
        except Exception as defect:
            account.outcome, account.reason, account.http_status = "failed", "defect", 500
            account.error = f"{type(defect).__name__}"
            await self._record(account, durable=False)
            raise

    async def _live(self, head: Head, body: Body, peer: Peer, account: Account) -> Answer:
        asked = route(head)
        if isinstance(asked, PageRoute):
            return await self._page(asked, account)
        section = None
        if isinstance(asked, RootRoute):
            section = await self._section(body, account)
            target = target_of(section.message)
            if target is None:
                return await self._list(head, section.message, peer, account)
            asked = target
        if asked.printer in self._edges.printers:
            account.printer = asked.printer
        try:
            principal = await identify(head, asked, self._policy, self._edges, account)
        except DirectoryUnavailable as error:
            await self._read(body, asked, account, section)
            raise directory_down(error) from None
        section, request = await self._read(body, asked, account, section)
        if principal is None:
            principal = await believe(request, self._edges, account)
        body.attributes_complete()
        document = passing(head, body, section, request)
        permission, printer = await self._decide(request, principal, peer, document, account)
        asked_about = question(request)
        if asked_about is not None:
            return await self._describe(asked_about, request, printer, account)
        if request.operation in SELECTS_OWN_JOBS:
            return await self._cancel(printer, account)
        account.reservation = await reserve(permission, self._edges.quotas, account.at)
        message = shaped(request.message, request.operation, permission.enforce, permission.default)
        request = replace(request, message=message)
        outgoing = to_printer(request, printer.uri, _name(principal), self._site.hosts(head))
        if request.operation is Operation.GET_JOBS:
            outgoing = listing_question(outgoing)
        try:
            return await self._forward(encode(outgoing), section, document, printer, account)
        except Exception as error:
            await job_answers.broke_off(error, account, self._edges)
            raise
        finally:
            await give_back(account, self._edges.quotas)

    # --- READ_MESSAGE -----------------------------------------------------------------------------

    async def _section(self, body: Body, account: Account) -> Section:
        section = await read_request(body)
        account.header = (section.message.version, section.message.request_id)
        account.octets_in = section.octets
        return section

    async def _read(
        self, body: Body, target: Target, account: Account, section: Section | None
    ) -> tuple[Section, Request]:
        section = section or await self._section(body, account)
        message = section.message
        request = understand(message, target)
        account.request = request
        account.claimed = request.claimed
        account.job_id = request.target.job_id
        if not request.carries_document and not await empty(section.rest, body):
            raise bad_request(f"{request.operation.keyword} takes no document.")
        return section, request

    # --- DECIDE -----------------------------------------------------------------------------------

    async def _decide(
        self,
        request: Request,
        principal: Principal | None,
        peer: Peer,
        document: Passing,
        account: Account,
    ) -> tuple[Permission, Printer]:
        """The permission, and where to. Raises Challenge, IppRefusal or PrinterUnavailable."""
        printer = self._edges.printers.get(request.target.printer)
        caller = caller_of(principal, request.target.printer, request.operation, peer, account.at)
        facts = document_facts(request, document.length)
        account.looked_at = self._policy.looks_at(caller.printer, request.operation)
        permission = await self._deciding.permission(
            request, caller, printer, facts, account.decided
        )
        account.permission = permission
        if permission.decision.pending and document.stream is not None:
            permission = await looked_into(
                permission, self._deciding, request, document.stream, account.decided
            )
        account.permission, account.job = permission, permission.job
        account.rule = permission.decision.rule
        account.reason = permission.decision.reason.value
        assert printer is not None, "an unknown printer is refused"
        return permission, printer

    # --- FORWARD, of a question that the printer need not be asked --------------------------------

    async def _describe(
        self, asked: Question, request: Request, printer: Printer, account: Account
    ) -> Answer:
        clock = self._edges.clock
        started = clock.monotonic()
        try:
            known = await printer.capabilities(asked)
        finally:
            account.printer_seconds = clock.monotonic() - started
        account.printer_status = account.ipp_status = Status(known.message.code)
        octets = self._descriptions.reply(
            known, self._view(printer, account), requested(request), request.message.request_id
        )
        return await self._finish(octets, account)

    # --- FORWARD ----------------------------------------------------------------------------------

    async def _forward(
        self,
        outgoing: bytes,
        section: Section,
        document: Passing,
        printer: Printer,
        account: Account,
    ) -> Answer:
        edges, request = self._edges, account.request
        assert request is not None
        query = request.operation in QUERIES
        if not query:
            await edges.trail.record(account.intent(), durable=True)
        if request.operation in CREATES_JOB:
            account.new_job = await NewJob.begin(edges.ledger, account.submission())
        stream = document.stream
        started = edges.clock.monotonic()
        try:
            reply = await printer.send(
                outgoing,
                stream.__aiter__() if stream is not None else None,
                document.length if stream is not None else None,
                repeatable=query,
            )
            answered = await read_reply(reply, section.message.request_id)
        except IppRefusal:
            user = _name(account.principal) or ANONYMOUS
            account.job_id = await cancel(request, printer, edges.ledger, user)
            raise
        finally:
            account.printer_seconds = edges.clock.monotonic() - started
            if stream is not None:
                account.document = stream.facts()
                account.octets_in += account.document.octets
        edges.meter.printer_answered(printer=printer.name, up=True, seconds=account.printer_seconds)
        return await self._answer(answered, reply, printer, account)

    # --- ANSWER -----------------------------------------------------------------------------------

    async def _answer(
        self, answered: Section, reply: PrinterReply, printer: Printer, account: Account
    ) -> Answer:
        edges, request = self._edges, account.request
        assert request is not None
        message = answered.message
        account.printer_status = account.ipp_status = Status(message.code)
        await job_answers.remember(message, account, edges.ledger)
        if message.code <= _LAST_SUCCESS:
            job_answers.note_made(account, self._deciding)
            await attach(account, edges.quotas)
        elif job_answers.cannot_cancel(message, request):
            reply.abandon()
            return await self._cancel(printer, account)
        shown = await job_answers.private(message, printer, account, self._policy.privacy, edges)
        octets = encode(to_client(shown, self._view(printer, account), account.job_id))
        if request.operation in RETURNS_DOCUMENT and message.code <= _LAST_SUCCESS:
            return Answer(200, _IPP, self._stream(octets, answered.rest, reply, account))
        reply.abandon()
        return await self._finish(octets, account)

    async def _cancel(self, printer: Printer, account: Account) -> Answer:
        """Cancels jobs one by one, where the printer cannot, or does not know whose they are."""
        await job_answers.cancel_each(printer, account, self._edges)
        account.ipp_status = Status.SUCCESSFUL_OK
        return await self._finish(own_reply(Status.SUCCESSFUL_OK, account.header), account)

    def _view(self, printer: Printer, account: Account) -> View:
        """What this person sees of this printer."""
        text = self._site.printers[printer.name]
        permission, operations, offers = account.permission, frozenset[Operation](), UNRESTRICTED
        if permission is not None and permission.facts.operation in SHOWS_CAPABILITIES:
            operations = self._policy.operations_for(permission.facts)
            offers = self._policy.offers(permission.facts)
        return View(
            printer=printer.name,
            printer_uri=printer.uri,
            public=self._site.public(account.peer, self._token(account)),
            authentication=authentication(printer.name, self._edges, account),
            operations=operations,
            offers=offers,
            anonymous=account.principal is None,
            title=text.title,
            location=text.location,
        )

    def _token(self, account: Account) -> Token | None:
        return None if account.request is None else account.request.target.token

    async def _stream(
        self, octets: bytes, rest: bytes, reply: PrinterReply, account: Account
    ) -> AsyncIterator[bytes]:
        """A reply with a document: passed on in pieces, and recorded when it ended."""
        try:
            yield octets + rest
            account.octets_out = len(octets) + len(rest)
            while piece := await reply.read():
                account.octets_out += len(piece)
                yield piece
        except PrinterUnavailable as error:
            account.outcome, account.error = "failed", str(error)
            raise
        finally:
            reply.abandon()
            await self._record(account, durable=False)

    # --- RECORD -----------------------------------------------------------------------------------

    async def _finish(self, octets: bytes, account: Account) -> Answer:
        """Records the outcome, then answers. A query that cannot be recorded is not answered."""
        account.octets_out = len(octets)
        request = account.request
        query = request is None or request.operation in QUERIES
        written = await self._record(account, durable=not query)
        if not written and query:
            return Answer(200, _IPP, _trail_down(account))
        return Answer(200, _IPP, octets)

    async def _record(self, account: Account, *, durable: bool) -> bool:
        """Metrics, and the line in the trail. False when the trail could not be written."""
        edges = self._edges
        now = edges.clock.monotonic()
        account.measure(edges.meter, now)
        if account.outcome == "answered" and not self._site.record_queries:
            if account.request is not None and account.request.operation in QUERIES:
                return True
        try:
            await edges.trail.record(account.ended(edges.clock.now(), now), durable=durable)
        except TrailUnwritable:
            return False
        return True

    # --- which printers there are -----------------------------------------------------------------

    async def _list(self, head: Head, message: Message, peer: Peer, account: Account) -> Answer:
        operation = account.listing = Operation(message.code)
        try:
            principal = await identify(head, None, self._policy, self._edges, account)
        except DirectoryUnavailable as error:
            raise directory_down(error) from None
        caller = caller_of(principal, account.printer, operation, peer, account.at)
        names = listed(self._policy, self._site, caller)
        shown = groups(message, names, self._site, self._site.public(peer))
        account.ipp_status = Status.SUCCESSFUL_OK
        octets = own_reply(Status.SUCCESSFUL_OK, account.header, None, shown)
        return await self._finish(octets, account)

    # --- endings before the printer answered ------------------------------------------------------

    async def _challenge(self, account: Account) -> Answer:
        """401, the same in all cases. Refused credentials are recorded; missing ones are no
        event."""
        account.outcome, account.http_status = "challenged", 401
        if account.reason == "authentication":
            await self._record(account, durable=False)
        else:
            account.measure(self._edges.meter, self._edges.clock.monotonic())
        challenges = tuple(("WWW-Authenticate", c) for c in self._edges.identifier.challenges)
        return Answer(401, (*challenges, *_TEXT), _SIGN_IN.encode())

    async def _refuse_over_http(self, refusal: HttpRefusal, account: Account) -> Answer:
        account.outcome, account.reason = "refused", "http"
        account.http_status, account.error = refusal.status, refusal.text
        await self._record(account, durable=False)
        body = f"{refusal.text} [{account.id}]\n".encode()
        return Answer(refusal.status, (*refusal.headers, *_TEXT), body, close=refusal.close)

    async def _refuse(self, refusal: IppRefusal, account: Account) -> Answer:
        account.outcome, account.reason = "refused", refusal.reason
        account.rule, account.ipp_status = refusal.rule, refusal.status
        account.error = refusal.detail
        account.message = refusal.message
        words = with_id(refusal.message, account.id)
        groups = () if refusal.unsupported is None else (refusal.unsupported,)
        octets = own_reply(refusal.status, account.header, words, groups)
        account.octets_out = len(octets)
        await self._record(account, durable=account.document is not None)
        return Answer(200, _IPP, octets)

    async def _printer_failed(self, error: PrinterUnavailable, account: Account) -> Answer:
        edges = self._edges
        edges.meter.printer_answered(
            printer=account.printer, up=False, seconds=account.printer_seconds or 0.0
        )
        account.outcome, account.reason = "failed", "printer-unavailable"
        account.error, account.ipp_status = str(error), Status.SERVER_ERROR_SERVICE_UNAVAILABLE
        account.message = (
            f"Printer {account.printer} did not answer. Try again later, or ask who looks after it."
        )
        octets = own_reply(
            Status.SERVER_ERROR_SERVICE_UNAVAILABLE,
            account.header,
            with_id(account.message, account.id),
        )
        account.octets_out = len(octets)
        await self._record(account, durable=account.document is not None)
        return Answer(200, _IPP, octets)

    async def _unrecorded(self, error: TrailUnwritable, account: Account) -> Answer:
        account.outcome, account.reason = "refused", "trail-unwritable"
        account.error, account.ipp_status = str(error), Status.SERVER_ERROR_SERVICE_UNAVAILABLE
        await self._record(account, durable=False)
        return Answer(200, _IPP, _trail_down(account))

    async def _client_gone(self, error: ClientGone, account: Account) -> Answer:
        """Nobody hears the answer; what was sent to the printer is recorded as broken off."""
        account.outcome, account.reason, account.http_status = "failed", "client-gone", 400
        account.error = str(error)
        await self._record(account, durable=account.document is not None)
        return Answer(400, _TEXT, b"The request broke off.\n", close=True)

    # --- the gateway's own words ------------------------------------------------------------------

    async def _page(self, asked: PageRoute, account: Account) -> Answer:
        text = self._site.printers.get(asked.printer)
        owner = None
        if asked.token is not None:
            owner = await owner_of_address(asked.printer, asked.token, self._edges, account)
        looks = Operation.GET_PRINTER_ATTRIBUTES
        caller = caller_of(owner, asked.printer, looks, account.peer, account.at)
        if owner is not None:
            shown = self._policy.may_see(caller)
        else:
            shown = asked.token is None and self._policy.decide(caller).effect is Effect.PERMIT
        if text is None or not shown:
            raise HttpRefusal(404, "There is no such page. Printers are at /printers/NAME.")
        if asked.icon:
            return Answer(200, ICON_HEADERS, self._site.icon)
        public = self._site.public(account.peer, asked.token)
        uri = public.printer(asked.printer)
        page = printer_page(asked.printer, text.title, text.location, uri, public.prefix)
        return Answer(200, PAGE_HEADERS, page)


def _name(principal: Principal | None) -> str | None:
    return None if principal is None else principal.name


def _trail_down(account: Account) -> bytes:
    words = "Nothing is printed now, because the audit trail cannot be written. Try again later."
    return own_reply(
        Status.SERVER_ERROR_SERVICE_UNAVAILABLE, account.header, with_id(words, account.id)
    )

"""IDENTIFY: from what a request carries to a principal.

Credentials, a token in the path and a certificate are there with the head; a claimed name, which
only some networks are believed, comes with the message.
"""

from __future__ import annotations

from collections.abc import Awaitable

from ippgate.exchange.account import Account
from ippgate.exchange.addresses import Target
from ippgate.exchange.ports import (
    CredentialsRefused,
    DirectoryUnavailable,
    Edges,
    Evidence,
    Head,
)
from ippgate.exchange.refusal import Challenge
from ippgate.exchange.request import Request
from ippgate.exchange.saying_no import directory_down
from ippgate.policy.facts import Principal
from ippgate.policy.policy import Policy

_AUTHENTICATION = {
    "basic": "basic",
    "certificate": "certificate",
    "negotiate": "negotiate",
    "token": "none",
    "network": "requesting-user-name",
}
"""Keywords of uri-authentication-supported (RFC 8011 section 5.4.2) by the method that a person was
identified by. Some clients take no printer of any other kind than the last two."""


async def identify(
    head: Head, target: Target | None, policy: Policy, edges: Edges, account: Account
) -> Principal | None:
    """Who asks; None when nobody said, and there is something that anybody may do, or a name may
    still be claimed. ``target`` None: a question about all printers.

    Raises Challenge, DirectoryUnavailable.
    """
    peer, identifier = account.peer, edges.identifier
    authorization = next(iter(head.values("authorization")), None)
    if target is None:
        return await _noted(identifier.identify(Evidence(peer, "", authorization)), edges, account)
    evidence = Evidence(peer, target.printer, authorization, target.token)
    principal = await _noted(identifier.identify(evidence), edges, account)
    if principal is None and policy.needs_identity(target.printer):
        if not identifier.believes(peer, target.printer):
            raise Challenge
    return principal


async def believe(request: Request, edges: Edges, account: Account) -> Principal | None:
    """The person whose name is claimed, where that is enough; None elsewhere.

    Raises Challenge, IppRefusal.
    """
    identifier = edges.identifier
    if not request.claimed or not identifier.believes(account.peer, request.target.printer):
        return None
    try:
        return await _noted(identifier.claimed(request.claimed, account.peer), edges, account)
    except DirectoryUnavailable as error:
        raise directory_down(error) from None


async def owner_of_address(
    printer: str, token: str, edges: Edges, account: Account
) -> Principal | None:
    """Whose an address with a token in it is, for that printer; None: nobody's."""
    evidence = Evidence(account.peer, printer, None, token)
    try:
        return await edges.identifier.identify(evidence)
    except (CredentialsRefused, DirectoryUnavailable):
        return None


def authentication(printer: str, edges: Edges, account: Account) -> str:
    """How this client proves who asks, or should: for uri-authentication-supported."""
    if account.principal is not None:
        return _AUTHENTICATION[account.principal.method]
    if edges.identifier.believes(account.peer, printer):
        return _AUTHENTICATION["network"]
    return _AUTHENTICATION["basic"]


async def _noted(
    answer: Awaitable[Principal | None], edges: Edges, account: Account
) -> Principal | None:
    """What the identifier says, and how long that took, in the account too."""
    started = edges.clock.monotonic()
    try:
        account.principal = await answer
    except CredentialsRefused as refused:
        account.claimed, account.error = refused.claimed, str(refused)
        account.reason = "authentication"
        account.directory_seconds = edges.clock.monotonic() - started
        raise Challenge from None
    except DirectoryUnavailable:
        account.directory_seconds = edges.clock.monotonic() - started
        raise
    if account.principal is not None:
        account.directory_seconds = edges.clock.monotonic() - started
    return account.principal

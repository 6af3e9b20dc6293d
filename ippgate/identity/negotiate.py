"""Who is asking, by a Kerberos ticket: SPNEGO over HTTP (RFC 4559, RFC 4178).

One round only: a Kerberos ticket proves who asks in one. NTLM needs more, and is not offered. The
server proves who it is by TLS, so no token goes back with the answer.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ippgate.exchange.ports import CredentialsRefused
from ippgate.identity.lockout import Aside
from ippgate.identity.name_forms import NameForms
from ippgate.identity.names import typed_mistake
from ippgate.identity.people import NO_SUCH_USER, People
from ippgate.policy.facts import Principal

METHOD = "negotiate"
SCHEME = "Negotiate"
"""Also the whole challenge: a realm is not among its parameters."""
MAX_TOKEN = 64 * 1024
"""Characters; a head is not longer anyway. Tickets grow with the groups in them."""

_NTLM = b"NTLMSSP\0"


class NegotiateUnusable(Exception):
    """Tickets cannot be accepted: the package or the keytab is missing, and which."""


Accept = Callable[[bytes], str]
"""From a client's token to a Kerberos principal's name, ``alice@CORP.EXAMPLE.ORG``. Blocks. Raises
CredentialsRefused."""


def ticket_acceptor(keytab: Path) -> Accept:
    """Accepts tickets for the service HTTP whose keys are in ``keytab``. Raises
    NegotiateUnusable."""
    try:
        import gssapi
        from gssapi.raw.misc import GSSError
    except ImportError:
        raise NegotiateUnusable(
            'Kerberos needs the package gssapi: pip install "ippgate[negotiate]"'
        ) from None
    try:
        keytab.open("rb").close()
        credentials = gssapi.Credentials(usage="accept", store={"keytab": f"FILE:{keytab}"})
    except OSError as error:
        raise NegotiateUnusable(f"{keytab}: cannot be read: {error.strerror}") from None
    except GSSError as error:
        raise NegotiateUnusable(f"{keytab}: no keytab: {_words(error)}") from None

    def accept(token: bytes) -> str:
        try:
            context = gssapi.SecurityContext(creds=credentials, usage="accept")
            context.step(token)
            # The package keeps an error of the step until the context is looked at.
            complete = context.complete
            name = str(context.initiator_name) if complete else ""
        except GSSError as error:
            raise CredentialsRefused(f"the ticket is refused: {_words(error)}") from None
        if not complete:
            raise CredentialsRefused("the ticket would need another round, which is not offered")
        return name

    return accept


class NegotiateIdentifier:
    """From ``Authorization: Negotiate TOKEN`` to a person, whose principal the forms of names lead
    to what the directory is asked for."""

    def __init__(self, accept: Accept, people: People, names: NameForms, aside: Aside) -> None:
        self._accept = accept
        self._people = people
        self._names = names
        self._aside = aside

    async def identify(self, authorization: str) -> Principal:
        """Whose ticket it is. Raises CredentialsRefused, DirectoryUnavailable."""
        token = _token(authorization)
        name = await self._aside(lambda: self._accept(token))
        mistake = typed_mistake(name)
        if mistake is not None:
            raise CredentialsRefused(mistake, claimed=name)
        if "@" not in name:
            raise CredentialsRefused("the ticket's principal has no realm", claimed=name)
        principal = await self._people.look_up(self._names.asked(name), METHOD)
        if principal is None:
            raise CredentialsRefused(NO_SUCH_USER, claimed=name)
        return principal


def is_negotiate(authorization: str) -> bool:
    """Whether a header is of this scheme."""
    return authorization.partition(" ")[0].lower() == SCHEME.lower()


def _token(authorization: str) -> bytes:
    text = authorization.partition(" ")[2].strip(" ")
    if len(text) > MAX_TOKEN:
        raise CredentialsRefused(f"the ticket is longer than {MAX_TOKEN} characters")
    try:
        token = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise CredentialsRefused("the ticket is not base64") from None
    if not token:
        raise CredentialsRefused("there is no ticket")
    if token.startswith(_NTLM):
        raise CredentialsRefused("NTLM instead of a Kerberos ticket")
    return token


def _words(error: Any) -> str:
    """What GSSAPI says: the major status, then the mechanism's own."""
    words = [
        text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
        for code, is_major in ((error.maj_code, True), (error.min_code, False))
        for text in error.get_all_statuses(code, is_major)
    ]
    return "; ".join(words)

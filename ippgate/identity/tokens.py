"""Who is asking, by the address: tokens that stand for one person, at one printer or at all.

A token has 256 bits and is shown once, when it is issued; kept is its SHA-256, which needs neither
salt nor slowness, since nobody can guess what is hashed. In the trail stands the token's id.
"""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
from dataclasses import dataclass, replace

from ippgate.exchange.ports import Clock, CredentialsRefused
from ippgate.identity.lockout import Aside
from ippgate.identity.people import NO_SUCH_USER, People
from ippgate.identity.state_file import StateFile
from ippgate.policy.facts import Principal

METHOD = "token"
TOKEN_OCTETS = 32
ID_OCTETS = 5

_INSERT = """insert into token (id, person, person_id, printer, issued, expires, digest)
values (?, ?, ?, ?, ?, ?, ?)"""
_FIND = """select id, person, person_id, printer, issued, expires, revoked from token
where digest = ?"""
_ALL = """select id, person, person_id, printer, issued, expires, revoked from token
order by person, issued"""


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """What is known of a token but the token itself. Times: seconds of the time of day.

    ``person`` and ``person_id``: the principal's name and id. ``printer`` None: any.
    """

    id: str
    person: str
    person_id: str
    printer: str | None
    issued: float
    expires: float
    revoked: float | None = None

    def mistake(self, printer: str, now: float) -> str | None:
        """Why it is not good for that printer now; None when it is."""
        if self.revoked is not None:
            return "is revoked"
        if now >= self.expires:
            return "has expired"
        if self.printer is not None and self.printer != printer:
            return f"is for the printer {self.printer}"
        return None


class TokenStore:
    """Tokens in the state file. Blocking. Raises StateUnusable."""

    def __init__(self, state: StateFile) -> None:
        self._state = state

    def issue(
        self, principal: Principal, printer: str | None, now: float, seconds: float
    ) -> tuple[str, IssuedToken]:
        """A new token: the only time that it can be seen."""
        token = secrets.token_urlsafe(TOKEN_OCTETS)
        issued = IssuedToken(
            id=secrets.token_hex(ID_OCTETS),
            person=principal.name,
            person_id=principal.id,
            printer=printer,
            issued=now,
            expires=now + seconds,
        )
        with self._state.transaction() as database:
            database.execute(
                _INSERT,
                (
                    *(issued.id, issued.person, issued.person_id, issued.printer, issued.issued),
                    *(issued.expires, _digest(token)),
                ),
            )
        return token, issued

    def find(self, token: str) -> IssuedToken | None:
        """What is known of a token that somebody shows. Its digest is what is compared, so that the
        time this takes says nothing of the token."""
        with self._state.reading() as database:
            row = database.execute(_FIND, (_digest(token),)).fetchone()
        return None if row is None else IssuedToken(*row)

    def all(self) -> list[IssuedToken]:
        """By person, the oldest first."""
        with self._state.reading() as database:
            rows: list[sqlite3.Row] = database.execute(_ALL).fetchall()
        return [IssuedToken(*row) for row in rows]

    def revoke(self, id_: str, now: float) -> bool:
        """From now on it is refused; False when there is no such token, or it was revoked
        before."""
        with self._state.transaction() as database:
            done = database.execute(
                "update token set revoked = ? where id = ? and revoked is null", (now, id_)
            )
        return done.rowcount == 1


class TokenIdentifier:
    """From the token of a request's path to a person. Each request looks into the state file, so
    that a token that was revoked is refused at once, by all workers."""

    def __init__(self, store: TokenStore, people: People, clock: Clock, aside: Aside) -> None:
        self._store = store
        self._people = people
        self._clock = clock
        self._aside = aside

    async def identify(self, token: str, printer: str) -> Principal:
        """Whose token it is. Raises CredentialsRefused, DirectoryUnavailable."""
        issued = await self._aside(lambda: self._store.find(token))
        if issued is None:
            raise CredentialsRefused("no such token")
        mistake = issued.mistake(printer, self._clock.now().timestamp())
        if mistake is not None:
            raise CredentialsRefused(f"the token {issued.id} {mistake}", claimed=issued.person)
        principal = await self._people.look_up(issued.person, METHOD)
        if principal is None:
            raise CredentialsRefused(
                f"the token {issued.id}: {NO_SUCH_USER}", claimed=issued.person
            )
        if principal.id != issued.person_id:
            raise CredentialsRefused(
                f"the token {issued.id} was issued to another person of that name",
                claimed=issued.person,
            )
        return replace(principal, credential=issued.id)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()

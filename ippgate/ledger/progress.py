"""What came of jobs: who follows them, what printers say of them, how they ended."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, insert, or_, update

from ippgate.exchange.jobs import SeenJob
from ippgate.ledger.quotas import settle
from ippgate.ledger.schema import followers, jobs
from ippgate.ledger.submissions import plain


def claim(connection: Connection, printer: str, holder: str, now: float, seconds: float) -> bool:
    """Whether ``holder`` may ask the printer: of several gateways one does, until it stops."""
    taken = connection.execute(
        update(followers)
        .where(followers.c.printer == printer)
        .where(or_(followers.c.holder == holder, followers.c.until < now))
        .values(holder=holder, until=now + seconds)
    )
    if taken.rowcount:
        return True
    known = connection.execute(
        followers.select()
        .with_only_columns(followers.c.holder)
        .where(followers.c.printer == printer)
    ).first()
    if known is not None:
        return False
    connection.execute(
        insert(followers).values(printer=printer, holder=holder, until=now + seconds)
    )
    return True


def progressed(
    connection: Connection, described: Sequence[tuple[int, SeenJob]], now: float
) -> None:
    """What a printer says of jobs that have not ended, by key."""
    for key, seen in described:
        connection.execute(
            update(jobs).where(jobs.c.key == key).values(confirmed=now, **_described(seen))
        )


def ended(connection: Connection, key: int, outcome: str, seen: SeenJob | None, now: float) -> bool:
    """Writes down how it ended, and settles what was reserved for it. False: it had ended."""
    values = {} if seen is None else {"confirmed": now, **_described(seen)}
    done = connection.execute(
        update(jobs)
        .where(jobs.c.key == key, jobs.c.ended.is_(None))
        .values(ended=now, outcome=outcome, **values)
    )
    if not done.rowcount:
        return False
    settle(connection, key, printed=outcome != "lost")
    return True


def _described(seen: SeenJob) -> dict[str, object]:
    """The columns that a printer's description fills; what it does not say stays as it was."""
    said = {
        "uuid": plain(seen.uuid),
        "state": seen.state,
        "reasons": plain(" ".join(seen.reasons)) or None,
        "impressions": seen.impressions,
        "sheets": seen.sheets,
        "pages": seen.pages,
        "color": plain(seen.color),
        "sides": plain(seen.sides),
    }
    return {name: value for name, value in said.items() if value is not None}

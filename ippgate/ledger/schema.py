"""The ledger's tables. How a database gets them: :mod:`ippgate.ledger.migrations`.

Times are seconds since the epoch, in UTC: the same in both databases, and exact to the microsecond.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Integer,
    MetaData,
    Table,
    Text,
)

metadata = MetaData()

_KEY = BigInteger().with_variant(Integer(), "sqlite")
"""SQLite numbers rows by itself only where the type is INTEGER."""

jobs = Table(
    "jobs",
    metadata,
    Column("key", _KEY, primary_key=True),
    Column("printer", Text, nullable=False),
    # None until the printer's answer is known; current: whether that id still means this job.
    Column("job_id", Integer),
    Column("uuid", Text),
    Column("current", Boolean, nullable=False),
    # Known from the printer's own list, since its answer was never heard.
    Column("mended", Boolean, nullable=False),
    Column("owner_id", Text, nullable=False),
    Column("owner_name", Text, nullable=False),
    # A JSON list: the owner's groups when the job was made, for accounting.
    Column("owner_groups", Text, nullable=False),
    Column("claimed", Text),
    Column("request", Text, nullable=False),
    Column("rule", Text),
    Column("name", Text),
    Column("submitted", Double, nullable=False),
    Column("confirmed", Double, nullable=False),
    Column("ended", Double),
    # One of ippgate.exchange.following.Outcome once it has ended.
    Column("outcome", Text),
    Column("state", Integer),
    Column("reasons", Text),
    Column("impressions", BigInteger),
    Column("sheets", BigInteger),
    Column("pages", BigInteger),
    Column("color", Text),
    Column("sides", Text),
    Column("octets", BigInteger, nullable=False),
)

documents = Table(
    "documents",
    metadata,
    Column("job", ForeignKey("jobs.key"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("declared", Text),
    Column("detected", Text, nullable=False),
    Column("octets", BigInteger, nullable=False),
    Column("sha256", Text, nullable=False),
)

followers = Table(
    "followers",
    metadata,
    # Which gateway asks a printer about its jobs, and until when nobody else does.
    Column("printer", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("until", Double, nullable=False),
)

counters = Table(
    "counters",
    metadata,
    # What is used up of a limit: person (or nobody: shared), rule, unit, period, its beginning.
    Column("owner_id", Text, primary_key=True),
    Column("rule", Text, primary_key=True),
    Column("unit", Text, primary_key=True),
    Column("period", Text, primary_key=True),
    Column("since", Double, primary_key=True),
    Column("most", BigInteger, nullable=False),
    Column("used", BigInteger, nullable=False),
    Column("reserved", BigInteger, nullable=False),
    Column("granted", BigInteger, nullable=False),
)

reservations = Table(
    "reservations",
    metadata,
    Column("id", Text, primary_key=True),
    # The counter that it was taken off.
    Column("owner_id", Text, primary_key=True),
    Column("rule", Text, primary_key=True),
    Column("unit", Text, primary_key=True),
    Column("period", Text, primary_key=True),
    Column("since", Double, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("person", Text, nullable=False),
    Column("at", Double, nullable=False),
    Column("job", ForeignKey("jobs.key")),
)

version = Table("ledger", metadata, Column("version", Integer, nullable=False))

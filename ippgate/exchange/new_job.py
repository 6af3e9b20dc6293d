"""A job in the making: who makes it is in the ledger before the printer hears of it, and which job
it became before the client does."""

from __future__ import annotations

from ippgate.document.digest import DocumentFacts
from ippgate.exchange.job_ids import group_job_id
from ippgate.exchange.ports import (
    Ledger,
    LedgerUnavailable,
    PrinterUnavailable,
    Submission,
    TrailUnwritable,
)
from ippgate.ipp.enums import GroupTag
from ippgate.ipp.message import Message, Value

_LAST_SUCCESS = 0x00FF


class NewJob:
    """One submission, from its row in the ledger to the printer's answer."""

    def __init__(self, ledger: Ledger, key: int) -> None:
        self._ledger = ledger
        self._key = key
        self.job_id: int | None = None
        self.uuid: str | None = None

    @classmethod
    async def begin(cls, ledger: Ledger, submission: Submission) -> NewJob:
        """Raises LedgerUnavailable: nothing may be sent then."""
        return cls(ledger, await ledger.begin(submission))

    async def answered(self, message: Message, document: DocumentFacts | None) -> None:
        """What the printer made of it. Never raises."""
        if message.code > _LAST_SUCCESS:
            await self._ledger.abandoned(self._key)
            return
        group = message.group(GroupTag.JOB)
        self.job_id = group_job_id(group) if group is not None else None
        if group is None or self.job_id is None:
            self._ledger.unanswered(self._key)
            return
        uuid = group.get("job-uuid")
        if uuid is not None and isinstance(uuid.values[0], Value):
            self.uuid = uuid.values[0].octets.decode("utf-8", "replace")
        await self._ledger.accepted(self._key, self.job_id, self.uuid, document)

    async def failed(self, error: Exception) -> None:
        """There was no answer: nothing was sent, or nobody knows what came of it. Never raises."""
        if was_sent(error):
            self._ledger.unanswered(self._key)
        else:
            await self._ledger.abandoned(self._key)


def was_sent(error: Exception) -> bool:
    """Whether the printer may have heard of the request that failed so."""
    if isinstance(error, PrinterUnavailable):
        return error.sent
    return not isinstance(error, TrailUnwritable | LedgerUnavailable)

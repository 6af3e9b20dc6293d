"""Operation sets of the policy language.

A set never covers what could reach beyond the printer (Print-URI, Send-URI: the printer would fetch
any address; push subscriptions), nor what is not in the IANA registry, vendors' operations and
those of CUPS among them: only a rule that names such an operation permits it.
"""

from __future__ import annotations

import re

from ippgate.config.findings import did_you_mean
from ippgate.ipp.enums import Operation as Op

_NUMBER = re.compile(r"0[xX][0-9A-Fa-f]{4}")

NEVER_IN_A_SET = frozenset(
    {
        Op.PRINT_URI,
        Op.SEND_URI,
        Op.CREATE_PRINTER_SUBSCRIPTIONS,
        Op.CREATE_JOB_SUBSCRIPTIONS,
    }
)

QUERY = frozenset(
    {
        Op.GET_PRINTER_ATTRIBUTES,
        Op.GET_PRINTER_SUPPORTED_VALUES,
        Op.GET_USER_PRINTER_ATTRIBUTES,
        Op.GET_JOBS,
        Op.GET_JOB_ATTRIBUTES,
        Op.GET_DOCUMENTS,
        Op.GET_DOCUMENT_ATTRIBUTES,
    }
)
"""Look at a printer and its jobs."""

PRINT = frozenset(
    {
        Op.PRINT_JOB,
        Op.VALIDATE_JOB,
        Op.CREATE_JOB,
        Op.SEND_DOCUMENT,
        Op.CLOSE_JOB,
        Op.VALIDATE_DOCUMENT,
    }
)
"""Print. Documents are only ever sent into one's own jobs."""

JOB = frozenset(
    {
        Op.CANCEL_JOB,
        Op.CANCEL_MY_JOBS,
        Op.CLOSE_JOB,
        Op.GET_JOB_ATTRIBUTES,
        Op.GET_DOCUMENTS,
        Op.GET_DOCUMENT_ATTRIBUTES,
        Op.SET_JOB_ATTRIBUTES,
        Op.SET_DOCUMENT_ATTRIBUTES,
        Op.CANCEL_DOCUMENT,
        Op.HOLD_JOB,
        Op.RELEASE_JOB,
        Op.RESTART_JOB,
        Op.REPROCESS_JOB,
        Op.RESUBMIT_JOB,
        Op.RESUME_JOB,
    }
)
"""Look after a job that exists."""

OPERATE = frozenset(
    {
        Op.PAUSE_PRINTER,
        Op.PAUSE_PRINTER_AFTER_CURRENT_JOB,
        Op.RESUME_PRINTER,
        Op.ENABLE_PRINTER,
        Op.DISABLE_PRINTER,
        Op.HOLD_NEW_JOBS,
        Op.RELEASE_HELD_NEW_JOBS,
        Op.CANCEL_JOBS,
        Op.CANCEL_CURRENT_JOB,
        Op.SUSPEND_CURRENT_JOB,
        Op.PROMOTE_JOB,
        Op.SCHEDULE_JOB_AFTER,
        Op.PURGE_JOBS,
        Op.IDENTIFY_PRINTER,
    }
)
"""Keep a printer and its queue going."""

ADMINISTER = frozenset(
    {
        Op.SET_PRINTER_ATTRIBUTES,
        Op.DEACTIVATE_PRINTER,
        Op.ACTIVATE_PRINTER,
        Op.RESTART_PRINTER,
        Op.SHUTDOWN_PRINTER,
        Op.STARTUP_PRINTER,
    }
)
"""Change a printer."""

SETS: dict[str, frozenset[Op]] = {
    "@query": QUERY,
    "@print": PRINT,
    "@job": JOB,
    "@operate": OPERATE,
    "@administer": ADMINISTER,
    "@all": QUERY | PRINT | JOB | OPERATE | ADMINISTER,
}


def resolve(word: str) -> frozenset[Op]:
    """The operations that a word of a rule means: a set, a name, or a vendor's number ``0x4042``.

    Raises ValueError with the nearest name.
    """
    if word.startswith("@"):
        operations = SETS.get(word.lower())
        if operations is None:
            raise ValueError(f'"{word}" is not a set of operations{did_you_mean(word, SETS)}')
        return operations
    operation = Op.from_keyword(word)
    if operation is None and _NUMBER.fullmatch(word):
        operation = Op(int(word, 16))
    if operation is None:
        names = [known.keyword for known in Op]
        raise ValueError(f'"{word}" is not an operation of IPP{did_you_mean(word, names)}')
    return frozenset({operation})

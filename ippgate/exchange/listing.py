"""Which printers are there: CUPS-Get-Printers and CUPS-Get-Default, answered by the gateway itself.

Somebody who is identified sees the printers at which they may do something, and no others. Callers
who are not identified are asked to be, unless a rule permits the operation to anyone; a rule that
refuses it hides its printers from the list.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ippgate.exchange.addresses import PublicAddress, Target, parse_target_uri
from ippgate.exchange.asking import scalar
from ippgate.exchange.operations import LISTS_PRINTERS
from ippgate.exchange.refusal import Challenge, IppRefusal
from ippgate.exchange.request import bad_request, operation_group
from ippgate.exchange.site import Site
from ippgate.ipp.enums import GroupTag, Operation, Status, Tag
from ippgate.ipp.message import Attribute, Group, Message, Value
from ippgate.ipp.values import boolean, enum, keyword, name, text, uri
from ippgate.policy.decision import Effect, Reason
from ippgate.policy.facts import Facts
from ippgate.policy.policy import Policy

_PRINTS_BLACK = 0x0004
"""CUPS's printer-type: what every printer can do."""
_ALL = frozenset({"all", "printer-description", "printer-defaults"})


def target_of(message: Message) -> Target | None:
    """The printer that a request to ``/`` names; None: it asks which there are. Raises IppRefusal.

    CUPS's programs post to ``/`` and name the printer by printer-uri alone.
    """
    group = operation_group(message)
    if message.code in LISTS_PRINTERS:
        return None
    attribute = group.get("printer-uri")
    named = None
    if attribute is not None and attribute.values[0][0] == Tag.URI:
        named = parse_target_uri(str(scalar(attribute.values[0])))
    if named is None:
        raise bad_request("printer-uri must name a printer, such as ipps://HOST/printers/NAME.")
    return named


def listed(policy: Policy, site: Site, caller: Facts) -> list[str]:
    """Names of the printers that the caller sees. Raises Challenge.

    ``caller``: of the operation that lists, at any printer.
    """
    names = [name_ for name_ in site.printers if _sees(policy, replace(caller, printer=name_))]
    if not names and caller.principal is None:
        raise Challenge
    return names


def groups(
    message: Message, names: list[str], site: Site, public: PublicAddress
) -> tuple[Group, ...]:
    """A group for each printer, as the request wants them. Raises IppRefusal when there is none."""
    group = message.groups[0]
    if message.code == Operation.CUPS_GET_DEFAULT:
        names = names[:1]
    first = _asked(group, "first-printer-name")
    if first in names:
        names = names[names.index(str(first)) :]
    limit = _asked(group, "limit")
    if isinstance(limit, int) and limit > 0:
        names = names[:limit]
    if not names:
        raise IppRefusal(
            Status.CLIENT_ERROR_NOT_FOUND,
            "There is no printer for you here.",
            reason="no-such-printer",
        )
    wanted = _wanted(group)
    return tuple(
        Group(
            GroupTag.PRINTER,
            tuple(
                attribute
                for attribute in _described(name_, site, public)
                if wanted is None or attribute.name in wanted
            ),
        )
        for name_ in names
    )


def _sees(policy: Policy, facts: Facts) -> bool:
    decision = policy.decide(facts)
    if decision.effect is Effect.PERMIT:
        return True
    if facts.principal is None:
        return False
    if decision.effect is Effect.REFUSE and decision.reason is Reason.RULE:
        return False
    return policy.may_see(facts)


def _described(name_: str, site: Site, public: PublicAddress) -> Iterator[Attribute]:
    """What the gateway itself knows of a printer; its state and capabilities are asked for by
    Get-Printer-Attributes."""
    printer = site.printers[name_]
    values: dict[str, Value] = {
        "printer-name": name(name_),
        "printer-uri-supported": uri(public.printer(name_)),
        "uri-authentication-supported": keyword("basic"),
        "uri-security-supported": keyword("tls"),
        "printer-info": text(printer.title),
        "printer-location": text(printer.location or ""),
        "printer-make-and-model": text("IPP Everywhere"),
        "printer-more-info": uri(public.page(name_)),
        "printer-uuid": uri(public.uuid(name_)),
        "printer-is-accepting-jobs": boolean(True),
        "printer-is-shared": boolean(True),
        "printer-type": enum(_PRINTS_BLACK),
    }
    return (Attribute(key, (value,)) for key, value in values.items())


def _wanted(group: Group) -> frozenset[str] | None:
    attribute = group.get("requested-attributes")
    if attribute is None:
        return None
    names = frozenset(str(scalar(value)) for value in attribute.values)
    return None if names & _ALL else names


def _asked(group: Group, name_: str) -> object:
    attribute = group.get(name_)
    return None if attribute is None else scalar(attribute.values[0])

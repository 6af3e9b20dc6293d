"""How long it takes to refuse an unknown person, a wrong password, and an account that may not be
used: who measures answers must not learn which it was.

    python -m tests.bench.answer_times [--count N] [--samba]

Asks a real OpenLDAP (as root with --samba: a real Active Directory domain, too), in random order,
without caches. Prints quantiles in milliseconds, and for each pair of kinds the chance that of two
answers the longer one is of the second kind: 0.50 tells nothing, 0 or 1 everything.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import statistics
import tempfile
import time
from collections.abc import Mapping
from functools import partial
from itertools import combinations
from pathlib import Path

from twisted.internet.task import deferLater

from ippgate.cli.asking import ask
from ippgate.clock import SystemClock
from ippgate.demo.slapd import Slapd
from ippgate.demo.slapd_files import PEOPLE
from ippgate.exchange.ports import CredentialsRefused
from ippgate.identity.cache import CredentialCache, Refusal
from ippgate.identity.ldap_directory import LdapDirectory
from ippgate.identity.people import People
from ippgate.identity.settings import LdapSettings
from ippgate.reactor import Reactor
from tests.support.samba import PASSWORDS, samba
from tests.support.slapd import Meter

EXPIRED = f"""
dn: uid=expired,{PEOPLE}
objectClass: inetOrgPerson
objectClass: posixAccount
objectClass: shadowAccount
uid: expired
cn: expired
sn: expired
uidNumber: 1001
gidNumber: 100
homeDirectory: /home/expired
userPassword: secret
shadowExpire: 1
"""
SLAPD = {
    "unknown person": ("nobody-here", "secret"),
    "wrong password": ("alice", "wrong"),
    "expired account": ("expired", "secret"),
}
SAMBA = {
    "unknown person": ("nobody-here", "secret"),
    "wrong password": ("alice", "wrong"),
    "disabled account": ("bob", PASSWORDS["bob"]),
}

Kinds = Mapping[str, tuple[str, str]]
Place = tuple[str, LdapSettings, Kinds]


async def measured(
    settings: LdapSettings, kinds: Kinds, count: int, reactor: Reactor, *, padded: bool
) -> dict[str, list[float]]:
    """Milliseconds of each answer, by kind; ``padded``: as the gateway gives it, otherwise as the
    directory does."""
    directory = LdapDirectory(settings, reactor, Meter())
    clock = SystemClock()
    people = People([directory], CredentialCache(0, 0, clock), clock, partial(deferLater, reactor))
    times: dict[str, list[float]] = {kind: [] for kind in kinds}
    order = [kind for kind in kinds for _ in range(count)]
    random.shuffle(order)
    try:
        for kind in order:
            began = time.perf_counter()
            if padded:
                assert isinstance(await people.verify(*kinds[kind]), Refusal)
            else:
                with contextlib.suppress(CredentialsRefused):
                    assert await directory.verify(*kinds[kind]) is None
            times[kind].append((time.perf_counter() - began) * 1000)
    finally:
        directory.stop()
    return times


def longer(first: list[float], second: list[float]) -> float:
    """The chance that an answer of the second kind takes longer (Mann-Whitney's U, scaled)."""
    pairs = [(b > a) + 0.5 * (a == b) for a in first for b in second]
    return statistics.fmean(pairs)


def report(name: str, times: dict[str, list[float]]) -> None:
    print(f"\n{name}\n{'':<20} {'p10':>8} {'p50':>8} {'p90':>8} {'p99':>8}  ms")
    for kind, values in times.items():
        cuts = statistics.quantiles(values, n=100)
        print(f"{kind:<20} " + " ".join(f"{cuts[p - 1]:>8.2f}" for p in (10, 50, 90, 99)))
    for first, second in combinations(times, 2):
        chance = longer(times[first], times[second])
        print(f"{second} longer than {first}: {chance:.2f}")


async def measure_all(places: list[Place], count: int, reactor: Reactor) -> None:
    for name, settings, kinds in places:
        await measured(settings, kinds, 20, reactor, padded=False)
        for padded in (False, True):
            times = await measured(settings, kinds, count, reactor, padded=padded)
            report(f"{name}, {'through the gateway' if padded else 'itself'}", times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=200, help="answers of each kind")
    parser.add_argument("--samba", action="store_true", help="ask Active Directory, too")
    arguments = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ippgate-bench-")))
        (folder / "slapd").mkdir()
        slapd = Slapd(folder / "slapd", lines=["include /etc/ldap/schema/nis.schema"], more=EXPIRED)
        slapd.start()
        stack.callback(slapd.stop)
        places: list[Place] = [("OpenLDAP", slapd.settings(), SLAPD)]
        if arguments.samba:
            (folder / "samba").mkdir()
            domain = stack.enter_context(samba(folder / "samba"))
            places.append(("Active Directory", domain.settings(), SAMBA))
        ask(lambda reactor: measure_all(places, arguments.count, reactor))


if __name__ == "__main__":
    main()

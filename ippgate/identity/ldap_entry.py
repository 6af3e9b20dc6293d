"""From a directory's entry to a person: the canonical name, the stable id, groups."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ippgate.identity.ldap_dn import first_rdn
from ippgate.identity.names import canonical_mistake

MAX_ID = 255
"""Characters; an entryUUID has 36."""
MAX_VALUES = 100
MAX_CHARACTERS = 10_000
"""Of one attribute that rules may look at: departments and addresses, not photographs."""


class EntryUnfit(Exception):
    """The entry cannot stand for a person. The text says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What a search found. ``attributes``: values by names in lower case."""

    dn: str
    attributes: Mapping[str, Sequence[bytes]]

    def texts(self, attribute: str) -> list[str]:
        """The values as text. Raises EntryUnfit when they are not UTF-8 (RFC 4517)."""
        try:
            return [value.decode() for value in self.attributes.get(attribute.lower(), ())]
        except UnicodeDecodeError:
            raise EntryUnfit(f"{attribute} of {self.dn} is not text") from None


def canonical_name(entry: Entry, attribute: str) -> str:
    """The one value of ``attribute``; of several, the one in the entry's DN. Raises EntryUnfit."""
    names = entry.texts(attribute)
    if len(names) > 1:
        in_dn = {value for kind, value in _rdn(entry.dn) if kind.lower() == attribute.lower()}
        names = [name for name in names if name in in_dn]
    if len(names) != 1:
        raise EntryUnfit(f"{entry.dn} has no single {attribute} that could be the person's name")
    mistake = canonical_mistake(names[0])
    if mistake is not None:
        raise EntryUnfit(f"{attribute} of {entry.dn}: {mistake}")
    return names[0]


def stable_id(entry: Entry, attribute: str) -> str:
    """The value of ``attribute``, as a UUID's text where it is Active Directory's binary objectGUID
    ([MS-DTYP] section 2.3.4.2: little-endian). Raises EntryUnfit."""
    values = entry.attributes.get(attribute.lower(), ())
    if len(values) != 1:
        raise EntryUnfit(f"{entry.dn} has no single {attribute}, or it may not be read")
    if attribute.lower() == "objectguid" and len(values[0]) == 16:
        return str(uuid.UUID(bytes_le=bytes(values[0])))
    (text,) = entry.texts(attribute)
    if not text or len(text) > MAX_ID or not text.isprintable():
        raise EntryUnfit(f"{attribute} of {entry.dn} cannot be an id")
    return text


def named_attributes(entry: Entry, names: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The attributes that the configuration names, as far as the entry has them.

    Raises EntryUnfit: a value that is overlooked could permit what a rule refuses.
    """
    found = {}
    for name in names:
        values = tuple(entry.texts(name))
        if len(values) > MAX_VALUES or sum(map(len, values)) > MAX_CHARACTERS:
            raise EntryUnfit(f"{name} of {entry.dn} has more values than are kept of a person")
        if values:
            found[name] = values
    return found


def groups_of_member(entry: Entry) -> frozenset[str]:
    """Names of the groups that ``memberOf`` lists: the value of each DN's first RDN.

    Raises EntryUnfit: to overlook a group could permit what a rule refuses its members.
    """
    if any(name.startswith("memberof;range=") for name in entry.attributes):
        # [MS-ADTS] section 3.1.1.3.1.3.3: of more than 1,500 values the first ones are shown.
        raise EntryUnfit(f"{entry.dn} is in more groups than the directory lists at once")
    return frozenset(_rdn(dn)[0][1] for dn in entry.texts("memberOf"))


def _rdn(dn: str) -> list[tuple[str, str]]:
    try:
        return first_rdn(dn)
    except ValueError as error:
        raise EntryUnfit(str(error)) from None

"""Who is asking, by a client certificate: whom it names, and whether they have an account."""

from __future__ import annotations

from dataclasses import replace

from ippgate.exchange.ports import ClientCertificate, CredentialsRefused
from ippgate.identity.name_forms import NameForms
from ippgate.identity.names import typed_mistake
from ippgate.identity.people import NO_SUCH_USER, People
from ippgate.policy.facts import Principal

METHOD = "certificate"


class CertificateIdentifier:
    """``kind``: which of the certificate's names is the person's (ClientCertificate.names).

    ``filter_``: how a directory finds the person by it, with ``{username}`` in it; None: as if it
    had been typed.
    """

    def __init__(
        self, people: People, names: NameForms, kind: str, filter_: str | None = None
    ) -> None:
        self._people = people
        self._names = names
        self._kind = kind
        self._filter = filter_

    async def identify(self, certificate: ClientCertificate) -> Principal:
        """Whose certificate it is. Raises CredentialsRefused, DirectoryUnavailable."""
        which = f"the certificate {certificate.serial} of {certificate.subject[:200]}"
        if certificate.mistake is not None:
            raise CredentialsRefused(f"{which}: {certificate.mistake}")
        names = certificate.names.get(self._kind, ())
        if len(names) != 1:
            raise CredentialsRefused(f"{which} has no single {self._kind}")
        (name,) = names
        mistake = typed_mistake(name)
        if mistake is not None:
            raise CredentialsRefused(f"{which}: {mistake}")
        asked = name if self._filter is not None else self._names.asked(name)
        principal = await self._people.look_up(asked, METHOD, self._filter)
        if principal is None:
            raise CredentialsRefused(f"{which}: {NO_SUCH_USER}", claimed=name)
        return replace(principal, credential=certificate.serial)

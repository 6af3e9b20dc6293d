"""What is valid of a configuration that is not, so that the mistakes that show only in use are told
together with the others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from ippgate.config.loader import Folder, Loaded
from ippgate.config.model import Audit, Configuration, Identity, Ldap, Limits, Listen, Printer

T = TypeVar("T")


def salvaged(written: Folder) -> Loaded:
    """The sections that are valid in themselves; others are as if nothing were configured.

    It is not a configuration that could serve: it is there to be looked at by the parts that check
    one. A section with a mistake is left out whole, since a key that is wrong, or unknown, can be
    what the rest of it depends on. ``policies`` is empty: rules do not depend on the configuration.
    """
    keys = _mapping(written.source.value)
    identity = _mapping(keys.get("identity"))
    ldap = _valid(Ldap, identity.get("ldap"))
    file = _valid(str, identity.get("file"))
    printers = {
        str(name): printer
        for name, value in _mapping(keys.get("printers")).items()
        if (printer := _valid(Printer, value)) is not None
    }
    configuration = Configuration.model_construct(
        public_name="",
        listen=_valid(list[Listen], keys.get("listen")) or [],
        identity=Identity.model_construct(ldap=ldap, file=file),
        printers=printers,
        policies=[],
        audit=_valid(Audit, keys.get("audit")) or Audit(file="."),
        limits=_valid(Limits, keys.get("limits", {})) or Limits(),
    )
    return Loaded(written.source, written.folder, configuration)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _valid(kind: type[T], value: object) -> T | None:
    try:
        return TypeAdapter(kind).validate_python(value)
    except ValidationError:
        return None

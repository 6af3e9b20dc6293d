"""The first value of an attribute, read leniently: what is not there, or is of another syntax, is
None. For what a printer says of itself, where nonsense must not stop anything."""

from __future__ import annotations

from ippgate.ipp.message import Attribute, Value
from ippgate.ipp.values import as_integer, as_text


def first_value(attribute: Attribute | None) -> Value | None:
    """The value, unless it is a collection."""
    value = attribute.values[0] if attribute is not None else None
    return value if isinstance(value, Value) else None


def first_integer(attribute: Attribute | None) -> int | None:
    """The number of an integer or enum."""
    value = first_value(attribute)
    try:
        return None if value is None else as_integer(value)
    except ValueError:
        return None


def first_text(attribute: Attribute | None) -> str | None:
    """The text of a character-string syntax, without its language."""
    value = first_value(attribute)
    try:
        return None if value is None else as_text(value)
    except ValueError:
        return None

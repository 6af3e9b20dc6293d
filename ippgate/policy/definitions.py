"""Named groups of people, printers and operations, which several rules and files share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from ippgate.config.findings import did_you_mean
from ippgate.policy.operations import SETS


@dataclass(frozen=True, slots=True)
class People:
    """``users`` and ``groups``, as in ``who``."""

    users: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Definitions:
    """By name, each kind on its own. ``places``: where each of them stands, for mistakes."""

    people: Mapping[str, People] = field(default_factory=dict)
    printers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    operations: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    places: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def and_those_of(self, other: Definitions) -> Definitions:
        """Both together; a name that both have is the other's."""
        return Definitions(
            {**self.people, **other.people},
            {**self.printers, **other.printers},
            {**self.operations, **other.operations},
            {**self.places, **other.places},
        )

    def these_people(self, name: str) -> People:
        """Raises ValueError with the nearest name."""
        if name not in self.people:
            near = did_you_mean(name, self.people)
            raise ValueError(f'no people are defined as "{name}"{near}')
        return self.people[name]

    def patterns(self, words: Iterable[str]) -> tuple[str, ...]:
        """Patterns for printers, with ``@NAME`` and ``!@NAME`` written out. Raises ValueError."""
        return tuple(pattern for word in words for pattern in self._patterns(word))

    def operation_words(self, words: Iterable[str]) -> tuple[str, ...]:
        """Words for operations, with defined ``@NAME`` written out. Raises ValueError."""
        return tuple(known for word in words for known in self._operations(word))

    def _patterns(self, word: str) -> Iterator[str]:
        negative, name = word.startswith("!"), word.removeprefix("!")
        if not name.startswith("@"):
            yield word
            return
        if name[1:] not in self.printers:
            near = did_you_mean(name[1:], self.printers)
            raise ValueError(f'no printers are defined as "{name[1:]}"{near}')
        for pattern in self.printers[name[1:]]:
            if negative and pattern.startswith("!"):
                raise ValueError(
                    f'"{word}": "{name[1:]}" is itself defined with "{pattern}", and all but all '
                    "but these means nothing"
                )
            yield f"!{pattern}" if negative else pattern

    def _operations(self, word: str) -> tuple[str, ...]:
        if not word.startswith("@") or word.lower() in SETS:
            return (word,)
        if word[1:] not in self.operations:
            near = did_you_mean(word, [*SETS, *(f"@{name}" for name in self.operations)])
            raise ValueError(f'"{word}" is not a set of operations{near}')
        return self.operations[word[1:]]

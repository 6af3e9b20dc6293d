"""Policy files: YAML as people write it, to rules. All mistakes of all files are reported
together."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence

from ippgate.config.findings import ConfigurationError, Finding
from ippgate.config.validation import validated
from ippgate.config.yaml_lines import Source, parse
from ippgate.policy.compiling import Compiling
from ippgate.policy.criteria.times import UTC
from ippgate.policy.definitions import Definitions, People
from ippgate.policy.facts import Place
from ippgate.policy.policy import Policy
from ippgate.policy.privacy import Privacy
from ippgate.policy.rule import Rule
from ippgate.policy.sections import DefineSection, Known, PolicyFile

Include = Callable[[str, str], tuple[str, str]]
"""Name and text of a file that another (the first argument) includes, as it writes it (the second).
Raises ConfigurationError."""

MOST_INCLUDED = 100


def load(
    texts: Sequence[tuple[str, str]],
    printers: Mapping[str, Place] | None = None,
    include: Include | None = None,
) -> Policy:
    """The policy of files given as (name, text), in that order.

    ``printers``: those that exist, so that a pattern which fits none is found. Raises
    ConfigurationError with every mistake of every file.
    """
    loading = _Loading(printers, include)
    for file, text in texts:
        loading.add(file, text)
    if not texts:
        words = "no rule file was found: nobody could print"
        loading.findings.append(Finding("policies", None, "", words))
    elif not loading.rules and not loading.findings:
        words = "there is no rule in any file: nobody could print"
        loading.findings.append(Finding(texts[0][0], None, "", words))
    if loading.findings:
        raise ConfigurationError(loading.findings)
    read = [*texts, *sorted(loading.included.items())]
    return Policy(loading.rules, revision(read), loading.privacy, printers)


def revision(texts: Sequence[tuple[str, str]]) -> str:
    """A digest of policy files, in order: which rules decided, for the trail."""
    digest = hashlib.sha256()
    for _, text in texts:
        octets = text.encode()
        digest.update(len(octets).to_bytes(8, "big") + octets)
    return digest.hexdigest()


class _Loading:
    """What was read so far, and what is wrong with it."""

    def __init__(self, printers: Mapping[str, Place] | None, include: Include | None) -> None:
        self._printers = printers
        self._include = include
        self._places: dict[str, str] = {}
        self._private_in = ""
        self.privacy: Privacy | None = None
        self.rules: list[Rule] = []
        self.findings: list[Finding] = []
        self.included: dict[str, str] = {}

    def add(self, file: str, text: str) -> None:
        """One of the files that are listed."""
        try:
            source = parse(text, file)
        except ConfigurationError as error:
            self.findings += error.findings
            return
        definitions = self._definitions(source, [file])
        try:
            section = validated(PolicyFile, source, self._known(definitions))
        except ConfigurationError as error:
            self.findings += [f for f in error.findings if f not in self.findings]
            self.findings += _names_given_twice(source, self._places)
            return
        self.findings += _names_given_twice(source, self._places)
        compiling = Compiling(source, definitions, self._printers, section.timezone or UTC)
        for index, rule in enumerate(section.rules or ()):
            self.rules.append(compiling.rule(rule, index))
        if section.privacy is not None and self.privacy is not None:
            words = f"stands in {self._private_in} already: there is one for all files"
            compiling.findings.append(source.finding(("privacy",), words))
        elif section.privacy is not None:
            self.privacy, self._private_in = compiling.privacy(section.privacy), file
        self.findings += compiling.findings

    def _known(self, definitions: Definitions) -> Known:
        names = None if self._printers is None else frozenset(self._printers)
        return Known(definitions, names)

    def _definitions(self, source: Source, above: list[str]) -> Definitions:
        """A file's own definitions, and those of the files that it includes."""
        found = Definitions()
        keys = source.value if isinstance(source.value, dict) else {}
        names = keys.get("include")
        for index, name in enumerate(names if isinstance(names, list) else ()):
            if isinstance(name, str):
                found = self._together(found, self._included(source, index, name, above), source)
        own = keys.get("define")
        if isinstance(own, dict):
            own_source = Source(source.file, own, _below(source, "define"))
            try:
                section = validated(DefineSection, own_source, self._known(found))
            except ConfigurationError as error:
                self.findings += [_within(finding, "define") for finding in error.findings]
            else:
                found = self._together(found, _defined(section, source, found), source)
        return found

    def _together(self, one: Definitions, other: Definitions, source: Source) -> Definitions:
        for (kind, name), place in other.places.items():
            before = one.places.get((kind, name))
            if before is not None and before != place:
                words = f'{kind} are defined as "{name}" in {before} and in {place}'
                self.findings.append(Finding(source.file, None, "define", words))
        return one.and_those_of(other)

    def _included(self, source: Source, index: int, name: str, above: list[str]) -> Definitions:
        at = ("include", index)
        try:
            if self._include is None:
                raise ConfigurationError([source.finding(at, "nothing can be included here")])
            file, text = self._include(source.file, name)
            if file in above or len(above) > MOST_INCLUDED:
                way = " → ".join([*above, file])
                raise ConfigurationError([source.finding(at, f"includes itself: {way}")])
            included = parse(text, file)
        except ConfigurationError as error:
            self.findings += [
                f if f.line is not None else source.finding(at, f.message) for f in error.findings
            ]
            return Definitions()
        keys = included.value
        if isinstance(keys, dict) and ("rules" in keys or "privacy" in keys):
            words = f"{file} has rules: only definitions are included"
            self.findings.append(source.finding(at, words))
        self.included[file] = text
        definitions = self._definitions(included, [*above, file])
        try:
            validated(PolicyFile, included, self._known(definitions))
        except ConfigurationError as error:
            self.findings += [f for f in error.findings if f not in self.findings]
        return definitions


def _defined(section: DefineSection, source: Source, found: Definitions) -> Definitions:
    places = {
        (kind, name): f"{source.file}:{source.lines.get(('define', kind, name), 0)}"
        for kind in ("people", "printers", "operations")
        for name in getattr(section, kind)
    }
    return Definitions(
        {
            name: People(tuple(who.users or ()), tuple(who.groups or ()))
            for name, who in section.people.items()
        },
        {name: found.patterns(words) for name, words in section.printers.items()},
        {name: found.operation_words(words) for name, words in section.operations.items()},
        places,
    )


def _below(source: Source, key: str) -> dict[tuple[str | int, ...], int]:
    """Lines of what stands below a key, by paths from there."""
    return {path[1:]: line for path, line in source.lines.items() if path[:1] == (key,)}


def _within(finding: Finding, key: str) -> Finding:
    path = f"{key}.{finding.path}" if finding.path else key
    return Finding(finding.file, finding.line, path, finding.message, finding.severity)


def _names_given_twice(source: Source, places: dict[str, str]) -> Iterator[Finding]:
    """Rules whose name another rule has, be the rest of either right or wrong.

    ``places``: where each name of the files before stands; those of this file are added.
    """
    rules = source.value.get("rules") if isinstance(source.value, dict) else None
    for index, rule in enumerate(rules if isinstance(rules, list) else ()):
        name = rule.get("name") if isinstance(rule, dict) else None
        if not isinstance(name, str):
            continue
        at = ("rules", index, "name")
        place = places.setdefault(name, f"{source.file}:{source.lines[at]}")
        if place != f"{source.file}:{source.lines[at]}":
            yield source.finding(at, f'a rule named "{name}" stands in {place} already')

"""YAML with the line of every key, and with every mistake that YAML itself would pass over.

Keys given twice, keys that are not text, anchors and tags are errors: what a person reads must be
what the program reads. A leaf: anyone may import it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import yaml

from ippgate.config.findings import ConfigurationError, Finding

MAX_CHARACTERS = 1024 * 1024
"""A rule file of 1 MiB has some 5,000 rules; more is a mistake."""
MAX_DEPTH = 20
"""Lists and mappings within each other; checked before PyYAML builds them by recursion."""

_SHOWN = 40
"""Characters of a value that a finding repeats."""
_TEXT_TAG = "tag:yaml.org,2002:str"

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """A parsed file: its value, and the line of each key and item by path."""

    file: str
    value: object
    lines: dict[Path, int] = field(default_factory=dict)

    def finding(self, path: Path, message: str) -> Finding:
        """A finding at a key, or at the nearest one above it that has a line."""
        known = path
        while known and known not in self.lines:
            known = known[:-1]
        return Finding(self.file, self.lines.get(known), dotted(path), message)


def dotted(path: Path) -> str:
    """``listen[0].tls.key``."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += f".{part}" if text else part
    return text


def parse(text: str, file: str) -> Source:
    """Parses one YAML document by the safe loader. Raises ConfigurationError with all mistakes."""
    if len(text) > MAX_CHARACTERS:
        raise ConfigurationError([Finding(file, None, "", "the file is larger than 1 MiB")])
    findings: list[Finding] = []
    source = Source(file, None)
    try:
        _refuse_hidden_meaning(text, file)
        loader = yaml.SafeLoader(text)
        try:
            node = loader.get_single_node()
            value = None if node is None else _value(node, (), loader, source, findings)
        finally:
            loader.dispose()
    except yaml.YAMLError as error:
        raise ConfigurationError([_syntax(error, file)]) from None
    if findings:
        raise ConfigurationError(findings)
    return Source(file, value, source.lines)


def _refuse_hidden_meaning(text: str, file: str) -> None:
    """Raises ConfigurationError for what makes a file mean something else than it shows, and for
    nesting without end."""
    depth = 0
    for event in yaml.parse(text, yaml.SafeLoader):
        words = None
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                words = f"nested deeper than {MAX_DEPTH}"
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if isinstance(event, yaml.NodeEvent) and event.anchor is not None:
            words = "anchors and aliases are not read here: write the value out"
        tag: str | None = getattr(event, "tag", None)
        if tag is not None:
            words = f"tags such as {tag} are not read here: write the value without"
        if words is not None:
            line = event.start_mark.line + 1 if event.start_mark is not None else None
            raise ConfigurationError([Finding(file, line, "", words)])


def _value(
    node: yaml.Node, path: Path, loader: yaml.SafeLoader, source: Source, findings: list[Finding]
) -> object:
    source.lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, loader, source, findings)
    if isinstance(node, yaml.SequenceNode):
        return [
            _value(item, (*path, index), loader, source, findings)
            for index, item in enumerate(node.value)
        ]
    return _scalar(node, path, loader, source, findings)


def _scalar(
    node: yaml.Node, path: Path, loader: yaml.SafeLoader, source: Source, findings: list[Finding]
) -> object:
    """A plain value. What only looks like a number or a date (2024-13-45, 0x_) is a finding."""
    try:
        return loader.construct_object(node)
    except ValueError as error:
        line = node.start_mark.line + 1
        words = f"{_shown(node)} cannot be read ({error}): put it in quotes if it is text"
        findings.append(Finding(source.file, line, dotted(path), words))
        return None


def _shown(node: yaml.Node) -> str:
    """A node as it was written, as far as it fits into a sentence."""
    if not isinstance(node, yaml.ScalarNode):
        return "a list or mapping"
    text: str = node.value
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _mapping(
    node: yaml.MappingNode,
    path: Path,
    loader: yaml.SafeLoader,
    source: Source,
    findings: list[Finding],
) -> dict[str, object]:
    mapping: dict[str, object] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode) or key_node.tag != _TEXT_TAG:
            shown = _shown(key_node)
            words = f"{shown} cannot be a key, which is text"
            if isinstance(key_node, yaml.ScalarNode):
                words = f'{shown} is not text: put it in quotes, as in "{shown}"'
            findings.append(Finding(source.file, line, dotted(path), words))
            continue
        key: str = key_node.value
        below = (*path, key)
        if key in mapping:
            words = f"given twice, first in line {source.lines[below]}"
            findings.append(Finding(source.file, line, dotted(below), words))
            continue
        source.lines[below] = line
        mapping[key] = _value(value_node, below, loader, source, findings)
    return mapping


def _syntax(error: yaml.YAMLError, file: str) -> Finding:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = getattr(error, "problem", None) or str(error).splitlines()[0]
    line = mark.line + 1 if mark is not None else None
    return Finding(file, line, "", f"not valid YAML: {problem}")

"""YAML with the line of every key, and with every mistake that YAML itself would pass over.

Keys given twice, keys that are not text, and anchors are errors: what a person reads must be what
the program reads. A leaf: anyone may import it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import yaml

from ippgate.config.findings import ConfigurationError, Finding

MAX_CHARACTERS = 1024 * 1024
"""A rule file of 1 MiB has some 5,000 rules; more is a mistake."""
MAX_DEPTH = 20

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
    loader = yaml.SafeLoader(text)
    try:
        for event in yaml.parse(text, yaml.SafeLoader):
            if isinstance(event, yaml.AliasEvent):
                mark = event.start_mark
                line = mark.line + 1 if mark is not None else None
                words = "anchors and aliases are not read here: write the value out"
                raise ConfigurationError([Finding(file, line, "", words)])
        node = loader.get_single_node()
        value = None if node is None else _value(node, (), loader, source, findings)
    except yaml.YAMLError as error:
        raise ConfigurationError([_syntax(error, file)]) from None
    finally:
        loader.dispose()
    if findings:
        raise ConfigurationError(findings)
    return Source(file, value, source.lines)


def _value(
    node: yaml.Node, path: Path, loader: yaml.SafeLoader, source: Source, findings: list[Finding]
) -> object:
    source.lines.setdefault(path, node.start_mark.line + 1)
    if len(path) > MAX_DEPTH:
        findings.append(source.finding(path, f"nested deeper than {MAX_DEPTH}"))
        return None
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, loader, source, findings)
    if isinstance(node, yaml.SequenceNode):
        return [
            _value(item, (*path, index), loader, source, findings)
            for index, item in enumerate(node.value)
        ]
    return loader.construct_object(node)


def _mapping(
    node: yaml.MappingNode,
    path: Path,
    loader: yaml.SafeLoader,
    source: Source,
    findings: list[Finding],
) -> dict[str, object]:
    mapping: dict[str, object] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node) if isinstance(key_node, yaml.ScalarNode) else None
        line = key_node.start_mark.line + 1
        if not isinstance(key, str):
            words = f'{key!r} is not text: put it in quotes, as in "{key}"'
            findings.append(Finding(source.file, line, dotted(path), words))
            continue
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

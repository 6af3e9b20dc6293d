"""From a parsed YAML file to a typed model: pydantic's errors in the words of the person who wrote
it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, ValidationError

from ippgate.config.findings import ConfigurationError, Finding, did_you_mean
from ippgate.config.yaml_lines import Path, Source

Model = TypeVar("Model", bound=BaseModel)

_WORDS = {
    "missing": "is missing",
    "extra_forbidden": "is not a known key",
    "string_type": "must be text: put it in quotes",
    "list_type": "must be a list",
    "dict_type": "must be a mapping of keys",
    "model_type": "must be a mapping of keys",
    "model_attributes_type": "must be a mapping of keys",
    "bool_type": "must be true or false",
    "int_type": "must be a whole number",
    "too_short": "must not be empty",
    "string_too_short": "must not be empty",
}


_ALTERNATIVE = "\0"
"""Begins the name of a union's alternative: nobody gives a key with NUL in it."""
_QUOTED = re.compile(r"'([^']*)'")


class Section(BaseModel):
    """A part of a file: its keys are all known, and it does not change."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def alternative(name: str) -> str:
    """The tag of one kind of a discriminated union, which is not mistaken for a key of the file."""
    return _ALTERNATIVE + name


def validated(model: type[Model], source: Source, context: object = None) -> Model:
    """The model of the whole file; ``context`` is for its validators. Raises ConfigurationError
    with every mistake."""
    value = source.value if source.value is not None else {}
    try:
        return model.model_validate(value, context=context)
    except ValidationError as error:
        raise ConfigurationError(_findings(model, source, error)) from None


def _findings(model: type[BaseModel], source: Source, error: ValidationError) -> Iterator[Finding]:
    for problem in error.errors(include_url=False):
        path = _path(problem["loc"])
        kind = problem["type"]
        words = _WORDS.get(kind)
        if kind == "extra_forbidden":
            words = f"{words}{did_you_mean(str(path[-1]), _siblings(model, path))}"
        elif kind == "literal_error":
            expected = problem["ctx"]["expected"]
            near = did_you_mean(str(problem["input"]), _QUOTED.findall(expected))
            words = f"must be {expected}{near}"
        elif words is None:
            words = problem["msg"].removeprefix("Value error, ")
            words = words[:1].lower() + words[1:]
        yield source.finding(path, words)


def _path(location: tuple[str | int, ...]) -> Path:
    """The location without what is not in the file: names of a union's alternatives."""
    return tuple(part for part in location if not str(part).startswith(_ALTERNATIVE))


def _siblings(model: type[BaseModel], path: Path) -> list[str]:
    """The keys that are known where the path's last part stands."""
    kinds: list[Any] = [model]
    for part in path[:-1]:
        below: list[Any] = []
        for kind in kinds:
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                field = kind.model_fields.get(str(part))
                if field is not None:
                    below += _alternatives(field.annotation)
            else:
                arguments = get_args(kind)
                if arguments:
                    below += _alternatives(arguments[-1])
        kinds = below
    return [
        field.alias or name
        for kind in kinds
        if isinstance(kind, type) and issubclass(kind, BaseModel)
        for name, field in kind.model_fields.items()
    ]


def _alternatives(annotation: Any) -> list[Any]:
    """The kinds that an annotation permits: of ``Annotated[A, …] | B`` both."""
    if hasattr(annotation, "__metadata__"):
        return _alternatives(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        return [kind for argument in get_args(annotation) for kind in _alternatives(argument)]
    return [annotation]

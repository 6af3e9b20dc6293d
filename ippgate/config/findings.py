"""What is wrong in a file, where, and what was probably meant. A leaf: anyone may import it."""

from __future__ import annotations

import difflib
import enum
from collections.abc import Iterable
from dataclasses import dataclass


class Severity(enum.Enum):
    """An error keeps the gateway from starting; a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """``file:line: path: message``. ``line`` counts from 1; None when the whole file is meant.
    ``path`` is the key's path, such as ``listen[0].tls.key``; empty for the whole file."""

    file: str
    line: int | None
    path: str
    message: str
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        word = "" if self.severity is Severity.ERROR else "warning: "
        return ": ".join(part for part in (place, self.path, f"{word}{self.message}") if part)


class ConfigurationError(Exception):
    """Everything that is wrong in configuration and policies, all at once."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(str(finding) for finding in self.findings))


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`` - did you mean "x"?`` with the nearest known word, or nothing when none is near."""
    choices = {choice.lower(): choice for choice in known}
    near = difflib.get_close_matches(word.lower(), choices, n=1, cutoff=0.6)
    return f' - did you mean "{choices[near[0]]}"?' if near else ""

"""Reads the configuration file, and the files that it names, relative to its own folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ippgate.config.findings import ConfigurationError, Finding
from ippgate.config.model import Configuration
from ippgate.config.validation import validated
from ippgate.config.yaml_lines import Path as KeyPath
from ippgate.config.yaml_lines import Source, parse

RULES_SUFFIX = ".yaml"
TESTS_SUFFIX = ".test.yaml"
"""Expectations that stand beside rule files, and are not rules."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A file of keys, and the folder that relative paths count from."""

    source: Source
    folder: Path

    def path(self, text: str) -> Path:
        """A path of the file: relative ones count from the file's folder."""
        return (self.folder / text).absolute()

    def error(self, key: KeyPath, message: str) -> Finding:
        """An error at a key of the file."""
        return self.source.finding(key, message)

    def read(self, text: str, key: KeyPath) -> str:
        """A text file that the configuration names at ``key``. Raises ConfigurationError."""
        return _read(self.path(text), lambda words: self.error(key, words))


@dataclass(frozen=True, slots=True)
class Loaded(Folder):
    """A configuration that is valid in itself, and where it was read from."""

    configuration: Configuration


def read(file: Path) -> Folder:
    """The file as it was written. Raises ConfigurationError."""
    text = _read(file, lambda words: Finding(str(file), None, "", words))
    return Folder(parse(text, str(file)), file.absolute().parent)


def load(written: Folder) -> Loaded:
    """The file as it was meant. Raises ConfigurationError with every mistake."""
    return Loaded(written.source, written.folder, validated(Configuration, written.source))


def expectation_texts(written: Folder, entries: Sequence[str]) -> list[tuple[str, str]]:
    """Name and text of every file of expectations in the folders that ``policies`` lists.

    Raises ConfigurationError.
    """
    folders = [path for path in map(written.path, entries) if path.is_dir()]
    files = [file for folder in folders for file in sorted(folder.glob(f"*{TESTS_SUFFIX}"))]
    return [(str(file), written.read(str(file), ("policies",))) for file in files]


def rule_texts(written: Folder, entries: Sequence[str]) -> list[tuple[str, str]]:
    """Name and text of every rule file, in the order in which the rules count.

    ``entries``: what ``policies`` lists, files and folders; files of a folder count by name.
    Raises ConfigurationError with every mistake.
    """
    texts: list[tuple[str, str]] = []
    findings: list[Finding] = []
    for index, entry in enumerate(entries):
        key: KeyPath = ("policies", index)
        path = written.path(entry)
        try:
            files = rule_files(path) if path.is_dir() else [path]
        except OSError as error:
            findings.append(written.error(key, f"{path} cannot be read: {error.strerror}"))
            continue
        if not files:
            words = f"{path} holds no rule file (NAME{RULES_SUFFIX}): nobody could print"
            findings.append(written.error(key, words))
        for file in files:
            try:
                texts.append((str(file), written.read(str(file), key)))
            except ConfigurationError as error:
                findings += error.findings
    if findings:
        raise ConfigurationError(findings)
    return texts


def included(file: str, name: str) -> tuple[str, str]:
    """Name and text of a file that a rule file includes, relative to its folder.

    Raises ConfigurationError.
    """
    path = Path(file).parent / name
    return str(path), _read(path, lambda words: Finding(file, None, "include", words))


def named(path: Path) -> tuple[str, str]:
    """Name and text of a file that was named on the command line. Raises ConfigurationError."""
    return str(path), _read(path, lambda words: Finding(str(path), None, "", words))


def bind_password(loaded: Loaded, environment: Mapping[str, str]) -> str:
    """The service account's password, without the line's end. Raises ConfigurationError."""
    ldap = loaded.configuration.identity.ldap
    if ldap is None or ldap.bind_dn is None:
        return ""
    if ldap.bind_password_env is not None:
        key: KeyPath = ("identity", "ldap", "bind_password_env")
        password = environment.get(ldap.bind_password_env, "")
        words = f"the environment has no variable {ldap.bind_password_env}"
    else:
        assert ldap.bind_password_file is not None, "the model asks for one of the two"
        key = ("identity", "ldap", "bind_password_file")
        password = loaded.read(ldap.bind_password_file, key).rstrip("\r\n")
        words = f"{loaded.path(ldap.bind_password_file)} is empty"
    if not password:
        raise ConfigurationError([loaded.error(key, words)])
    return password


def ledger_password(loaded: Loaded, environment: Mapping[str, str]) -> str | None:
    """The password of PostgreSQL, without the line's end; None when none is configured: libpq's
    own ways are left then. Raises ConfigurationError."""
    ledger = loaded.configuration.ledger
    if ledger.password_env is not None:
        password = environment.get(ledger.password_env, "")
        key: KeyPath = ("ledger", "password_env")
        words = f"the environment has no variable {ledger.password_env}"
    elif ledger.password_file is not None:
        key = ("ledger", "password_file")
        password = loaded.read(ledger.password_file, key).rstrip("\r\n")
        words = f"{loaded.path(ledger.password_file)} is empty"
    else:
        return None
    if not password:
        raise ConfigurationError([loaded.error(key, words)])
    return password


def rule_files(folder: Path) -> list[Path]:
    return sorted(
        file
        for file in folder.iterdir()
        if file.name.endswith(RULES_SUFFIX)
        and not file.name.endswith(TESTS_SUFFIX)
        and not file.name.startswith(".")
    )


def _read(file: Path, finding: Callable[[str], Finding]) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        words = f"{file} cannot be read: {error.strerror}"
    except UnicodeDecodeError as error:
        words = f"{file} is not UTF-8 text (octet {error.start})"
    raise ConfigurationError([finding(words)])

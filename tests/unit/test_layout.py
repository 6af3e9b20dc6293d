"""The layout is enforced: unit tests mirror modules, and modules stay small."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "ippgate"
UNIT = ROOT / "tests" / "unit"
FOLDERS = ("ippgate", "policies", "certs", "tests", "deploy")
MODULE_LINES = 500
FUNCTION_LINES = 70
CROSS_CUTTING = {"test_layout.py", "test_bundles.py"}
NOTHING_TO_TEST = {
    "exchange/operations.py", "exchange/ports.py", "exchange/refusal.py", "identity/source.py",
    "ipp/errors.py", "ipp/limits.py", "listener/request.py", "policy/decision.py",
    "policy/facts.py", "policy/quota.py", "printer/limits.py", "reactor.py", "clock.py",
}  # fmt: skip
"""Interfaces, constants and values without a decision of their own."""
WITH_REAL_PEERS = {
    "demo/slapd.py", "demo/slapd_certificates.py", "demo/slapd_files.py",
    "identity/ldap_connection.py", "identity/ldap_directory.py", "identity/ldap_existing.py",
    "ledger/connections.py", "ledger/database.py", "ledger/lookups.py", "ledger/migrations.py",
    "ledger/progress.py", "ledger/purge.py", "ledger/quotas.py", "ledger/schema.py",
    "ledger/submissions.py",
}  # fmt: skip
"""Tested with a real slapd; with SQLite and a real PostgreSQL alike: tests/integration."""

MODULES = sorted(path for path in SOURCE.rglob("*.py") if path.name != "__init__.py")
TESTS = sorted(path for path in UNIT.rglob("test_*.py") if path.name not in CROSS_CUTTING)


@pytest.mark.parametrize("test", TESTS, ids=lambda path: str(path.relative_to(UNIT)))
def test_every_unit_test_mirrors_a_module(test: Path) -> None:
    """``tests/unit/x/test_y.py``, or ``test_y_about_something.py``, is about ``ippgate/x/y.py``."""
    folder = SOURCE / test.relative_to(UNIT).parent
    name = test.stem.removeprefix("test_")
    names = {path.stem for path in folder.glob("*.py")}
    assert any(name == module or name.startswith(f"{module}_") for module in names), (
        f"{test.relative_to(ROOT)} is about no module of {folder.relative_to(ROOT)}"
    )


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_every_module_has_its_tests(module: Path) -> None:
    place = module.relative_to(SOURCE)
    if str(place) not in NOTHING_TO_TEST | WITH_REAL_PEERS:
        folder = UNIT / place.parent
        assert [*folder.glob(f"test_{place.stem}.py"), *folder.glob(f"test_{place.stem}_*.py")]


def test_no_exception_outlives_its_module() -> None:
    assert all((SOURCE / place).exists() for place in NOTHING_TO_TEST | WITH_REAL_PEERS)


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_modules_and_functions_stay_small(module: Path) -> None:
    text = module.read_text()
    assert text.count("\n") <= MODULE_LINES
    for function in functions(ast.parse(text)):
        lines = (function.end_lineno or 0) - function.lineno + 1
        assert lines <= FUNCTION_LINES, f"{function.name} has {lines} lines"


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_the_top_level_is_what_is_given() -> None:
    tracked = subprocess.run(
        ["git", "-C", ROOT, "ls-files"], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    top = {name.partition("/")[0] for name in tracked}
    given = {"pyproject.toml", "README.md", "CHANGELOG.md", "LICENSE", *FOLDERS}
    assert {name for name in top if not name.startswith(".")} == given


def test_every_folder_at_the_top_has_a_readme() -> None:
    for folder in FOLDERS:
        assert len((ROOT / folder / "README.md").read_text()) > 200

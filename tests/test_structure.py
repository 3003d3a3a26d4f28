"""Who may import whom: policies_kb ← casework ← actions, channels; bot shares files, and of code areas.py only."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
OURS = {"policies_kb", "casework", "actions", "channels", "training", "bot"}
MAY_IMPORT = {
    "policies_kb": set(),
    "casework": {"policies_kb"},
    "actions": {"policies_kb", "casework"},
    "channels": {"policies_kb", "casework"},
    "training": {"policies_kb", "casework"},
    "bot": {"policies_kb"},
}
# Rasa's room is Python 3.10 with libraries of its own: of our code it may use only what is plain Python.
BOT_MAY_IMPORT = {"policies_kb.areas", "policies_kb"}


def imported(path: Path) -> set[str]:
    """Dotted names of our own that a module imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return {name for name in found if name.split(".")[0] in OURS}


@pytest.mark.parametrize("package", [name for name in MAY_IMPORT if (ROOT / name).is_dir()])
def test_imports_go_one_way(package: str) -> None:
    for path in (ROOT / package).rglob("*.py"):
        others = {name.split(".")[0] for name in imported(path)} - {package}
        assert others <= MAY_IMPORT[package], (
            f"{path.relative_to(ROOT)} imports {others - MAY_IMPORT[package]}"
        )


def test_bot_uses_areas_alone() -> None:
    for path in (ROOT / "bot").rglob("*.py"):
        modules = {".".join(name.split(".")[:2]) for name in imported(path) if name.startswith("policies_kb")}
        assert modules <= BOT_MAY_IMPORT, f"{path.relative_to(ROOT)} imports {modules - BOT_MAY_IMPORT}"


def test_rules_and_domain_are_split_alike() -> None:
    domain = {path.name for path in (ROOT / "bot" / "domain").glob("*.yml")} - {"shared.yml"}
    assert domain == {path.name for path in (ROOT / "bot" / "rules").glob("*.yml")}

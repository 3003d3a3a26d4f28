"""Where the trainers' files are, and reading them.

Everything people may say is data under `nlu_data/`; the knowledge base is read as YAML too, because of its code
only `policies_kb.areas` runs in the bot's environment.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
PATTERNS = ROOT / "nlu_data" / "patterns"
LOOKUPS = ROOT / "nlu_data" / "lookups"
KNOWLEDGE = ROOT / "policies_kb"

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class DataError(ValueError):
    """A trainers' file that cannot be used; the message names file and mend."""


def read_yaml(path: Path) -> Any:
    """The content of one YAML file. DataError names the file and the line of a mistake."""
    try:
        with path.open(encoding="utf-8") as stream:
            return yaml.load(stream, Loader=_Loader)  # noqa: S506 - a safe loader, in C where it exists
    except (OSError, yaml.YAMLError) as error:
        raise DataError(f"{path}: {error}") from error


def read_if_there(path: Path) -> Any:
    """Like read_yaml, but None for a file that does not exist."""
    return read_yaml(path) if path.exists() else None


@lru_cache(maxsize=1)
def facts() -> dict[str, dict[str, Any]]:
    """policies_kb/facts.yml: key → {kind, choices, period, …}; empty while the file is missing."""
    content = read_if_there(KNOWLEDGE / "facts.yml") or {}
    return dict(content.get("facts", content))


def both(entry: Any) -> list[str]:
    """The phrases of an entry `{zh: […], en: […]}`, or of a plain list or string."""
    if isinstance(entry, dict):
        return [str(p) for language in ("zh", "en") for p in both(entry.get(language) or [])]
    return [str(p) for p in entry] if isinstance(entry, list) else [str(entry)]


def fingerprint(paths: Iterable[Path]) -> str:
    """A hash over names and contents of files, so that a trained model goes stale with its dictionaries."""
    digest = hashlib.sha256()
    for path in sorted(paths):
        if path.is_file():
            digest.update(path.name.encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def trainers_files() -> list[Path]:
    """Every file of the dictionaries and patterns, and what is read of the knowledge base."""
    return [
        *LOOKUPS.glob("*.yml"),
        *PATTERNS.glob("*.yml"),
        KNOWLEDGE / "areas.yml",
        KNOWLEDGE / "facts.yml",
        *(KNOWLEDGE / "programmes").rglob("*.yml"),
    ]

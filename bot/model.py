"""Which model belongs to the data and the code as they stand: its name is a digest of both.

Rasa's own cache does not see a changed dictionary or component, so it is not asked: a model is trained when
none of this name is there, and whole.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODELS = ROOT / "bot" / "models"
TRAINED_ON = [ROOT / "nlu_data" / name for name in ("zh", "en", "mixed")]
RULES = ROOT / "bot" / "rules"
DOMAIN = ROOT / "bot" / "domain"
CONFIG = ROOT / "bot" / "config.yml"
# What a trained model depends on besides its examples: how text is cut, and the words the cutting knows.
CODE_AND_WORDS = [
    ROOT / "bot" / "understanding",
    ROOT / "nlu_data" / "lookups",
    ROOT / "nlu_data" / "patterns" / "danger_hints.yml",
    ROOT / "requirements" / "bot.lock",
]


def files() -> list[Path]:
    """Every file the model depends on, in a fixed order."""
    found: list[Path] = []
    for place in [*TRAINED_ON, RULES, DOMAIN, CONFIG, *CODE_AND_WORDS]:
        found += (
            [place]
            if place.is_file()
            else [path for path in place.rglob("*") if path.suffix in (".py", ".yml")]
        )
    return sorted(found)


def name() -> str:
    """`navigator-<digest>`, without the ending."""
    digest = hashlib.sha256()
    for path in files():
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return f"navigator-{digest.hexdigest()[:16]}"


def path() -> Path:
    """Where the model of the present data is, or will be."""
    return MODELS / f"{name()}.tar.gz"

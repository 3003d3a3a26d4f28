"""What the bot says: complete, short, and never a promise."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from actions.wording import say, texts
from actions.wording.check import faults_of

ACTIONS = Path(__file__).resolve().parent.parent.parent / "actions"


@pytest.mark.parametrize("key", sorted(texts()))
def test_text_is_sound(key: str) -> None:
    assert faults_of(key, texts()[key]) == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ({"zh": "您好"}, "exactly zh and en"),
        ({"zh": "您肯定能拿到钱", "en": "Hello"}, "zh promises"),
        ({"zh": "您好", "en": "You will receive 1,690 yuan."}, "en promises"),
        ({"zh": "编号 {number}", "en": "your number"}, "different placeholders"),
        ({"zh": "话" * 131, "en": "talk"}, "131 characters"),
        ({"zh": "您好", "en": "Hello 您好"}, "Chinese in the English text"),
        ({"zh": "Hello there", "en": "Hello there"}, "is not Chinese"),
    ],
)
def test_faults_are_found(text: dict[str, str], fault: str) -> None:
    assert any(fault in found for found in faults_of("a_key", text))


def test_every_text_is_used_and_every_used_text_exists() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in ACTIONS.rglob("*.py"))
    named = set(re.findall(r"""["']([a-z][a-z_]+)["']""", code))
    # Texts chosen by a computed key: by the unit of a figure, by a verdict, by whose it is.
    computed = re.compile(r"^(unit_.+|per_.+|verdict_.+)$")
    unused = {key for key in texts() if key not in named and not computed.match(key)}
    assert unused == set()
    said = set(re.findall(r"""say\(\s*["']([a-z_]+)["']""", code))
    assert said <= set(texts())


def test_placeholders_are_filled() -> None:
    assert say("withdrawn", "en", number="1234-5678").startswith("Request 1234-5678")
    with pytest.raises(KeyError):
        say("withdrawn", "en")

"""The response check of `make lint`: both languages, the same placeholders, short enough, and never a promise."""

from __future__ import annotations

import re
import sys
from string import Formatter

from actions.wording import FOLDER, texts

MOST_CHARACTERS_ZH = 130
MOST_WORDS_EN = 75

# Words that would promise what only an office can decide.
PROMISES = {
    "zh": re.compile(r"保证|一定(能|可以|会)|肯定(能|可以|会)|包您|您(就)?符合|能拿到|可以领到|必(定|然)"),
    "en": re.compile(
        r"\b(guarantee|promise|definitely|certainly|you are eligible|you qualify|you will (get|receive)|entitled)\b",
        re.IGNORECASE,
    ),
}
HAN = re.compile(r"[㐀-鿿]")
# Texts that speak both languages on purpose: to somebody who may read neither.
BOTH_LANGUAGES = {"other_language"}


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def faults_of(key: str, text: object) -> list[str]:
    """What is wrong with one entry, in words."""
    if not isinstance(text, dict) or set(text) != {"zh", "en"}:
        return [f"{key}: needs exactly zh and en"]
    faults = []
    if placeholders(text["zh"]) != placeholders(text["en"]):
        faults.append(f"{key}: zh and en name different placeholders")
    for language, promise in PROMISES.items():
        if found := promise.search(text[language]):
            faults.append(f"{key}: {language} promises: “{found.group()}”")
    if len(text["zh"]) > MOST_CHARACTERS_ZH:
        faults.append(f"{key}: zh has {len(text['zh'])} characters, at most {MOST_CHARACTERS_ZH}")
    if len(text["en"].split()) > MOST_WORDS_EN:
        faults.append(f"{key}: en has {len(text['en'].split())} words, at most {MOST_WORDS_EN}")
    if key not in BOTH_LANGUAGES and HAN.search(text["en"]):
        faults.append(f"{key}: Chinese in the English text")
    if not HAN.search(text["zh"]) and not placeholders(text["zh"]) and re.search(r"[A-Za-z]{2}", text["zh"]):
        faults.append(f"{key}: the Chinese text is not Chinese")
    return faults


def main() -> int:
    faults = [fault for key, text in texts().items() for fault in faults_of(key, text)]
    for fault in faults:
        print(f"{FOLDER.name}: {fault}", file=sys.stderr)  # noqa: T201
    print(f"wording: {len(texts())} texts, {len(faults)} faults")  # noqa: T201
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())

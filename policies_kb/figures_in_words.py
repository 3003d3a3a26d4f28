"""Numbers, units and dated figures in plain words; the words are data (in_words.yml)."""

from __future__ import annotations

import datetime
import math
from functools import cache
from pathlib import Path

from policies_kb.records import DatedValue, Parameter, Source
from policies_kb.text import Text
from policies_kb.yaml_nodes import Node, Problems, read

WORDS_FILE = Path(__file__).with_name("in_words.yml")
SECTIONS = (
    *("tests", "values", "lists", "units", "unit_of_fact", "per", "confidence"),
    *("explain", "benefit", "for_each", "goes_by", "expiring"),
)


class WordingError(LookupError):
    """Something for which in_words.yml has no words: names it."""


def load_words(
    path: Path, problems: Problems
) -> tuple[dict[tuple[str, str], Text], dict[tuple[str, str], str]]:
    """The words of a file by section and name, and the English singular of units that have one."""
    words: dict[tuple[str, str], Text] = {}
    singular: dict[tuple[str, str], str] = {}
    top = read(path, problems)
    sections = top.mapping(SECTIONS) if top else {}
    for section, node in sections.items():
        for name, entry in node.items():
            words[section, name] = _text(entry, (section, name), singular)
    return words, singular


def _text(node: Node, key: tuple[str, str], singular: dict[tuple[str, str], str]) -> Text:
    if not node.is_mapping:
        return node.text()
    parts = node.mapping(("zh", "en"), ("one",))
    if "one" in parts:
        singular[key] = parts["one"].string()
    zh, en = (_unstripped(parts[name]) if name in parts else "?" for name in ("zh", "en"))
    return Text(zh, en)


def _unstripped(node: Node) -> str:
    """A value with the blanks around it: " or " joins words."""
    return str(node.raw.value) if node.string() else "?"


@cache
def _loaded() -> tuple[dict[tuple[str, str], Text], dict[tuple[str, str], str]]:
    problems = Problems(WORDS_FILE.parent)
    loaded = load_words(WORDS_FILE, problems)
    problems.raise_if_any()
    return loaded


def word(section: str, name: str) -> Text:
    """The words of one name. Raises WordingError where in_words.yml has none, KnowledgeError where it is wrong."""
    try:
        return _loaded()[0][section, name]
    except KeyError:
        raise WordingError(f"in_words.yml has no {section}: {name!r}") from None


def fill(template: Text, **parts: Text) -> Text:
    """A template with its placeholders filled, each in its own language."""
    return Text(
        template.zh.format(**{name: text.zh for name, text in parts.items()}),
        template.en.format(**{name: text.en for name, text in parts.items()}),
    )


def joined(texts: list[Text], section: str, name: str) -> Text:
    """Texts with the words of a name between them."""
    between = word(section, name)
    return Text(between.zh.join(text.zh for text in texts), between.en.join(text.en for text in texts))


def listed(texts: list[Text]) -> Text:
    """ "火灾、交通事故或突发重病" / "fire, traffic accident or sudden serious illness"."""
    if len(texts) < 2:
        return texts[0]
    return joined([joined(texts[:-1], "lists", "comma"), texts[-1]], "lists", "or")


def plain(number: float) -> str:
    """1690 → 1,690; 0.5 → 0.5; nothing in powers of ten."""
    return f"{number:,.10f}".rstrip("0").rstrip(".")


def with_unit(number: float, unit: str | None, fact: str | None = None) -> Text:
    """A number with its unit: "每人每月1,690元" / "1,690 yuan per person a month". Raises WordingError."""
    return between(number, number, unit, fact)


def between(low: float, high: float, unit: str | None, fact: str | None = None) -> Text:
    """A number, or two with "to" between them, with their unit once; open above: "or more"."""
    if math.isinf(high):
        return fill(word("values", "from"), low=between(low, low, unit, fact))
    measure, *per = (unit or "").split("/")
    factor = 100 if measure == "share" else 1
    shown = Text(plain(low * factor), plain(low * factor))
    if high != low:
        shown = fill(
            word("values", "range"), low=shown, high=Text(plain(high * factor), plain(high * factor))
        )
    if unit is None:
        return shown
    words, singular = _loaded()
    key = ("units", measure)
    if fact is not None and ("unit_of_fact", fact) in words:
        key = ("unit_of_fact", fact)
    template = word(*key)
    english = singular[key] if low == high == 1 and key in singular else template.en
    every = [word("per", name) for name in per]
    return Text(
        "".join(text.zh for text in every) + template.zh.format(n=shown.zh),
        english.format(n=shown.en) + "".join(text.en for text in every),
    )


def value_on(parameter: Parameter, as_of: datetime.date) -> DatedValue | None:
    """The dated value in whose period a day lies."""
    return next(
        (v for v in parameter.values if v.first <= as_of and (v.last is None or as_of <= v.last)), None
    )


def figure_in_words(parameter: Parameter, as_of: datetime.date, sources: dict[str, Source]) -> Text:
    """A parameter's figure on a day with its unit; one that is weak is not given, only said to be unverified."""
    value = value_on(parameter, as_of)
    if value is None:
        return word("values", "no_figure")
    if parameter.on(as_of, sources).weak:
        return word("values", "not_verified")
    return between(value.low, value.high, parameter.unit)

"""The facts that can be known about a resident's situation, and how each is asked (facts.yml, relations.yml)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from policies_kb.bounds import Interval
from policies_kb.engine.plan import INFINITY
from policies_kb.text import Text
from policies_kb.yaml_nodes import Node, Problems, read

KINDS = ("number", "money", "share", "bool", "choice", "list", "area", "date", "text")
NUMERIC = frozenset({"number", "money", "share"})
ASK_OF = ("everybody", "pupils", "minors")
_COUNTED = frozenset({"persons", "homes", "vehicles"})
ABOUT = ("household", "person", "event", "need", "context")


@dataclass(frozen=True, slots=True)
class OnlyIf:
    """The fact exists only where another fact is one of `codes` (or, with `negated`, none of them)."""

    fact: str
    codes: frozenset[str]
    negated: bool


@dataclass(frozen=True, slots=True)
class FactType:
    """What a fact is and how it is asked. Money is yuan, a share a fraction of 1; `low`/`high` bound numbers."""

    key: str
    kind: str
    label: Text
    question: Text
    why: Text
    unit: str | None = None
    low: float | None = None
    high: float | None = None
    choices: dict[str, Text] | None = None
    period: str | None = None
    sensitive: bool = False
    ask: bool = True
    ask_of: str = "everybody"
    effort: int = 2
    fixed: bool = False
    scale: bool = False
    grows: bool = False
    only_if: OnlyIf | None = None

    @property
    def about(self) -> str:
        """household, person, event, need or context."""
        return self.key.partition(".")[0]

    @property
    def is_number(self) -> bool:
        """Whether its values are numbers with bounds."""
        return self.kind in NUMERIC

    @property
    def whole(self) -> bool:
        """Whether its values are whole numbers: people and things that are counted, and steps of a scale."""
        return self.is_number and (self.unit in _COUNTED or self.scale or self.key == "person.age")

    @property
    def widest(self) -> Interval:
        """Every number it could be. A limit of what is believable is no limit of what is: only a scale's end is."""
        low = -INFINITY if self.low is None else self.low
        high = self.high if self.scale and self.high is not None else INFINITY
        return Interval(low, high)


@dataclass(frozen=True, slots=True)
class Relation:
    """Somebody as seen from the resident who writes, and how a question speaks of them."""

    code: str
    name: Text
    person: Text
    whose: Text
    is_you: bool
    sex: str | None = None
    is_adult: bool = False

    def numbered(self, number: int) -> Relation:
        """The second, third … of several: "child-2"."""
        if number < 2:
            return self
        nth = {2: "second", 3: "third", 4: "fourth", 5: "fifth"}.get(number, f"no. {number}")

        def with_number(text: Text) -> Text:
            zh_nth = "零一二三四五六七八九"[number] if number < 10 else str(number)
            zh = text.zh[1:] if text.zh.startswith("您") else text.zh
            start = "您的" if text.zh.startswith("您") else ""
            en = text.en.removeprefix("your ").removeprefix("the ")
            article = "your " if text.en.startswith("your ") else "the " if text.en.startswith("the ") else ""
            return Text(f"{start}第{zh_nth}位{zh}", f"{article}{nth} {en}")

        return Relation(
            f"{self.code}-{number}",
            with_number(self.name),
            with_number(self.person),
            with_number(self.whose),
            self.is_you,
            self.sex,
            self.is_adult,
        )


def fill(question: Text, relation: Relation) -> Text:
    """A question about one person, with the person's name in every placeholder."""
    verb = ("are", "have", "do") if relation.is_you else ("is", "has", "does")
    shared = dict(zip(("is", "has", "does"), verb, strict=True))
    return question.filled(
        {"person": relation.person.zh, "whose": relation.whose.zh, **shared},
        {"person": relation.person.en, "whose": relation.whose.en, **shared},
    )


def load_facts(path: Path, problems: Problems) -> dict[str, FactType]:
    """Every fact of a facts file by its key."""
    top = read(path, problems)
    if top is None:
        return {}
    facts: dict[str, FactType] = {}
    gates: list[tuple[OnlyIf, Node]] = []
    for key, node in top.items():
        fact = _fact(key, node, gates)
        if fact is not None:
            facts[key] = fact
    for gate, node in gates:
        gating = facts.get(gate.fact)
        if gating is None:
            node.problem(f"unknown fact {gate.fact!r}")
        elif gating.choices and not gate.codes <= set(gating.choices):
            node.problem(f"{gate.fact} has no choice {', '.join(sorted(gate.codes - set(gating.choices)))}")
    return facts


_REQUIRED = ("kind", "label", "question", "why")
_OPTIONAL = (
    *("unit", "min", "max", "choices", "period", "sensitive"),
    *("ask", "ask_of", "effort", "only_if", "fixed", "scale", "grows"),
)


def _fact(key: str, node: Node, gates: list[tuple[OnlyIf, Node]]) -> FactType | None:
    parts = node.mapping(_REQUIRED, _OPTIONAL)
    about = key.partition(".")[0]
    if about not in ABOUT:
        node.problem(f"{key!r} is about nothing known; keys begin with {', '.join(ABOUT)}")
        return None
    if any(name not in parts for name in _REQUIRED):
        return None
    kind = parts["kind"].one_of(KINDS)
    choices = None
    if "choices" in parts:
        choices = {code: text.text() for code, text in parts["choices"].items()}
    if kind == "choice" and not choices:
        node.problem(f"{key}: a choice needs choices")
    only_if = None
    if "only_if" in parts:
        only_if = _only_if(parts["only_if"])
        if only_if is not None:
            gates.append((only_if, parts["only_if"]))
    effort = parts["effort"].number() if "effort" in parts else 2
    question = parts["question"].text()
    if about == "person":
        _check_placeholders(question, parts["question"])

    def truth(name: str, otherwise: bool) -> bool:
        return parts[name].truth() if name in parts else otherwise

    return FactType(
        key=key,
        kind=kind,
        label=parts["label"].text(),
        question=question,
        why=parts["why"].text(),
        unit=parts["unit"].string() if "unit" in parts else None,
        low=parts["min"].number() if "min" in parts else None,
        high=parts["max"].number() if "max" in parts else None,
        choices=choices,
        period=parts["period"].one_of(("month", "year")) if "period" in parts else None,
        sensitive=truth("sensitive", False),
        ask=truth("ask", True) and about != "context",
        ask_of=parts["ask_of"].one_of(ASK_OF) if "ask_of" in parts else "everybody",
        effort=int(effort or 2),
        fixed=truth("fixed", False),
        scale=truth("scale", False),
        grows=truth("grows", False),
        only_if=only_if,
    )


def _only_if(node: Node) -> OnlyIf | None:
    parts = node.mapping(("fact",), ("is", "is_not"))
    if "fact" not in parts or ("is" in parts) == ("is_not" in parts):
        node.problem("only_if needs a fact and either is or is_not")
        return None
    codes = parts.get("is") or parts["is_not"]
    listed = codes.strings() if codes.is_sequence else (codes.string(),)
    return OnlyIf(parts["fact"].string(), frozenset(listed), "is_not" in parts)


def _check_placeholders(question: Text, node: Node) -> None:
    filled = Relation("self", Text("", ""), Text("", ""), Text("", ""), True)
    try:
        fill(question, filled)
    except (KeyError, IndexError, ValueError) as error:
        node.problem(f"unknown placeholder {error}; allowed: person, whose, is, has, does")


def load_relations(path: Path, problems: Problems) -> dict[str, Relation]:
    """Every relation of a relations file by its code."""
    top = read(path, problems)
    if top is None:
        return {}
    relations: dict[str, Relation] = {}
    for code, node in top.items():
        parts = node.mapping(("name", "person", "whose", "verb"), ("sex", "adult"))
        if len(parts) < 4:
            continue
        relations[code] = Relation(
            code,
            parts["name"].text(),
            parts["person"].text(),
            parts["whose"].text(),
            parts["verb"].one_of(("you", "they")) == "you",
            parts["sex"].one_of(("male", "female")) if "sex" in parts else None,
            parts["adult"].truth() if "adult" in parts else False,
        )
    return relations

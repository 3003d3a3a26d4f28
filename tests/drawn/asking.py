"""How many questions it takes: the engine's order against the fixed order of the facts' file.

    python -m tests.drawn.asking [--residents 2000] [--seed 7] [--check 100] [--json FILE]

Each resident tells a few facts and answers questions until no question is left that could settle anything. The fixed
order asks what a form would: every fact that a listed programme reads and that applies, in the order of facts.yml,
person after person, until the same end. Checked besides: no question was ever asked that could not change a result.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean, median, quantiles
from typing import Any

from tqdm import tqdm

from policies_kb import knowledge
from policies_kb.knowledge import Knowledge
from policies_kb.questions import next_question
from policies_kb.screening import Screening, screen
from policies_kb.situation import Fact, Ref, Situation, fact_types, relation_of
from tests.drawn.borders import Borders, fits, household_size
from tests.drawn.drawing import DAY, draw
from tests.drawn.following import HOME, PER_HEAD
from tests.drawn.residents import Resident
from tests.drawn.tables import told
from tests.drawn.telling import whole_of

MOST_QUESTIONS = 400
AIM_RATIO = 0.60
AIM_SECONDS = 0.020
_BESIDE, _ANSWERS = 12, 8  # further open facts that are tried with a question, and answers to each


@dataclass
class Talk:
    """A conversation as far as it has gone."""

    resident: Resident
    facts: dict[Ref, Fact]
    skip: set[Ref] = field(default_factory=set)
    asked: list[Ref] = field(default_factory=list)

    @classmethod
    def begun(cls, resident: Resident) -> Talk:
        """After the opening."""
        return cls(resident, whole_of(resident.opening()))

    @property
    def situation(self) -> Situation:
        """What is known by now."""
        return Situation.of(self.facts.values())

    def ask(self, ref: Ref) -> None:
        """Asks; the answer is kept, or the question is never asked again. Raises RuntimeError for an idle question."""
        if ref in self.skip or ref in self.facts:
            raise RuntimeError(f"{ref} is asked although it was answered, refused or skipped")
        if len(self.asked) >= MOST_QUESTIONS:
            raise RuntimeError(f"{MOST_QUESTIONS} questions and no end, the last {ref}")
        self.asked.append(ref)
        answer = self.resident.answer(ref)
        if answer.fact is None:
            self.skip.add(ref)
        else:
            self.facts[ref] = answer.fact

    def up_to(self, count: int) -> Talk:
        """The same conversation after so many questions."""
        talk = Talk.begun(self.resident)
        for ref in self.asked[:count]:
            talk.ask(ref)
        return talk


@dataclass
class Figures:
    """What was measured over all residents."""

    ours: list[int] = field(default_factory=list)
    fixed: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    asked: Counter[str] = field(default_factory=Counter)
    not_open: Counter[str] = field(default_factory=Counter)
    idle: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=dict)

    @property
    def ratio(self) -> float:
        """Our questions as a share of the fixed order's."""
        return sum(self.ours) / max(1, sum(self.fixed))

    def as_json(self) -> dict[str, Any]:
        """Everything, for keeping."""
        return {
            "residents": len(self.ours),
            "ours": _spread(self.ours),
            "fixed": _spread(self.fixed),
            "ratio": round(self.ratio, 4),
            "ms_a_question": {name: round(1000 * value, 3) for name, value in _spread(self.seconds).items()},
            "asked": dict(self.asked.most_common()),
            "not_among_the_open": dict(self.not_open.most_common()),
            "changes_nothing": dict(self.idle.most_common()),
            "examples": self.examples,
        }


def _spread(values: list[int] | list[float]) -> dict[str, float]:
    if len(values) < 2:
        return {"mean": float(values[0]) if values else 0.0}
    cuts = quantiles(values, n=100, method="inclusive")
    return {
        "mean": round(mean(values), 5),
        "median": float(median(values)),
        "p95": round(cuts[94], 5),
        "p99": round(cuts[98], 5),
        "max": float(max(values)),
    }


def measure(residents: int, seed: int, check: int = 0, progress: bool = False) -> Figures:
    """Talks with so many drawn residents in both orders. `check`: with so many, whether each question can matter."""
    kb = knowledge.load()
    figures = Figures()
    borders = Borders(kb, DAY)
    wholes = [whole_of(facts) for facts in told(draw(residents, seed))]
    for number, whole in enumerate(tqdm(wholes, disable=not progress, file=sys.stderr, unit=" residents")):
        resident = Resident(whole, f"{seed} {number}")
        ours = Talk.begun(resident)
        while (ref := _next(ours, kb, figures)) is not None:
            if number < check:
                _check(ours, ref, kb, borders, figures)
            figures.asked[ref[0]] += 1
            ours.ask(ref)
        figures.ours.append(len(ours.asked))
        figures.fixed.append(in_file_order(resident, kb))
    return figures


def _next(talk: Talk, kb: Knowledge, figures: Figures | None = None) -> Ref | None:
    situation, skip = talk.situation, frozenset(talk.skip)
    started = time.process_time()
    question = next_question(situation, DAY, kb, skip)
    if figures is not None:
        figures.seconds.append(time.process_time() - started)
    return None if question is None else (question.fact, question.relation)


# ── the fixed order ──


def in_file_order(resident: Resident, kb: Knowledge) -> int:
    """How many questions the fixed order takes until nothing that may be asked would change anything."""
    talk = Talk.begun(resident)
    if _next(talk, kb) is None:
        return 0
    for ref in _by_file(talk, kb):
        talk.ask(ref)
    while (left := _next(talk, kb)) is not None:  # what no condition reads by name, such as a place
        talk.ask(left)
    return _first(len(talk.asked), lambda count: _next(talk.up_to(count), kb) is None)


def _first(end: int, reached: Callable[[int], bool]) -> int:
    """The smallest count at which the end is reached: once it is, knowing more doesn't open anything again."""
    low, high = 0, end
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if reached(middle) else (middle + 1, high)
    return low


def _by_file(talk: Talk, kb: Knowledge) -> Iterator[Ref]:
    types = fact_types()
    reads = _read_by_listed(talk.situation, kb)
    persons = list(talk.situation.persons)
    events = list(talk.situation.events) or ["event"]
    whose = {HOME: [HOME], "need": ["need"], "person": persons, "event": events}
    for about, relations in whose.items():
        for relation in relations:
            for key, kind in types.items():
                ref = (key, relation)
                if kind.about != about or key not in reads or not kind.ask or not _applies(talk, ref):
                    continue
                yield ref
                if kind.kind == "area" and ref in talk.facts:
                    reads = _read_by_listed(talk.situation, kb)


def _applies(talk: Talk, ref: Ref) -> bool:
    """Whether a form would put the question: not answered, not settled by the relation, not of what isn't there."""
    key, relation = ref
    if ref in talk.facts or ref in talk.skip:
        return False
    if key == "person.sex" and relation_of(relation).sex:
        return False
    holders = talk.facts.get(("household.disabled_count", HOME))
    if key == "person.disability_certificate" and holders is not None and holders.high == 0:
        return False
    gate = fact_types()[key].only_if
    gating = talk.facts.get((gate.fact, relation)) if gate is not None else None
    if gate is None or gating is None or gating.refused:
        return gate is None or (gate.fact, relation) not in talk.skip
    code = str(gating.value).lower() if isinstance(gating.value, bool) else gating.value
    return (code in gate.codes) is not gate.negated


def _read_by_listed(situation: Situation, kb: Knowledge) -> set[str]:
    """The facts that the listed programmes read; instead of what is worked out, what it is worked out from."""
    screening = screen(situation, DAY, kb)
    reads = {"household.area", "household.hukou_area"}
    for result in screening.results:
        for condition in result.conditions:
            reads |= set(condition.facts)
        if result.id in kb.disregards:
            reads |= {"person.employment", "person.income_month"}
        if result.programme.per_person and result.programme.goes_by == "hukou":
            reads.add("person.hukou_area")
    for per_head, total in PER_HEAD.items():
        if per_head in reads:
            reads |= {total, "household.size"}
    if "person.orphan" in reads:
        reads |= {"person.father_state", "person.mother_state"}
    if "household.disabled_count" not in reads and "person.disability_certificate" in reads:
        reads.add("household.disabled_count")
    for key in [key for key in reads if (gate := fact_types()[key].only_if) and gate.fact not in reads]:
        gate = fact_types()[key].only_if
        assert gate is not None
        reads.add(gate.fact)
    return reads


# ── no idle questions ──


def _check(talk: Talk, ref: Ref, kb: Knowledge, borders: Borders, figures: Figures) -> None:
    """Counts a question that no open result names, and one whose answers leave everything as it is."""
    before = screen(talk.situation, DAY, kb)
    is_open = any(ref in result.missing_refs for result in before.results if result.verdict == "possible")
    if not is_open and not _chooses_programmes(ref):
        figures.not_open[ref[0]] += 1
        _note(figures, f"not open: {ref[0]}", talk, ref)
    if not _matters(talk, ref, kb, borders, before):
        figures.idle[ref[0]] += 1
        _note(figures, f"changes nothing: {ref[0]}", talk, ref)


def _matters(talk: Talk, ref: Ref, kb: Knowledge, borders: Borders, before: Screening) -> bool:
    """Whether some answer changes some result: alone, together with one more open fact, or with all the rest told."""
    if any(
        _prints(screen(other, DAY, kb)) != _prints(before) for other in _answered(talk.facts, ref, borders)
    ):
        return True
    if _tells_apart({**talk.resident.whole, **talk.facts}, ref, kb, borders):
        return True
    beside = Counter(
        other
        for result in before.results
        if result.verdict == "possible" and ref in result.missing_refs
        for other in result.missing_refs
        if other != ref
    )
    for other, _ in beside.most_common(_BESIDE):
        for answer in borders.candidates(other, household_size(talk.facts))[:_ANSWERS]:
            if fits(answer, talk.facts.get(other)) and _tells_apart(
                {**talk.facts, other: answer}, ref, kb, borders
            ):
                return True
    return False


def _tells_apart(facts: dict[Ref, Fact], ref: Ref, kb: Knowledge, borders: Borders) -> bool:
    """Whether two answers give different results, all else as it is."""
    others = (_prints(screen(other, DAY, kb)) for other in _answered(facts, ref, borders))
    first = next(others, None)
    return any(other != first for other in others)


def _chooses_programmes(ref: Ref) -> bool:
    """Places decide which programmes are listed at all."""
    return fact_types()[ref[0]].kind == "area"


def _answered(facts: Mapping[Ref, Fact], ref: Ref, borders: Borders) -> Iterator[Situation]:
    for answer in borders.candidates(ref, household_size(facts)):
        yield Situation.of([fact for fact in facts.values() if fact.ref != ref] + [answer])


def _prints(screening: Screening) -> set[tuple[object, ...]]:
    """What a resident is told: verdicts, amounts, which conditions hold, what is still missing beside this."""
    return {
        (
            result.id,
            result.person,
            result.verdict,
            None if result.amount is None else (result.amount.low, result.amount.high),
            tuple(condition.state for condition in result.conditions),
        )
        for result in screening.results
    }


def _note(figures: Figures, what: str, talk: Talk, ref: Ref) -> None:
    examples = figures.examples.setdefault(what, [])
    if len(examples) < 2:
        said = "; ".join(f"{fact.key}/{fact.relation}={_shown(fact)}" for fact in talk.facts.values())
        examples.append(f"{ref[0]} of {ref[1]} after: {said}")


def _shown(fact: Fact) -> str:
    if fact.refused:
        return "refused"
    return str(fact.value) if fact.value is not None else f"{fact.low}–{fact.high}"


def _print(figures: Figures) -> None:
    facts = figures.as_json()
    print(f"{facts['residents']} residents")
    for name in ("ours", "fixed", "ms_a_question"):
        print(f"  {name:14}", "  ".join(f"{key} {value:g}" for key, value in facts[name].items()))
    print(f"  ratio          {figures.ratio:.3f} (aim: at most {AIM_RATIO})")
    print(f"  asked most     {figures.asked.most_common(12)}")
    print(f"  not among the open facts of a possible result: {dict(figures.not_open)}")
    print(f"  no answer changes anything:                    {dict(figures.idle)}")
    for what, examples in figures.examples.items():
        print(f"  {what}: {examples[0][:200]}")


def main() -> None:
    """Measures and prints; writes JSON where a file is named."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--residents", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--check", type=int, default=100, help="residents with whom each question is checked")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    figures = measure(options.residents, options.seed, options.check, progress=True)
    _print(figures)
    if options.json:
        options.json.write_text(json.dumps(figures.as_json(), ensure_ascii=False, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()

"""How far `possible` is only what can be said: completions that seek the borders, over many drawn situations.

    python -m tests.drawn.completeness [--situations 300] [--seed 5] [--json FILE] [--show NUMBER]

Situations are told in part. For every `possible` result completions are sought that disagree. Where every completion
found agrees, the engine says less than could be said: these are counted by programme and cause, with an example to be
shown by its number. With every fact told, every result that is still `possible` is listed by its cause. On the way
every completion is checked against what was settled before: soundness.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tqdm import tqdm

from policies_kb import expression as ast
from policies_kb import knowledge
from policies_kb.knowledge import Knowledge
from policies_kb.records import Condition, Programme
from policies_kb.screening import ProgrammeResult, screen
from policies_kb.situation import Fact, Situation, fact_types
from tests.drawn.drawing import DAY, draw
from tests.drawn.following import persons
from tests.drawn.searching import Found, Search
from tests.drawn.tables import told
from tests.drawn.telling import partly, whole_of

SHARES = (0.15, 0.3, 0.5, 0.7, 0.85, 0.95)
WEAK_RULE, WEAK_FIGURE, LAPSED = "weak rule", "weak figure", "lapsed document"
STATUS, OPEN_LIST, NOT_PLACED, UNTOLD = "status first", "open list", "whether they belong", "fact not told"
OFFICE = "the place or the office decides"
UNEXPLAINED = "unexplained"
_COUNTED = frozenset({"household.income_month", "household.income_month_per_head"})
NOTICES = "context.special_notices"
SOURCES_ONLY = frozenset({WEAK_RULE, WEAK_FIGURE, LAPSED})


@dataclass
class Report:
    """What was found over all situations. Causes are (programme, what could be said or why, conditions, facts)."""

    situations: int = 0
    completions: int = 0
    possible: int = 0
    open: int = 0
    weak: int = 0
    less: Counter[tuple[str, str, str, str]] = field(default_factory=Counter)
    whole: Counter[tuple[str, str, str, str]] = field(default_factory=Counter)
    examples: dict[tuple[str, str, str, str], str] = field(default_factory=dict)
    unsound: list[str] = field(default_factory=list)
    by_programme: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    @property
    def less_than_could_be_said(self) -> int:
        """Results where every completion found agrees on likely or unlikely, and the engine says possible."""
        return sum(self.less.values())

    @property
    def whole_but_open(self) -> Counter[str]:
        """Causes for which a wholly told situation is still possible."""
        found: Counter[str] = Counter()
        for cause, count in self.whole.items():
            found[cause[1]] += count
        return found

    def as_json(self) -> dict[str, Any]:
        """Everything, for keeping."""
        return {
            "situations": self.situations,
            "completions": self.completions,
            "possible": self.possible,
            "completions_disagree": self.open,
            "weak_source_alone": self.weak,
            "less_than_could_be_said": [
                [*cause, n, self.examples[cause]] for cause, n in self.less.most_common()
            ],
            "possible_though_all_is_told": [
                [*cause, n, self.examples[cause]] for cause, n in self.whole.most_common()
            ],
            "unsound": self.unsound,
        }


def part(whole: list[Fact], seed: int, number: int) -> list[Fact]:
    """What is told of the situation of this number."""
    share = random.Random(f"{seed} {number}").choice(SHARES)
    return partly(whole, share, seed * 1_000_003 + number)


def measure(situations: int, seed: int, budget: int = 300, progress: bool = False) -> Report:
    """Searches so many partly told situations, and screens them told whole."""
    report = Report(situations=situations)
    kb = knowledge.load()
    wholes = told(draw(situations + 20, seed))
    spare = [whole_of(facts) for facts in wholes[situations:]]
    numbers = tqdm(range(situations), disable=not progress, file=sys.stderr, unit=" situations")
    for number in numbers:
        facts = wholes[number]
        search = Search(part(facts, seed, number), whole_of(facts), spare, f"{seed} {number}", budget)
        for found in search.run():
            _count(report, found, number, kb)
        report.completions += search.tried
        report.unsound += [f"situation {number}: {what}" for what, _ in search.unsound]
        _count_whole(report, facts, number, kb)
    return report


def _count(report: Report, found: Found, number: int, kb: Knowledge) -> None:
    result = found.result
    report.possible += 1
    if found.disagree:
        report.open += 1
        report.by_programme[result.id]["completions disagree"] += 1
        return
    said = set(found.verdicts)
    if said == {"possible"}:
        report.weak += 1
        report.by_programme[result.id]["possible in all of them"] += 1
        return
    could = "/".join(sorted(said)) or "nothing found"
    report.by_programme[result.id][f"could be {could}"] += 1
    unknown = [c for c, state in _with_states(result) if state == "unknown"]
    cause = (result.id, could, _in_words(unknown, kb), ", ".join(dict.fromkeys(result.missing)))
    report.less[cause] += 1
    report.examples.setdefault(cause, f"{number}, for {result.person or 'the household'}")


def _with_states(result: ProgrammeResult) -> list[tuple[Condition, str]]:
    states = [condition.state for condition in result.conditions]
    return list(zip(result.programme.conditions, states, strict=False))  # a notice may stand behind them


def _in_words(conditions: list[Condition], kb: Knowledge) -> str:
    del kb
    return " | ".join(" ".join(condition.test.source.split()) for condition in conditions)


# ── with every fact told ──


def _count_whole(report: Report, facts: list[Fact], number: int, kb: Knowledge) -> None:
    for result in screen(Situation.of(facts), DAY, kb).results:
        if result.verdict != "possible":
            continue
        for why, condition in causes(result, facts, kb):
            words = " ".join(condition.test.source.split()) if condition else "(the programme)"
            cause = (result.id, why, words, ", ".join(dict.fromkeys(result.missing)))
            report.whole[cause] += 1
            report.examples.setdefault(cause, f"{number}, for {result.person or 'the household'}")


def causes(result: ProgrammeResult, facts: list[Fact], kb: Knowledge) -> list[tuple[str, Condition | None]]:
    """Why a wholly told situation is still possible, by condition; what no source excuses comes first."""
    found: list[tuple[str, Condition | None]] = []
    for condition, state in _with_states(result):
        if state == "unmet":
            continue
        why = _cause(result.programme, condition, state, facts, kb)
        if why is not None:
            found.append((why, condition))
    hard = [entry for entry in found if entry[0] not in SOURCES_ONLY]
    return hard or found[:1] or [(UNEXPLAINED, None)]


def _cause(
    programme: Programme, condition: Condition, state: str, facts: list[Fact], kb: Knowledge
) -> str | None:
    day = kb.on(DAY)
    if condition.weak:
        return WEAK_RULE
    if not day.weak.isdisjoint(_figures(programme, condition, kb)):
        return WEAK_FIGURE
    cited = condition.sources or programme.sources
    if state == "met":
        return LAPSED if all(citation.id in day.lapsed for citation in cited) else None
    if condition.test.statuses:
        return STATUS
    nodes = list(ast.walk(condition.test.tree))
    if any(isinstance(node, ast.InList) and node.key == NOTICES for node in nodes):
        return OFFICE
    if any(isinstance(node, ast.InList) for node in nodes):
        return OPEN_LIST
    whole = whole_of(facts)
    people = persons(whole)
    if (
        any(isinstance(node, ast.Quantified) for node in nodes)
        and "self" in people
        and [person for person in people if person.startswith("other")]
    ):
        return NOT_PLACED
    own = [key for key in condition.test.facts if fact_types()[key].about == "person"]
    if any((key, person) not in whole for key in own for person in people):
        return UNTOLD
    return UNEXPLAINED


def _figures(programme: Programme, condition: Condition, kb: Knowledge) -> set[str]:
    """The figures a condition rests on: those of the part of a wage that is left out, where it counts income."""
    figures = set(condition.test.parameters)
    entry = kb.disregards.get(programme.id)
    if entry is not None and not _COUNTED.isdisjoint(condition.test.facts):
        figures |= {entry.exempt, entry.wage_floor}
    return figures


def _print(report: Report, most: int) -> None:
    print(f"{report.situations} situations, {report.completions} completions looked at")
    print(
        f"possible: {report.possible}; completions disagree: {report.open}; possible in every one: {report.weak}"
    )
    print(f"every completion found agrees, the engine says possible: {report.less_than_could_be_said}")
    for cause, count in report.less.most_common(most):
        _print_cause(cause, count, report.examples[cause])
    print(f"\npossible though every fact is told: {dict(report.whole_but_open)}")
    hard = Counter({cause: n for cause, n in report.whole.items() if cause[1] not in SOURCES_ONLY})
    for cause, count in hard.most_common(most):
        _print_cause(cause, count, report.examples[cause])
    print(f"\nunsound: {len(report.unsound)}")
    for what in report.unsound[:most]:
        print(f"  {what}")


def _print_cause(cause: tuple[str, str, str, str], count: int, example: str) -> None:
    programme, why, conditions, facts = cause
    print(f"  {count:4}  {programme}: {why}, as in situation {example}")
    print(f"        {conditions[:300]}\n        missing: {facts[:200]}")


def _show(number: int, seed: int, situations: int) -> None:
    """Prints what was told of one situation, and the whole."""
    facts = told(draw(situations + 20, seed))[number]
    for title, shown in (("told", part(facts, seed, number)), ("whole", facts)):
        print(title)
        for fact in shown:
            words = (
                "refused"
                if fact.refused
                else fact.value
                if fact.low is fact.high is None
                else f"{fact.low} to {fact.high}"
            )
            print(f"  {fact.key} of {fact.relation}: {words}")


def main() -> None:
    """Measures and prints; writes JSON where a file is named."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--situations", type=int, default=300)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--budget", type=int, default=300, help="completions for each result and direction")
    parser.add_argument("--most", type=int, default=40, help="causes that are printed")
    parser.add_argument(
        "--show", type=int, help="print one situation instead (with the same --situations and --seed)"
    )
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    if options.show is not None:
        _show(options.show, options.seed, options.situations)
        return
    report = measure(options.situations, options.seed, options.budget, progress=True)
    _print(report, options.most)
    if options.json:
        options.json.write_text(json.dumps(report.as_json(), ensure_ascii=False, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()

"""`coverage`: which programmes, conditions, facts, figures and sources no worked case touches.

Only what a case asserts counts: the result of a programme that it names under `expect`. Of each condition three states
are wanted (met, unmet, unknown); of each programme the three verdicts.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, field
from typing import Any

from policies_kb.cases import load_cases
from policies_kb.commands.common import WRONG, BadInputError, Outcome, add_folder, as_json, knowledge_of
from policies_kb.figures_in_words import value_on
from policies_kb.knowledge import Knowledge
from policies_kb.records import Case, Programme
from policies_kb.screening import ProgrammeResult, screen
from policies_kb.situation import Situation

NAME = "coverage"
HELP = "what no worked case touches: programmes, conditions, facts, figures, sources"
STATES = ("met", "unmet", "unknown")
VERDICTS = ("likely", "possible", "unlikely")
KINDS = ("programmes", "verdicts", "conditions", "states", "amounts", "facts", "figures", "sources")


@dataclass
class Touched:
    """What can be touched, and what has been; each thing by its identifier."""

    all: dict[str, set[str]] = field(default_factory=lambda: {kind: set() for kind in KINDS})
    done: dict[str, set[str]] = field(default_factory=lambda: {kind: set() for kind in KINDS})

    def share(self) -> float:
        """Per cent of everything that is touched, 0 to 100."""
        total = sum(len(things) for things in self.all.values())
        done = sum(len(self.done[kind] & self.all[kind]) for kind in KINDS)
        return 100.0 * done / total if total else 100.0

    def untouched(self, kind: str) -> list[str]:
        """What of a kind no case touches."""
        return sorted(self.all[kind] - self.done[kind])

    def counted(self, kind: str) -> str:
        """ "3 of 7"."""
        return f"{len(self.done[kind] & self.all[kind])} of {len(self.all[kind])}"

    def as_json(self) -> dict[str, Any]:
        """`{kind: {"touched", "of", "untouched": […]}}` and the share in per cent."""
        kinds = {
            kind: {
                "touched": len(self.done[kind] & self.all[kind]),
                "of": len(self.all[kind]),
                "untouched": self.untouched(kind),
            }
            for kind in KINDS
        }
        return {"share": round(self.share(), 1), **kinds}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What is asked of the cases."""
    parser.add_argument("--json", action="store_true", help="print JSON instead of text")
    parser.add_argument("--fail-under", metavar="PERCENT", help="exit 1 where less than this is touched")
    parser.add_argument("--programme", metavar="ID", help="one programme only, in full")
    add_folder(parser)


def run(chosen: argparse.Namespace) -> Outcome:
    """Coverage of the whole, and of each programme. Raises BadInputError, KnowledgeError."""
    floor = _per_cent(chosen.fail_under)
    kb = knowledge_of(chosen.folder)
    if chosen.programme is not None and chosen.programme not in kb.programmes:
        raise BadInputError(f"no programme is called {chosen.programme!r}")
    by_programme = measured(kb, load_cases(kb))
    whole = together(by_programme)
    asked = whole if chosen.programme is None else by_programme[chosen.programme]
    idle = sorted(set(kb.facts) - whole.all["facts"])
    code, complaint = 0, ""
    if floor is not None and asked.share() < floor:
        code, complaint = (
            WRONG,
            f"the worked cases touch {asked.share():.1f} %, under the floor of {floor:g} %",
        )
    if chosen.json:
        answer = {**asked.as_json(), "facts_no_programme_names": idle}
        if chosen.programme is None:
            answer["by_programme"] = {id_: found.as_json() for id_, found in by_programme.items()}
        return Outcome(as_json(answer), code, complaint)
    return Outcome("\n".join(_lines(asked, by_programme if asked is whole else {}, idle)), code, complaint)


def _per_cent(text: str | None) -> float | None:
    if text is None:
        return None
    try:
        floor = float(text)
    except ValueError:
        floor = -1.0
    if not 0 <= floor <= 100:
        raise BadInputError(f"--fail-under: {text!r} is no percentage from 0 to 100")
    return floor


def measured(kb: Knowledge, cases: list[Case]) -> dict[str, Touched]:
    """What the cases touch of each programme."""
    found = {id_: _wanted(programme, kb) for id_, programme in kb.programmes.items()}
    for case in cases:
        results = screen(Situation.of(case.facts), case.as_of, kb).results
        told = {fact.key for fact in case.facts}
        for expected in case.expect:
            touched = found[expected.programme]
            touched.done["programmes"].add(expected.programme)
            for result in results:
                if result.id == expected.programme and expected.person in (None, result.person):
                    _touch(touched, result, case, told, kb)
                    if expected.amount is not None:
                        touched.done["amounts"].add(expected.programme)
    return found


def together(by_programme: dict[str, Touched]) -> Touched:
    """The sum of all programmes: what several share is touched where one of them is."""
    whole = Touched()
    for touched in by_programme.values():
        for kind in KINDS:
            whole.all[kind] |= touched.all[kind]
            whole.done[kind] |= touched.done[kind]
    return whole


def _wanted(programme: Programme, kb: Knowledge) -> Touched:
    """What there is to touch of a programme; one that is over, on a day of its time."""
    touched = Touched()
    touched.all["programmes"].add(programme.id)
    touched.all["verdicts"] |= {f"{programme.id}: {verdict}" for verdict in VERDICTS}
    for number in range(1, len(programme.conditions) + 1):
        touched.all["conditions"].add(_condition(programme, number))
        touched.all["states"] |= {f"{_condition(programme, number)}: {state}" for state in STATES}
    if programme.amount:
        touched.all["amounts"].add(programme.id)
    tests = [condition.test for condition in programme.conditions]
    tests += [programme.amount.value] if programme.amount else []
    touched.all["facts"] |= {key for test in tests for key in test.facts}
    touched.all["sources"] |= set(kb.cited[programme.id])
    for name in {name for test in tests for name in test.parameters}:
        touched.all["figures"] |= {f"{name} from {value.first}" for value in kb.parameters[name].values}
    return touched


def _condition(programme: Programme, number: int) -> str:
    return f"{programme.id} condition {number} (line {programme.conditions[number - 1].line})"


def _touch(touched: Touched, result: ProgrammeResult, case: Case, told: set[str], kb: Knowledge) -> None:
    programme = result.programme
    touched.done["verdicts"].add(f"{programme.id}: {result.verdict}")
    touched.done["sources"] |= {citation.id for citation in programme.sources}
    for number, (condition, found) in enumerate(
        zip(programme.conditions, result.conditions, strict=False), 1
    ):
        touched.done["states"].add(f"{_condition(programme, number)}: {found.state}")
        if found.state == "unknown":
            continue
        touched.done["conditions"].add(_condition(programme, number))
        touched.done["sources"] |= {citation.id for citation in condition.sources}
        # A fact that is worked out from others (per head) is never told: a settled condition shows that it was read.
        touched.done["facts"] |= {key for key in found.facts if key in told or not kb.facts[key].ask}
    tests = [condition.test for condition in programme.conditions]
    if programme.amount:
        tests.append(programme.amount.value)
        touched.done["facts"] |= {key for key in programme.amount.value.facts if key in told}
    for name in {name for test in tests for name in test.parameters}:
        value = value_on(kb.parameters[name], case.as_of)
        if value is not None:
            touched.done["figures"].add(f"{name} from {value.first}")


def _lines(asked: Touched, by_programme: dict[str, Touched], idle: list[str]) -> list[str]:
    lines = [f"{kind:11} {asked.counted(kind)}" for kind in KINDS]
    lines.append(f"{'together':11} {asked.share():.1f} %")
    for kind in KINDS:
        if asked.untouched(kind):
            lines += ["", f"{kind} no worked case touches:", *(f"  {name}" for name in asked.untouched(kind))]
    if by_programme:
        lines += [
            "",
            "facts no programme in force names (others may be worked out from them):",
            *(f"  {key}" for key in idle),
        ]
        lines += ["", f"{'programme':45}{'states':>12}{'verdicts':>12}{'figures':>12}{'together':>11}"]
        lines += [
            f"{id_:45}{touched.counted('states'):>12}{touched.counted('verdicts'):>12}"
            f"{touched.counted('figures'):>12}{touched.share():>9.1f} %"
            for id_, touched in sorted(by_programme.items(), key=lambda item: (item[1].share(), item[0]))
        ]
    return lines

"""`python -m bot.evaluate`: measure understanding on nlu_data/evaluation/ (never trained on).

Writes var/reports/understanding/ (report.json, report.html, confusion.png) and fails under a floor of floors.yml.
The sets: intents_*.yml (Rasa's format), facts_*.yml ([{text, facts: [{entity, role?, group?, value}]}]),
danger_*.yml ([{text, danger: kind | null}]); the part behind the underscore names the slice (zh, en, mixed).
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import yaml

from bot import model, report
from bot.surroundings import prepare, quiet

SETS = model.ROOT / "nlu_data" / "evaluation"
REPORTS = model.ROOT / "var" / "reports" / "understanding"
WORST = 50  # errors shown of danger, of facts and of intents each
MOST_HARMFUL_FIRST = ("danger", "facts", "intents")


def main() -> int:
    if not model.path().exists():
        print("evaluate: no model for the present data; run `make train`.", file=sys.stderr)
        return 1
    prepare()
    from rasa.core.agent import Agent

    quiet()
    print(f"· measuring {model.name()}", flush=True)
    agent = Agent.load(str(model.path()))
    measured = asyncio.run(measure(agent))
    floors = yaml.safe_load((SETS / "floors.yml").read_text(encoding="utf-8"))
    under = faults(measured["figures"], floors)
    measured["under_floor"] = under
    report.write(measured, REPORTS)
    for name, figure in sorted(measured["figures"].items()):
        floor = floors.get(name)
        print(f"  {name:<28} {figure:8.3f}" + (f"   floor {floor}" if floor is not None else ""))
    print(f"· report: {REPORTS.relative_to(model.ROOT)}/report.html")
    for fault in under:
        print(f"evaluate: {fault}", file=sys.stderr)
    return 1 if under else 0


def faults(figures: dict[str, float], floors: dict[str, float]) -> list[str]:
    """What is under its floor, or over a ceiling (false alarms, milliseconds), or not measured at all."""
    found = []
    for name, floor in floors.items():
        if name not in figures:
            found.append(f"{name} was not measured")
        elif name.startswith(("false_alarms", "milliseconds")):
            if figures[name] > floor:
                found.append(f"{name} is {figures[name]:.3f}, at most {floor}")
        elif figures[name] < floor:
            found.append(f"{name} is {figures[name]:.3f}, at least {floor}")
    return found


async def measure(agent: Any) -> dict[str, Any]:
    """Every figure, and what went wrong, over all sets."""
    figures: dict[str, float] = {}
    errors: list[dict[str, Any]] = []
    confusion: Counter[tuple[str, str]] = Counter()
    spent: list[float] = []

    async def parse(text: str) -> dict[str, Any]:
        started = time.process_time()
        parsed: dict[str, Any] = await agent.parse_message(text)
        spent.append((time.process_time() - started) * 1000)
        return parsed

    for path in sorted(SETS.glob("intents_*.yml")):
        await _intents(path, parse, figures, errors, confusion)
    for path in sorted(SETS.glob("facts_*.yml")):
        await _facts(path, parse, figures, errors)
    await _danger(sorted(SETS.glob("danger_*.yml")), parse, figures, errors)
    figures["milliseconds_median"] = statistics.median(spent)
    figures["milliseconds_95th"] = statistics.quantiles(spent, n=20)[-1]
    return {
        "model": model.name(),
        "figures": figures,
        "errors": worst(errors),
        "confusion": [[true, said, count] for (true, said), count in confusion.most_common()],
    }


def worst(errors: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """WORST of each kind, the most harmful first: missed danger, false alarms, facts, then intents by how sure."""
    of_kind: dict[str, list[dict[str, Any]]] = {kind: [] for kind in MOST_HARMFUL_FIRST}
    for error in errors:
        kind = error["set"].partition("_")[0]
        of_kind[kind if kind in of_kind else "intents"].append(error)
    of_kind["danger"].sort(key=lambda error: (error["said"] != "nothing", error["true"] == "none"))
    of_kind["intents"].sort(key=lambda error: (error["true"] != "crisis", -error.get("sure", 0.0)))
    return [error for kind in MOST_HARMFUL_FIRST for error in of_kind[kind][:WORST]]


def listed(path: Path) -> list[dict[str, Any]]:
    """The entries of a set that is a plain list."""
    found: list[dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return found


def intent_examples(path: Path) -> list[tuple[str, str]]:
    """(text, intent) of a file in Rasa's format."""
    found = []
    for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
        for line in block["examples"].splitlines():
            if line.strip():
                found.append((line.strip().removeprefix("- ").strip(), block["intent"]))
    return found


async def _intents(
    path: Path, parse: Any, figures: dict[str, float], errors: list[Any], confusion: Counter[tuple[str, str]]
) -> None:
    name = path.stem.removeprefix("intents_")
    pairs = []
    for text, true in intent_examples(path):
        intent = (await parse(text))["intent"]
        pairs.append((true, intent["name"]))
        confusion[true, intent["name"]] += 1
        if true != intent["name"]:
            errors.append(
                {
                    "set": name,
                    "text": text,
                    "true": true,
                    "said": intent["name"],
                    "sure": intent["confidence"],
                }
            )
    figures[f"intents_accuracy_{name}"] = sum(true == said for true, said in pairs) / len(pairs)
    figures[f"intents_macro_f1_{name}"] = statistics.mean(
        _f1(
            sum(true == said == intent for true, said in pairs),
            sum(said == intent for _, said in pairs),
            sum(true == intent for true, _ in pairs),
        )
        for intent in {true for true, _ in pairs}
    )


def _f1(right: int, said: int, true: int) -> float:
    return 2 * right / (said + true) if said + true else 1.0


def key_of(entity: dict[str, Any]) -> str:
    """A fact in one comparable line: entity, role, group and value right, or it is wrong."""
    value = json.dumps(entity["value"], sort_keys=True, ensure_ascii=False)
    return f"{entity['entity']}|{entity.get('role') or ''}|{entity.get('group') or ''}|{value}"


async def _facts(path: Path, parse: Any, figures: dict[str, float], errors: list[Any]) -> None:
    name = path.stem.removeprefix("facts_")
    right = said = true = 0
    for case in listed(path):
        wanted = Counter(key_of(fact) for fact in case["facts"])
        found = Counter(key_of(entity) for entity in (await parse(case["text"]))["entities"])
        right += (wanted & found).total() if hasattr(wanted, "total") else sum((wanted & found).values())
        said += sum(found.values())
        true += sum(wanted.values())
        if wanted != found:
            errors.append(
                {
                    "set": f"facts_{name}",
                    "text": case["text"],
                    "true": "missed: " + "; ".join(wanted - found),
                    "said": "wrong: " + "; ".join(found - wanted),
                }
            )
    figures[f"facts_f1_{name}"] = _f1(right, said, true)
    figures[f"facts_precision_{name}"] = right / said if said else 0.0
    figures[f"facts_recall_{name}"] = right / true if true else 0.0


async def _danger(paths: list[Path], parse: Any, figures: dict[str, float], errors: list[Any]) -> None:
    """Recall and false alarms over all languages and in each; how often the right kind is among those said."""
    caught: dict[str, list[bool]] = {}
    alarms: dict[str, list[bool]] = {}
    right: list[bool] = []
    for path in paths:
        language = path.stem.removeprefix("danger_")
        for case in listed(path):
            parsed = await parse(case["text"])
            raised = parsed["intent"]["name"] == "crisis"
            kinds = {entity["value"] for entity in parsed["entities"] if entity["entity"] == "danger"}
            for slice_ in ("", f"_{language}"):
                (caught if case["danger"] else alarms).setdefault(slice_, []).append(raised)
            if case["danger"]:
                right.append(case["danger"] in kinds)
            if raised != bool(case["danger"]) or (case["danger"] and case["danger"] not in kinds):
                said = ", ".join(sorted(kinds)) or ("crisis, no kind" if raised else "nothing")
                errors.append(
                    {"set": path.stem, "text": case["text"], "true": case["danger"] or "none", "said": said}
                )
    for slice_, found in caught.items():
        figures[f"danger_recall{slice_}"] = sum(found) / len(found)
    for slice_, found in alarms.items():
        figures[f"false_alarms_danger{slice_}"] = sum(found) / len(found)
    if right:
        figures["danger_right_kind"] = sum(right) / len(right)


if __name__ == "__main__":
    sys.exit(main())

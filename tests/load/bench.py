"""`make bench`: how fast it is, as processor time: the machine is noisy. Writes var/reports/bench.json.

Bounded: it starts the service on loopback, sends a fixed number of messages, and ends.
"""

from __future__ import annotations

import asyncio
import datetime
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp

from policies_kb import knowledge
from policies_kb.questions import next_question
from policies_kb.screening import screen
from policies_kb.situation import Fact, Situation
from tests.harness.resident import Resident
from tests.harness.service import ROOT, Service

AS_OF = datetime.date(2026, 11, 22)
TURNS = 60
RESIDENTS = 8
REPEATS = 200

FAMILY = [
    Fact("person.illness", "father", value=["尿毒症"]),
    Fact("person.employment", "mother", value="employed"),
    Fact("household.hukou_area", value="310106"),
    Fact("household.area", value="310106"),
    Fact("household.size", low=3, high=3),
    Fact("household.income_month", low=2700, high=3300),
]


def milliseconds(work: Callable[[], object]) -> float:
    """The median processor time of a call."""
    work()
    spent = []
    for _ in range(REPEATS):
        started = time.process_time()
        work()
        spent.append((time.process_time() - started) * 1000)
    return statistics.median(spent)


def knowledge_figures() -> dict[str, float]:
    kb = knowledge.load()
    situation = Situation.of(FAMILY)
    started = time.process_time()
    knowledge.load(knowledge.FOLDER)
    loading = time.process_time() - started
    return {
        "programmes": len(kb.programmes),
        "load the knowledge base, ms": loading * 1000,
        "screen one situation, all programmes, ms": milliseconds(lambda: screen(situation, AS_OF, kb)),
        "choose the next question, ms": milliseconds(lambda: next_question(situation, AS_OF, kb)),
    }


def processor_seconds(service: Service) -> dict[str, float]:
    """Processor time used so far, by process."""
    used = {}
    for name in ("gateway", "rasa", "actions"):
        leader = service.child(name)
        used[name] = sum(sum(one.cpu_times()[:2]) for one in [leader, *leader.children(recursive=True)])
    return used


async def talk(client: aiohttp.ClientSession, service: Service, turns: int) -> list[float]:
    """One resident's conversation; the wall time of each turn in milliseconds."""
    resident = await Resident.arrive(client, service.address, "zh")
    walls = []
    for number in range(turns):
        text = (
            "我爸去年查出尿毒症，在家做腹透，我妈在食品厂上班" if number % 3 == 0 else f"{number % 9 + 1}口人"
        )
        started = time.perf_counter()
        await (resident.press("/consent_yes") if number == 1 else resident.say(text))
        walls.append((time.perf_counter() - started) * 1000)
    return walls


async def service_figures(service: Service) -> dict[str, float]:
    figures: dict[str, float] = {}
    async with aiohttp.ClientSession() as client:
        await talk(client, service, 5)
        before = processor_seconds(service)
        walls = await talk(client, service, TURNS)
        after = processor_seconds(service)
        for name in before:
            figures[f"a turn, processor time, {name}, ms"] = (after[name] - before[name]) / TURNS * 1000
        figures["a turn, wall time, first third, ms"] = statistics.median(walls[: TURNS // 3])
        figures["a turn, wall time, last third, ms"] = statistics.median(walls[-TURNS // 3 :])
        started = time.perf_counter()
        await asyncio.gather(*(talk(client, service, TURNS // 3) for _ in range(RESIDENTS)))
        figures[f"turns a second, {RESIDENTS} residents"] = (
            RESIDENTS * (TURNS // 3) / (time.perf_counter() - started)
        )
    for name in ("gateway", "rasa", "actions"):
        leader = service.child(name)
        family = [leader, *leader.children(recursive=True)]
        figures[f"memory, {name}, MB"] = sum(one.memory_info().rss for one in family) / 1e6
    return figures


def main() -> int:
    figures: dict[str, Any] = knowledge_figures()
    with tempfile.TemporaryDirectory(dir=ROOT / "var") as folder:
        service = Service(Path(folder), f"sqlite:///{folder}/bench.db")
        started = time.perf_counter()
        service.start()
        try:
            figures["warm start to ready, s"] = time.perf_counter() - started
            figures.update(asyncio.run(service_figures(service)))
        finally:
            service.stop()
    reports = ROOT / "var" / "reports"
    reports.mkdir(parents=True, exist_ok=True)
    (reports / "bench.json").write_text(json.dumps(figures, indent=1), encoding="utf-8")
    width = max(len(name) for name in figures)
    for name, figure in figures.items():
        print(f"{name:<{width}}  {figure:10.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

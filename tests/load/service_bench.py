"""How fast the whole service answers: it is started on loopback, gets a fixed number of messages, and is stopped."""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from pathlib import Path

import aiohttp

from tests.harness.resident import Resident
from tests.harness.service import ROOT, Service
from tests.load.figures import Figure, Section, one

TURNS = 60
RESIDENTS = 8


def service_section() -> Section:
    """Start, turns by process (as processor time: the machine is noisy), throughput and memory."""
    with tempfile.TemporaryDirectory(dir=ROOT / "var") as folder:
        service = Service(Path(folder), f"sqlite:///{folder}/bench.db")
        started = time.perf_counter()
        service.start()
        try:
            ready = time.perf_counter() - started
            measured = asyncio.run(_measured(service))
        finally:
            service.stop()
    return Section(
        "the service", "processor time by process", [one("warm start to ready", ready, "s"), *measured]
    )


def _processor_seconds(service: Service) -> dict[str, float]:
    """Processor time used so far, by process."""
    used = {}
    for name in ("gateway", "rasa", "actions"):
        leader = service.child(name)
        used[name] = sum(sum(member.cpu_times()[:2]) for member in [leader, *leader.children(recursive=True)])
    return used


async def _talk(client: aiohttp.ClientSession, service: Service, turns: int) -> list[float]:
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


async def _measured(service: Service) -> list[Figure]:
    figures: list[Figure] = []
    async with aiohttp.ClientSession() as client:
        await _talk(client, service, 5)
        before = _processor_seconds(service)
        walls = await _talk(client, service, TURNS)
        after = _processor_seconds(service)
        for name in before:
            spent = (after[name] - before[name]) / TURNS * 1000
            figures.append(one(f"a turn, processor time, {name}", spent, "ms"))
        figures.append(one("a turn, wall time, first third", statistics.median(walls[: TURNS // 3]), "ms"))
        figures.append(one("a turn, wall time, last third", statistics.median(walls[-TURNS // 3 :]), "ms"))
        started = time.perf_counter()
        await asyncio.gather(*(_talk(client, service, TURNS // 3) for _ in range(RESIDENTS)))
        rate = RESIDENTS * (TURNS // 3) / (time.perf_counter() - started)
        figures.append(one(f"turns a second, {RESIDENTS} residents", rate, "1/s"))
    for name in ("gateway", "rasa", "actions"):
        leader = service.child(name)
        family = [leader, *leader.children(recursive=True)]
        held = sum(member.memory_info().rss for member in family) / 1e6
        figures.append(one(f"memory, {name}", held, "MB"))
    return figures

"""A small knowledge folder, so that a test says all that its verdicts rest on."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path

import pytest

from policies_kb import knowledge
from policies_kb.knowledge import Knowledge
from policies_kb.screening import ProgrammeResult, screen
from policies_kb.situation import Fact, Situation

AS_OF = datetime.date(2026, 11, 22)

SOURCES = """
law:
  title: {zh: 办法, en: Measures}
  number: 令第1号
  checked: 2026-11-22
  confidence: found-official
lapsed:
  title: {zh: 旧通知, en: Old notice}
  ends: 2025-12-31
  checked: 2026-11-22
  confidence: found-copy
"""
DOCUMENTS = "id-card:\n  name: {zh: 身份证, en: ID card}\n"
PARAMETERS = """
line:
  label: {zh: 标准线, en: the line}
  unit: yuan/person/month
  area: "310000"
  values:
    - {from: 2025-07-01, value: 1000, source: law, confidence: found-copy}
    - {from: 2026-07-01, value: 1100, source: law, confidence: derived}
ended:
  label: {zh: 过期标准, en: the ended figure}
  unit: yuan
  area: "310000"
  values:
    - {from: 2020-01-01, to: 2025-12-31, value: 500, source: law, confidence: found-copy}
unsure:
  label: {zh: 未核标准, en: the unsure figure}
  unit: yuan
  area: "310000"
  values:
    - {from: 2020-01-01, value: 500, source: law, confidence: known}
between:
  label: {zh: 范围, en: the figure between}
  unit: yuan
  area: "310000"
  values:
    - {from: 2020-01-01, low: 400, high: 600, source: law, confidence: known, outdated: true}
"""


def programme_text(
    conditions: str, more: str = "", for_each: str = "household", area: str = '"310000"'
) -> str:
    """A programme's file with these conditions, one test a line."""
    lines = [line for line in conditions.strip().splitlines() if line.strip()]
    tests = "\n".join(
        f"  - test: '{line.strip()}'\n    says: {{zh: 条件{n}, en: condition {n}}}"
        for n, line in enumerate(lines)
    )
    place = f"area: {area}\n" if area else ""
    return (
        f"name: {{zh: 项目, en: Programme}}\n{place}for_each: {for_each}\nbenefit: cash\nsources: [law]\n"
        f"conditions:\n{tests}\napply:\n  where: {{zh: 窗口, en: the counter}}\n{more}"
    )


class Folder:
    """A knowledge folder under construction."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.write("sources.yml", SOURCES)
        self.write("documents.yml", DOCUMENTS)
        self.write("parameters/here.yml", PARAMETERS)

    def write(self, name: str, text: str) -> Folder:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return self

    def programme(
        self, key: str, conditions: str, more: str = "", for_each: str = "household", area: str = '"310000"'
    ) -> Folder:
        return self.write(f"programmes/{key}.yml", programme_text(conditions, more, for_each, area))

    def load(self) -> Knowledge:
        return knowledge.load(self.root)

    def screen(
        self, *facts: Fact, as_of: datetime.date = AS_OF
    ) -> dict[tuple[str, str | None], ProgrammeResult]:
        """Results by programme and person."""
        results = screen(Situation.of(facts), as_of, self.load()).results
        return {(result.id, result.person): result for result in results}


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


@pytest.fixture
def problems(folder: Folder) -> Callable[[], list[str]]:
    """The problems of loading the folder."""

    def load() -> list[str]:
        with pytest.raises(knowledge.KnowledgeError) as raised:
            folder.load()
        return raised.value.problems

    return load


SHANGHAI = (Fact("household.hukou_area", value="310105"), Fact("household.area", value="310105"))


def number(key: str, low: float, high: float | None = None, relation: str = "household") -> Fact:
    """A number's fact: exact, or between two."""
    return Fact(key, relation, low=low, high=low if high is None else high)

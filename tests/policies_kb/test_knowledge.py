"""Strict loading: what is wrong names its file and line, and everything wrong is told at once."""

from __future__ import annotations

import datetime
import time

import pytest

from policies_kb import knowledge
from policies_kb.cases import failures, load_cases
from policies_kb.facts import load_facts
from policies_kb.yaml_nodes import KnowledgeError, Problems

GOOD = "household.size >= 1"


def test_this_knowledge_loads_within_a_second():
    started = time.process_time()
    kb, _ = knowledge.check()
    assert time.process_time() - started < 1
    assert kb.programmes
    assert knowledge.load() is knowledge.load()


def test_hotlines_are_part_of_it():
    kb = knowledge.load()
    assert kb.hotlines["110"].for_.zh
    assert kb.hotlines["12345"].name.en
    assert all(line.source in kb.sources for line in kb.hotlines.values())


def test_a_programme_of_the_contract_for_each_person_is_for_each_person():
    """Contract §3 names those that have one result per person."""
    each = ("tekun", "dibao-single-person", "disability-", "disabled-child-", "severe-disability-", "child-")
    each += (
        "orphan-support",
        "unattended-child-",
        "old-age-allowance",
        "long-term-care-",
        "unemployment-insurance",
    )
    each += ("employment-", "education-assistance", "legal-aid", "rough-sleeper-rescue")
    for key, programme in knowledge.load().programmes.items():
        if not programme.expired and programme.in_force(datetime.date(2026, 11, 22)):
            assert programme.per_person is key.rpartition("/")[2].startswith(each), key


def test_worked_cases_hold():
    kb = knowledge.load()
    cases = load_cases(kb)
    assert cases
    assert [failure for case in cases for failure in failures(case, kb)] == []


@pytest.mark.parametrize(
    ("file", "text", "problem"),
    [
        ("sources.yml", "law:\n  title: {zh: 办法, en: Measures}\n  chekced: 2026-11-22\n  checked: 2026-11-22\n"
         "  confidence: found-official\n", "sources.yml:3: unknown key 'chekced'"),
        ("sources.yml", "law:\n  title: {zh: 办法}\n  checked: 2026-11-22\n  confidence: found-official\n",
         "sources.yml:2: 'en' is missing"),
        ("sources.yml", "law:\n  title: {zh: 办法, en: ''}\n  checked: 2026-11-22\n  confidence: found-official\n",
         "sources.yml:2: a value is missing here"),
        ("sources.yml", "law:\n  title: {zh: 办法, en: M}\n  checked: yesterday\n  confidence: sure\n",
         "sources.yml:3: a date such as"),
        ("sources.yml", "law:\n  title: {zh: 办法, en: M}\n  checked: yesterday\n  confidence: sure\n",
         "sources.yml:4: 'sure' is not allowed"),
        ("sources.yml", "law: [\n", "is not YAML"),
        ("sources.yml", "", "sources.yml:1: is empty"),
        ("documents.yml", "id-card:\n  name: {zh: 身份证, en: ID card}\nid-card:\n  name: {zh: 身份证, en: ID}\n",
         "documents.yml:3: 'id-card' stands here twice"),
        ("documents.yml", "id-card:\n  name: {zh: 证, en: card, or booklet}\n",
         "unknown key 'or booklet'; allowed: en, zh (a text with a comma needs quotes)"),
    ],
)  # fmt: skip
def test_wrong_files(folder, problems, file, text, problem):
    folder.programme("shanghai/one", GOOD).write(file, text)
    assert any(problem in found for found in problems()), problems()


def figure(entries: str) -> str:
    return f'line:\n  label: {{zh: 线, en: line}}\n  unit: yuan\n  area: "310000"\n  values:\n{entries}'


@pytest.mark.parametrize(
    ("entries", "problem"),
    [
        ("    - {from: 2026-01-01, value: 5, confidence: found-copy}\n", "parameters/here.yml:6: 'source' is missing"),
        ("    - {from: 2026-01-01, value: 5, source: lore, confidence: found-copy}\n", "unknown source 'lore'"),
        ("    - {from: 2026-01-01, source: law, confidence: found-copy}\n", "either value, or low and high"),
        ("    - {from: 2026-01-01, low: 5, high: 4, source: law, confidence: derived}\n", "low 5 is above high 4"),
        ("    - {from: 2026-01-01, to: 2025-01-01, value: 5, source: law, confidence: derived}\n",
         "ends before it begins"),
        ("    - {from: 2026-01-01, to: 2026-05-01, value: 5, source: law, confidence: derived}\n"
         "    - {from: 2026-04-01, value: 6, source: law, confidence: derived}\n", "two periods overlap on 2026-04-01"),
        ("    - {from: 2026-01-01, value: five, source: law, confidence: derived}\n", "a number is expected"),
        ("    - {from: 2026-01-01, value: .nan, source: law, confidence: derived}\n", "a number is expected"),
    ],
)  # fmt: skip
def test_wrong_figures(folder, problems, entries, problem):
    folder.write("parameters/here.yml", figure(entries))
    assert any(problem in found and found.startswith("parameters/here.yml:") for found in problems()), (
        problems()
    )


def test_a_figure_outside_every_period_of_the_programme(folder, problems):
    folder.write(
        "parameters/here.yml",
        figure("    - {from: 2019-01-01, to: 2020-12-31, value: 5, source: law, confidence: derived}\n"),
    )
    folder.programme("shanghai/one", "household.savings <= line", "valid: {from: 2024-01-01}\n")
    assert problems() == [
        "programmes/shanghai/one.yml:1: line has no figure in any period in which this programme is valid"
    ]


@pytest.mark.parametrize(
    ("conditions", "more", "problem"),
    [
        ("household.sise > 1", "", ":7: unknown fact 'household.sise'"),
        ("household.size > lyne", "", ":7: unknown name 'lyne'"),
        (GOOD, "documents: [passport]\n", ":11: unknown document 'passport'"),
        (GOOD, "benefits: cash\n", ":11: unknown key 'benefits'"),
        (GOOD, "implements: national/none\n", "implements: unknown programme 'national/none'"),
        (GOOD, "excludes: [shanghai/none]\n", "excludes: unknown programme 'shanghai/none'"),
        (GOOD, "amount: {value: line, unit: pounds}\n", ":11: 'pounds' is not allowed"),
        (GOOD, "valid: {from: 2026-01-01, to: 2025-01-01}\n", ":11: this period ends before it begins"),
        (GOOD, "caveats:\n  - {zh: 注意}\n", ":12: 'en' is missing"),
        ("recognised(dibao)", "recognises: dibao\n", "gives the status dibao and needs it"),
        ("", "", "without conditions"),
    ],
)
def test_wrong_programmes(folder, problems, conditions, more, problem):
    folder.programme("shanghai/one", conditions, more)
    text = (folder.root / "programmes/shanghai/one.yml").read_text(encoding="utf-8")
    folder.write("programmes/shanghai/one.yml", text.replace("conditions:\n\n", "conditions: []\n"))
    assert any(problem in found for found in problems()), problems()


def test_every_problem_is_told_at_once(folder, problems):
    folder.programme("shanghai/one", "household.sise > 1\nhousehold.cars > lyne", "documents: [passport]\n")
    folder.write("documents.yml", "id-card:\n  name: {zh: 身份证}\n")
    assert len(problems()) == 4


def test_a_status_may_not_be_needed_for_itself_by_a_detour(folder, problems):
    folder.programme("shanghai/edge", "recognised(dibao)", "recognises: edge\n")
    folder.programme("shanghai/dibao", "recognised(edge)", "recognises: dibao\n")
    assert any("gives the status" in found for found in problems())


def test_a_fact_without_a_second_language_or_with_a_strange_placeholder(tmp_path):
    path = tmp_path / "facts.yml"
    path.write_text(
        "person.age:\n  {kind: number, label: {zh: 年龄}, question: {zh: '{who}多大？', en: 'How old?'},\n"
        "   why: {zh: 看, en: to see}, colour: red}\n",
        encoding="utf-8",
    )
    found = Problems(tmp_path)
    load_facts(path, found)
    with pytest.raises(KnowledgeError) as raised:
        found.raise_if_any()
    told = "\n".join(raised.value.problems)
    assert "facts.yml:2: 'en' is missing" in told
    assert "facts.yml:2: unknown placeholder 'who'" in told
    assert "facts.yml:3: unknown key 'colour'" in told


def test_a_worked_case_is_checked_too(folder):
    folder.programme("shanghai/one", GOOD)
    folder.write(
        "cases/some.yml",
        "- id: one\n  as_of: 2026-11-22\n  facts:\n    - {key: household.sise, value: 3}\n"
        "  expect:\n    shanghai/two: {verdict: likely}\n    shanghai/one: {verdict: maybe}\n",
    )
    with pytest.raises(KnowledgeError) as raised:
        load_cases(folder.load())
    told = "\n".join(raised.value.problems)
    assert "cases/some.yml:4: 'household.sise' is no fact" in told
    assert "cases/some.yml:6: unknown programme 'shanghai/two'" in told
    assert "cases/some.yml:7: 'maybe' is not allowed" in told


def test_a_worked_case_that_fails_says_what_it_got(folder):
    folder.programme("shanghai/one", "household.size >= 2", "amount: {value: line, unit: yuan/month}\n")
    folder.write(
        "cases/some.yml",
        "- id: one\n  as_of: 2026-11-22\n  facts:\n    - {key: household.hukou_area, value: '310105'}\n"
        "  expect:\n    shanghai/one: {verdict: likely, amount: 5, missing: [household.cars]}\n",
    )
    kb = folder.load()
    told = failures(load_cases(kb)[0], kb)
    assert len(told) == 3
    assert told[0].startswith("cases/some.yml:6: one: shanghai/one: possible, expected likely")

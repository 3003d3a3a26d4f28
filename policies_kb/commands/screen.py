"""`screen FILE`: what one situation, or each of a list, may bring."""

from __future__ import annotations

import argparse
from typing import Any

from policies_kb import knowledge
from policies_kb.commands.common import BadInputError, Outcome, as_json
from policies_kb.commands.situation_file import Given, read_situations
from policies_kb.knowledge import Knowledge
from policies_kb.questions import next_question
from policies_kb.screening import ProgrammeResult, screen
from policies_kb.situation import SituationError

NAME = "screen"
HELP = "screen one situation, or a list of them, from YAML or JSON"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The file, and how to print."""
    parser.add_argument("file", help="the file; - reads standard input")
    parser.add_argument("--json", action="store_true", help="print JSON instead of text")


def run(chosen: argparse.Namespace) -> Outcome:
    """Screens every situation of the file. Raises BadInputError for what cannot be screened."""
    try:
        given, listed = read_situations(chosen.file)
    except SituationError as error:
        raise BadInputError(f"{chosen.file}: {error}") from None
    kb = knowledge.load()
    if not chosen.json:
        return Outcome("\n".join(_text(one, kb) for one in given))
    answers = [_answer(one, kb) for one in given]
    return Outcome(as_json(answers if listed else answers[0]))


def _answer(given: Given, kb: Knowledge) -> dict[str, Any]:
    question = next_question(given.situation, given.as_of, kb)
    following = {"fact": question.fact, "relation": question.relation} if question else None
    return {"screening": screen(given.situation, given.as_of, kb).as_json(), "next": following}


def _text(given: Given, kb: Knowledge) -> str:
    lines = [f"# {given.as_of}" + (f"  {given.id}" if given.id else "")]
    for result in screen(given.situation, given.as_of, kb).results:
        lines += _result(result)
    question = next_question(given.situation, given.as_of, kb)
    if question is None:
        return "\n".join([*lines, "next: nothing more to ask"])
    text = kb.question(question.fact, question.relation)
    return "\n".join([*lines, f"next: {question.fact} ({question.relation})  {text.zh} / {text.en}"])


def _result(result: ProgrammeResult) -> list[str]:
    person = f" ({result.person})" if result.person else ""
    name = result.programme.name
    lines = [f"{result.verdict:9}{result.id}{person}  {name.zh} / {name.en}"]
    if result.amount:
        lines.append(f"           {amount_in_short(result)}")
    lines += [f"           [{c.state}] {c.text.zh} / {c.text.en}" for c in result.conditions]
    if result.missing:
        lines.append(f"           missing: {', '.join(result.missing)}")
    return lines


def amount_in_short(result: ProgrammeResult) -> str:
    """ "3577-3580 yuan/month per household"; empty where there is no amount."""
    if result.amount is None:
        return ""
    low, high = result.amount.low, result.amount.high
    first = "" if low is None else f"{low:g}"
    shown = first if low == high else f"{first}-{'' if high is None else f'{high:g}'}"
    return f"{shown} {result.amount.unit} per {result.amount.per}"

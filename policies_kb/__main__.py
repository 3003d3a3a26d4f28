"""`python -m policies_kb check` checks the knowledge files; `screen FILE [--json]` screens situations from a file."""

from __future__ import annotations

import argparse
import datetime
import json
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import yaml

from policies_kb import knowledge
from policies_kb.cases import fact_of, failures, load_cases
from policies_kb.knowledge import Knowledge, KnowledgeError
from policies_kb.questions import next_question
from policies_kb.screening import Screening, screen
from policies_kb.situation import Situation, SituationError

BAD_INPUT = 2


def main(arguments: list[str] | None = None) -> int:
    """Runs a command; 0 when all is well, 1 when the knowledge is wrong, 2 for input that cannot be screened."""
    parser = argparse.ArgumentParser(prog="python -m policies_kb", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("check", help="check every knowledge file and run every worked case")
    screening = commands.add_parser(
        "screen", help="screen one situation, or a list of them, from YAML or JSON"
    )
    screening.add_argument("file", help="the file; - reads standard input")
    screening.add_argument("--json", action="store_true", help="print JSON instead of text")
    chosen = parser.parse_args(arguments)
    try:
        return _check() if chosen.command == "check" else _screen(chosen.file, chosen.json)
    except KnowledgeError as error:
        print(error, file=sys.stderr)
        return 1
    except SituationError as error:
        print(f"{chosen.file}: {error}", file=sys.stderr)
        return BAD_INPUT


def _check() -> int:
    kb, seconds = knowledge.check()
    cases = load_cases(kb)
    wrong = [failure for case in cases for failure in failures(case, kb)]
    for failure in wrong:
        print(failure, file=sys.stderr)
    print(
        f"{len(kb.programmes)} programmes, {len(kb.parameters)} parameters, {len(kb.sources)} sources, "
        f"{len(kb.facts)} facts, {len(kb.hotlines)} hotlines in {seconds:.2f} s; "
        f"{len(cases)} worked cases, {len(wrong)} wrong"
    )
    return 1 if wrong else 0


def _screen(file: str, as_json: bool) -> int:
    given = _read(file)
    entries = given if isinstance(given, list) else [given]
    kb = knowledge.load()
    # Every entry is checked before anything is printed: half a list is no answer.
    checked = [
        _situation(entry, number if isinstance(given, list) else None)
        for number, entry in enumerate(entries, 1)
    ]
    answers = [(screen(situation, as_of, kb), situation, as_of) for situation, as_of in checked]
    if not as_json:
        for screening, situation, as_of in answers:
            _print(screening, situation, as_of, kb)
        return 0
    found = [_answer(screening, situation, as_of, kb) for screening, situation, as_of in answers]
    print(json.dumps(found if isinstance(given, list) else found[0], ensure_ascii=False, indent=1))
    return 0


def _answer(
    screening: Screening, situation: Situation, as_of: datetime.date, kb: Knowledge
) -> dict[str, Any]:
    question = next_question(situation, as_of, kb)
    following = {"fact": question.fact, "relation": question.relation} if question else None
    return {"screening": screening.as_json(), "next": following}


def _read(file: str) -> Any:
    """The parsed content of a file; JSON is YAML too, but its errors read better from its own parser."""
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except OSError as error:
        raise SituationError(f"cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise SituationError("is not UTF-8 text") from None
    try:
        if text.lstrip()[:1] in ("{", "["):
            with suppress(json.JSONDecodeError, RecursionError):  # YAML in flow style begins the same way
                return json.loads(text)
        return yaml.load(text, Loader=_Loader)  # noqa: S506 (a SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}: " if mark else ""
        raise SituationError(
            f"{where}neither YAML nor JSON: {getattr(error, 'problem', None) or error}"
        ) from None
    except (ValueError, RecursionError) as error:  # such as a date with a thirteenth month
        raise SituationError(f"neither YAML nor JSON: {error}") from None


class _Loader(yaml.CSafeLoader):
    """YAML as it is meant, but a key that stands twice is an error."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """A mapping; raises a YAML error for a key that stands twice."""
        if isinstance(node, yaml.MappingNode):
            seen: set[str] = set()
            for key, _ in node.value:
                if isinstance(key, yaml.ScalarNode) and key.value in seen:
                    raise yaml.constructor.ConstructorError(
                        None, None, f"{key.value!r} stands twice", key.start_mark
                    )
                seen.add(str(key.value))
        return super().construct_mapping(node, deep)


def _situation(entry: Any, number: int | None) -> tuple[Situation, datetime.date]:
    where = "" if number is None else f"situation {number}: "
    if not isinstance(entry, dict):
        raise SituationError(f"{where}a situation is a mapping with as_of and facts")
    for key in entry:
        if key not in ("as_of", "facts"):
            raise SituationError(f"{where}unknown key {key!r}; allowed: as_of, facts")
    as_of = _date(entry.get("as_of"), where)
    listed = entry.get("facts")
    if not isinstance(listed, list):
        raise SituationError(f"{where}facts is a list of facts")
    facts = []
    for position, given in enumerate(listed, 1):
        try:
            facts.append(fact_of(given))
            Situation.of(facts[-1:])
        except SituationError as error:
            raise SituationError(f"{where}fact {position}: {error}") from None
    try:
        return Situation.of(facts), as_of
    except SituationError as error:
        raise SituationError(f"{where}{error}") from None


def _date(given: Any, where: str) -> datetime.date:
    if isinstance(given, datetime.datetime):
        return given.date()
    if isinstance(given, datetime.date):
        return given
    try:
        return datetime.date.fromisoformat(given)
    except (TypeError, ValueError):
        raise SituationError(f"{where}as_of is {given!r}; a date such as 2026-11-22 is needed") from None


def _print(screening: Screening, situation: Situation, as_of: datetime.date, kb: Knowledge) -> None:
    print(f"# {as_of}")
    for result in screening.results:
        person = f" ({result.person})" if result.person else ""
        print(
            f"{result.verdict:9}{result.id}{person}  {result.programme.name.zh} / {result.programme.name.en}"
        )
        if result.amount:
            low, high = result.amount.low, result.amount.high
            shown = f"{low:g}" if low == high else f"{low:g}-{'' if high is None else f'{high:g}'}"
            print(f"           {shown} {result.amount.unit} per {result.amount.per}")
        for condition in result.conditions:
            print(f"           [{condition.state}] {condition.text.zh} / {condition.text.en}")
        if result.missing:
            print(f"           missing: {', '.join(result.missing)}")
    question = next_question(situation, as_of, kb)
    if question is None:
        print("next: nothing more to ask")
        return
    text = kb.question(question.fact, question.relation)
    print(f"next: {question.fact} ({question.relation})  {text.zh} / {text.en}")


if __name__ == "__main__":
    sys.exit(main())

"""Conversation suites: what a resident says, and what must come back, as data.

A suite is a YAML file named by what the person does:

    about: A son tells of his father's illness, in Chinese, and is asked for consent.
    language: zh                     # of the page; optional
    steps:
      - say: 我爸去年查出尿毒症         # or  press: /consent_yes
        says: [可以记下吗]             # patterns, each found in the reply
        never: [保证]                 # patterns, none found
        language: zh                 # of every message of the reply
        buttons: [/consent_yes]      # payloads that begin so
        asks: household.size         # the fact asked now; null: nothing is asked
        owner: bot
        request: new                 # status of the help request the reply carries
        hotlines: ["120"]
        programmes: {shanghai/dibao: possible}   # cards in the reply
      - answer:                      # go on answering what is asked until nothing is, or `at_most` questions
          household.size: 三口人        # "fact" or "fact@relation"; what isn't listed is answered with `else`
        else: /dont_know
        at_most: 30
    facts: {"person.illness@father": [尿毒症], "household.size": {low: 3, high: 3}}
    screening: {shanghai/dibao: likely, "shanghai/old-age-allowance@father": unlikely}
    never: [...]                     # in nothing the bot said
    erased: true                     # the conversation is gone; instead of facts and screening
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.harness.resident import Resident

FOLDER = Path(__file__).parent
STEP_KEYS = {
    *("say", "press", "answer", "else", "at_most"),
    *("says", "never", "language", "buttons", "asks", "owner", "request", "hotlines", "programmes"),
}
SUITE_KEYS = {"about", "language", "steps", "facts", "screening", "never", "erased"}
PROMISE = re.compile(
    r"保证|一定能|肯定能|您符合|\b(guarantee|you are eligible|you will receive)\b", re.IGNORECASE
)


class Unmet(AssertionError):
    """An expectation that was not met; says which step, and what was said so far."""


@dataclass(frozen=True)
class Suite:
    """One file."""

    name: str
    content: dict[str, Any]


def load(path: Path) -> Suite:
    """A suite from its file; a key it doesn't know is an error, so that no expectation is lost by a slip."""
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    unknown = set(content) - SUITE_KEYS
    for step in content["steps"]:
        unknown |= set(step) - STEP_KEYS
    if unknown or not content.get("about"):
        raise ValueError(f"{path.name}: unknown {sorted(unknown)}, or no `about`")
    return Suite(str(path.relative_to(FOLDER).with_suffix("")), content)


def suites() -> list[Suite]:
    return [load(path) for path in sorted(FOLDER.rglob("*.yml"))]


async def play(suite: Suite, resident: Resident) -> None:
    """Play a suite; Unmet where something else happens."""
    for number, step in enumerate(suite.content["steps"], start=1):
        where = f"{suite.name}, step {number}"
        if "answer" in step:
            await _answer_all(step, resident, where)
        else:
            sent = step.get("press") or step["say"]
            reply = await (resident.press(sent) if "press" in step else resident.say(sent))
            await _check_reply(step, reply, resident, where)
    if suite.content.get("erased"):
        await _check_erased(suite, resident)
    else:
        await _check_end(suite, resident)


async def _answer_all(step: dict[str, Any], resident: Resident, where: str) -> None:
    otherwise = step.get("else", "/dont_know")
    asked_before: set[tuple[str, str]] = set()
    for _ in range(step.get("at_most", 40)):
        asked = (await resident.situation())["next"]
        if asked is None:
            break
        question = (asked["fact"], asked["relation"])
        if question in asked_before:
            raise Unmet(f"{where}: asked {question} twice\n{resident.readable()}")
        asked_before.add(question)
        told = step["answer"].get(
            f"{asked['fact']}@{asked['relation']}", step["answer"].get(asked["fact"], otherwise)
        )
        reply = await (resident.press(told) if str(told).startswith("/") else resident.say(str(told)))
        if not reply["messages"]:
            raise Unmet(f"{where}: an empty reply\n{resident.readable()}")
    else:
        if "at_most" not in step:
            raise Unmet(f"{where}: still asking after 40 questions\n{resident.readable()}")


async def _check_reply(step: dict[str, Any], reply: dict[str, Any], resident: Resident, where: str) -> None:
    messages = reply["messages"]
    text = "\n".join(message["text"] for message in messages)

    def unmet(what: str) -> Unmet:
        return Unmet(f"{where}: {what}\n{resident.readable()}")

    if not messages and reply["owner"] != "consultant":
        raise unmet("an empty reply")
    for pattern in step.get("says", []):
        if not re.search(pattern, text, re.IGNORECASE):
            raise unmet(f"“{pattern}” was not said")
    for pattern in step.get("never", []):
        if re.search(pattern, text, re.IGNORECASE):
            raise unmet(f"“{pattern}” was said")
    if "language" in step and any(message["language"] != step["language"] for message in messages):
        raise unmet(f"not all in {step['language']}")
    payloads = [button["payload"] for message in messages for button in message.get("buttons", [])]
    for wanted in step.get("buttons", []):
        if not any(payload.startswith(wanted) for payload in payloads):
            raise unmet(f"no button {wanted}; there are {payloads}")
    if "owner" in step and reply["owner"] != step["owner"]:
        raise unmet(f"the owner is {reply['owner']}")
    if "asks" in step:
        asked = (await resident.situation())["next"]
        if (asked or {}).get("fact") != step["asks"]:
            raise unmet(f"asks {asked}")
    if "request" in step:
        statuses = [message["request"]["status"] for message in messages if message.get("request")]
        if step["request"] not in statuses:
            raise unmet(f"requests {statuses}")
    numbers = [line["number"] for message in messages for line in message.get("hotlines", [])]
    for wanted in step.get("hotlines", []):
        if wanted not in numbers:
            raise unmet(f"hotlines {numbers}")
    cards = {card["id"]: card["verdict"] for message in messages for card in message.get("programmes", [])}
    for programme, verdict in step.get("programmes", {}).items():
        if cards.get(programme) != verdict:
            raise unmet(f"{programme} is {cards.get(programme)}")


async def _check_erased(suite: Suite, resident: Resident) -> None:
    """Nothing is left: the conversation answers as one that never was."""
    for path in ("", "/situation", "/export"):
        status = await resident.status(path)
        if status != 404:
            raise Unmet(f"{suite.name}, at the end: {path or 'the conversation'} answers {status}, not 404")


async def _check_end(suite: Suite, resident: Resident) -> None:
    situation = await resident.situation()

    def unmet(what: str) -> Unmet:
        return Unmet(f"{suite.name}, at the end: {what}\n{resident.readable()}")

    facts = {
        fact["key"]
        if fact["relation"] in ("household", "self", "event", "need")
        else f"{fact['key']}@{fact['relation']}": fact
        for fact in situation["facts"]
    }
    for key, wanted in suite.content.get("facts", {}).items():
        fact = facts.get(key)
        if fact is None:
            raise unmet(f"{key} is not known; known: {sorted(facts)}")
        if not _is(fact, wanted):
            raise unmet(f"{key} is {fact}")
    verdicts: dict[str, str] = {}
    for result in situation["screening"]:
        verdicts.setdefault(result["id"], result["verdict"])
        if result.get("person"):
            verdicts[f"{result['id']}@{result['person']}"] = result["verdict"]
    for programme, wanted in suite.content.get("screening", {}).items():
        if verdicts.get(programme) != wanted:
            raise unmet(f"{programme} is {verdicts.get(programme)}, not {wanted}")
    said = "\n".join(text for who, text in resident.transcript if who == "bot")
    for pattern in [*suite.content.get("never", []), PROMISE.pattern]:
        if found := re.search(pattern, said, re.IGNORECASE):
            raise unmet(f"“{found.group()}” was said")


def _is(fact: dict[str, Any], wanted: Any) -> bool:
    if isinstance(wanted, dict) and ("low" in wanted or "high" in wanted):
        return (fact["low"], fact["high"]) == (wanted.get("low"), wanted.get("high"))
    if isinstance(wanted, dict):
        return all((fact["value"] or {}).get(name) == part for name, part in wanted.items())
    if isinstance(fact["value"], dict) and isinstance(wanted, str):
        return bool(fact["value"].get("code") == wanted)
    if wanted == "refused":
        return bool(fact["provenance"] == "refused")
    if isinstance(wanted, int | float) and not isinstance(wanted, bool):
        return bool(fact["low"] == fact["high"] == wanted)
    if isinstance(wanted, list) and isinstance(fact["value"], list):
        return set(wanted) <= set(fact["value"])
    return bool(fact["value"] == wanted)

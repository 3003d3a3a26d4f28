"""A case as its page shows it: codes turned into words in both languages, nothing decided here."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from casework import requests
from casework.clock import now
from casework.models import Account, AuditEntry, HelpRequest, Message
from casework.situations import RecordedFact
from channels.desk import access, labels, texts
from channels.desk.board import Item
from channels.desk.case import Case
from channels.desk.rendering import when
from channels.desk.texts import Speaker

HOUSEHOLD_FIRST = ("household", "self", "spouse", "father", "mother", "parent", "child")
SHORT = 6  # characters of a conversation's id that tell it from others on one screen


def case_view(case: Case, me: Account, t: Speaker) -> dict[str, Any]:
    """The head of a case: who owns it, since when, why it was handed over, what one may do with it."""
    conversation, holder = case.conversation, case.holder
    mine = holder is not None and holder.id == me.id
    if mine:
        owner = t("owner.mine")
    elif holder is not None:
        owner = t("owner.consultant", name=holder.name)
    else:
        owner = t(f"owner.{conversation.owner}")
    handoff = case.handoff
    return {
        "id": conversation.id,
        "short": short(conversation.id),
        "owner": conversation.owner,
        "owner_text": owner,
        "language": conversation.language,
        "channel": conversation.channel,
        "created_at": when(conversation.created_at),
        "handoff": None
        if handoff is None or handoff.ended_at is not None
        else {
            "reason": reason_text(handoff.reason, t),
            "urgent": handoff.urgent,
            "at": when(handoff.asked_at),
        },
        "held_by_me": mine,
        # A resident whose help request is open waits for a human too: nobody was on duty when they asked.
        "may_claim": conversation.owner == "queue"
        or (conversation.owner == "bot" and any(one.status in requests.OPEN for one in case.requests)),
        "may_move": mine or (conversation.owner == "consultant" and access.oversees(me)),
    }


def short(conversation_id: str) -> str:
    return conversation_id[:SHORT]


def message_view(message: Message) -> dict[str, Any]:
    extra: Mapping[str, Any] = message.extra or {}
    request = extra.get("request") or {}
    return {
        "id": message.id,
        "from_": message.sender,
        "at": when(message.at),
        "html": texts.HTML.get(message.language, ""),
        "text": message.text,
        "tapped": message.payload is not None,
        "programmes": [labels.both(result["name"]) for result in extra.get("programmes") or []],
        "hotlines": [line_text(line) for line in extra.get("hotlines") or []],
        "request": request.get("number"),
        "buttons": [str(button.get("title", "")) for button in extra.get("buttons") or []],
    }


def line_text(line: Mapping[str, Any]) -> str:
    name = line.get("name", "")
    return f"{line['number']} {name['zh'] if isinstance(name, Mapping) else name}".strip()


def situation_view(facts: Iterable[RecordedFact]) -> list[dict[str, Any]]:
    """The facts by whom they are about, the household first; refused ones are listed apart."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for fact in facts:
        if fact.provenance == "refused":
            continue
        groups.setdefault(fact.relation, []).append(
            {
                "label": labels.fact(fact.key),
                "value": labels.value(fact.key, fact.as_json()),
                "provenance": fact.provenance,
                "words": fact.words,
                "by": fact.by,
                "at": when(fact.at),
            }
        )
    return [
        {"title": labels.relation(relation), "facts": groups[relation]}
        for relation in sorted(groups, key=_relation_order)
    ]


def refused_view(facts: Iterable[RecordedFact]) -> list[dict[str, str]]:
    """What not to ask again, with whom it is about."""
    return [about(fact.key, fact.relation) for fact in facts if fact.provenance == "refused"]


def about(key: str, relation: str) -> dict[str, str]:
    """`father` and `person.age` → the father: age."""
    label, who = labels.fact(key), labels.relation(relation)
    if relation in ("household", "need", "event"):
        return label
    return {"zh": f"{who['zh']}：{label['zh']}", "en": f"{who['en']}: {label['en']}"}


def screening_view(
    results: Iterable[Mapping[str, Any]],
    facts: Iterable[RecordedFact],
    matters: Collection[tuple[str, str | None]],
) -> dict[str, Any]:
    """Verdict cards in the order of `results`: those that matter now, what is open besides, what does not fit.

    People of whom the same is known about the same programme share a card.
    """
    refused = {fact.key for fact in facts if fact.provenance == "refused"}
    alike: dict[str, list[Mapping[str, Any]]] = {}
    for result in results:
        same = {key: value for key, value in result.items() if key not in ("person", "would_change")}
        alike.setdefault(json.dumps(same, sort_keys=True, default=str), []).append(result)
    view: dict[str, list[dict[str, Any]]] = {"open": [], "later": [], "unlikely": []}
    for group in alike.values():
        if group[0]["verdict"] == "unlikely":
            pile = "unlikely"
        else:
            pile = "open" if any((one["id"], one["person"]) in matters for one in group) else "later"
        view[pile].append(_card(group, refused))
    return view


def _card(group: Sequence[Mapping[str, Any]], refused: set[str]) -> dict[str, Any]:
    result = group[0]
    verdict = result["verdict"]
    conditions = [
        {"text": labels.both(condition["text"]), "state": condition["state"]}
        for condition in result.get("conditions") or []
    ]
    # What a consultant needs at a glance: why it may fit, what is missing, or what stands against it.
    glance = {"likely": ("met", "unmet", "unknown"), "possible": (), "unlikely": ("unmet",)}[verdict]
    return {
        "id": result["id"],
        "name": labels.both(result["name"]),
        "verdict": verdict,
        "codes": " ".join(str(one["person"]) for one in group if one.get("person")),
        "people": [labels.relation(one["person"]) for one in group if one.get("person")],
        "amount": labels.amount(result.get("amount")),
        "reasons": [condition for condition in conditions if condition["state"] in glance],
        "more_reasons": [condition for condition in conditions if condition["state"] not in glance],
        "missing": [
            {"label": labels.fact(key), "refused": key in refused} for key in result.get("missing") or []
        ],
        "would_change": [labels.both(change["text"]) for change in result.get("would_change") or []],
        "documents": [_document(document) for document in result.get("documents") or []],
        "apply": _apply(result.get("apply") or {}),
        "sources": [_source(source) for source in result.get("sources") or []],
        "caveats": [labels.both(caveat) for caveat in result.get("caveats") or []],
    }


def _document(document: object) -> dict[str, str]:
    return (
        labels.both(document.get("name", document))
        if isinstance(document, Mapping)
        else labels.both(document)
    )


def _apply(apply: Mapping[str, Any]) -> list[dict[str, Any]]:
    known = {
        "where": "programme.where",
        "how": "programme.how",
        "time": "programme.time",
        "online": "programme.online",
    }
    return [
        {"label": name, "text": labels.both(apply[key])}
        for key, name in known.items()
        if apply.get(key) not in (None, "", {})
    ]


def _source(source: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "title": source.get("title"),
        "number": source.get("number"),
        "article": source.get("article"),
        "url": source.get("url"),
        "confidence": source.get("confidence"),
    }


def item_view(item: Item, t: Speaker) -> dict[str, Any]:
    """One conversation of the queue page."""
    handoff, last = item.handoff, item.last
    return {
        "id": item.conversation.id,
        "short": short(item.conversation.id),
        "channel": item.conversation.channel,
        "language": item.conversation.language,
        "urgent": handoff is not None and handoff.urgent,
        "reason": reason_text(handoff.reason, t) if handoff is not None else "",
        "wait": wait_text(handoff.asked_at, t) if handoff is not None and handoff.claimed_at is None else "",
        "holder": item.holder.name if item.holder is not None else "",
        "last": None if last is None else {"text": last.text, "html": texts.HTML[last.language]},
    }


def reason_text(reason: str, t: Speaker) -> str:
    """A handoff's reason: a code such as `danger:medical`, or what somebody wrote."""
    return t(f"reason.{reason.replace(':', '_')}", default=reason)


def step_view(step: Mapping[str, Any]) -> dict[str, Any]:
    """A step of a help request, as the records give it."""
    return {**step, "at": when(datetime.fromisoformat(step["at"]))}


def request_view(request: HelpRequest) -> dict[str, Any]:
    """A help request, with the states it may go to now."""
    return {
        "number": request.number,
        "status": request.status,
        "grade": request.grade,
        "summary": request.summary,
        "contact": request.contact,
        "area": labels.area(request.area),
        "place": request.place,
        "source": request.source,
        "conversation_id": request.conversation_id,
        "created_at": when(request.opened_at),
        "due_at": when(request.due_at),
        "late": request.due_at < now() and request.status in ("new", "assigned"),  # not yet in touch
        "office": labels.both(requests.office(request)),
        "erased": request.erased_at is not None,
        # The way on comes first; assigning once more is possible, but seldom meant.
        "steps": sorted(requests.FOLLOWS[request.status], key=lambda status: status == request.status),
    }


def wait_text(since: datetime | None, t: Speaker) -> str:
    """How long somebody has been waiting, in whole minutes."""
    if since is None:
        return ""
    minutes = int((now() - since).total_seconds() // 60)
    if minutes < 1:
        return t("queue.just_now")
    if minutes < 60:
        return t("queue.waits", minutes=minutes)
    return t("queue.hours", hours=minutes // 60, minutes=minutes % 60)


def entry_view(entry: AuditEntry, t: Speaker) -> dict[str, Any]:
    """An entry of the audit log; a long list in its detail is counted."""
    detail = entry.detail or {}
    return {
        "at": when(entry.at),
        "who": entry.who,
        "action": t(f"action.{entry.action.replace('.', '_')}", default=entry.action),
        "subject": entry.subject,
        "detail": ", ".join(
            f"{key}: {len(value) if isinstance(value, list) else value}"
            for key, value in detail.items()
            if value is not None
        ),
    }


def _relation_order(relation: str) -> tuple[int, str]:
    base = relation.partition("-")[0]
    place = HOUSEHOLD_FIRST.index(base) if base in HOUSEHOLD_FIRST else len(HOUSEHOLD_FIRST)
    return place, relation

"""One programme's result, with everything that explains it worked out when it is asked for."""

from __future__ import annotations

import datetime
import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from policies_kb.assessment import UNLIKELY, Assessment, Assessor
from policies_kb.caveats import caveats
from policies_kb.knowledge import Knowledge
from policies_kb.missing import missing_refs, open_refs
from policies_kb.records import Programme
from policies_kb.situation import Ref
from policies_kb.text import Text
from policies_kb.what_would_change import Change, would_change

_STATES = {True: "met", False: "unmet", None: "unknown"}


@dataclass(frozen=True, slots=True)
class AmountBounds:
    """What may be paid: an open side is None; `unit` yuan/month, yuan/year, yuan or share."""

    low: float | None
    high: float | None
    unit: str
    per: str

    def as_json(self) -> dict[str, Any]:
        """`{"low", "high", "unit", "per"}`."""
        return {"low": self.low, "high": self.high, "unit": self.unit, "per": self.per}


@dataclass(frozen=True, slots=True)
class ConditionResult:
    """One condition: its words, met/unmet/unknown, and the keys of the facts it reads."""

    text: Text
    state: str
    facts: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """`{"text", "state", "facts"}`."""
        return {"text": self.text.as_json(), "state": self.state, "facts": list(self.facts)}


class ProgrammeResult:
    """One programme's verdict for the household (`person` None) or one person, with everything that explains it."""

    def __init__(self, assessor: Assessor, found: Assessment) -> None:
        self._assessor, self._found = assessor, found
        self.programme: Programme = found.programme
        self.verdict: str = found.verdict
        self.person: str | None = found.person

    def __repr__(self) -> str:
        return f"{self.id} {self.person or ''} {self.verdict}"

    @property
    def id(self) -> str:
        """The programme's identifier."""
        return self.programme.id

    @property
    def as_of(self) -> datetime.date:
        """The day it holds for."""
        return self._assessor.as_of

    @property
    def kb(self) -> Knowledge:
        """The knowledge it rests on."""
        return self._assessor.kb

    @cached_property
    def conditions(self) -> tuple[ConditionResult, ...]:
        """Every condition, in the programme's order; last, where it needs one, whether a notice puts it in force."""
        found, kept = self._found, self._assessor.known.engine.conditions
        key = (self.id, found.states, found.notice)
        shown: tuple[ConditionResult, ...] | None = kept.get(key)
        if shown is None:
            shown = kept[key] = self._shown(found)
        return shown

    def _shown(self, found: Assessment) -> tuple[ConditionResult, ...]:
        shown = [
            ConditionResult(condition.says, _STATES[state], condition.test.facts)
            for condition, state in zip(self.programme.conditions, found.states, strict=True)
        ]
        if self.programme.on_notice:
            notice = self.kb.phrases["on_notice"]
            shown.append(ConditionResult(notice, _STATES[found.notice], ("context.special_notices",)))
        return tuple(shown)

    @cached_property
    def _groups(self) -> list[tuple[Ref, ...]]:
        return open_refs(self._assessor, self._found)

    @cached_property
    def missing_refs(self) -> tuple[Ref, ...]:
        """The unknown facts, each with of whom, the most useful first, refused ones last."""
        return missing_refs(self._assessor, self._groups)

    @property
    def missing(self) -> tuple[str, ...]:
        """The keys of the unknown facts, the most useful first, refused ones last."""
        return tuple(dict.fromkeys(key for key, _ in self.missing_refs))

    @cached_property
    def would_change(self) -> tuple[Change, ...]:
        """What single fact would change the verdict, in words."""
        return would_change(self._assessor, self._found, self.missing_refs, self._groups)

    @cached_property
    def caveats(self) -> tuple[Text, ...]:
        """What is uncertain."""
        return caveats(self._assessor, self._found)

    @cached_property
    def amount(self) -> AmountBounds | None:
        """Bounds of the amount; None where the verdict is unlikely or a figure it needs is not sourced for the day."""
        amount, columns = self.programme.amount, self._found.plan.amount
        if amount is None or columns is None or self.verdict == UNLIKELY:
            return None
        column, person = self._assessor.known.column, self._found.position
        low, high, stands = (column(node, person) for node in columns)
        if not stands:
            return None
        most = _rounded(high) if math.isfinite(high) else None
        return AmountBounds(_rounded(low), most, amount.unit, amount.per)

    def as_json(self) -> dict[str, Any]:
        """The result as the public interface shows it."""
        return {
            "id": self.id,
            "name": self.programme.name.as_json(),
            "verdict": self.verdict,
            "person": self.person,
            "amount": self.amount.as_json() if self.amount else None,
            "conditions": [condition.as_json() for condition in self.conditions],
            "missing": list(self.missing),
            "would_change": [change.as_json() for change in self.would_change],
            "documents": [self.kb.documents[name].as_json() for name in self.programme.documents],
            "apply": self.programme.apply.as_json(),
            "sources": _sources(self.programme, self.kb),
            "as_of": self.as_of.isoformat(),
            "caveats": [caveat.as_json() for caveat in self.caveats],
        }


def _rounded(value: float) -> float:
    return int(value) if value == int(value) else round(value, 2)


def _sources(programme: Programme, kb: Knowledge) -> list[dict[str, object]]:
    """The programme's documents, then those of its conditions, each once with its articles."""
    articles: dict[str, list[str]] = {}
    for citation in programme.all_citations:
        kept = articles.setdefault(citation.id, [])
        if citation.article and citation.article not in kept:
            kept.append(citation.article)
    return [kb.citation_json(id_, ", ".join(kept) or None) for id_, kept in articles.items()]

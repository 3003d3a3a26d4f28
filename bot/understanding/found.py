"""What understanding hands on: one fact, danger or programme found in a text (contract §6)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from .kin import Person


@dataclass(frozen=True)
class Found:
    """`entity` is a fact's name without prefix; `role` the relation ("" for need, danger, programme)."""

    entity: str
    value: Any
    role: str
    start: int
    end: int
    group: str = ""

    def as_entity(self, extractor: str) -> dict[str, Any]:
        """The dictionary that /model/parse shows."""
        entity: dict[str, Any] = {"entity": self.entity, "value": self.value}
        if self.role:
            entity["role"] = self.role
        if self.group:
            entity["group"] = self.group
        return {**entity, "start": self.start, "end": self.end, "extractor": extractor}


def of_person(entity: str, value: Any, person: Person, start: int, end: int) -> Found:
    """A fact about a person of the cast."""
    return Found(entity, value, person.relation, start, end, person.group)


# Facts of which one message may hold several for the same person.
SEVERAL = {"illness", "need", "debt", "danger", "programme", "type", "urgent", "legal_need"}


_WITHOUT_WORK = {"homemaker", "retired", "student", "unable", "odd_jobs"}


def once(found: Iterable[Found]) -> list[Found]:
    """One of each fact and person, the later one where two differ (people correct themselves); reading order."""
    kept: dict[tuple[Any, ...], Found] = {}
    for item in found:
        key: tuple[Any, ...] = (item.entity, item.role, item.group)
        if item.entity in SEVERAL:
            key += (repr(item.value),)
            if item.entity == "debt":
                key += (item.start,)
        before = kept[key].value if key in kept and item.entity == "employment" else None
        if item.value == "unemployed" and before in _WITHOUT_WORK:
            continue  # 在家带孩子，没上班: why says more than that
        kept.pop(key, None)
        kept[key] = item
    return sorted(kept.values(), key=lambda f: (f.start, f.end, f.entity))

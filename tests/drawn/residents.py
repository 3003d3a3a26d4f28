"""Simulated residents: each has a whole drawn situation, tells a little of it unasked, and answers questions."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

from policies_kb.situation import Fact, Ref, fact_types
from tests.drawn.following import HOME, Whole, following, persons
from tests.drawn.sampling import marginals

TOLD, HEDGED, UNKNOWN, REFUSED = "told", "hedged", "unknown", "refused"
_ROUGHLY = 0.1  # 大概, 左右: ten percent either way
_WHO_THEY_ARE = ("person.age", "person.employment", "person.disability_certificate", "person.major_illness")


@dataclass(frozen=True, slots=True)
class Answer:
    """How a resident answers, and the fact that is then known (refused ones too); None where it isn't."""

    manner: str
    fact: Fact | None


class Resident:
    """One resident. What is answered to a question depends on the question alone, not on when it is asked."""

    def __init__(self, whole: Whole, seed: str) -> None:
        self.whole = whole
        self.seed = seed
        self._known: dict[Ref, Fact] = {**following(whole), **whole}

    def opening(self) -> list[Fact]:
        """What is told before anything is asked; never that something isn't so."""
        chance = random.Random(f"{self.seed} opening")
        entry = marginals()
        weights: dict[str, float] = entry["telling.opening"]["weights"]
        spoken_of = self._spoken_of(chance)
        worth = [
            (fact, weights[fact.key])
            for fact in self.whole.values()
            if fact.key in weights and _is_worth_telling(fact) and self._is_about(fact, spoken_of)
        ]
        count = _banded(entry["telling.opening_count"]["bands"], chance)
        chosen = [self._introduces(person, chance) for person in spoken_of if person != "self"]
        for _ in range(count):
            if not worth:
                break
            picked = chance.choices(range(len(worth)), [weight for _, weight in worth])[0]
            chosen.append(worth.pop(picked)[0])
        told = {fact.ref: self._told(fact, chance) for fact in chosen}
        return list(told.values())

    def _spoken_of(self, chance: random.Random) -> list[str]:
        share = marginals()["telling.speaks_of"]["share"]
        everybody = persons(self.whole)
        return [person for person in everybody if person == everybody[0] or chance.random() < share]

    def _is_about(self, fact: Fact, spoken_of: list[str]) -> bool:
        if fact.key.startswith("person.") or fact.relation in persons(self.whole):
            return fact.relation in spoken_of
        return fact.relation in (HOME, "need", "event")

    def _introduces(self, person: str, chance: random.Random) -> Fact:
        """What a relative is mentioned with: what is the matter with them, else how old they are."""
        signs = [self.whole[key, person] for key in _WHO_THEY_ARE[1:] if (key, person) in self.whole]
        striking = [fact for fact in signs if _is_worth_telling(fact)]
        age = self.whole["person.age", person]
        return chance.choice([age, age, *striking])

    def _told(self, fact: Fact, chance: random.Random) -> Fact:
        share = marginals()["telling.answer"]["choices"]
        return roughly(fact) if chance.random() * 100 < share[HEDGED] else fact

    def answer(self, ref: Ref) -> Answer:
        """The answer to a question about this fact; what the resident's situation doesn't hold is unknown."""
        fact = self._known.get(ref)
        chance = random.Random(f"{self.seed} {ref}")
        manners: dict[str, float] = marginals()["telling.answer"]["choices"]
        manner = chance.choices(list(manners), list(manners.values()))[0]
        if manner == REFUSED:
            return Answer(REFUSED, Fact(*ref, refused=True))
        if manner == UNKNOWN or fact is None:
            return Answer(UNKNOWN, None)
        if manner == HEDGED:
            return Answer(HEDGED, roughly(fact))
        return Answer(TOLD, fact)


def roughly(fact: Fact) -> Fact:
    """Money within ten percent; everything else as it is."""
    if fact_types()[fact.key].kind != "money" or not fact.low:
        return fact
    return Fact(
        fact.key, fact.relation, low=round(fact.low * (1 - _ROUGHLY)), high=round(fact.low * (1 + _ROUGHLY))
    )


def _is_worth_telling(fact: Fact) -> bool:
    return fact.value not in (False, "none", ()) and not (fact.value is None and fact.low == 0)


def _banded(bands: list[list[Any]], chance: random.Random) -> int:
    low, high, _ = chance.choices(bands, [band[2] for band in bands])[0]
    return chance.randint(int(low), int(high))

"""From a situation's facts to a plan's input rows: for each grain a list in the order of the plan's inputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from policies_kb.bounds import prefix_of
from policies_kb.engine.plan import EVENT, HOUSEHOLD, PERSON, Node
from policies_kb.engine.scalar import Program, Row
from policies_kb.facts import FactType
from policies_kb.situation import Fact, Situation, relations


class Rows:
    """How facts stand in the plan's input rows."""

    def __init__(self, program: Program, types: Mapping[str, FactType]) -> None:
        self.types = types
        self.blank: dict[int, Row] = {}
        self.at: dict[tuple[int, str], list[tuple[int, str]]] = {}
        for grain in (HOUSEHOLD, PERSON, EVENT):
            nodes = program.inputs[grain]
            self.blank[grain] = [self._untold(node) for node in nodes]
            for position, node in enumerate(nodes):
                self.at.setdefault((grain, node.args[1]), []).append((position, node.args[2]))
        self.relation_bits = {code: 1 << bit for bit, code in enumerate(relations())}

    def _untold(self, node: Node) -> Any:
        _, key, part = node.args
        if part in ("told", "must", "flag"):
            return False
        if part == "may":
            return True
        if part == "place":
            return ""
        if part == "list":
            return None
        if key == "relation":
            return 0
        kind = self.types[key]
        if part == "mask":
            return (1 << len(kind.choices or ())) - 1
        return getattr(kind.widest, part)

    def of(self, situation: Situation) -> tuple[Row, list[Row], list[Row]]:
        """The household's row, each person's and each event's, in the situation's order."""
        home = list(self.blank[HOUSEHOLD])
        people = {code: self.person(code, number == 0) for number, code in enumerate(situation.persons)}
        happened = {code: list(self.blank[EVENT]) for code in situation.events}
        for (_, relation), fact in situation.facts.items():
            if relation in people:
                self.put(people[relation], PERSON, fact)
            elif relation in happened:
                self.put(happened[relation], EVENT, fact)
            else:
                self.put(home, HOUSEHOLD, fact)
        return home, list(people.values()), list(happened.values())

    def put(self, row: Row, grain: int, fact: Fact) -> None:
        """Writes one fact into a row; a refused one is as unknown as one never told."""
        if fact.refused:
            return
        kind = self.types[fact.key]
        for position, part in self.at.get((grain, fact.key), ()):
            row[position] = self._part(kind, fact, part)

    def _part(self, kind: FactType, fact: Fact, part: str) -> Any:
        if part == "told":
            return True
        if part in ("low", "high"):
            if kind.kind == "date":
                return float(fact.value.toordinal())
            told = fact.low if part == "low" else fact.high
            return getattr(kind.widest, part) if told is None else float(told)
        if part in ("must", "may"):
            return bool(fact.value)
        if part == "mask":
            return 1 << list(kind.choices or ()).index(str(fact.value))
        if part == "place":
            return "none" if fact.value == "none" else prefix_of(str(fact.value))
        return frozenset(fact.value)

    def free(self, row: Row, grain: int, key: str, low: float | None = None) -> None:
        """Makes a fact unknown again; a number no lower than `low`."""
        for position, part in self.at.get((grain, key), ()):
            row[position] = self.blank[grain][position]
            if part == "low" and low is not None:
                row[position] = low

    def person(self, relation: str, first: bool) -> Row:
        """An empty row of one person."""
        row = list(self.blank[PERSON])
        for position, _ in self.at.get((PERSON, "relation"), ()):
            row[position] = self.relation_bits[relation.partition("-")[0]]
        for position, _ in self.at.get((PERSON, "first"), ()):
            row[position] = first
        return row

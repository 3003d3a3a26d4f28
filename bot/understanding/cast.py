"""The people of one message, numbered in the order they appear."""

from __future__ import annotations

from dataclasses import dataclass, field

from .kin import Kin, Person


@dataclass
class Cast:
    """The people of one message, numbered in the order they appear."""

    known: list[tuple[str, str, str, str, str]] = field(
        default_factory=list
    )  # relation, group, sex, rank, word

    def person(self, relation: str, kin: Kin) -> Person:
        """The person a word means: one already named where nothing speaks against it, else a further one."""
        if relation in ("self", "household", "spouse", "father", "mother", "parent"):
            return Person(relation)
        for index, (known, group, sex, rank, word) in enumerate(self.known):
            if known != relation or kin.many:
                continue
            clash = any(a and b and a != b for a, b in ((sex, kin.sex), (rank, kin.rank), (word, kin.word)))
            if relation == "other" and kin.word and kin.word != word:
                clash = bool(word)
            if not clash:
                self.known[index] = (relation, group, sex or kin.sex, rank or kin.rank, word or kin.word)
                return Person(relation, group)
        if kin.many:
            first = next((g for k, g, *_ in self.known if k == relation), None)
            if first is not None:
                return Person(relation, first)
        return self.another(relation, kin)

    def several(self, relation: str, kin: Kin, count: int) -> tuple[Person, ...]:
        """`count` people of one relation: those known already first, then further ones."""
        known = [Person(relation, group) for k, group, *_ in self.known if k == relation]
        return (*known[:count], *(self.another(relation, kin) for _ in range(count - len(known))))

    def another(self, relation: str, kin: Kin) -> Person:
        """A further person of a relation, numbered."""
        count = sum(1 for k, *_ in self.known if k == relation)
        group = str(count + 1) if count else ""
        self.known.append((relation, group, kin.sex, kin.rank, kin.word))
        return Person(relation, group)

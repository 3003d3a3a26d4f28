"""A plan in steps for tables: which columns are made together, and what goes from persons or events to households.

A column that is used once, or is short, is written out where it is used; the others are made layer by layer, each layer
from the ones before it. Polars (frames.py) and SQL (sql.py) carry the same steps out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from policies_kb.engine.plan import EVENT, HOUSEHOLD, PERSON, Node, needed
from policies_kb.engine.verdicts import ProgrammePlan

UP = ("total", "any_of", "first_of")
# What reads a part of it more than once: such a part is a column of its own.
_READS_TWICE = frozenset({"multiply", "divide", "with_bits", "apart"})


def outputs(plan: ProgrammePlan) -> tuple[Node, ...]:
    """What a programme's verdict and amount are read from."""
    return plan.listed, plan.likely, plan.possible, *(plan.amount or ())


@dataclass(slots=True)
class Step:
    """All columns of one grain that can be made before the next exchange: `layers` of them, then what goes `up`.

    `from_home` are the household's columns that persons or events need here.
    """

    grain: int
    phase: int
    layers: list[list[Node]] = field(default_factory=list)
    up: list[Node] = field(default_factory=list)
    from_home: list[Node] = field(default_factory=list)


class Steps:
    """The steps for some outputs; `inputs` of each grain; `columns` are the nodes that get a column of their own.

    What holds at most `short` operations may be written out more than once.
    """

    def __init__(self, outputs: Iterable[Node], short: int = 1) -> None:
        self.outputs = [node for node in dict.fromkeys(outputs) if not node.is_constant]
        self.needed = needed(self.outputs)
        self.inputs = {
            grain: [node for node in self.needed if node.op == "input" and node.grain == grain]
            for grain in (HOUSEHOLD, PERSON, EVENT)
        }
        self.columns = self._columns(short)
        self.last_phase = max((node.phase for node in self.needed), default=0)
        self.steps = [
            step
            for phase in range(self.last_phase + 1)
            for grain in (HOUSEHOLD, PERSON, EVENT)
            if (step := self._step(grain, phase)) is not None
        ]

    def _columns(self, short: int) -> set[int]:
        uses: dict[int, int] = {}
        own = {node.id for node in self.outputs}
        for node in self.needed:
            for part in node.parts:
                uses[part.id] = uses.get(part.id, 0) + 1
                if part.grain != node.grain or part.phase != node.phase or node.op in (*UP, *_READS_TWICE):
                    own.add(part.id)
            if node.op == "input" or node.op in UP:
                own.add(node.id)
        length: dict[int, int] = {}
        for node in self.needed:
            written = sum(0 if part.id in own else length.get(part.id, 0) for part in node.parts)
            length[node.id] = written + 1
            if length[node.id] > short and uses.get(node.id, 0) > 1:
                own.add(node.id)
        return own

    def _step(self, grain: int, phase: int) -> Step | None:
        step = Step(grain, phase)
        depth: dict[int, int] = {}
        made = [n for n in self.needed if n.grain == grain and n.phase == phase]
        for node in made:
            below = [depth[part.id] for part in node.parts if part.id in depth]
            base = max(below, default=0)
            if node.op == "input" or node.op in UP:
                depth[node.id] = 0
                continue
            is_column = node.id in self.columns
            depth[node.id] = base + 1 if is_column else base
            if is_column:
                while len(step.layers) < depth[node.id]:
                    step.layers.append([])
                step.layers[depth[node.id] - 1].append(node)
        if grain != HOUSEHOLD:
            step.up = [n for n in self.needed if n.op in UP and n.args[-1] == grain and n.phase == phase + 1]
            read = {part.id: part for n in (*made, *step.up) for part in n.parts}
            step.from_home = [
                part for part in read.values() if part.grain == HOUSEHOLD and not part.is_constant
            ]
        return step if step.layers or step.up else None

    def last_use(self) -> dict[int, int]:
        """For each column the last step (by position) that reads it; outputs are read for ever."""
        found: dict[int, int] = {}
        position = {(step.grain, step.phase): number for number, step in enumerate(self.steps)}
        for node in self.needed:
            at = position.get((node.grain, node.phase), 0)
            if node.op in UP:
                at = position.get((node.args[-1], node.phase - 1), at)
            for part in node.parts:
                found[part.id] = max(found.get(part.id, 0), at)
        for node in self.outputs:
            found[node.id] = len(self.steps)
        return found

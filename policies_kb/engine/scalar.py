"""A plan carried out for one situation: Python written from the plan, compiled once, run in microseconds.

The code is straight: the household's columns as local variables, then a loop over the persons and one over the events,
then what of the household hangs on them, and so on in phases. Columns that are asked for afterwards are kept.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from policies_kb.engine.plan import DAY, EVENT, HOUSEHOLD, PERSON, Node, floor, needed, product, quotient

Row = list[Any]
Columns = tuple[list[Any], list[Row], list[Row]]  # the household's, each person's, each event's
_UP = ("total", "any_of", "first_of")


class Program:
    """A compiled plan. `inputs`: what each grain's input row holds, in its order; a kept node knows its place."""

    def __init__(self, outputs: Iterable[Node], placed: bool = True) -> None:
        """`placed`: kept nodes learn their place; a node has one, so only one program of a graph may do this."""
        outputs = list(outputs)
        nodes = needed(outputs)
        self.inputs: dict[int, list[Node]] = {
            grain: [node for node in nodes if node.op == "input" and node.grain == grain]
            for grain in (DAY, HOUSEHOLD, PERSON, EVENT)
        }
        kept = {node.id for node in outputs if not node.is_constant}
        writer = _Writer(nodes, kept, self.inputs)
        self.source = writer.source()
        if placed:
            for node in nodes:
                node.at = writer.position.get(node.id, -1)
        self._run: Callable[[Row, Row, Sequence[Row], Sequence[Row]], Columns] = _compiled(self.source)

    def run(self, day: Row, household: Row, persons: Sequence[Row], events: Sequence[Row]) -> Columns:
        """The kept columns, from input rows in the order of `inputs`."""
        return self._run(day, household, persons, events)


class _Writer:
    """Writes the function's text."""

    def __init__(self, nodes: list[Node], kept: set[int], inputs: dict[int, list[Node]]) -> None:
        self.needed, self.kept, self.inputs = nodes, kept, inputs
        self.uses: dict[int, list[Node]] = {}
        for node in nodes:
            for part in node.parts:
                self.uses.setdefault(part.id, []).append(node)
        self.position: dict[int, int] = {}
        self.lines: list[str] = []
        self.texts: dict[int, str] = {}

    def source(self) -> str:
        last = max((node.phase for node in self.needed), default=0)
        for grain, row in ((DAY, "d"), (HOUSEHOLD, "h")):
            names = [f"v{node.id}" for node in self.inputs[grain]]
            if names:
                self.lines.append(f" [{', '.join(names)}] = {row}")
        saved: dict[int, list[list[Node]]] = {PERSON: [], EVENT: []}
        for phase in range(last + 1):
            self.straight(phase)
            for grain, rows in ((PERSON, "p"), (EVENT, "e")):
                self.loop(phase, grain, rows, saved[grain])
        self.keep(saved)
        return "def run(d, h, p, e):\n" + "\n".join(self.lines)

    def straight(self, phase: int) -> None:
        """The household's columns of a phase."""
        for node in self.needed:
            if node.phase == phase and node.grain in (DAY, HOUSEHOLD) and node.op not in ("input", *_UP):
                self.assign(node, " ")

    def loop(self, phase: int, grain: int, rows: str, saved: list[list[Node]]) -> None:
        """The columns of persons or events of a phase, and what goes from them to the household."""
        own = [n for n in self.needed if n.phase == phase and n.grain == grain and n.op != "input"]
        up = [n for n in self.needed if n.phase == phase + 1 and n.op in _UP and n.args[-1] == grain]
        if not own and not up and not (phase == 0 and self.inputs[grain]):
            return
        for node in up:
            start = {"total": "0.0", "any_of": "False", "first_of": "''"}[node.op]
            self.lines.append(f" v{node.id} = {start}")
            self.texts[node.id] = f"v{node.id}"
        stored = [n for n in own if self.stays(n, phase)]
        before = [f"{rows}{number}" for number in range(len(saved))]
        kept_rows = f"{rows}{len(saved)}"
        self.lines.append(f" {kept_rows} = []")
        names = [f"[{', '.join(f'v{n.id}' for n in self.inputs[grain])}]"]
        names += [f"({', '.join(f'v{n.id}' for n in group)},)" if group else "_" for group in saved]
        source = f"zip({', '.join([rows, *before])})" if before else rows
        self.lines.append(f" for {', '.join(names)} in {source}:")
        for node in own:
            self.assign(node, "  ")
        for node in up:
            self.up(node)
        self.lines.append(f"  {kept_rows}.append(({''.join(f'v{n.id},' for n in stored)}))")
        saved.append(stored)

    def up(self, node: Node) -> None:
        name, first = f"v{node.id}", self.text(node.args[0])
        if node.op == "total":
            self.lines.append(f"  {name} += {first}")
        elif node.op == "any_of":
            self.lines.append(f"  if {first}: {name} = True")
        else:
            self.lines.append(f"  if {name} == '' and {self.text(node.args[1])}: {name} = {first}")

    def stays(self, node: Node, phase: int) -> bool:
        """Whether a column of persons or events is asked for after its own loop, and has a name."""
        later = any(
            use.phase > phase and not (use.op in _UP and use.phase == phase + 1)
            for use in self.uses.get(node.id, ())
        )
        return node.id in self.kept or later

    def assign(self, node: Node, indent: str) -> None:
        text = self.expression(node)
        alone = len(self.uses.get(node.id, ())) == 1
        used = self.uses[node.id][0] if alone else None
        if (
            used is not None
            and node.id not in self.kept
            and used.grain == node.grain
            and used.phase == node.phase
            and used.op not in ("min", "max", "with_bits", "has", "is_empty")
            and len(text) < 400
        ):
            self.texts[node.id] = text
            return
        self.lines.append(f"{indent}v{node.id} = {text}")
        self.texts[node.id] = f"v{node.id}"

    def text(self, node: Node) -> str:
        """How a column is named, or written out where it is used only once."""
        if node.is_constant:
            return _literal(node.args[0])
        return self.texts.get(node.id, f"v{node.id}")

    def expression(self, node: Node) -> str:
        parts = [self.text(arg) if isinstance(arg, Node) else arg for arg in node.args]
        match node.op:
            case "not":
                return f"(not {parts[0]})"
            case "and" | "or":
                return f"({f' {node.op} '.join(parts)})"
            case "where":
                return f"({parts[1]} if {parts[0]} else {parts[2]})"
            case "kleene":
                return f"(True if {parts[0]} else None if {parts[1]} else False)"
            case "less":
                return f"({parts[0]} < {parts[1]})"
            case "same":
                return f"({parts[0]} == {parts[1]})"
            case "add":
                return f"({parts[0]} + {parts[1]})"
            case "subtract":
                return f"({parts[0]} - {parts[1]})"
            case "multiply":
                return f"product({parts[0]}, {parts[1]})"
            case "divide":
                return f"quotient({parts[0]}, {parts[1]})"
            case "min":
                return f"({parts[0]} if {parts[0]} < {parts[1]} else {parts[1]})"
            case "max":
                return f"({parts[0]} if {parts[0]} > {parts[1]} else {parts[1]})"
            case "floor":
                return f"floor({parts[0]})"
            case "common":
                return f"({parts[0]} & {parts[1]})"
            case "with_bits":
                return f"({parts[0]} | {parts[1]} if {parts[2]} else {parts[0]})"
            case "overlaps":
                return f"({parts[0]} & {parts[1]} != 0)"
            case "is_null":
                return f"({parts[0]} == '')" if node.args[0].kind == "place" else f"({parts[0]} is None)"
            case "starts":
                return f"{parts[0]}.startswith({parts[1]!r})"
            case "one_of":
                return f"({parts[0]} in {parts[1]!r})"
            case "apart":
                return f"apart({parts[0]}, {parts[1]})"
            case "has":
                return f"({parts[0]} is not None and {parts[1]!r} in {parts[0]})"
            case "is_empty":
                return f"({parts[0]} is not None and not {parts[0]})"
        raise TypeError(f"{node} cannot be written")

    def keep(self, saved: dict[int, list[list[Node]]]) -> None:
        """The kept columns of each grain, and where each stands."""
        home = [n for n in self.needed if n.id in self.kept and n.grain in (DAY, HOUSEHOLD)]
        self.position.update({node.id: index for index, node in enumerate(home)})
        results = [f"[{', '.join(self.text(node) for node in home)}]"]
        for grain, rows in ((PERSON, "p"), (EVENT, "e")):
            given = [n for n in self.inputs[grain] if n.id in self.kept]
            offset = 0
            groups = []
            for number, group in enumerate(saved[grain]):
                for index, node in enumerate(group):
                    self.position[node.id] = offset + index
                offset += len(group)
                groups.append(f"{rows}{number}")
            inputs_at = {node.id: index for index, node in enumerate(self.inputs[grain])}
            for node in given:
                self.position[node.id] = offset + inputs_at[node.id]
            source = f"zip({', '.join([*groups, rows])})"
            names = [f"g{number}" for number in range(len(groups))]
            joined = " + ".join([*names, "tuple(i)"])
            results.append(f"[{joined} for {', '.join([*names, 'i'])}{'' if names else ','} in {source}]")
        self.lines.append(f" return {', '.join(results)}")


def _literal(value: Any) -> str:
    if isinstance(value, float) and math.isinf(value):
        return "inf" if value > 0 else "-inf"
    return repr(value)


def _apart(a: str, b: str) -> bool:
    return a != "" and b != "" and not a.startswith(b) and not b.startswith(a)


def _compiled(source: str) -> Callable[..., Columns]:
    space: dict[str, Any] = {
        "inf": math.inf,
        "product": product,
        "quotient": quotient,
        "apart": _apart,
        "floor": floor,
    }
    # Written above from checked files, never from what somebody sent.
    exec(compile(source, "<plan>", "exec"), space)  # noqa: S102
    found: Callable[..., Columns] = space["run"]
    return found

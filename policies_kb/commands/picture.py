"""Pictures of the knowledge base, drawn with matplotlib.

The whole is a table, because a web of some hundred names and lines cannot be read: a row a programme (by area), a
column a fact, a dot where the programme reads it, and beside the rows an arc for each tie between two programmes.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Literal

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Arc

from policies_kb.areas import UnknownAreaError, find_area, within
from policies_kb.commands.common import BadInputError
from policies_kb.knowledge import Knowledge
from policies_kb.records import Programme
from policies_kb.text import Text

CHINESE_FONTS = (
    *("Noto Sans CJK SC", "Noto Sans CJK JP", "Source Han Sans SC", "Source Han Sans CN", "PingFang SC"),
    *("Microsoft YaHei", "SimHei", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei"),
)
COLOURS = {
    "household": "#1f6f8b",
    "person": "#b5651d",
    "event": "#8b1f3d",
    "need": "#5b7f2b",
    "context": "#6a5a8c",
}
ABOUT = {
    "household": Text("家庭", "household"),
    "person": Text("个人", "person"),
    "event": Text("突发事件", "event"),
    "need": Text("需要", "need"),
    "context": Text("当时情况", "context"),
}
CELL = 0.27  # inches a row and a column take


Style = Literal["-", "--", ":"]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of tie between two programmes: how it is called and drawn."""

    name: Text
    colour: str
    style: Style


IMPLEMENTS = Kind(Text("在本地落实", "carries out"), "#7a7a7a", "-")
EXCLUDES = Kind(Text("不能同时享受", "not together"), "#c0392b", "--")
RECOGNISES = Kind(Text("给出所需的身份", "gives the status it needs"), "#2460a7", "-")
TOGETHER = Kind(Text("可以同时申请", "can be had together"), "#4f8a3c", ":")


def ties(kb: Knowledge) -> Iterator[tuple[str, str, Kind]]:
    """Every tie: the programme it goes out from, the one it leads to, its kind. What excludes both ways comes once."""
    excluded: set[frozenset[str]] = set()
    for id_, programme in kb.programmes.items():
        for carried_out in programme.implements:
            yield id_, carried_out, IMPLEMENTS
        for other in programme.excludes:
            if frozenset((id_, other)) not in excluded:
                excluded.add(frozenset((id_, other)))
                yield id_, other, EXCLUDES
        needed = dict.fromkeys(status for c in programme.conditions for status in c.test.statuses)
        for giving in (giving for status in needed for giving in kb.recognising.get(status, ())):
            if giving.id != id_ and _same_place(giving, programme):
                yield giving.id, id_, RECOGNISES


def _same_place(one: Programme, other: Programme) -> bool:
    """Whether both are national, or one holds in the place of the other: Nanjing's dibao opens nothing in Shanghai."""
    if one.is_national or other.is_national:
        return one.is_national and other.is_national
    return within(one.area, other.area) or within(other.area, one.area)


def overview(kb: Knowledge, language: str) -> Figure:
    """The whole knowledge base. Raises BadInputError where Chinese is asked for and no font can show it."""
    _use_font(language)
    rows = sorted(kb.programmes.values(), key=lambda p: (not p.is_national, p.area, p.id))
    read = {p.id: _facts_of(p) for p in rows}
    columns = [key for key in kb.facts if any(key in facts for facts in read.values())]
    left, right, top = 27.0, 18.0, 19.0  # cells for the names, the arcs and the facts' labels
    figure = Figure(figsize=(CELL * (len(columns) + left + right), CELL * (len(rows) + top + 4.5)))
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set_xlim(-left, len(columns) + right)
    axes.set_ylim(len(rows) + 4.5, -top)
    axes.axis("off")
    for number, (area, group) in enumerate(groupby(enumerate(rows), key=lambda item: item[1].area)):
        listed = list(group)
        first, last = listed[0][0] - 0.5, listed[-1][0] + 0.5
        shade = "#f1f4f6" if number % 2 == 0 else "#ffffff"
        axes.axhspan(first, last, color=shade, zorder=0)
        name = _said(_area(area), language, " · ")
        axes.text(-left + 0.3, (first + last) / 2, name, va="center", fontsize=7.5)
    for index, key in enumerate(columns):
        colour = COLOURS[kb.facts[key].about]
        axes.plot([index, index], [-0.5, len(rows) - 0.5], color="#dddddd", linewidth=0.5, zorder=1)
        label = _said(kb.facts[key].label, language, " · ")
        axes.text(index, -0.8, label, rotation=90, va="bottom", ha="center", fontsize=7, color=colour)
    for index, programme in enumerate(rows):
        faded = programme.expired
        name = programme.name.en if language == "en" else programme.name.zh
        colour = "#999999" if faded else "#222222"
        axes.text(-0.8, index, f"{name}  {programme.id}", va="center", ha="right", fontsize=7, color=colour)
        axes.plot([-0.5, len(columns) - 0.5], [index, index], color="#e6e6e6", linewidth=0.5, zorder=1)
        for column, key in enumerate(columns):
            if key in read[programme.id]:
                dot = COLOURS[kb.facts[key].about]
                alpha = 0.3 if faded else 1.0
                axes.plot(column, index, "o", color=dot, markersize=5, alpha=alpha, zorder=3)
    _arcs(axes, {p.id: n for n, p in enumerate(rows)}, kb, len(columns), right)
    _legend(axes, language, [ABOUT[about] for about in COLOURS], [IMPLEMENTS, RECOGNISES, EXCLUDES])
    return figure


def _arcs(axes: Axes, rows: dict[str, int], kb: Knowledge, start: int, width: float) -> None:
    """The ties, each kind from a line of its own so that they can be told apart; an arrow's end has a dot."""
    longest = max(1, len(rows))
    for offset, kind in ((0.0, IMPLEMENTS), (0.35, RECOGNISES), (0.7, EXCLUDES)):
        for one, other, found in ties(kb):
            if found is not kind or other not in rows:
                continue
            a, b = rows[one], rows[other]
            span = 2 * (width - 2) * (0.12 + 0.85 * abs(a - b) / longest)
            arc = Arc((start + offset, (a + b) / 2), span, abs(a - b), theta1=-90, theta2=90)
            arc.set(edgecolor=kind.colour, linestyle=kind.style, linewidth=0.8, alpha=0.75, fill=False)
            axes.add_patch(arc)
            axes.plot(start + offset, b, ".", color=kind.colour, markersize=4)


def _legend(axes: Axes, language: str, abouts: list[Text], kinds: list[Kind]) -> None:
    handles: list[Line2D] = [
        Line2D([], [], marker="o", linestyle="", color=colour, label=_said(about, language, " · "))
        for about, colour in zip(abouts, COLOURS.values(), strict=True)
    ]
    handles += [
        Line2D([], [], color=k.colour, linestyle=k.style, label=_said(k.name, language, " · ")) for k in kinds
    ]
    axes.legend(handles=handles, loc="lower center", ncol=len(handles), fontsize=8, frameon=False)


def neighbourhood(kb: Knowledge, programme: Programme, language: str) -> Figure:
    """One programme: the facts it reads, its conditions, itself, and the programmes it has a tie with."""
    _use_font(language)
    facts = [key for key in kb.facts if key in _facts_of(programme)]
    says = [_wrapped(condition.says, language, 30) for condition in programme.conditions]
    related = list(_related(kb, programme))
    height = max(
        len(facts) * 0.65, sum(0.2 * text.count("\n") + 0.55 for text in says), len(related) * 0.95, 3
    )
    figure = Figure(figsize=(19, height + 1.6))
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set_xlim(0, 19)
    axes.set_ylim(height + 1.3, -0.3)
    axes.axis("off")
    middle = (height + 0.8) / 2
    of_fact = dict(zip(facts, _spread(len(facts), height), strict=True))
    for key, y in of_fact.items():
        _box(axes, (2.3, y), _wrapped(kb.facts[key].label, language, 26), COLOURS[kb.facts[key].about])
    for condition, text, y in zip(programme.conditions, says, _spread(len(says), height), strict=True):
        _box(axes, (8.2, y), text, "#555555" if condition.weak else "#222222", dashed=condition.weak)
        for key in condition.test.facts:
            _join(axes, (2.3, of_fact[key]), (8.2, y), COLOURS[kb.facts[key].about])
        _join(axes, (8.2, y), (12.7, middle), "#aaaaaa")
    own = (
        f"{_wrapped(programme.name, language, 22)}\n{programme.id}\n{_said(_area(programme.area), language)}"
    )
    _box(axes, (12.7, middle), own, "#000000")
    for (other, kind, outward), y in zip(related, _spread(len(related), height), strict=True):
        arrow = "→" if outward else "←"
        name = _wrapped(kb.programmes[other].name, language, 26)
        _box(axes, (17.0, y), f"{arrow} {_said(kind.name, language, ' · ')}\n{name}", kind.colour)
        _join(axes, (12.7, middle), (17.0, y), kind.colour, kind.style)
    kinds = [IMPLEMENTS, RECOGNISES, EXCLUDES, TOGETHER]
    _legend(axes, language, [ABOUT[about] for about in COLOURS], kinds)
    return figure


def _related(kb: Knowledge, programme: Programme) -> Iterator[tuple[str, Kind, bool]]:
    """Every tie of a programme: with whom, of which kind, and whether it goes out from it."""
    for one, other, kind in ties(kb):
        if programme.id == one:
            yield other, kind, True
        elif programme.id == other:
            yield one, kind, False
    for other in programme.together_with:
        yield other, TOGETHER, True


def _facts_of(programme: Programme) -> set[str]:
    tests = [condition.test for condition in programme.conditions]
    tests += [programme.amount.value] if programme.amount else []
    return {key for test in tests for key in test.facts}


def _spread(count: int, height: float) -> list[float]:
    step = (height + 0.8) / max(1, count)
    return [step * (index + 0.5) for index in range(count)]


def _box(axes: Axes, at: tuple[float, float], text: str, colour: str, dashed: bool = False) -> None:
    """Words in a frame, which covers the lines that lead to its middle."""
    frame = {
        "boxstyle": "round,pad=0.35",
        "facecolor": "white",
        "edgecolor": colour,
        "linestyle": "--" if dashed else "-",
        "linewidth": 0.9,
    }
    axes.text(*at, text, ha="center", va="center", fontsize=8.5, color=colour, zorder=3, bbox=frame)


def _join(
    axes: Axes, start: tuple[float, float], end: tuple[float, float], colour: str, style: Style = "-"
) -> None:
    axes.plot(
        *zip(start, end, strict=True), color=colour, linestyle=style, linewidth=0.8, alpha=0.7, zorder=1
    )


def _area(code: str) -> Text:
    if code in ("000000", "100000"):
        return Text("全国", "the whole country")
    try:
        area = find_area(code)
    except UnknownAreaError:
        return Text(code, code)
    return Text(area.name, area.english)


def _said(text: Text, language: str, between: str = "\n") -> str:
    return {"zh": text.zh, "en": text.en}.get(language, f"{text.zh}{between}{text.en}")


def _wrapped(text: Text, language: str, width: int) -> str:
    """Chinese letters are twice as wide as Latin ones."""
    lines = []
    if language != "en":
        lines += textwrap.wrap(text.zh, width * 2 // 3)
    if language != "zh":
        lines += textwrap.wrap(text.en, int(width * 1.3))
    return "\n".join(lines)


def _use_font(language: str) -> None:
    known = {font.name for font in font_manager.fontManager.ttflist}
    found = [name for name in CHINESE_FONTS if name in known]
    if language != "en" and not found:
        raise BadInputError(
            "no Chinese font was found: tests/browser/install.sh installs one; or ask for --language en"
        )
    mpl.rcParams["font.family"] = [*found, "DejaVu Sans"]
    mpl.rcParams["svg.fonttype"] = "none"  # letters stay letters: they can be searched and copied
    mpl.rcParams["svg.hashsalt"] = "knowledge"


def save(figure: Figure, out: Path) -> None:
    """Writes a picture; the same knowledge gives the same file. Raises OSError."""
    if out.suffix == ".svg":
        figure.savefig(out, metadata={"Date": None})
    else:
        figure.savefig(out, dpi=110)

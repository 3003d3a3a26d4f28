"""`explain ID`: a programme in plain Chinese and English, its conditions read off what the engine tests."""

from __future__ import annotations

import argparse
import datetime

from policies_kb.areas import UnknownAreaError, find_area
from policies_kb.commands.common import (
    BadInputError,
    Outcome,
    add_day,
    add_folder,
    day,
    knowledge_of,
    programme_of,
)
from policies_kb.figures_in_words import WordingError, fill, value_on, word
from policies_kb.in_words import Line, Renderer
from policies_kb.knowledge import Knowledge
from policies_kb.records import Citation, Programme
from policies_kb.text import Text

NAME = "explain"
HELP = "a programme in plain Chinese and English, generated from its conditions"
LANGUAGES = {"zh": ("zh",), "en": ("en",), "both": ("zh", "en")}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which programme, on which day, in which language."""
    parser.add_argument("id", metavar="ID", help="the programme, such as shanghai/dibao")
    parser.add_argument("--language", choices=tuple(LANGUAGES), default="both")
    add_day(parser)
    add_folder(parser)


def run(chosen: argparse.Namespace) -> Outcome:
    """The programme in one language after the other. Raises BadInputError, KnowledgeError."""
    kb = knowledge_of(chosen.folder)
    programme = programme_of(kb, chosen.id)
    try:
        said = Explanation(kb, programme, day(chosen.as_of))
        return Outcome("\n\n".join(said.text(language) for language in LANGUAGES[chosen.language]))
    except WordingError as error:
        raise BadInputError(f"{programme.id}: {error}") from None


class Explanation:
    """One programme on one day; `text(language)` is the whole of it."""

    def __init__(self, kb: Knowledge, programme: Programme, as_of: datetime.date) -> None:
        self.kb, self.programme, self.as_of = kb, programme, as_of
        self.words = Renderer(kb, as_of)

    def text(self, language: str) -> str:
        """Everything about the programme in one language, a heading and what stands under it at a time."""
        name = _in(self.programme.name, language)
        lines = [f"# {name}  ({self.programme.id})", *self._head(language)]
        for heading, below in self._sections():
            if below:
                lines += ["", f"## {_in(_heading(heading), language)}"]
                shown = [text for line in below for text in line.lines(language)]
                numbered = heading == "conditions"
                lines += [text.removeprefix("- ") for text in shown] if numbered else shown
        return "\n".join([*lines, "", _in(_heading("never_a_decision"), language)])

    def _head(self, language: str) -> list[str]:
        programme = self.programme
        names = programme.also_called.get(language, ())
        called = [f"{_in(_heading('also_called'), language)}: {', '.join(names)}"] if names else []
        facts = [
            fill(_heading("as_of"), date=_date(self.as_of)),
            self._state(),
            word("benefit", programme.benefit),
            word("for_each", programme.for_each),
        ]
        if programme.recognises:
            facts.append(fill(_heading("gives_status"), status=self._status(programme.recognises)))
        place = _heading("whole_country") if programme.is_national else _place(programme.area)
        where = f"{_in(_heading('area'), language)}: {_in(place, language)}"
        if not programme.is_national:
            where += f" ({_in(word('goes_by', programme.goes_by), language)})"
        between = "；" if language == "zh" else "; "
        return [between.join(_in(text, language) for text in facts), where, *called]

    def _state(self) -> Text:
        """Whether it runs on the day."""
        programme = self.programme
        if programme.last and programme.last < self.as_of:
            return fill(_heading("ended"), date=_date(programme.last))
        if programme.first and programme.first > self.as_of:
            return fill(_heading("not_yet"), date=_date(programme.first))
        return _heading("on_notice") if programme.on_notice else _heading("in_force")

    def _status(self, status: str) -> Text:
        return (self.kb.facts["household.status"].choices or {})[status]

    def _sections(self) -> list[tuple[str, list[Line]]]:
        programme, kb = self.programme, self.kb
        apply = programme.apply
        papers = [
            _with_note(kb.documents[name].name, kb.documents[name].note) for name in programme.documents
        ]
        disregard = kb.disregards.get(programme.id)
        return [
            ("conditions", [self._condition(n) for n in range(len(programme.conditions))]),
            ("amount", self._amount()),
            ("figures", self._figures()),
            ("disregard", [Line(disregard.says)] if disregard else []),
            *((name, [Line(text)] if text else []) for name, text in _apply_parts(apply)),
            ("documents", papers or [Line(_heading("no_documents"))]),
            ("excludes", self._named(programme.excludes)),
            ("together", self._named(programme.together_with)),
            ("relations", self._relations()),
            ("sources", [self._source(id_) for id_ in kb.cited[programme.id]]),
            ("caveats", [Line(caveat) for caveat in programme.caveats]),
        ]

    def _condition(self, index: int) -> Line:
        """What a condition says, and under it what is tested, what it rests on, and whether it is unsure."""
        condition = self.programme.conditions[index]
        below = [self.words.test(condition.test.tree)]
        below += [Line(_labelled("rests_on", self._cited(citation))) for citation in condition.sources]
        if condition.weak:
            below.append(Line(_heading("weak_rule")))
        number = Text(f"{index + 1}. {condition.says.zh}", f"{index + 1}. {condition.says.en}")
        return Line(number, tuple(below))

    def _amount(self) -> list[Line]:
        amount = self.programme.amount
        if amount is None:
            return [Line(_heading("no_amount"))]
        unit, *every = amount.unit.split("/")
        per = [word("per", name) for name in (amount.per, *every)]
        counted = Text(
            "".join(t.zh for t in per) + word("units", unit).zh.format(n=""),
            word("units", unit).en.format(n="").strip() + "".join(t.en for t in per),
        )
        return [
            self.words.value(amount.value.tree, amount.unit),
            Line(_labelled("counted", counted)),
        ]

    def _figures(self) -> list[Line]:
        """Each parameter with its figure, since when, what it rests on and how surely; weak ones without figure."""
        tests = [condition.test for condition in self.programme.conditions]
        if self.programme.amount:
            tests.append(self.programme.amount.value)
        lines = []
        for name in dict.fromkeys(name for test in tests for name in test.parameters):
            value = value_on(self.kb.parameters[name], self.as_of)
            below: list[Line] = []
            if value is not None:
                below = [
                    Line(fill(_heading("since"), date=_date(value.first))),
                    Line(_labelled("rests_on", self._cited(Citation(value.source)))),
                    Line(word("confidence", value.confidence)),
                ]
                if value.basis and not self.kb.parameters[name].on(self.as_of, self.kb.sources).weak:
                    below.append(Line(Text("", f"{_heading('basis').en}: {value.basis}")))
            lines.append(Line(self.words.figure(name), tuple(below)))
        return list(dict.fromkeys(lines))  # limits that bear one label are one thing to the reader

    def _cited(self, citation: Citation) -> Text:
        source = self.kb.sources[citation.id]
        zh, en = f"《{source.title.zh}》", source.title.en
        if source.number:
            zh, en = f"{zh}（{source.number}）", f"{en} ({source.number})"
        if not citation.article:
            return Text(zh, en)
        article = fill(_heading("article"), article=Text(citation.article, citation.article))
        return Text(f"{zh}{article.zh}", f"{en}, {article.en}")

    def _source(self, id_: str) -> Line:
        source = self.kb.sources[id_]
        parts = [source.issuer] if source.issuer else []
        for name, date in (("issued", source.issued), ("from", source.in_force)):
            if date:
                parts.append(fill(_heading(name), date=_date(date)))
        if source.ends:
            name = "lapsed" if source.has_lapsed(self.as_of) else "until"
            parts.append(fill(_heading(name), date=_date(source.ends)))
        parts += [
            fill(_heading("checked"), date=_date(source.checked)),
            word("confidence", source.confidence),
        ]
        below = [Line(Text("；".join(part.zh for part in parts), "; ".join(part.en for part in parts)))]
        if source.note:
            below.append(Line(source.note))
        if source.url:
            below.append(Line(Text(source.url, source.url)))
        return Line(self._cited(Citation(id_)), tuple(below))

    def _relations(self) -> list[Line]:
        programme, kb = self.programme, self.kb
        needed = [status for condition in programme.conditions for status in condition.test.statuses]
        giving = [p.id for status in dict.fromkeys(needed) for p in kb.recognising.get(status, ())]
        opened = [
            other.id
            for other in kb.programmes.values()
            if programme.recognises
            and any(programme.recognises in condition.test.statuses for condition in other.conditions)
        ]
        related = [
            ("implements", list(programme.implements)),
            ("carried_out_by", [p.id for p in kb.carried_out_by.get(programme.id, ())]),
            ("needs_status", [key for key in giving if key != programme.id]),
            ("opens", opened),
        ]
        return [Line(_heading(name), tuple(self._named(tuple(keys)))) for name, keys in related if keys]

    def _named(self, keys: tuple[str, ...]) -> list[Line]:
        names = ((key, self.kb.programmes[key].name) for key in dict.fromkeys(keys))
        return [Line(Text(f"{name.zh} ({key})", f"{name.en} ({key})")) for key, name in names]


def _apply_parts(apply: object) -> list[tuple[str, Text | None]]:
    return [(name, getattr(apply, name)) for name in ("where", "how", "time", "online")]


def _with_note(name: Text, note: Text | None) -> Line:
    return Line(name, (Line(note),) if note else ())


def _heading(name: str) -> Text:
    return word("explain", name)


def _labelled(name: str, text: Text) -> Text:
    heading = _heading(name)
    return Text(f"{heading.zh}：{text.zh}", f"{heading.en}: {text.en}")


def _date(day_: datetime.date) -> Text:
    return Text(day_.isoformat(), day_.isoformat())


def _place(code: str) -> Text:
    try:
        area = find_area(code)
    except UnknownAreaError:
        raise WordingError(f"areas.yml has no place with the code {code}") from None
    return Text(area.full_name("zh"), area.full_name("en"))


def _in(text: Text, language: str) -> str:
    return text.zh if language == "zh" else text.en

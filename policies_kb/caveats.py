"""What is uncertain about a result, in words: figures that are not verified are named, never given."""

from __future__ import annotations

from policies_kb.assessment import LIKELY, POSSIBLE, STATUS_REF, UNLIKELY, Assessment, Assessor
from policies_kb.text import Text


def caveats(assessor: Assessor, found: Assessment) -> tuple[Text, ...]:
    """The programme's own words first, then what the figures, rules and documents leave open, then other programmes."""
    programme, kb = found.programme, assessor.kb
    said: list[Text] = []
    if assessor.already_received(programme):
        said.append(kb.phrases["already"])
    said += programme.caveats
    if found.verdict == UNLIKELY:
        return tuple(said)
    said += _of_the_rules(assessor, found)
    said += [_named(assessor, "first_apply", name) for name in _first_apply(assessor, found)]
    said += [_named(assessor, "not_both", kb.programmes[name].name) for name in _conflicts(assessor, found)]
    if programme.id in kb.disregards:
        said.append(kb.disregards[programme.id].says)
    return tuple({id(text): text for text in said}.values())


def _named(assessor: Assessor, phrase: str, name: Text) -> Text:
    """A phrase with a name in it, filled once."""
    kept = assessor.kb.said
    key = (phrase, name.zh, name.en)
    if key not in kept:
        kept[key] = assessor.kb.phrases[phrase].filled({"name": name.zh}, {"name": name.en})
    return kept[key]


def _of_the_rules(assessor: Assessor, found: Assessment) -> tuple[Text, ...]:
    """Rules that are unsure, figures that are not verified, documents that have run out: the same for everybody who
    has the same conditions still standing, so they are put together once a day."""
    programme, kb, day = found.programme, assessor.kb, assessor.day
    key = (programme.id, found.states)
    if key not in day.said:
        standing = zip(programme.conditions, found.states, strict=True)
        tests = [condition.test for condition, state in standing if state is not False]
        if programme.amount:
            tests.append(programme.amount.value)
        weak = dict.fromkeys(
            day.figures[name].label for test in tests for name in test.parameters if name in day.weak
        )
        lapsed = [kb.sources[id_].title for id_ in kb.cited[programme.id] if id_ in day.lapsed]
        said = [
            _named(assessor, "weak_rule", condition.says)
            for condition in programme.conditions
            if condition.weak
        ]
        said += [_named(assessor, "weak_figure", label) for label in weak]
        said += [_named(assessor, "lapsed_document", title) for title in lapsed]
        day.said[key] = tuple(dict.fromkeys(said))
    return day.said[key]


def _first_apply(assessor: Assessor, found: Assessment) -> list[Text]:
    """The programmes to apply for first, where a needed status was told to be missing: the likely ones, or two."""
    if not assessor.known.is_told(STATUS_REF):
        return []
    open_statuses = dict.fromkeys(
        status
        for condition, state in zip(found.programme.conditions, found.states, strict=True)
        if state is None
        for status in condition.test.statuses
        if assessor.recognised(status) is None
    )
    giving = [
        given for status in open_statuses for given in assessor.giving(status) if given.verdict != UNLIKELY
    ]
    likely = [given.programme.name for given in giving if given.verdict == LIKELY]
    names = likely or [given.programme.name for given in giving if given.verdict == POSSIBLE]
    return list(dict.fromkeys(names))[:2]


def _conflicts(assessor: Assessor, found: Assessment) -> list[str]:
    """Programmes that can't be drawn beside this one and are received, or likely too."""
    clashing: list[str] = []
    column, plans = assessor.known.column, assessor.known.engine.programmes
    for name in found.programme.excludes:
        other = plans[name]
        if other.programme.per_person and not found.programme.per_person:
            continue
        person = found.position if other.programme.per_person else 0
        if column(other.runs) and (
            column(other.likely, person) or assessor.already_received(other.programme)
        ):
            clashing.append(name)
    return clashing

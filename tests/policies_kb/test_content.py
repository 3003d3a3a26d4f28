"""What the knowledge files say: nothing promised, nothing unverified shown as a figure, every programme tried."""

import datetime
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from operator import eq, ge, gt, le, lt, ne
from urllib.parse import urlparse

import pytest

from policies_kb import expression, knowledge
from policies_kb.areas import find_area
from policies_kb.cases import load_cases
from policies_kb.knowledge import Knowledge
from policies_kb.records import Case, Programme
from policies_kb.screening import ProgrammeResult, screen
from policies_kb.situation import Situation
from policies_kb.text import Text

PROMISES = re.compile(
    r"一定能|保证|肯定|必定|必能|您符合|您可以领|您能领"
    r"|\bguarantees?\b|\bguaranteed\b|\bcertainly\b|\byou (?:will|are going to) (?:get|receive)\b"
    r"|\byou qualify\b|\byou are (?:eligible|entitled)\b",
    re.IGNORECASE,
)
OFFICIAL = re.compile(r"(^|\.)(gov\.cn|court\.gov\.cn)$")
# Numbers that may not be told: too unsure, or another organisation's.
UNCONFIRMED_NUMBERS = ("12349", "962200", "62870000")


@pytest.fixture(scope="module")
def kb() -> Knowledge:
    return knowledge.load()


def texts(programme: Programme) -> Iterator[Text]:
    yield programme.name
    yield from programme.caveats
    yield from (condition.says for condition in programme.conditions)
    yield from (
        t for t in (programme.apply.where, programme.apply.how, programme.apply.time) if t is not None
    )


def test_nothing_is_promised(kb: Knowledge) -> None:
    said = [(p.id, words) for p in kb.programmes.values() for t in texts(p) for words in (t.zh, t.en)]
    assert not [(id_, words) for id_, words in said if PROMISES.search(words)]


def test_both_languages_name_the_same_numbers(kb: Knowledge) -> None:
    """A figure that stands in one language only is a mistake of translation."""

    def figures(words: str) -> set[str]:
        return set(re.findall(r"\d{3,}", words.replace(",", "")))

    for programme in kb.programmes.values():
        for text in texts(programme):
            assert figures(text.zh) == figures(text.en), (programme.id, text)


def test_unverified_figures_stand_nowhere_in_words(kb: Knowledge) -> None:
    unverified = {
        f"{number:g}"
        for parameter in kb.parameters.values()
        for value in parameter.values
        if value.confidence == "known"
        for number in (value.low, value.high)
        if 1000 <= number < float("inf")
    }
    sure = {
        f"{number:g}"
        for parameter in kb.parameters.values()
        for value in parameter.values
        if value.confidence != "known"
        for number in (value.low, value.high)
    }
    for programme in kb.programmes.values():
        for text in texts(programme):
            found = set(re.findall(r"\d{4,}", text.zh.replace(",", "")))
            assert not found & (unverified - sure), (programme.id, text.zh)


def test_no_number_is_given_that_was_not_confirmed(kb: Knowledge) -> None:
    for programme in kb.programmes.values():
        for text in texts(programme):
            assert not [number for number in UNCONFIRMED_NUMBERS if number in text.zh + text.en], programme.id
    assert not set(UNCONFIRMED_NUMBERS) & set(kb.hotlines)
    assert {"110", "120", "12345", "12355", "12348", "12333"} <= set(kb.hotlines)


def test_only_official_addresses_are_cited(kb: Knowledge) -> None:
    for source in kb.sources.values():
        if source.url is not None:
            assert OFFICIAL.search(urlparse(source.url).hostname or ""), (source.id, source.url)


def test_unverified_and_outdated_figures_settle_nothing_by_a_value(kb: Knowledge) -> None:
    """Where the figure in force is unknown it stands as bounds, and the widest end is open to "it may be met"."""
    for name in ("sh_dibao_cash_limit", "sh_dibao_cash_limit_small", "sh_edge_cash_limit", "sh_car_limit"):
        newest = kb.parameters[name].values[-1]
        assert newest.outdated, name
        assert not newest.is_value, name
        assert newest.high == float("inf"), name


# The identifiers of the contract's §3.
PROGRAMMES = {
    "national": """dibao dibao-single-person edge-family rigid-expenditure-family tekun temporary-assistance
        medical-assistance education-assistance housing-assistance employment-aid unemployment-insurance
        disability-living-subsidy disability-care-subsidy orphan-support unattended-child-support child-protection
        rough-sleeper-rescue disaster-relief emergency-illness-fund legal-aid judicial-assistance price-subsidy
        epidemic-grant-2022 unemployment-subsidy-2022""",
    "shanghai": """dibao edge-family rigid-expenditure-living tekun severe-disability-no-work temporary-assistance
        medical-assistance education-assistance low-rent-housing public-rental-housing employment-assistance
        unemployment-insurance disability-living-subsidy disability-care-subsidy child-basic-living
        old-age-allowance long-term-care-insurance legal-aid rough-sleeper-rescue price-subsidy
        disabled-child-rehabilitation disaster-relief community-consultant festival-subsidy""",
    "shanghai/jingan": """youth-companions empowerment elderly-wellbeing inclusion-support
        serious-illness-company""",
    "shanghai/changning": "family-consultant",
    "nanjing": "dibao temporary-assistance disability-living-subsidy disability-care-subsidy time-bank",
    "taian": "dibao tekun temporary-assistance",
    "huaining": "temporary-assistance",
    "nankang": "temporary-assistance",
    "huzhou": "temporary-assistance",
    "zhangjiagang": "one-off-subsidy-2022",
    "qixingguan": "temporary-assistance",
}
EXPIRED = {
    "national/epidemic-grant-2022",
    "national/unemployment-subsidy-2022",
    "zhangjiagang/one-off-subsidy-2022",
}
PER_PERSON = re.compile(
    r"tekun|dibao-single-person|disability-.*|disabled-child-rehabilitation|severe-disability-no-work|child-.*"
    r"|orphan-support|unattended-child-support|old-age-allowance|long-term-care-insurance|unemployment-insurance"
    r"|employment-.*|education-assistance|legal-aid|rough-sleeper-rescue"
)


def test_every_programme_of_the_contract_exists_and_no_other(kb: Knowledge) -> None:
    wanted = {f"{folder}/{name}" for folder, names in PROGRAMMES.items() for name in names.split()}
    assert set(kb.programmes) == wanted
    assert len(wanted) == 67


def test_a_result_is_for_one_person_or_for_the_household_as_the_contract_says(kb: Knowledge) -> None:
    for programme in kb.programmes.values():
        name = programme.id.rsplit("/", 1)[-1]
        if name == "unemployment-subsidy-2022":  # one person's, like the benefit it stood in for
            continue
        assert programme.per_person == bool(PER_PERSON.fullmatch(name)), programme.id


def test_what_has_ended_is_marked_and_never_offered(kb: Knowledge) -> None:
    today = datetime.date(2026, 11, 22)
    for programme in kb.programmes.values():
        assert programme.expired == (programme.id in EXPIRED), programme.id
        assert programme.in_force(today) != programme.expired or programme.on_notice, programme.id
        if programme.expired:
            assert programme.last is not None, programme.id
            assert "已结束" in programme.name.zh, programme.id
            assert "ended" in programme.name.en, programme.id
    offered = {result.id for case in load_cases(kb) for result in _todays(case, kb)}
    assert not offered & EXPIRED


def _todays(case: Case, kb: Knowledge) -> tuple[ProgrammeResult, ...]:
    """A case's household screened today, special notices aside."""
    facts = [fact for fact in case.facts if fact.key != "context.special_notices"]
    return screen(Situation.of(facts), datetime.date(2026, 11, 22), kb).results


def test_every_programme_is_tried_met_unmet_and_unknown(kb: Knowledge) -> None:
    tried: dict[str, set[str]] = defaultdict(set)
    cases: dict[str, set[str]] = defaultdict(set)
    asked: set[str] = set()
    for case in load_cases(kb):
        for expected in case.expect:
            tried[expected.programme].add(expected.verdict)
            cases[expected.programme].add(case.id)
            if expected.missing:
                asked.add(expected.programme)
    for programme in kb.programmes.values():
        verdicts = tried[programme.id]
        assert len(cases[programme.id]) >= 3, programme.id
        # Where the rule or the figure in force is unsure, likely is never said.
        assert "likely" in verdicts or (programme.id in NEVER_LIKELY and "possible" in verdicts), programme.id
        refused = {"unlikely", "not_listed"} if programme.id in BY_PLACE_ALONE else {"unlikely"}
        assert verdicts & refused, programme.id
        assert programme.id in asked or programme.id in NEVER_OPEN, programme.id


NEVER_LIKELY = {
    "shanghai/rigid-expenditure-living",  # the ceiling of income was not verified
    "shanghai/severe-disability-no-work",  # the conditions were not found in writing
    "shanghai/edge-family",  # the limits on assets in force were not read: only the office can settle them
    "shanghai/tekun",
    "nanjing/dibao",
    "taian/dibao",
    "taian/tekun",
    "national/dibao",  # each place has its own standard and limits
    "national/edge-family",
    "national/rigid-expenditure-family",
    "national/tekun",
    "national/judicial-assistance",  # the document was not read: information only
    "national/epidemic-grant-2022",  # ended with its notice
    "national/unemployment-subsidy-2022",
}

# Whoever lives there may use it: beyond the place nothing can be missing or rule it out.
BY_PLACE_ALONE = {
    "shanghai/community-consultant",
    "shanghai/changning/family-consultant",
    "nanjing/time-bank",
}
NEVER_OPEN = {"shanghai/community-consultant"}  # goes by where people are now, which is told or not


# ── every line is tried from both sides ──

# How near a case must come: money per head moves by the yuan of a whole household, prices by a tenth of a per cent.
STEPS = {"yuan": 2.0, "share": 0.001}
TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
HOLDS = {"<": lt, "<=": le, ">": gt, ">=": ge, "==": eq, "!=": ne}


def _lines(programme: Programme, kb: Knowledge) -> Iterator[tuple[str, str, str]]:
    """Every (fact, operator, parameter) that a condition compares directly, with the fact on the left."""
    for condition in programme.conditions:
        for node in expression.walk(condition.test.tree):
            if isinstance(node, expression.Comparison):
                left, right = _facts(node.left, kb), _facts(node.right, kb)
                if len(left) == 1:
                    yield from ((left[0], node.operator, name) for name in _figures(node.right, kb))
                if len(right) == 1:
                    yield from ((right[0], TURNED[node.operator], name) for name in _figures(node.left, kb))


def _facts(node: expression.Node, kb: Knowledge) -> list[str]:
    return [node.key] if isinstance(node, expression.FactValue) and kb.facts[node.key].is_number else []


def _figures(node: expression.Node, kb: Knowledge) -> list[str]:
    """The parameters a side may stand for: itself, or those a conditional chooses from."""
    if isinstance(node, expression.Conditional):
        return [*_figures(node.value, kb), *_figures(node.otherwise, kb)]
    return [name for name in getattr(node, "codes", ()) if name in kb.parameters]


def _told(case: Case, key: str, person: str | None) -> float | None:
    """A number of a case: as told, exactly, or per head from total and size."""

    def exact(name: str) -> float | None:
        whose = (person or "self") if name.startswith("person.") else None
        for fact in case.facts:
            if fact.key == name and whose in (None, fact.relation) and fact.low == fact.high:
                return fact.low
        return None

    value = exact(key)
    if value is None and key.endswith("_per_head"):
        total, size = exact(key.removesuffix("_per_head")), exact("household.size")
        value = total / size if total is not None and size else None
    return value


def test_every_line_is_tried_from_both_sides(kb: Knowledge) -> None:
    """A figure that settles something has, in some period of its own, a case within a step on either side of it."""
    expecting = [
        (case, expected)
        for case in load_cases(kb)
        for expected in case.expect
        if expected.verdict != "not_listed"
    ]
    untried = []
    for programme in kb.programmes.values():
        own = [(case, expected) for case, expected in expecting if expected.programme == programme.id]
        for key, operator, name in dict.fromkeys(_lines(programme, kb)):
            kind = kb.facts[key]
            step = STEPS.get(kind.kind, STEPS.get(kind.unit or "", 1.0))
            sure = [
                value
                for value in kb.parameters[name].values
                if value.is_value and not value.outdated and value.confidence != "known"
            ]
            sides = {
                HOLDS[operator](told, value.low)
                for value in sure
                for case, expected in own
                if value.first <= case.as_of <= (value.last or datetime.date.max)
                and (told := _told(case, key, expected.person)) is not None
                and abs(told - value.low) <= step + 1e-9
            }
            if sure and len(sides) < 2:
                untried.append((programme.id, key, operator, name))
    assert untried == []


# ── how programmes stand to each other ──


def test_a_local_programme_lies_within_the_national_one_it_carries_out(kb: Knowledge) -> None:
    for programme in kb.programmes.values():
        for carried_out in programme.implements:
            national = kb.programmes[carried_out]
            assert national.is_national, programme.id
            assert not programme.is_national, programme.id
            assert find_area(programme.area).name, programme.id
            own, of_the_nation = (
                (programme.for_each, programme.recognises),
                (national.for_each, national.recognises),
            )
            assert own == of_the_nation, programme.id
            assert programme.id.split("/")[0] != "national", programme.id


def test_no_two_local_programmes_carry_out_the_same_in_the_same_place(kb: Knowledge) -> None:
    taken = Counter((national, p.area) for p in kb.programmes.values() for national in p.implements)
    assert not [what for what, times in taken.items() if times > 1]


def test_what_goes_together_and_what_does_not_is_said_on_both_sides(kb: Knowledge) -> None:
    one_sided = [
        (programme.id, kind, other)
        for programme in kb.programmes.values()
        for kind in ("together_with", "excludes")
        for other in getattr(programme, kind)
        if programme.id not in getattr(kb.programmes[other], kind)
    ]
    assert one_sided == []
    for programme in kb.programmes.values():
        assert not set(programme.together_with) & set(programme.excludes), programme.id
        assert programme.id not in (*programme.together_with, *programme.excludes), programme.id


# Names that rightly lead to two programmes: which one, the place tells.
SHARED_NAMES = (
    {"national/orphan-support", "shanghai/child-basic-living"},  # Shanghai supports orphans and others in one
    {
        "shanghai/community-consultant",
        "shanghai/changning/family-consultant",
    },  # the city's and the district's
    {
        "shanghai/festival-subsidy",
        "zhangjiagang/one-off-subsidy-2022",
    },  # one-off living subsidies of two cities
)


def test_no_name_stands_for_two_programmes_of_different_kinds(kb: Knowledge) -> None:
    called: dict[str, set[str]] = defaultdict(set)
    for programme in kb.programmes.values():
        names = (*programme.also_called.get("zh", ()), *programme.also_called.get("en", ()))
        for name in (programme.name.zh, programme.name.en, *names):
            called[name.casefold()].add(programme.id)
    clashes = {
        name: ids
        for name, ids in called.items()
        if len({(kb.programmes[id_].implements or (id_,))[0] for id_ in ids}) > 1
        and not any(ids <= shared for shared in SHARED_NAMES)
    }
    assert clashes == {}


def test_every_programme_can_be_named_and_applied_for_in_both_languages(kb: Knowledge) -> None:
    for programme in kb.programmes.values():
        assert programme.also_called.get("zh"), programme.id
        assert programme.also_called.get("en"), programme.id
        assert programme.apply.how or programme.expired, programme.id
        assert programme.caveats, programme.id
        for names in programme.also_called.values():
            assert len(set(names)) == len(names), programme.id


def test_every_condition_names_its_source(kb: Knowledge) -> None:
    for programme in kb.programmes.values():
        assert not [c.says.en for c in programme.conditions if not c.sources], programme.id
        assert {c.id for c in programme.all_citations} >= {c.id for c in programme.sources}, programme.id


def test_a_rule_that_was_only_heard_of_never_settles_a_yes(kb: Knowledge) -> None:
    """Where nothing but unverified documents carries a programme, at least one of its conditions is marked weak."""
    for programme in kb.programmes.values():
        if all(kb.sources[citation.id].confidence == "known" for citation in programme.all_citations):
            assert any(condition.weak for condition in programme.conditions), programme.id


def test_a_name_that_people_use_leads_to_its_programme(kb: Knowledge) -> None:
    def called(words: str) -> set[str]:
        return {
            p.id
            for p in kb.programmes.values()
            if words in (p.name.zh, p.name.en, *p.also_called.get("zh", ()), *p.also_called.get("en", ()))
        }

    assert "shanghai/dibao" in called("吃低保")
    assert "shanghai/medical-assistance" in called("大病补助")
    assert "shanghai/old-age-allowance" in called("老年卡的钱")
    assert "shanghai/edge-family" in called("低收入困难家庭")
    assert "shanghai/edge-family" in called("低保边缘")
    assert "shanghai/rigid-expenditure-living" in called("支出型贫困")
    assert "nanjing/temporary-assistance" in called("reserve fund")


def test_a_standard_has_no_gap_between_its_periods(kb: Knowledge) -> None:
    for parameter in kb.parameters.values():
        for earlier, later in zip(parameter.values, parameter.values[1:], strict=False):
            assert earlier.last is not None
            assert (later.first - earlier.last).days == 1, (parameter.name, later.first)


def test_every_source_and_paper_is_used(kb: Knowledge) -> None:
    cited = {citation.id for p in kb.programmes.values() for citation in p.sources}
    cited |= {citation.id for p in kb.programmes.values() for c in p.conditions for citation in c.sources}
    cited |= {value.source for parameter in kb.parameters.values() for value in parameter.values}
    cited |= {hotline.source for hotline in kb.hotlines.values()}
    assert set(kb.sources) == cited
    assert set(kb.documents) == {name for p in kb.programmes.values() for name in p.documents}

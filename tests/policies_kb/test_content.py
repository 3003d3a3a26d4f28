"""What the knowledge files say: nothing promised, nothing unverified shown as a figure, every programme tried."""

import re
from collections import defaultdict
from collections.abc import Iterator
from urllib.parse import urlparse

import pytest

from policies_kb import knowledge
from policies_kb.cases import load_cases
from policies_kb.knowledge import Knowledge
from policies_kb.records import Programme
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


def test_every_programme_is_tried_met_unmet_and_unknown(kb: Knowledge) -> None:
    tried: dict[str, set[str]] = defaultdict(set)
    for case in load_cases(kb):
        for expected in case.expect:
            tried[expected.programme].add(expected.verdict)
    for programme in kb.programmes.values():
        verdicts = tried[programme.id]
        assert "possible" in verdicts or programme.id in NEVER_OPEN, programme.id
        assert verdicts & {"unlikely", "not_listed"}, programme.id
        # Where the rule or the figure in force is unsure, likely is never said.
        assert "likely" in verdicts or programme.id in NEVER_LIKELY, programme.id


NEVER_LIKELY = {
    "shanghai/rigid-expenditure-living",  # the ceiling of income was not verified
    "shanghai/severe-disability-no-work",  # the conditions were not found in writing
    "shanghai/dibao",  # the limits on assets in force were not read: only the office can settle them
    "shanghai/edge-family",
    "shanghai/tekun",
    "nanjing/dibao",
    "taian/dibao",
    "national/dibao",  # each place has its own standard and limits
    "national/edge-family",
    "national/rigid-expenditure-family",
    "national/tekun",
    "national/epidemic-grant-2022",  # ended with its notice
    "national/unemployment-subsidy-2022",
}

NEVER_OPEN = {"shanghai/community-consultant"}  # asks for nothing but the place


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

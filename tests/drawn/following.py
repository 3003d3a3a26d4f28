"""What follows from a whole household's facts, worked out independently of the engine: for answering, and for
checking that a completion doesn't contradict something that was told in its stead."""

from __future__ import annotations

from collections.abc import Mapping

from policies_kb.situation import Fact, Ref, fact_types

HOME = "household"
PER_HEAD = {
    "household.income_month_per_head": "household.income_month",
    "household.income_year_per_head": "household.income_year",
    "household.savings_per_head": "household.savings",
    "household.home_area_per_head": "household.home_area",
}
# Told only where they differ from what is taken otherwise: the home, twelve times the month. Untold is "as usual".
CONVENTIONS = frozenset({"household.present_area", "person.area", "household.income_year"})
_LOST = ("dead", "declared_missing")
_CARE_TESTS = {"full": (0, 0), "partial": (1, 3), "none": (4, 6)}

Whole = Mapping[Ref, Fact]


def number(whole: Whole, key: str, relation: str = HOME) -> float | None:
    """A number that is known exactly, or None."""
    fact = whole.get((key, relation))
    return fact.low if fact is not None and fact.low is not None and fact.low == fact.high else None


def value(whole: Whole, key: str, relation: str) -> object:
    """A code or a yes/no, or None."""
    fact = whole.get((key, relation))
    return None if fact is None else fact.value


def persons(whole: Whole) -> list[str]:
    """Everybody told of, in order."""
    return list(dict.fromkeys(relation for key, relation in whole if key.startswith("person.")))


def members(whole: Whole) -> list[str]:
    """Those who live in the household: nobody with a place of their own."""
    return [person for person in persons(whole) if ("person.area", person) not in whole]


def own_income(whole: Whole, person: str) -> float:
    """What a member brings home: income, or the pension where only that is told."""
    parts = (number(whole, f"person.{kind}_month", person) for kind in ("income", "pension"))
    return max((part or 0.0 for part in parts), default=0.0)


def following(whole: Whole) -> dict[Ref, Fact]:
    """Facts that nobody has to tell because the others say them."""
    found: dict[Ref, Fact] = {}

    def put(key: str, relation: str, value: object = None, number: float | None = None) -> None:
        found[key, relation] = Fact(key, relation, value=value, low=number, high=number)

    size = number(whole, "household.size")
    month = number(whole, "household.income_month")
    year = number(whole, "household.income_year")
    if year is None and month is not None:
        year = 12 * month
        put("household.income_year", HOME, number=year)
    totals = {total: number(whole, total) for total in PER_HEAD.values()} | {"household.income_year": year}
    for key, total in PER_HEAD.items():
        amount = totals[total]
        if size and amount is not None:
            put(key, HOME, number=amount / size)
    for person in persons(whole):
        states = [value(whole, f"person.{parent}_state", person) for parent in ("father", "mother")]
        if None not in states:
            put("person.orphan", person, all(state in _LOST for state in states))
        if person in members(whole) and size:
            put("person.lives_alone", person, size == 1)
        if ("person.area", person) not in whole and ("household.area", HOME) in whole:
            put("person.area", person, whole["household.area", HOME].value)
    if ("household.present_area", HOME) not in whole and ("household.area", HOME) in whole:
        put("household.present_area", HOME, whole["household.area", HOME].value)
    return found


def contradictions(whole: Whole) -> list[str]:
    """What cannot be in a whole household, in words; empty where all is well."""
    return [*_about_home(whole), *(said for person in persons(whole) for said in _about(whole, person))]


def _about_home(whole: Whole) -> list[str]:
    said = []
    home = members(whole)
    size = number(whole, "household.size")
    if size != len(home):
        said.append(f"household.size {size} with members {home}")
    incomes = sum(own_income(whole, person) for person in home)
    if (number(whole, "household.income_month") or 0.0) < incomes:
        said.append("household.income_month is less than the members' own incomes")
    holders = sum(value(whole, "person.disability_certificate", person) is True for person in home)
    if number(whole, "household.disabled_count") != holders:
        said.append("household.disabled_count is not the number of certificates")
    parts = ("medical", "education", "rehabilitation")
    rigid = sum(number(whole, f"household.{part}_spend_year") or 0.0 for part in parts)
    if (number(whole, "household.rigid_spend_year") or 0.0) < rigid:
        said.append("household.rigid_spend_year is less than its parts")
    shares = [
        fact.low or 0.0
        for (key, whose), fact in whole.items()
        if key.endswith("medical_spend_year") and whose != HOME
    ]
    if (number(whole, "household.medical_spend_year") or 0.0) < sum(shares):
        said.append("household.medical_spend_year is less than the members' shares")
    area, living = number(whole, "household.home_area"), number(whole, "household.living_area_per_head")
    if size and area is not None and living is not None and living > area / size:
        said.append("household.living_area_per_head is more than the floor area")
    work = [value(whole, "person.employment", person) for person in home]
    nobody_works = value(whole, "household.all_workers_unemployed", HOME)
    if nobody_works is True and any(kind in ("employed", "self_employed") for kind in work):
        said.append("household.all_workers_unemployed, but somebody works")
    settled = [kind in ("unemployed", "student", "retired", "unable", "child") for kind in work]
    if nobody_works is False and all(settled) and "unemployed" in work:
        said.append("household.all_workers_unemployed is denied, but nobody works")
    if len(home) == 1:
        own, theirs = whole.get(("person.hukou_area", home[0])), whole.get(("household.hukou_area", HOME))
        if own is not None and theirs is not None and own.value != theirs.value:
            said.append("one person, two hukou places")
    return said


def _about(whole: Whole, person: str) -> list[str]:
    said = []
    age = number(whole, "person.age", person)
    work = value(whole, "person.employment", person)
    if age is not None and age < 16 and work not in (None, "child", "student"):
        said.append(f"{person} is {age:g} and {work}")
    if age is not None and age >= 18 and work == "child":
        said.append(f"{person} is {age:g} and a child by occupation")
    stage = value(whole, "person.student_stage", person)
    if stage in ("kindergarten", "compulsory") and work not in (None, "child", "student"):
        said.append(f"{person} is in {stage} school and {work}")
    for (key, whose), fact in whole.items():
        gate = fact_types()[key].only_if
        if gate is None or whose != person:
            continue
        gating = value(whole, gate.fact, person)
        code = {True: "true", False: "false"}.get(gating, gating) if isinstance(gating, bool) else gating
        if gating is not None and (code in gate.codes) is gate.negated:
            said.append(f"{key} of {person} is {fact.value or fact.low}, but {gate.fact} is {gating}")
    failed = number(whole, "person.self_care_tests_failed", person)
    care = value(whole, "person.self_care", person)
    if failed is not None and isinstance(care, str):
        low, high = _CARE_TESTS[care]
        if not low <= failed <= high:
            said.append(f"{person} fails {failed:g} tests, but self-care is {care}")
    orphan = value(whole, "person.orphan", person)
    states = [value(whole, f"person.{parent}_state", person) for parent in ("father", "mother")]
    if isinstance(orphan, bool) and None not in states and orphan is not all(s in _LOST for s in states):
        said.append(f"{person}: orphan is {orphan}, the parents are {states}")
    return said

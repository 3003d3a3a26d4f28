"""Drawing residents: whole, consistent households with every fact told, as many as wanted, fixed by a seed.

Only what is independent is drawn (marginals.yml); what follows from it is worked out here, once, so that no two
facts of a household contradict each other: a household has at least its members' own incomes, a grade stands on a
certificate, nobody under sixteen has a job, what is spent on treatment covers each member's share.
"""

from __future__ import annotations

import datetime
import math
from functools import cache

import numpy as np
import polars as pl

from policies_kb import expression, knowledge
from tests.drawn.people import Homes, People, draw_people
from tests.drawn.sampling import Array, Coded, Columns, Sampler
from tests.drawn.tables import LIST_SEPARATOR, Tables

DAY = datetime.date(2026, 11, 22)
_BIG_CITIES = ("31", "32", "11", "44", "33")
_DAMAGING = ("fire", "natural_disaster")


def draw(households: int, seed: int) -> Tables:
    """So many whole households. The same seed gives the same tables, for the same knowledge base and marginals."""
    sampler = Sampler(seed)
    homes = _homes(sampler, households)
    people = draw_people(sampler, homes)
    return Tables(
        _households(sampler, homes, people), people.table(), _events(sampler, households, homes.area)
    )


@cache
def lines() -> tuple[float, ...]:
    """Every monthly figure of the day that an income may stand on."""
    kb = knowledge.load()
    figures = kb.on(DAY).figures
    ends = {
        end
        for name, figure in figures.items()
        if kb.parameters[name].unit.startswith("yuan") and kb.parameters[name].unit.endswith("/month")
        for end in (figure.bounds.low, figure.bounds.high)
    }
    return tuple(sorted(end for end in ends if 100 < end < math.inf))


@cache
def notices() -> tuple[str, ...]:
    """Every special notice that a condition names or a programme waits for."""
    programmes = knowledge.load().programmes.values()
    named = {
        node.code
        for programme in programmes
        for condition in programme.conditions
        for node in expression.walk(condition.test.tree)
        if isinstance(node, expression.InList) and node.key == "context.special_notices"
    }
    return tuple(sorted(named | {programme.id for programme in programmes if programme.on_notice}))


def _homes(sampler: Sampler, count: int) -> Homes:
    kinds = sampler.marginals["household.kind"]["kinds"]
    weights = [kind["weight"] for kind in kinds]
    area = sampler.choice("household.area", count)
    stays = sampler.yes("household.hukou_area", count)
    elsewhere = sampler.choice("household.hukou_elsewhere", count)
    return Homes(
        kinds=tuple(kinds),
        kind=sampler.weighted(weights, count),
        level=sampler.choice("household.level", count),
        area=area,
        hukou=elsewhere.put(stays, area),
    )


def _households(sampler: Sampler, homes: Homes, people: People) -> pl.DataFrame:
    count, level, size = len(homes.kind), homes.level, people.size
    poor = level.among("destitute", "poor")
    columns = Columns(pl.Series("household", np.arange(1, count + 1)))
    columns.number("household.size", size)
    columns.code("household.area", homes.area)
    columns.code("household.present_area", _present_area(sampler, homes))
    columns.code("household.hukou_area", homes.hukou)
    years = sampler.number("household.hukou_years_city", count)
    columns.number("household.hukou_years_city", years)
    same = sampler.yes("household.hukou_years_district", count)
    columns.number(
        "household.hukou_years_district",
        np.where(same, years, np.floor(years * sampler.random.random(count))),
    )
    big_city = _starts_with(homes.hukou, _BIG_CITIES)
    town = sampler.choice_by_case(
        "household.urban_rural", {"big_city": big_city, "elsewhere": ~big_city}, count
    )
    columns.code("household.urban_rural", town)
    cases = {"poor_alone": poor & (size == 1), "poor_together": poor & (size > 1), "better_off": ~poor}
    columns.code("household.status", sampler.choice_by_case("household.status", cases, count))
    _add_income(sampler, homes, people, columns)
    savings = sampler.by_case("household.savings", {name: level.among(name) for name in level.codes}, count)
    columns.number("household.savings", savings)
    columns.number(
        "household.assets_per_head",
        np.ceil(savings / size) + sampler.number("household.assets_per_head", count),
    )
    columns.yes(
        "household.savings_exhausted", sampler.yes("household.savings_exhausted", count) & (savings <= 3000)
    )
    _add_property(sampler, town, poor, size, columns)
    _add_spending(sampler, people, columns)
    columns.yes("household.all_workers_unemployed", people.all_workers_unemployed(sampler))
    columns.number("household.disabled_count", people.count(people.certificate))
    cared_for = people.count(people.needs_care) > 0
    bound = sampler.by_case("household.caregiver_bound", {"care": cared_for, "no_care": ~cared_for}, count)
    columns.yes("household.caregiver_bound", bound)
    columns.kept.append(_several(sampler, count))
    columns.kept += _context(sampler, count)
    return pl.DataFrame(columns.kept)


def _starts_with(places: Coded, starts: tuple[str, ...]) -> Array:
    return np.array([place.startswith(starts) for place in places.codes])[places.index]


def _present_area(sampler: Sampler, homes: Homes) -> Coded:
    away = sampler.yes("household.present_area", len(homes.kind))
    return sampler.choice("household.hukou_elsewhere", len(homes.kind)).where(away)


def _add_income(sampler: Sampler, homes: Homes, people: People, columns: Columns) -> None:
    count, size = len(homes.kind), people.size
    support = sampler.number("household.support_received_month", count)
    least = people.total(people.income) + support
    income = least + sampler.number("household.other_income", count)
    line = np.array(lines())[sampler.random.integers(0, len(lines()), count)]
    on_line = sampler.yes("household.on_the_line", count) & (line * size >= least)
    income = np.where(on_line, line * size, income)
    ratio = sampler.number("household.income_year_ratio", count)
    is_told = sampler.yes("household.income_year", count)
    columns.number("household.income_month", income)
    columns.number("household.income_year", np.where(is_told, np.round(income * 12 * ratio / 100), np.nan))
    columns.number("household.support_received_month", support)


def _add_property(sampler: Sampler, town: Coded, poor: Array, size: Array, columns: Columns) -> None:
    count = len(size)
    cars = [sampler.digits("household.cars", count, case) for case in ("poor", "better_off")]
    columns.number("household.cars", np.where(poor, *cars))
    homes = sampler.digits("household.homes", count)
    columns.number("household.homes", homes)
    home_area = sampler.number("household.home_area", count)
    columns.number("household.home_area", home_area)
    share = sampler.number("household.living_share", count) / 100
    columns.number("household.living_area_per_head", np.floor(home_area / size * share * 10) / 10)
    columns.yes(
        "household.non_residential_property", sampler.yes("household.non_residential_property", count)
    )
    columns.yes("household.sold_home_5_years", sampler.yes("household.sold_home_5_years", count))
    rural = town.among("rural")
    columns.yes(
        "household.dangerous_house",
        sampler.by_case("household.dangerous_house", {"urban": ~rural, "rural": rural}, count),
    )
    columns.code("household.housing_scheme", sampler.choice("household.housing_scheme", count))
    columns.number(
        "household.rent_month", np.where(homes == 0, sampler.number("household.rent_month", count), 0)
    )
    columns.number("household.debt", sampler.number("household.debt", count))


def _add_spending(sampler: Sampler, people: People, columns: Columns) -> None:
    count = len(people.size)
    shares = people.total(people.medical_share, of_all=True)
    medical = sampler.number("household.medical_spend_year", count) + shares
    pupils = people.count(people.is_pupil) > 0
    education = np.where(pupils, sampler.number("household.education_spend_year", count), 0)
    disabled = people.count(people.certificate) > 0
    rehabilitation = np.where(disabled, sampler.number("household.rehabilitation_spend_year", count), 0)
    more = sampler.number("household.rigid_spend_year", count)
    columns.number("household.medical_spend_year", medical)
    columns.number("household.education_spend_year", education)
    columns.number("household.rehabilitation_spend_year", rehabilitation)
    columns.number("household.rigid_spend_year", medical + education + rehabilitation + more)


def _several(sampler: Sampler, count: int) -> pl.Series:
    """One to three different needs as a list."""
    how_many = sampler.digits("need.count", count)
    first, second, third = (sampler.choice("need", count) for _ in range(3))
    lists = pl.DataFrame({"a": first.series("a"), "b": second.series("b"), "c": third.series("c")})
    several = [
        pl.when(pl.Series(how_many > position)).then(pl.col(name)).alias(name)
        for position, name in enumerate("abc")
    ]
    joined = pl.concat_list("a", "b", "c").list.unique(maintain_order=True).list.drop_nulls()
    return lists.select(several).select(joined.list.join(LIST_SEPARATOR).alias("need")).to_series()


def _context(sampler: Sampler, count: int) -> list[pl.Series]:
    in_force = pl.DataFrame(
        [
            Coded(np.zeros(count, dtype=np.int64), (name,))
            .where(sampler.yes("context.special_notices", count))
            .series(name)
            for name in notices()
        ]
    )
    joined = in_force.select(
        pl.concat_list(pl.all()).list.drop_nulls().list.join(LIST_SEPARATOR).alias("context.special_notices")
    )
    return [
        pl.Series("context.date", [DAY]).new_from_index(0, count),
        pl.Series("context.cpi_year_on_year", sampler.number("context.cpi_year_on_year", count) / 1000),
        pl.Series(
            "context.food_cpi_year_on_year", sampler.number("context.food_cpi_year_on_year", count) / 1000
        ),
        joined.to_series(),
    ]


def _events(sampler: Sampler, households: int, areas: Coded) -> pl.DataFrame:
    """What happened to each household, and last that nothing more did."""
    happened: Array = sampler.digits("event.count", households).astype(np.int64)
    per_home: Array = happened + 1
    home: Array = np.repeat(np.arange(households), per_home)
    place_in_home = np.arange(len(home)) - np.repeat(np.cumsum(per_home) - per_home, per_home)
    last = place_in_home == happened[home]
    count = len(home)
    names = Coded(place_in_home, ("event", "event-2", "event-3"))
    columns = Columns(pl.Series("household", home + 1), names.series("relation"))
    kind = sampler.choice("event.type", count)
    columns.code("event.type", kind.const(last, "none"))
    days = pl.Series("event.date", (-sampler.number("event.days_ago", count)).astype(np.int64))
    date = pl.Series([DAY]).new_from_index(0, count) + pl.Series(days.cast(pl.Duration("ms")) * 86_400_000)
    columns.kept.append(date.set(pl.Series(last), None).cast(pl.Date).alias("event.date"))
    at_home = sampler.yes("event.place", count)
    away = sampler.choice("household.hukou_elsewhere", count)
    columns.code("event.place", away.put(at_home, areas.take(home)).where(~last))
    columns.yes("event.family_support_available", sampler.yes("event.family_support_available", count), ~last)
    damage = sampler.choice("event.home_damaged", count)
    columns.code("event.home_damaged", damage.const(~kind.among(*_DAMAGING), "no").where(~last))
    columns.code("event.urgent", sampler.choice("event.urgent", count).where(~last))
    hurt = kind.among("sudden_illness", "accident", "traffic", "fire")
    unpaid = sampler.yes("event.emergency_care_unpaid", count) & hurt
    columns.yes("event.emergency_care_unpaid", unpaid, ~last)
    return pl.DataFrame(columns.kept)

"""The five rules of five_rules/ in OpenFisca's terms, run by side_by_side.py in an environment of its own.

    python -m tests.load.openfisca_side HOUSEHOLDS OUT.json --as-of DAY [--results OUT.npz]

HOUSEHOLDS: the folder of Parquet files that our side reads too, or an .npz of arrays that need no conversion at all
(households.write_arrays): its best case. Either way it gets the figures of the same file, the builder's own way for
arrays, choices as small integers and no tracing. With `--results` the rules are worked out again, warm, and everything
is written. OpenFisca-core is under the AGPL: nothing of ours imports this module.
"""

# ruff: noqa: E402, N801, N805 -- imports are timed; a variable is a class named as the formulas name it

from __future__ import annotations

import time

STARTED = time.perf_counter()

import argparse
import datetime
import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from openfisca_core.entities import build_entity
from openfisca_core.indexed_enums import Enum
from openfisca_core.parameters import ParameterNode
from openfisca_core.periods import DateUnit
from openfisca_core.simulations import Simulation, SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

from tests.load.peak import peak_memory

IMPORTED = time.perf_counter()

PARAMETERS = Path(__file__).parent / "five_rules" / "parameters" / "bench.yml"
ROLES = ("self", "spouse", "child")
Array = np.ndarray[Any, Any]

Person = build_entity(key="person", plural="persons", label="A person", is_person=True)
Household = build_entity(
    key="household",
    plural="households",
    label="A household",
    roles=[{"key": role, "max": 1, "label": role} for role in ROLES],
)


class Status(Enum):
    none = "none"
    dibao = "dibao"
    edge = "edge"
    rigid = "rigid"
    tekun = "tekun"
    fixed_subsidy = "fixed_subsidy"


class Employment(Enum):
    employed = "employed"
    flexible = "flexible"
    self_employed = "self_employed"
    odd_jobs = "odd_jobs"
    unemployed = "unemployed"
    homemaker = "homemaker"
    student = "student"
    retired = "retired"
    unable = "unable"
    child = "child"


# ── what is told ──


class size(Variable):
    value_type = int
    entity = Household
    definition_period = DateUnit.MONTH


class income_month(Variable):
    value_type = float
    entity = Household
    definition_period = DateUnit.MONTH


class savings(Variable):
    value_type = float
    entity = Household
    definition_period = DateUnit.MONTH


class cars(Variable):
    value_type = int
    entity = Household
    definition_period = DateUnit.MONTH


class medical_spend_year(Variable):
    value_type = float
    entity = Household
    definition_period = DateUnit.YEAR


class status(Variable):
    value_type = Enum
    possible_values = Status
    default_value = Status.none
    entity = Household
    definition_period = DateUnit.MONTH


class disability_certificate(Variable):
    value_type = bool
    entity = Person
    definition_period = DateUnit.MONTH


class disability_grade(Variable):
    value_type = int
    entity = Person
    definition_period = DateUnit.MONTH


class employment(Variable):
    value_type = Enum
    possible_values = Employment
    default_value = Employment.employed
    entity = Person
    definition_period = DateUnit.MONTH


class months_without_income(Variable):
    value_type = int
    entity = Person
    definition_period = DateUnit.MONTH


class major_illness(Variable):
    value_type = bool
    entity = Person
    definition_period = DateUnit.MONTH


TOLD = (
    *(size, income_month, savings, cars, medical_spend_year, status),
    *(disability_certificate, disability_grade, employment, months_without_income, major_illness),
)


# ── the five rules, each with its amount where it has one ──


class income_month_per_head(Variable):
    value_type = float
    entity = Household
    definition_period = DateUnit.MONTH

    def formula(household, period):
        return household("income_month", period) / household("size", period)


class savings_per_head(Variable):
    value_type = float
    entity = Household
    definition_period = DateUnit.MONTH

    def formula(household, period):
        return household("savings", period) / household("size", period)


class income_year(Variable):
    value_type = float
    entity = Household
    definition_period = DateUnit.MONTH

    def formula(household, period):
        return household("income_month", period) * 12


class gap(Variable):
    value_type = bool
    entity = Household
    definition_period = DateUnit.MONTH

    def formula(household, period, parameters):
        bench = parameters(period).bench
        return (
            (household("income_month_per_head", period) < bench.bench_standard)
            & (household("savings_per_head", period) <= bench.bench_savings_limit)
            & (household("cars", period) == 0)
        )


class gap_amount(Variable):
    value_type = float
    entity = Household
    definition_period = DateUnit.MONTH

    def formula(household, period, parameters):
        standard = parameters(period).bench.bench_standard
        missing = standard * household("size", period) - household("income_month", period)
        return household("gap", period) * missing


class low_income(Variable):
    value_type = bool
    entity = Household
    definition_period = DateUnit.MONTH

    def formula(household, period, parameters):
        bench = parameters(period).bench
        return (
            (household("income_month_per_head", period) <= bench.bench_low_income_line)
            & (household("savings_per_head", period) <= bench.bench_savings_limit * 2)
            & (household("cars", period) <= 1)
        )


class disability(Variable):
    value_type = bool
    entity = Person
    definition_period = DateUnit.MONTH

    def formula(person, period):
        recognised = person.household("status", period)
        work = person("employment", period)
        return (
            person("disability_certificate", period)
            & (person("disability_grade", period) <= 3)
            & (
                (recognised == Status.dibao)
                | (recognised == Status.edge)
                | (work == Employment.unemployed)
                | (work == Employment.unable)
                | (work == Employment.child)
            )
        )


class disability_amount(Variable):
    value_type = float
    entity = Person
    definition_period = DateUnit.MONTH

    def formula(person, period, parameters):
        subsidy = parameters(period).bench.bench_disability_subsidy
        share = np.where(person("disability_grade", period) == 1, subsidy, subsidy / 2)
        return person("disability", period) * share


class medical(Variable):
    value_type = bool
    entity = Household
    definition_period = DateUnit.MONTH

    def formula(household, period, parameters):
        bench = parameters(period).bench
        borne = household("income_year", period) * bench.bench_medical_share
        recognised = household("status", period)
        return (household("medical_spend_year", period.this_year) > borne) & (
            (household("savings_per_head", period) <= bench.bench_savings_limit)
            | (recognised == Status.dibao)
            | (recognised == Status.edge)
            | (recognised == Status.rigid)
        )


class medical_amount(Variable):
    value_type = float
    entity = Household
    definition_period = DateUnit.MONTH

    def formula(household, period, parameters):
        borne = household("income_year", period) * parameters(period).bench.bench_medical_share
        beyond = household("medical_spend_year", period.this_year) - borne
        return household("medical", period) * np.minimum(beyond, 30000)


class temporary(Variable):
    value_type = bool
    entity = Household
    definition_period = DateUnit.MONTH

    def formula(household, period, parameters):
        idle = household.members("months_without_income", period) >= 3
        ill = household.members("major_illness", period)
        line = parameters(period).bench.bench_low_income_line
        return household.any(idle | ill) & (household("income_month_per_head", period) <= line)


class temporary_amount(Variable):
    value_type = float
    entity = Household
    definition_period = DateUnit.MONTH

    def formula(household, period, parameters):
        idle = household.sum(household.members("months_without_income", period) >= 3)
        grant = parameters(period).bench.bench_temporary_grant
        return household("temporary", period) * grant * np.maximum(1, idle)


RULES = (gap, low_income, disability, medical, temporary)
AMOUNTS = (gap_amount, disability_amount, medical_amount, temporary_amount)
WORKED_OUT = (income_month_per_head, income_year, savings_per_head, *RULES, *AMOUNTS)


def system() -> TaxBenefitSystem:
    """The rules with the figures of five_rules/parameters/bench.yml."""
    made = TaxBenefitSystem([Person, Household])
    made.add_variables(*TOLD, *WORKED_OUT)
    known = yaml.load(PARAMETERS.read_bytes(), getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    figures = {
        name: {"values": {entry["from"].isoformat(): {"value": entry["value"]} for entry in figure["values"]}}
        for name, figure in known.items()
    }
    made.parameters = ParameterNode("", data={"bench": figures})
    return made


def read_arrays(path: Path) -> dict[str, Array]:
    """The facts by key; `person.household` is each person's household, `household.number` its own."""
    with np.load(path) as stored:
        return {name: stored[name] for name in stored.files}


def read_parquet(folder: Path, pl: Any) -> dict[str, Array]:
    """The same from Parquet, with Polars."""
    codes = {
        "household.status": [one.name for one in Status],
        "person.employment": [one.name for one in Employment],
        "relation": list(ROLES),
    }
    arrays = {}
    for about, number in (("household", "household.number"), ("person", "person.household")):
        frame = pl.read_parquet(folder / f"{about}s.parquet").rename({"household": number})
        for column in frame:
            if column.name in codes:
                arrays[column.name] = column.cast(pl.Enum(codes[column.name])).to_physical().to_numpy()
            else:
                arrays[column.name] = (column.fill_null(0) if column.null_count() else column).to_numpy()
    return arrays


def build(rules: TaxBenefitSystem, arrays: Any, month: str) -> Simulation:
    """The households, declared and told."""
    builder = SimulationBuilder()
    builder.create_entities(rules)
    homes = arrays["household.number"]
    members = arrays["person.household"]
    builder.declare_person_entity("person", np.arange(len(members)))
    declared = builder.declare_entity("household", homes)
    builder.join_with_persons(declared, members, roles=arrays["relation"])
    simulation = builder.build(rules)
    for variable in TOLD:
        name = variable.__name__
        period = month if variable.definition_period == DateUnit.MONTH else month[:4]
        simulation.set_input(name, period, arrays[f"{variable.entity.key}.{name}"])
    return simulation


def work_out(simulation: Simulation, month: str) -> dict[str, Array]:
    """Every verdict and amount, by variable."""
    return {
        variable.__name__: simulation.calculate(variable.__name__, month) for variable in (*RULES, *AMOUNTS)
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("households", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--as-of", type=datetime.date.fromisoformat, required=True)
    parser.add_argument("--results", type=Path)
    asked = parser.parse_args()
    month = f"{asked.as_of:%Y-%m}"
    importing = IMPORTED - STARTED
    is_arrays = asked.households.suffix == ".npz"
    if not is_arrays:
        started = time.perf_counter()
        import polars as pl  # only who reads Parquet pays for it

        importing += time.perf_counter() - started
    marks = [time.perf_counter()]
    rules = system()
    marks.append(time.perf_counter())
    arrays = read_arrays(asked.households) if is_arrays else read_parquet(asked.households, pl)
    marks.append(time.perf_counter())
    simulation = build(rules, arrays, month)
    marks.append(time.perf_counter())
    found = work_out(simulation, month)
    marks.append(time.perf_counter())
    spent = [later - earlier for earlier, later in pairwise(marks)]
    told = {
        "import": importing,
        **dict(zip(("knowledge", "read", "build", "rules cold"), spent, strict=True)),
    }
    told["peak MB"] = peak_memory()
    if asked.results:
        told["rules warm"] = min(_again(simulation, month) for _ in range(3))
        np.savez(asked.results, **{name: np.asarray(values) for name, values in found.items()})
    asked.out.write_text(json.dumps(told), encoding="utf-8")


def _again(simulation: Simulation, month: str) -> float:
    """Seconds of working everything out once more from what was told."""
    for variable in WORKED_OUT:
        simulation.delete_arrays(variable.__name__)
    started = time.perf_counter()
    work_out(simulation, month)
    return time.perf_counter() - started


if __name__ == "__main__":
    main()

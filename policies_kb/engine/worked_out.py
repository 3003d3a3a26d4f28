"""Facts worked out from others: (facts, whom, what was told) → what is known, as columns of a plan.

Each function only narrows what was told. A value that is worked out may itself be asked for; inputs.py names
the facts to ask a resident for where one is open.
"""

from __future__ import annotations

from policies_kb.engine.knowing import WorkOut
from policies_kb.engine.of_households import OF_HOUSEHOLDS, PER_HEAD
from policies_kb.engine.of_persons import OF_PERSONS, WORKING

__all__ = ["PER_HEAD", "WORKED_OUT", "WORKING"]

WORKED_OUT: dict[str, WorkOut] = {**OF_HOUSEHOLDS, **OF_PERSONS}

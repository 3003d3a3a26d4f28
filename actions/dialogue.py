"""Where a conversation stands: the part of it that is neither transcript nor situation.

It is kept in the conversation's record, so that it survives a restart of any process and a week's pause.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Stage = Literal[
    "",
    "consent",
    "contact",  # how the resident can be reached
    "contact_in_danger",  # the same, and nothing else is asked after it
    "confirm_erase",
    "confirm_restart",
    "confirm_withdraw",
    "confirm_request",  # whether a help request is wanted
]


@dataclass
class Dialogue:
    """What the bot waits for and what it has done; plain values, so that JSON holds it.

    asked: the fact the bot is asking now, {"fact", "relation"}, or None.
    stage: an answer of another kind that is awaited (consent, how to reach the resident, a confirmation).
    draft: facts heard before there was consent to keep them; contract's Fact shape.
    left_open: [fact, relation] pairs the resident could not tell; not asked again.
    misses: how often in a row the present question was not understood.
    announced: programmes already named to the resident as likely.
    answered: questions answered since results were last shown.
    rounds: how often results were shown since the resident last asked to go on.
    focus: the programme spoken of last.
    last: the last reply, to be repeated on request.
    """

    asked: dict[str, str] | None = None
    stage: Stage = ""
    draft: list[dict[str, Any]] = field(default_factory=list)
    left_open: list[list[str]] = field(default_factory=list)
    misses: int = 0
    announced: list[str] = field(default_factory=list)
    answered: int = 0
    rounds: int = 0
    focus: str | None = None
    last: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def read(cls, stored: dict[str, Any] | None) -> Dialogue:
        """From the record; what an older version kept and this one doesn't know is let go."""
        known = cls.__dataclass_fields__
        return cls(**{name: value for name, value in (stored or {}).items() if name in known})

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

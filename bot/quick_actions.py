"""Check an action server's answer against its schema with a validator that is built once.

Rasa 3.6 calls `jsonschema.validate`, which checks the *schema* against the meta-schema anew for every
answer: two thirds of a turn's processor time (29 ms of 40, measured). The check of the answer stays the same.
"""

from __future__ import annotations

from typing import Any

from jsonschema import Draft7Validator, ValidationError
from rasa.core.actions.action import RemoteAction

_ANSWER = Draft7Validator(RemoteAction.action_response_format_spec())


def _validate(self: RemoteAction, result: dict[str, Any]) -> bool:
    error = next(_ANSWER.iter_errors(result), None)
    if error is not None:
        raise ValidationError(f"The action server answered in a shape Rasa does not know: {error.message}")
    return True


def install() -> None:
    RemoteAction._validate_action_result = _validate

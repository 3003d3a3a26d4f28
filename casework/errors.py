"""What casework refuses, and how it says so.

Each error carries a `code` for the interface, and a `message` in both languages that names no person, number
or text of a record: it may be shown and logged. `reason` is its key in `wording.yml`.
"""

from __future__ import annotations

from typing import ClassVar

from casework.wording import Text, text


class CaseworkError(Exception):
    """Common parent; `message` is what to tell, `code` what to send along with it."""

    code: ClassVar[str]
    status: ClassVar[int]  # the HTTP status that says the same (contract, public interface)

    def __init__(self, reason: str) -> None:
        self.reason = reason
        self.message: Text = text("errors", reason)
        super().__init__(self.message.en)


class NotFound(CaseworkError):
    """No such record: unknown, erased, or somebody else's."""

    code = "not_found"
    status = 404


class NotAllowed(CaseworkError):
    """No token, a wrong one, a wrong password, or a role that may not."""

    code = "not_allowed"
    status = 401


class Forbidden(NotAllowed):
    """Known and signed in, but this role may not."""

    code = "forbidden"
    status = 403


class Conflict(CaseworkError):
    """What was asked does not follow from the state the record is in now."""

    code = "conflict"
    status = 409


class Invalid(CaseworkError):
    """A value that no record of this kind can hold."""

    code = "invalid"
    status = 422


class Unavailable(CaseworkError):
    """The database cannot be reached or stays locked; nothing was stored, so asking again is safe."""

    code = "unavailable"
    status = 503

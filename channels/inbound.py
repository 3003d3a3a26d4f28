"""What a resident may send: a text or a button, checked before anything is stored."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from channels import texts
from channels.errors import ApiError

TEXT_LIMIT = 2000  # characters
PAYLOAD_LIMIT = 1000
TITLE_LIMIT = 200
CLIENT_ID_LIMIT = 64

LANGUAGES = ("zh", "en")


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 100


def _is_language(value: Any) -> bool:
    return value in LANGUAGES


def _anything(value: Any) -> bool:
    return True


# The buttons there are: name -> what its JSON must hold. More may stand in it; the bot reads what it knows.
PAYLOADS: Mapping[str, Mapping[str, Callable[[Any], bool]]] = {
    "consent_yes": {},
    "consent_no": {},
    "request_help": {},
    "talk_to_human": {},
    "skip": {},
    "dont_know": {},
    "refuse": {},
    "affirm": {},
    "deny": {},
    "ask_eligibility": {},
    "ask_why": {},
    "restart": {},
    "repeat": {},
    "cancel_request": {},
    "delete_my_data": {},
    "privacy": {},
    "change_language": {"language": _is_language},
    "answer": {"fact": _is_name, "relation": _is_name, "value": _anything},
    "ask_policy": {"programme": _is_name},
    "correct": {"fact": _is_name, "relation": _is_name},
    "ask_status": {},  # with a number, or the conversation's own request
}


@dataclass(frozen=True)
class Inbound:
    """One message. For a button, `name` and `arguments` are its payload, `text` the title if one was sent."""

    text: str
    client_id: str | None = None
    name: str | None = None
    arguments: dict[str, Any] = field(default_factory=dict)

    @property
    def payload(self) -> str | None:
        """The button's payload in one spelling, whatever spacing it came with; None for a text."""
        if self.name is None:
            return None
        return f"/{self.name}" + (json.dumps(self.arguments, ensure_ascii=False) if self.arguments else "")

    @property
    def for_rasa(self) -> str:
        """A resident's own text can never pass for a button: a leading slash becomes a full-width one."""
        if self.payload is not None:
            return self.payload
        return "／" + self.text[1:] if self.text.startswith("/") else self.text

    @property
    def new_language(self) -> str | None:
        """The language that a press of the language switch asks for."""
        return str(self.arguments["language"]) if self.name == "change_language" else None

    def shown(self, language: str) -> str:
        """What the transcript shows that the resident said."""
        if self.text or self.name is None:
            return self.text
        value = self.arguments.get("value")
        if self.name == "answer" and isinstance(value, bool):
            return texts.say("payloads", "affirm" if value else "deny", language)
        if self.name == "answer" and isinstance(value, int | float):
            return f"{value:g}"
        return texts.say("payloads", self.name, self.new_language or language)


def read_json(body: bytes) -> Any:
    """Raises ApiError "malformed" for whatever is not JSON in UTF-8."""
    try:
        return json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        raise ApiError("malformed") from None


def read_language(body: Any) -> str | None:
    """The optional language of a new conversation."""
    if not isinstance(body, dict):
        raise ApiError("wrong_kind")
    language = body.get("language")
    if language is not None and language not in LANGUAGES:
        raise ApiError("unknown_language")
    return language


def read_message(body: Any) -> Inbound:
    """A message from a decoded body `{"text"} | {"payload", "title"?}`, `"client_id"?`. Raises ApiError."""
    if not isinstance(body, dict):
        raise ApiError("wrong_kind")
    text, payload = body.get("text"), body.get("payload")
    if (text is None) == (payload is None):
        raise ApiError("text_or_payload")
    client_id = _client_id(body.get("client_id"))
    if payload is not None:
        name, arguments = read_payload(payload)
        return Inbound(_title(body.get("title")), client_id, name, arguments)
    return Inbound(read_text(text), client_id)


def read_text(text: Any) -> str:
    """What somebody wrote, trimmed. Raises ApiError: wrong_kind, empty_text, text_too_long."""
    if not isinstance(text, str) or not _storable(text):
        raise ApiError("wrong_kind")
    if len(text) > TEXT_LIMIT:
        raise ApiError("text_too_long")
    trimmed: str = text.replace("\x00", "").strip()
    if not any(_visible(character) for character in trimmed):
        raise ApiError("empty_text")
    return trimmed


def read_payload(payload: Any) -> tuple[str, dict[str, Any]]:
    """`/name` or `/name{"json": …}` as (name, arguments). Raises ApiError "unknown_payload"."""
    if not isinstance(payload, str) or not _storable(payload):
        raise ApiError("wrong_kind")
    name, brace, rest = payload.strip().removeprefix("/").partition("{")
    required = PAYLOADS.get(name.strip())
    if required is None or len(payload) > PAYLOAD_LIMIT or not payload.strip().startswith("/"):
        raise ApiError("unknown_payload")
    arguments: Any = {}
    if brace:
        try:
            arguments = json.loads(brace + rest, parse_constant=_no_constant)
        except (ValueError, RecursionError):
            raise ApiError("unknown_payload") from None
    # A surrogate or a null character can hide behind a JSON escape.
    if not _storable(json.dumps(arguments, ensure_ascii=False)) or "\\u0000" in json.dumps(arguments):
        raise ApiError("wrong_kind")
    if not all(key in arguments and allowed(arguments[key]) for key, allowed in required.items()):
        raise ApiError("unknown_payload")
    return name.strip(), arguments


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def _title(title: Any) -> str:
    if title is None:
        return ""
    if not isinstance(title, str) or not _storable(title) or len(title) > TITLE_LIMIT:
        raise ApiError("wrong_kind")
    return title.replace("\x00", "").strip()


def _client_id(value: Any) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or not 0 < len(value) <= CLIENT_ID_LIMIT:
        raise ApiError("wrong_kind")
    if not _storable(value) or "\x00" in value:
        raise ApiError("wrong_kind")
    return value


def _storable(text: str) -> bool:
    """Half of a surrogate pair is no character: no database takes it."""
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _visible(character: str) -> bool:
    """Spaces, control and format characters (zero-width ones too) say nothing."""
    return unicodedata.category(character) not in ("Zs", "Zl", "Zp", "Cc", "Cf", "Cn", "Co")

"""Conversations: opening one, and telling whether a caller may see it."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from casework.errors import Invalid, NotAllowed, NotFound
from casework.models import Conversation

__all__ = ["Conversation", "authorised", "create", "get", "hold", "save_dialogue"]

LANGUAGES = ("zh", "en")


async def create(s: AsyncSession, language: str, channel: str) -> tuple[Conversation, str]:
    """A new conversation ("zh" or "en"; channel such as "web") and its bearer token, which is not kept."""
    check_language(language)
    token = secrets.token_urlsafe(32)
    conversation = Conversation(
        id=secrets.token_hex(16),
        token_hash=_hash(token),
        language=language,
        channel=channel,
        owner="bot",
        dialogue={},
    )
    s.add(conversation)
    await s.flush()
    return conversation, token


async def get(s: AsyncSession, conversation_id: str) -> Conversation:
    """The conversation as it is now; NotFound where it is unknown or erased."""
    conversation = await s.get(Conversation, conversation_id, populate_existing=True)
    if conversation is None:
        raise NotFound("conversation_unknown")
    return conversation


async def hold(s: AsyncSession, conversation_id: str) -> Conversation:
    """The conversation, with every other writer to it kept waiting until the session ends; NotFound as `get`.

    Whoever decides by what a conversation holds calls this first: on PostgreSQL sessions write side by side.
    """
    conversation = await s.get(Conversation, conversation_id, populate_existing=True, with_for_update=True)
    if conversation is None:
        raise NotFound("conversation_unknown")
    return conversation


async def authorised(s: AsyncSession, conversation_id: str, token: str | None) -> Conversation:
    """The conversation, for whoever holds its token.

    NotFound where it is unknown, erased, or the token is another conversation's; NotAllowed for no or any
    other token.
    """
    conversation = await get(s, conversation_id)
    offered = _hash(token or "")
    if hmac.compare_digest(conversation.token_hash, offered):
        return conversation
    if await s.scalar(select(Conversation.id).where(Conversation.token_hash == offered)):
        raise NotFound("conversation_unknown")
    raise NotAllowed("token_wrong")


async def save_dialogue(
    s: AsyncSession, conversation_id: str, dialogue: dict[str, Any], language: str | None = None
) -> None:
    """Replace the dialogue's state, and the language in use where given; nothing else of the record is
    touched.
    """
    conversation = await hold(s, conversation_id)
    conversation.dialogue = dict(dialogue)
    if language is not None:
        conversation.language = check_language(language)
    await s.flush()


def check_language(language: str) -> str:
    """The language itself, or Invalid."""
    if language not in LANGUAGES:
        raise Invalid("language_unknown")
    return language


def _hash(token: str) -> str:
    # A token has 256 random bits, so a plain hash is enough: there is nothing to guess.
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()

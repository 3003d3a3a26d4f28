"""A conversation is seen by whoever holds its token, and by nobody else."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from casework import conversations
from casework.conversations import Conversation
from casework.database import Database
from casework.errors import Invalid, NotAllowed, NotFound


async def test_the_token_opens_its_own_conversation_and_is_not_kept(db: Database) -> None:
    async with db.session() as s:
        created, token = await conversations.create(s, "en", "web")
    async with db.session(write=False) as s:
        assert (await conversations.authorised(s, created.id, token)).id == created.id
        stored = (await s.execute(select(Conversation.token_hash))).scalar_one()
    assert len(token) >= 43
    assert token not in stored
    assert created.owner == "bot"
    assert created.dialogue == {}


@pytest.mark.parametrize("token", ["", None, "x", "\udcff", "0" * 43])
async def test_no_token_or_a_wrong_one_is_refused(
    db: Database, conversation: Conversation, token: str | None
) -> None:
    async with db.session(write=False) as s:
        with pytest.raises(NotAllowed):
            await conversations.authorised(s, conversation.id, token)


async def test_another_conversations_token_learns_nothing(db: Database, conversation: Conversation) -> None:
    async with db.session() as s:
        _other, token = await conversations.create(s, "zh", "web")
        with pytest.raises(NotFound):
            await conversations.authorised(s, conversation.id, token)
        with pytest.raises(NotFound):
            await conversations.authorised(s, "0" * 32, token)


async def test_the_dialogue_is_replaced_and_nothing_else(db: Database, conversation: Conversation) -> None:
    asked = {"asked": {"fact": "household.size", "relation": "household"}}
    async with db.session() as s:
        await conversations.save_dialogue(s, conversation.id, asked)
    async with db.session() as s:
        await conversations.save_dialogue(s, conversation.id, {"asked": None}, "en")
        with pytest.raises(NotFound):
            await conversations.save_dialogue(s, "0" * 32, {})
    async with db.session(write=False) as s:
        now = await conversations.get(s, conversation.id)
    assert (now.dialogue, now.language, now.owner) == ({"asked": None}, "en", "bot")


async def test_a_language_is_zh_or_en(db: Database) -> None:
    async with db.session() as s:
        with pytest.raises(Invalid):
            await conversations.create(s, "fr", "web")

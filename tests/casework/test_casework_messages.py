"""Nothing said is lost, and nothing is recorded twice."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import func, select

from casework import conversations, messages
from casework.conversations import Conversation
from casework.database import Database
from casework.errors import Invalid, NotFound
from casework.messages import Message


async def test_a_repeat_returns_the_first_message_and_its_replies(
    db: Database, conversation: Conversation
) -> None:
    async with db.session() as s:
        first, new = await messages.record(s, conversation.id, "resident", "三口人", "zh", client_id="a1")
        assert new
        for said in ("记下了。", "家里每月收入多少？"):
            await messages.record(s, conversation.id, "bot", said, "zh", in_reply_to=first)
        await messages.record(s, conversation.id, "system", "已收到", "zh")
    async with db.session() as s:
        again, new = await messages.record(s, conversation.id, "resident", "别的话", "zh", client_id="a1")
        assert (again.id, again.text, new) == (first.id, "三口人", False)
        assert [reply.text for reply in await messages.replies_to(s, again)] == [
            "记下了。",
            "家里每月收入多少？",
        ]
        assert len(await messages.after(s, conversation.id)) == 4


async def test_the_same_client_id_in_another_conversation_is_another_message(
    db: Database, conversation: Conversation
) -> None:
    async with db.session() as s:
        other, _ = await conversations.create(s, "zh", "web")
        await messages.record(s, conversation.id, "resident", "你好", "zh", client_id="a1")
        _message, new = await messages.record(s, other.id, "resident", "你好", "zh", client_id="a1")
    assert new


async def test_of_many_repeats_at_once_one_is_recorded(db: Database, conversation: Conversation) -> None:
    async def send() -> tuple[int, bool]:
        async with db.session() as s:
            message, new = await messages.record(s, conversation.id, "resident", "你好", "zh", client_id="a1")
            return message.id, new

    sent = await asyncio.gather(*(send() for _ in range(8)))
    assert len({message_id for message_id, _ in sent}) == 1
    assert sum(new for _, new in sent) == 1
    async with db.session(write=False) as s:
        assert await s.scalar(select(func.count()).select_from(Message)) == 1


async def test_messages_written_at_once_become_visible_in_the_order_of_their_ids(
    db: Database, conversation: Conversation
) -> None:
    """A stream that has shown id N must never find a smaller one later."""
    seen: list[int] = []
    done = asyncio.Event()

    async def watch() -> None:
        while True:
            finished = done.is_set()
            async with db.session(write=False) as s:
                seen.extend(m.id for m in await messages.after(s, conversation.id, seen[-1] if seen else 0))
            if finished:
                return

    async def write(number: int) -> None:
        async with db.session() as s:
            message, _ = await messages.record(s, conversation.id, "resident", str(number), "zh")
            await asyncio.sleep(0.02 if number % 2 else 0)
            assert message.id

    watcher = asyncio.create_task(watch())
    await asyncio.gather(*(write(number) for number in range(12)))
    done.set()
    await watcher
    assert len(seen) == 12
    assert seen == sorted(seen)


async def test_reading_goes_on_from_where_it_stopped(db: Database, conversation: Conversation) -> None:
    async with db.session() as s:
        ids = [(await messages.record(s, conversation.id, "bot", str(n), "en"))[0].id for n in range(5)]
        page = await messages.after(s, conversation.id, ids[1], limit=2)
        assert [message.id for message in page] == ids[2:4]


async def test_a_message_as_the_interface_shows_it(db: Database, conversation: Conversation) -> None:
    button = {"title": "同意", "payload": "/consent_yes"}
    async with db.session() as s:
        message, _ = await messages.record(
            s, conversation.id, "bot", "可以记下吗？", "zh", extra={"buttons": [button]}
        )
    async with db.session(write=False) as s:
        shown = messages.message_json((await messages.after(s, conversation.id))[0])
    assert shown == {
        "id": message.id,
        "at": shown["at"],
        "from": "bot",
        "language": "zh",
        "text": "可以记下吗？",
        "buttons": [button],
    }
    assert shown["at"].endswith("Z")
    assert shown["at"][10] == "T"


async def test_what_no_database_can_store_does_not_lose_the_rest(
    db: Database, conversation: Conversation
) -> None:
    async with db.session() as s:
        await messages.record(
            s,
            conversation.id,
            "resident",
            "我\0没\ud83d钱😀",
            "zh",
            extra={"buttons": [{"title": "\0\ud83d"}]},
        )
    async with db.session(write=False) as s:
        assert (await messages.after(s, conversation.id))[0].text == "我\ufffd没\ufffd钱😀"


@pytest.mark.parametrize(
    "wrong",
    [
        {"from_": "stranger"},
        {"language": "mixed"},
        {"client_id": ""},
        {"client_id": "x" * 65},
        {"extra": {"verdict": "likely"}},
    ],
)
async def test_a_message_of_the_wrong_form_is_refused(
    db: Database, conversation: Conversation, wrong: dict[str, object]
) -> None:
    given = {"from_": "resident", "language": "zh", **wrong}
    async with db.session() as s:
        with pytest.raises(Invalid):
            await messages.record(s, conversation.id, text="你好", **given)  # type: ignore[arg-type]
        assert await messages.after(s, conversation.id) == []


async def test_nothing_is_recorded_in_a_conversation_that_is_not_there(db: Database) -> None:
    async with db.session() as s:
        with pytest.raises(NotFound):
            await messages.record(s, "0" * 32, "resident", "你好", "zh")

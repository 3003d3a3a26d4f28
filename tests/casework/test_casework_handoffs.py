"""Who owns a conversation, and that of two at once one wins."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from casework import conversations, erasure, handoffs, messages, requests, situations
from casework.clock import now
from casework.conversations import Conversation
from casework.database import Database
from casework.errors import CaseworkError, Conflict, Forbidden, Invalid, NotFound
from casework.models import Account
from casework.situations import RecordedFact

if TYPE_CHECKING:
    from tests.casework.conftest import Desk


async def owner(db: Database, conversation: Conversation) -> str:
    async with db.session(write=False) as s:
        return (await conversations.get(s, conversation.id)).owner


async def test_from_the_bot_to_the_queue_to_a_consultant_and_back(
    db: Database, desk: Desk, conversation: Conversation
) -> None:
    deng = await desk.account("邓顾问")
    async with db.session() as s:
        asked = await handoffs.ask(s, conversation.id, "asked")
        assert (asked.queued, asked.position, asked.request, asked.owner) == (True, 1, None, "queue")
    assert await owner(db, conversation) == "queue"
    async with db.session() as s:
        taken = await handoffs.claim(s, conversation.id, deng)
        assert taken.claimed_by == deng.id
        assert await handoffs.queue(s) == []
    async with db.session() as s:
        back = await handoffs.give_back(s, conversation.id, deng, "周二上午上门")
        assert (back.outcome, back.note) == ("returned", "周二上午上门")
        assert back.ended_at is not None
    assert await owner(db, conversation) == "bot"
    async with db.session() as s:
        assert (await handoffs.ask(s, conversation.id, "asked")).queued
        assert len(await handoffs.of_conversation(s, conversation.id)) == 2


async def test_of_two_who_claim_at_once_one_wins(
    db: Database, desk: Desk, conversation: Conversation
) -> None:
    people = [await desk.account(name) for name in ("甲", "乙", "丙", "丁")]
    async with db.session() as s:
        await handoffs.ask(s, conversation.id, "asked")

    async def claim(account: Account) -> str:
        try:
            async with db.session() as s:
                await handoffs.claim(s, conversation.id, account)
        except Conflict as refusal:
            return refusal.reason
        return account.name

    said = await asyncio.gather(*(claim(account) for account in people))
    winners = [name for name in said if name in {account.name for account in people}]
    assert len(winners) == 1
    assert sorted(set(said) - set(winners)) == ["handoff_held"]
    async with db.session(write=False) as s:
        held = await conversations.get(s, conversation.id)
        assert held.consultant_id == next(a.id for a in people if a.name == winners[0])
        assert len(await handoffs.of_conversation(s, conversation.id)) == 1


async def test_claiming_what_one_holds_changes_nothing(
    db: Database, desk: Desk, conversation: Conversation
) -> None:
    deng = await desk.account("邓顾问")
    async with db.session() as s:
        await handoffs.ask(s, conversation.id, "asked")
        first = await handoffs.claim(s, conversation.id, deng)
        claimed_at = first.claimed_at
        again = await handoffs.claim(s, conversation.id, deng)
    assert (again.id, again.claimed_at) == (first.id, claimed_at)


async def test_urgent_ones_are_in_front_and_the_rest_in_the_order_they_asked(
    db: Database, desk: Desk
) -> None:
    await desk.account("邓顾问")
    async with db.session() as s:
        ids = [(await conversations.create(s, "zh", "web"))[0].id for _ in range(3)]
    positions = []
    for conversation_id in ids:
        async with db.session() as s:
            positions.append((await handoffs.ask(s, conversation_id, "asked")).position)
    assert positions == [1, 2, 3]
    async with db.session() as s:
        assert (await handoffs.ask(s, ids[1], "asked")).position == 2  # asking again keeps the place
        urgent = await handoffs.ask(s, ids[2], "danger:medical", urgent=True)
        assert urgent.position == 1
        line = await handoffs.queue(s)
    assert [waiting.conversation.id for waiting in line] == [ids[2], ids[0], ids[1]]
    assert (line[0].handoff.urgent, line[0].handoff.reason) == (True, "danger:medical")


async def test_with_nobody_on_duty_a_plea_becomes_a_yellow_request_and_one_only(
    db: Database, desk: Desk, conversation: Conversation
) -> None:
    await desk.account("训练员", "trainer")
    await desk.account("不在", on_duty=False)
    async with db.session() as s:
        await messages.record(s, conversation.id, "resident", "", "zh", payload="/greet")
        await messages.record(s, conversation.id, "resident", "我爸去年查出尿毒症", "zh")
        await messages.record(s, conversation.id, "resident", "转人工", "zh")
        area = {"code": "310105", "name": "长宁区", "street": "江苏路街道"}
        await situations.record(s, conversation.id, [RecordedFact("household.area", "household", area)])
        asked = await handoffs.ask(s, conversation.id, "asked")
        assert (asked.queued, asked.position, asked.owner) == (False, None, "bot")
        assert asked.request is not None
        assert (asked.request.grade, asked.request.source) == ("yellow", "handoff")
        assert asked.request.summary == "我爸去年查出尿毒症"
        assert requests.office(asked.request).zh == "长宁区江苏路街道社区事务受理服务中心"
    async with db.session() as s:
        again = await handoffs.ask(s, conversation.id, "asked", contact="13800000000")
        assert again.request is not None
        assert again.request.number == asked.request.number
        assert again.request.contact == "13800000000"
        assert len(await requests.of_conversation(s, conversation.id)) == 1


async def test_with_nobody_on_duty_danger_opens_a_red_request_or_makes_the_open_one_red(
    db: Database, conversation: Conversation
) -> None:
    async with db.session() as s:
        mild = await requests.open_request(s, conversation_id=conversation.id, summary="想了解补贴")
        due = mild.due_at
    async with db.session() as s:
        asked = await handoffs.ask(s, conversation.id, "danger:self_harm", urgent=True)
        assert asked.request is not None
        assert (asked.request.number, asked.request.grade) == (mild.number, "red")
        assert asked.request.due_at < due
        assert [step.note for step in await requests.steps(s, asked.request)] == [None, "danger:self_harm"]
    async with db.session() as s:
        other, _ = await conversations.create(s, "en", "web")
        await messages.record(s, other.id, "resident", "Hello", "en")
        await messages.record(s, other.id, "resident", "My father cannot breathe", "en")
        fresh = await handoffs.ask(s, other.id, "danger:medical", urgent=True)
        assert fresh.request is not None
        assert (fresh.request.grade, fresh.request.source, fresh.request.language) == ("red", "danger", "en")
        assert fresh.request.summary == "My father cannot breathe"


async def test_who_waits_while_the_last_consultant_leaves_keeps_the_place_and_gets_a_request(
    db: Database, desk: Desk, conversation: Conversation
) -> None:
    deng = await desk.account("邓顾问")
    async with db.session() as s:
        await handoffs.ask(s, conversation.id, "asked")
        await s.execute(
            update(Account).where(Account.id == deng.id).values(last_seen=now() - timedelta(minutes=6))
        )
    async with db.session() as s:
        asked = await handoffs.ask(s, conversation.id, "asked")
    assert (asked.queued, asked.position) == (True, 1)
    assert asked.request is not None


async def test_who_asked_while_nobody_was_there_can_be_taken_later_and_others_cannot(
    db: Database, desk: Desk, conversation: Conversation
) -> None:
    async with db.session() as s:
        assert (await handoffs.ask(s, conversation.id, "asked")).request is not None
        silent, _ = await conversations.create(s, "zh", "web")
    deng = await desk.account("邓顾问")
    async with db.session() as s:
        taken = await handoffs.claim(s, conversation.id, deng)
        assert taken.reason == "help_request"
        with pytest.raises(Conflict) as refused:
            await handoffs.claim(s, silent.id, deng)
    assert refused.value.reason == "handoff_not_waiting"
    assert await owner(db, conversation) == "consultant"
    assert await owner(db, silent) == "bot"


async def test_a_conversation_changes_hands_without_a_gap(
    db: Database, desk: Desk, conversation: Conversation
) -> None:
    deng, jiang, boss = (
        await desk.account("邓顾问"),
        await desk.account("姜顾问"),
        await desk.account("督导", "supervisor"),
    )
    trainer = await desk.account("训练员", "trainer")
    async with db.session() as s:
        await handoffs.ask(s, conversation.id, "asked", urgent=True)
        await handoffs.claim(s, conversation.id, deng)
        with pytest.raises(Conflict):
            await handoffs.transfer(s, conversation.id, jiang, jiang)
        with pytest.raises(Invalid):
            await handoffs.transfer(s, conversation.id, deng, trainer)
        moved = await handoffs.transfer(s, conversation.id, deng, jiang, "低保材料已齐")
        assert (moved.claimed_by, moved.note, moved.urgent) == (jiang.id, "低保材料已齐", True)
        with pytest.raises(Conflict):
            await handoffs.give_back(s, conversation.id, deng)
        await handoffs.transfer(s, conversation.id, boss, boss)
        assert (await conversations.get(s, conversation.id)).consultant_id == boss.id
        await handoffs.give_back(s, conversation.id, boss)
    async with db.session(write=False) as s:
        outcomes = [h.outcome for h in await handoffs.of_conversation(s, conversation.id)]
    assert outcomes == ["transferred", "transferred", "returned"]
    assert await owner(db, conversation) == "bot"


async def test_asking_while_a_consultant_is_there_changes_nothing(
    db: Database, desk: Desk, conversation: Conversation
) -> None:
    deng = await desk.account("邓顾问")
    async with db.session() as s:
        await handoffs.ask(s, conversation.id, "asked")
        await handoffs.claim(s, conversation.id, deng)
        asked = await handoffs.ask(s, conversation.id, "asked", urgent=True)
    assert (asked.queued, asked.request, asked.owner) == (False, None, "consultant")


async def test_a_trainer_may_not_hold_a_conversation(
    db: Database, desk: Desk, conversation: Conversation
) -> None:
    await desk.account("邓顾问")
    trainer = await desk.account("训练员", "trainer")
    async with db.session() as s:
        await handoffs.ask(s, conversation.id, "asked")
        with pytest.raises(Forbidden):
            await handoffs.claim(s, conversation.id, trainer)
    assert await owner(db, conversation) == "queue"


async def test_an_erased_conversation_can_be_neither_asked_for_nor_claimed(
    db: Database, desk: Desk, conversation: Conversation
) -> None:
    deng = await desk.account("邓顾问")
    async with db.session() as s:
        await handoffs.ask(s, conversation.id, "asked")
        await erasure.erase(s, conversation.id)
    async with db.session() as s:
        assert await handoffs.queue(s) == []
        for call in (handoffs.claim(s, conversation.id, deng), handoffs.give_back(s, conversation.id, deng)):
            with pytest.raises(NotFound):
                await call
        with pytest.raises(NotFound):
            await handoffs.ask(s, conversation.id, "asked")


MOVES = st.lists(
    st.tuples(
        st.sampled_from(["ask", "urgent", "claim", "back", "transfer", "leave", "come"]), st.integers(0, 1)
    ),
    max_size=14,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=MOVES)
async def test_whatever_happens_somebody_answers_and_the_records_agree(
    db: Database, desk: Desk, moves: list[tuple[str, int]]
) -> None:
    async with db.session() as s:
        conversation, _ = await conversations.create(s, "zh", "web")
    names = [f"{conversation.id[:8]}-{n}" for n in (1, 2)]
    people = [await desk.account(name) for name in names]
    for move, who in moves:
        account, other = people[who], people[1 - who]
        try:
            async with db.session() as s:
                if move in ("ask", "urgent"):
                    asked = await handoffs.ask(s, conversation.id, "asked", urgent=move == "urgent")
                    # Nobody who asks goes away with nothing.
                    assert asked.queued or asked.request is not None or asked.owner == "consultant"
                elif move == "claim":
                    await handoffs.claim(s, conversation.id, account)
                elif move == "back":
                    await handoffs.give_back(s, conversation.id, account)
                elif move == "transfer":
                    await handoffs.transfer(s, conversation.id, account, other)
                else:
                    at = now() if move == "come" else None
                    await s.execute(update(Account).values(last_seen=at))
        except CaseworkError as refusal:
            assert isinstance(refusal, Conflict)  # noqa: PT017
        async with db.session(write=False) as s:
            current = await conversations.get(s, conversation.id)
            stretches = [h for h in await handoffs.of_conversation(s, conversation.id) if h.ended_at is None]
            assert len(stretches) == (0 if current.owner == "bot" else 1)
            if current.owner == "consultant":
                assert stretches[0].claimed_by == current.consultant_id
            if current.owner == "queue":
                assert stretches[0].claimed_by is None
            assert len(await requests.of_conversation(s, conversation.id)) <= 1
    async with db.session() as s:  # the next example begins with nobody on duty
        await erasure.erase(s, conversation.id)
        await s.execute(update(Account).values(last_seen=None))

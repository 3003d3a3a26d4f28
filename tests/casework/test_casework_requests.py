"""Help requests: numbers to read aloud, steps that follow each other, due times in office hours."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

import casework
from casework import conversations, requests, wording, working_hours
from casework.clock import SHANGHAI
from casework.conversations import Conversation
from casework.database import Database
from casework.errors import CaseworkError, Conflict, Forbidden, Invalid, NotFound
from casework.models import Account
from casework.offices import office_for

if TYPE_CHECKING:
    from tests.casework.conftest import Desk


async def test_a_number_is_two_groups_of_four_and_found_however_it_is_written(db: Database) -> None:
    async with db.session() as s:
        opened = await requests.open_request(s, contact="13800000000")
        assert re.fullmatch(r"[1-9]\d{3}-\d{4}", opened.number)
        plain = opened.number.replace("-", "")
        full_width = "".join(chr(ord(digit) + 0xFEE0) for digit in plain)
        for written in (opened.number, plain, f" {plain[:4]} {plain[4:]} ", full_width, f"求助单{plain}"):
            assert (await requests.by_number(s, written)).id == opened.id
        for wrong in ("", "1", plain + "0", "不知道", "\0"):
            with pytest.raises(NotFound):
                await requests.by_number(s, wrong)


async def test_a_taken_number_is_not_given_twice(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter([0, 7, 0, 7, 0, 8])
    monkeypatch.setattr("casework.requests.secrets.randbelow", lambda _below: next(drawn))
    async with db.session() as s:
        numbers = [(await requests.open_request(s, contact="1")).number for _ in range(2)]
    assert numbers == ["1000-0007", "1000-0008"]


async def test_a_request_goes_its_way_with_who_and_when(db: Database, desk: Desk) -> None:
    deng, jiang = await desk.account("邓顾问"), await desk.account("姜顾问")
    async with db.session() as s:
        opened = await requests.open_request(
            s, summary="家里快撑不下去了", contact="13800000000", grade="yellow"
        )
    for status, account, note in [
        ("assigned", deng, None),
        ("assigned", jiang, "长宁由姜顾问负责"),
        ("contacted", jiang, "约周二上门"),
        ("in_progress", jiang, None),
        ("resolved", jiang, "临时救助已发放"),
    ]:
        async with db.session() as s:
            await requests.advance(s, opened.number, status, account, note)
    async with db.session() as s:
        full = await requests.full_json(s, await requests.by_number(s, opened.number))
    assert [(step["status"], step["by"]) for step in full["steps"]] == [
        ("new", "resident"),
        ("assigned", "邓顾问"),
        ("assigned", "姜顾问"),
        ("contacted", "姜顾问"),
        ("in_progress", "姜顾问"),
        ("resolved", "姜顾问"),
    ]
    assert full["assigned_to"] == "姜顾问"
    assert full["next"] == []
    times = [step["at"] for step in full["steps"]]
    assert times == sorted(times)


ALLOWED = {
    ("new", "assigned"),
    ("new", "withdrawn"),
    ("assigned", "assigned"),
    ("assigned", "contacted"),
    ("assigned", "referred"),
    ("assigned", "withdrawn"),
    ("contacted", "in_progress"),
    ("contacted", "resolved"),
    ("contacted", "referred"),
    ("contacted", "withdrawn"),
    ("in_progress", "resolved"),
    ("in_progress", "referred"),
    ("in_progress", "withdrawn"),
}
WAYS = {  # how each status is reached
    "new": [],
    "assigned": ["assigned"],
    "contacted": ["assigned", "contacted"],
    "in_progress": ["assigned", "contacted", "in_progress"],
    "resolved": ["assigned", "contacted", "resolved"],
    "referred": ["assigned", "referred"],
    "withdrawn": ["withdrawn"],
}


@pytest.mark.parametrize("status", WAYS)
async def test_only_what_may_follow_follows(db: Database, desk: Desk, status: str) -> None:
    deng = await desk.account("邓顾问")
    for next_ in WAYS:
        async with db.session() as s:
            opened = await requests.open_request(s, contact="1")
            for step in WAYS[status]:
                await requests.advance(s, opened.number, step, deng)
            if (status, next_) in ALLOWED:
                assert (await requests.advance(s, opened.number, next_, deng)).status == next_
            else:
                with pytest.raises(Conflict):
                    await requests.advance(s, opened.number, next_, deng)
                assert (await requests.by_number(s, opened.number)).status == status


async def test_of_two_who_take_a_request_at_once_one_is_told(db: Database, desk: Desk) -> None:
    people = [await desk.account(name) for name in ("甲", "乙", "丙")]
    async with db.session() as s:
        opened = await requests.open_request(s, contact="1")
        await requests.advance(s, opened.number, "assigned", people[0])

    async def contact(account: Account) -> bool:
        try:
            async with db.session() as s:
                await requests.advance(s, opened.number, "contacted", account)
        except Conflict:
            return False
        return True

    assert sorted(await asyncio.gather(*map(contact, people))) == [False, False, True]
    async with db.session(write=False) as s:
        request = await requests.by_number(s, opened.number)
        assert [step.status for step in await requests.steps(s, request)] == ["new", "assigned", "contacted"]


async def test_who_may_what(db: Database, desk: Desk) -> None:
    trainer = await desk.account("训练员", "trainer")
    deng = await desk.account("邓顾问")
    async with db.session() as s:
        opened = await requests.open_request(s, contact="1")
        with pytest.raises(Forbidden):
            await requests.advance(s, opened.number, "assigned", trainer)
        with pytest.raises(Forbidden):
            await requests.advance(s, opened.number, "assigned", "resident")
        with pytest.raises(Invalid):
            await requests.advance(s, opened.number, "assigned", deng, to=trainer)
        with pytest.raises(Invalid):
            await requests.advance(s, opened.number, "assigned", "system")
        with pytest.raises(Invalid):
            await requests.advance(s, opened.number, "finished", deng)
        assert (await requests.advance(s, opened.number, "withdrawn", "resident")).status == "withdrawn"
        with pytest.raises(NotFound):
            await requests.advance(s, "0000-0000", "withdrawn", "resident")


@pytest.mark.parametrize(
    "wrong",
    [{}, {"summary": "  ", "contact": " "}, {"summary": "x", "grade": "blue"}, {"summary": "x", "language": "fr"},
     {"summary": "x", "source": "rumour"}],
)  # fmt: skip
async def test_a_request_needs_something_to_go_by(db: Database, wrong: dict[str, str]) -> None:
    async with db.session() as s:
        with pytest.raises(Invalid):
            await requests.open_request(s, **wrong)
        with pytest.raises(NotFound):
            await requests.open_request(s, conversation_id="0" * 32)
        assert await requests.listing(s) == []


async def test_a_contact_is_added_in_whatever_words(db: Database, conversation: Conversation) -> None:
    async with db.session() as s:
        opened = await requests.open_request(s, conversation_id=conversation.id)
        for said in ("打隔壁王家电话", "13800000000，晚上", "13800000000，晚上"):
            await requests.add_contact(s, opened.number, said)
        assert (await requests.by_number(s, opened.number)).contact == "打隔壁王家电话\n13800000000，晚上"
        with pytest.raises(Invalid):
            await requests.add_contact(s, opened.number, "  ")
        await requests.advance(s, opened.number, "withdrawn", "resident")
        with pytest.raises(Conflict):
            await requests.add_contact(s, opened.number, "13900000000")


async def test_the_board_shows_what_is_open_and_urgent_first(db: Database, desk: Desk) -> None:
    deng = await desk.account("邓顾问")
    async with db.session() as s:
        made = {}
        for name, grade, area in [
            ("green", "green", "310105002"),
            ("yellow", "yellow", "310106"),
            ("red", "red", "320104"),
            ("gone", "red", "310105"),
            ("nowhere", "green", None),
        ]:
            made[name] = await requests.open_request(s, summary=name, grade=grade, area=area)
        await requests.advance(s, made["gone"].number, "withdrawn", deng)

        async def names(**filters: str) -> list[str]:
            return [request.summary for request in await requests.listing(s, **filters)]  # type: ignore[arg-type]

        assert await names() == ["red", "yellow", "green", "nowhere", "gone"]
        assert await names(status="open", area="310000") == ["yellow", "green"]
        assert await names(area="310105") == ["green", "gone"]
        assert await names(area="320100") == ["red"]
        assert await names(area="%") == []
        assert await names(grade="green") == ["green", "nowhere"]
        assert await names(status="withdrawn") == ["gone"]
        assert [r.summary for r in await requests.listing(s, limit=2, offset=1)] == ["yellow", "green"]
        for wrong in ({"status": "lost"}, {"grade": "blue"}):
            with pytest.raises(Invalid):
                await names(**wrong)


async def test_a_request_as_the_resident_sees_it(db: Database, conversation: Conversation) -> None:
    async with db.session() as s:
        opened = await requests.open_request(
            s, conversation_id=conversation.id, area="310105", place="江苏路街道"
        )
        other, _ = await conversations.create(s, "zh", "web")
        assert [r.number for r in await requests.of_conversation(s, conversation.id)] == [opened.number]
        assert await requests.of_conversation(s, other.id) == []
    assert requests.request_json(opened) == {
        "number": opened.number,
        "status": "new",
        "office": {
            "zh": "长宁区江苏路街道社区事务受理服务中心",
            "en": "Jiangsu Road Subdistrict Community Affairs Service Centre, Changning District",
        },
    }


def test_every_status_has_words() -> None:
    assert wording.keys("status") == set(requests.FOLLOWS)


@pytest.mark.parametrize(
    ("area", "place", "zh"),
    [
        ("310105", "江苏路街道", "长宁区江苏路街道社区事务受理服务中心"),
        ("310105", "江苏路街道 某弄 3 号", "长宁区江苏路街道社区事务受理服务中心"),
        ("310105002", None, "长宁区江苏路街道社区事务受理服务中心"),
        ("310105", None, "长宁区就近的社区事务受理服务中心"),
        ("310105", "桥下", "长宁区就近的社区事务受理服务中心"),
        ("310105", "五老村街道", "长宁区就近的社区事务受理服务中心"),
        ("310105999", None, "长宁区就近的社区事务受理服务中心"),
        ("310000", None, "上海市就近的社区事务受理服务中心"),
        ("310000", "长宁区江苏路街道", "长宁区江苏路街道社区事务受理服务中心"),
        ("320104", "五老村街道", "南京市秦淮区五老村街道社会救助窗口"),
        ("320100", None, "南京市民政局（可拨打12345）"),
        (None, "长宁江苏路街道", "长宁区江苏路街道社区事务受理服务中心"),
        (None, "火车站旁边", "12345政务服务便民热线（转当地民政部门）"),
        ("320000", None, "12345政务服务便民热线（转当地民政部门）"),
        ("999999", None, "12345政务服务便民热线（转当地民政部门）"),
        ("x", "", "12345政务服务便民热线（转当地民政部门）"),
        (None, None, "12345政务服务便民热线（转当地民政部门）"),
    ],
)
def test_the_office_is_named_by_what_is_known_of_the_place(
    area: str | None, place: str | None, zh: str
) -> None:
    office = office_for(area, place)
    assert office.zh == zh
    assert office.en
    assert "{" not in office.en


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("grade", "opened", "due"),
    [
        # 2026-11-20 is a Friday.
        ("red", "2026-11-20 10:00", "2026-11-20 12:00"),
        ("red", "2026-11-20 15:00", "2026-11-20 17:00"),  # to the minute of closing
        ("red", "2026-11-20 16:00", "2026-11-23 10:00"),  # over the weekend
        ("red", "2026-11-20 17:00", "2026-11-23 11:00"),
        ("red", "2026-11-19 03:00", "2026-11-19 11:00"),  # at night
        ("red", "2026-11-19 23:30", "2026-11-20 11:00"),
        ("red", "2026-11-21 12:00", "2026-11-23 11:00"),  # Saturday
        ("red", "2026-11-22 23:59", "2026-11-23 11:00"),  # Sunday
        ("yellow", "2026-11-19 10:00", "2026-11-20 10:00"),
        ("yellow", "2026-11-20 10:00", "2026-11-23 10:00"),
        ("yellow", "2026-11-21 10:00", "2026-11-23 17:00"),
        ("green", "2026-11-17 09:00", "2026-11-19 17:00"),
        ("green", "2026-11-20 16:30", "2026-11-25 16:30"),
    ],
)
def test_a_request_is_due_in_office_hours(grade: str, opened: str, due: str) -> None:
    assert working_hours.due_at(grade, local(opened)) == local(due)


def test_due_times_are_counted_in_shanghai_whatever_the_clock_says() -> None:
    # 23:00 UTC on Thursday is seven on Friday morning in Shanghai.
    due = working_hours.due_at("red", datetime(2026, 11, 19, 23, tzinfo=UTC))
    assert due == datetime(2026, 11, 20, 3, tzinfo=UTC)


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)))
def test_the_more_urgent_is_never_due_later_and_always_in_office_hours(opened: datetime) -> None:
    due = [working_hours.due_at(grade, opened) for grade in requests.GRADES]
    assert all(earlier < later for earlier, later in pairwise([opened, *due]))
    for moment in due:
        at = moment.astimezone(SHANGHAI)
        assert working_hours.is_working_day(at.date())
        assert working_hours.OPENS <= at.time() <= working_hours.CLOSES


def test_an_error_says_nothing_about_anybody() -> None:
    for reason in wording.keys("errors"):
        error = CaseworkError(reason)
        assert error.message.zh
        assert str(error) == error.message.en


def test_every_sentence_of_the_errors_is_used() -> None:
    code = "".join(file.read_text(encoding="utf-8") for file in Path(casework.__file__).parent.glob("*.py"))
    assert [reason for reason in wording.keys("errors") if f'"{reason}"' not in code] == []

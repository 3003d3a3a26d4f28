"""The interface of the desk, call by call, and what it refuses."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from casework import accounts, consents, erasure, requests, situations
from casework.situations import RecordedFact
from tests.desk.office import PASSWORD, Office, refused

CALLS = [
    ("GET", "/queue"),
    ("GET", "/conversations/x"),
    ("POST", "/conversations/x/claim"),
    ("POST", "/conversations/x/messages"),
    ("POST", "/conversations/x/return"),
    ("POST", "/conversations/x/transfer"),
    ("GET", "/requests"),
    ("GET", "/requests/1000-0000"),
    ("PATCH", "/requests/1000-0000"),
    ("GET", "/audit"),
]


class TestLogin:
    async def test_gives_a_token_and_the_role(self, office: Office) -> None:
        answer = await office.post("/login", name="mei", password=PASSWORD)
        body = await answer.json()
        assert answer.status == 200
        assert body["role"] == "consultant"
        assert len(body["token"]) > 30
        assert (await office.get("/queue", {"Authorization": f"Bearer {body['token']}"})).status == 200

    @pytest.mark.parametrize(
        ("name", "password"), [("mei", "wrong-password"), ("nobody", PASSWORD), ("", "")]
    )
    async def test_refuses_a_wrong_name_or_password_alike(
        self, office: Office, name: str, password: str
    ) -> None:
        error = await refused(await office.post("/login", name=name, password=password), 401)
        known = await refused(await office.post("/login", name="li", password="wrong-password"), 401)
        assert error == known

    @pytest.mark.parametrize("body", [{}, {"name": "mei"}, {"name": "mei", "password": 5}, {"name": None}])
    async def test_refuses_what_is_no_name_and_password(self, office: Office, body: dict[str, Any]) -> None:
        await refused(await office.post("/login", **body), 422)

    async def test_refuses_what_is_no_json(self, office: Office) -> None:
        answer = await office.client.post(
            "/desk/api/login", data=b"{", headers={"Content-Type": "application/json"}
        )
        await refused(answer, 400, "malformed")

    async def test_locks_after_too_many_tries(self, office: Office) -> None:
        for _ in range(accounts.TRIES):
            await refused(await office.post("/login", name="mei", password="wrong-password"), 401)
        locked = await refused(await office.post("/login", name="mei", password=PASSWORD), 401)
        assert "15" in locked["message"]["en"]

    async def test_logging_out_ends_the_token(self, office: Office) -> None:
        mei = await office.logs_in("mei")
        assert (await office.post("/logout", mei)).status == 204
        await refused(await office.get("/queue", mei), 401)

    async def test_wrong_tries_are_on_record_but_not_what_was_typed_as_a_name(self, office: Office) -> None:
        await office.post("/login", name="mei", password="wrong-password")
        await office.post("/login", name="my-secret-password", password="x")
        entries = await _audit(office)
        assert ("mei", "login_failed") in {(entry["who"], entry["action"]) for entry in entries}
        assert "my-secret-password" not in str(entries)


class TestWhoMay:
    @pytest.mark.parametrize(("method", "path"), CALLS)
    async def test_no_token_is_401(self, office: Office, method: str, path: str) -> None:
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic bWVpOng="}):
            answer = await office.client.request(method, f"/desk/api{path}", headers=headers, json={})
            await refused(answer, 401)
            assert answer.headers["WWW-Authenticate"] == "Bearer"

    @pytest.mark.parametrize(("method", "path"), CALLS)
    async def test_a_trainer_is_403(self, office: Office, method: str, path: str) -> None:
        tang = await office.logs_in("tang")
        await refused(await office.client.request(method, f"/desk/api{path}", headers=tang, json={}), 403)

    async def test_a_trainer_may_not_claim_and_the_resident_keeps_the_place(self, office: Office) -> None:
        mei, tang = await office.logs_in("mei"), await office.logs_in("tang")
        resident = await office.waiting()
        await refused(await office.post(f"/conversations/{resident.id}/claim", tang), 403, "forbidden")
        queue = await (await office.get("/queue", mei)).json()
        assert [item["id"] for item in queue["queue"]] == [resident.id]

    async def test_a_page_cookie_is_no_key_to_the_interface(self, office: Office) -> None:
        mei = await office.logs_in("mei")
        token = mei["Authorization"].removeprefix("Bearer ")
        answer = await office.client.get("/desk/api/queue", cookies={"desk_session": token})
        await refused(answer, 401)

    async def test_a_consultant_may_not_read_the_audit_log(self, office: Office) -> None:
        await refused(await office.get("/audit", await office.logs_in("mei")), 403)
        for name in ("su", "root"):
            assert (await office.get("/audit", await office.logs_in(name))).status == 200

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("DELETE", "/queue"),
            ("PUT", "/conversations/x"),
            ("GET", "/conversations/x/claim"),
            ("DELETE", "/requests/1000-0000"),
            ("GET", "/login"),
            ("POST", "/audit"),
        ],
    )
    async def test_a_wrong_method_is_405(self, office: Office, method: str, path: str) -> None:
        mei = await office.logs_in("mei")
        answer = await office.client.request(method, f"/desk/api{path}", headers=mei)
        await refused(answer, 405, "method_not_allowed")
        assert answer.headers["Allow"]

    async def test_an_unknown_address_is_404(self, office: Office) -> None:
        await refused(await office.get("/nothing", await office.logs_in("mei")), 404)

    async def test_every_call_of_whoever_may_claim_marks_on_duty(self, office: Office) -> None:
        mei, tang = await office.logs_in("mei"), await office.logs_in("tang")
        async with office.db.session() as s:
            for name in ("mei", "tang"):
                (await accounts.by_name(s, name)).last_seen = None
        async with office.db.session() as s:
            assert not await accounts.on_duty(s)
        await office.get("/queue", tang)
        await office.get("/requests", mei)
        async with office.db.session() as s:
            assert [account.name for account in await accounts.on_duty(s)] == ["mei"]


class TestQueue:
    async def test_lists_who_waits_urgent_first_with_their_last_words(self, office: Office) -> None:
        mei = await office.logs_in("mei")
        first, urgent = await office.waiting(), await office.waiting("en", urgent=True)
        body = await (await office.get("/queue", mei)).json()
        assert [item["id"] for item in body["queue"]] == [urgent.id, first.id]
        top = body["queue"][0]
        assert top["position"] == 1
        assert top["handoff"]["urgent"] is True
        assert top["handoff"]["reason"] == "asked"
        assert top["last_words"]["text"] == "I need a human"
        assert top["language"] == "en"
        assert body["on_duty"] == 1

    async def test_a_claimed_one_moves_to_mine_and_colleagues_do_not_see_it(self, office: Office) -> None:
        mei, li, su = [await office.logs_in(name) for name in ("mei", "li", "su")]
        resident = await office.waiting()
        await office.post(f"/conversations/{resident.id}/claim", mei)
        seen = {
            who: await (await office.get("/queue", headers)).json()
            for who, headers in (("mei", mei), ("li", li), ("su", su))
        }
        assert [item["id"] for item in seen["mei"]["mine"]] == [resident.id]
        assert seen["mei"]["queue"] == []
        assert seen["li"] == {"queue": [], "mine": [], "held": [], "on_duty": 3}
        assert [(item["id"], item["consultant"]) for item in seen["su"]["held"]] == [(resident.id, "mei")]


class TestCase:
    async def test_holds_everything_that_was_told(self, office: Office) -> None:
        mei = await office.logs_in("mei")
        resident = await office.waiting()
        await resident.says("我家三口人，收入不想说")
        async with office.db.session() as s:
            await situations.record(
                s,
                resident.id,
                [
                    RecordedFact("household.size", "household", low=3, high=3, words="三口人"),
                    RecordedFact("household.income_month", "household", provenance="refused", words="不想说"),
                ],
            )
            await requests.open_request(s, conversation_id=resident.id, summary="要帮助", grade="yellow")
        body = await (await office.get(f"/conversations/{resident.id}", mei)).json()
        assert set(body) == {
            "conversation", "handoff", "transcript", "situation", "screening", "assessment", "requests",
        }  # fmt: skip
        assert [message["text"] for message in body["transcript"]] == ["我想找人工", "我家三口人，收入不想说"]
        facts = {fact["key"]: fact for fact in body["situation"]["facts"]}
        assert (facts["household.size"]["low"], facts["household.size"]["words"]) == (3, "三口人")
        assert facts["household.income_month"]["provenance"] == "refused"
        assert facts["household.income_month"]["low"] is None
        assert body["screening"]
        assert {"id", "name", "verdict", "conditions", "missing"} <= set(body["screening"][0])
        assert body["assessment"] is None
        assert body["requests"][0]["status"] == "new"
        assert body["handoff"]["reason"] == "asked"

    async def test_a_fact_that_the_knowledge_base_no_longer_knows_hides_nothing(self, office: Office) -> None:
        mei = await office.logs_in("mei")
        resident = await office.waiting()
        async with office.db.session() as s:
            await situations.record(s, resident.id, [RecordedFact("household.gone", "household", value="x")])
        answer = await office.get(f"/conversations/{resident.id}", mei)
        assert answer.status == 200
        assert (await answer.json())["situation"]["facts"][0]["key"] == "household.gone"

    async def test_a_long_transcript_comes_whole(self, office: Office) -> None:
        mei = await office.logs_in("mei")
        resident = await office.waiting()
        async with office.db.session() as s:
            from casework import messages

            for number in range(messages.MOST + 5):
                await messages.record(s, resident.id, "resident", f"第{number}句", "zh")
        body = await (await office.get(f"/conversations/{resident.id}", mei)).json()
        assert len(body["transcript"]) == messages.MOST + 6

    async def test_is_hidden_from_whom_it_does_not_concern(self, office: Office) -> None:
        mei, li, su = [await office.logs_in(name) for name in ("mei", "li", "su")]
        talking = await office.resident()
        await refused(await office.get(f"/conversations/{talking.id}", mei), 404)
        assert (await office.get(f"/conversations/{talking.id}", su)).status == 200
        held = await office.waiting()
        await office.post(f"/conversations/{held.id}/claim", mei)
        await refused(await office.get(f"/conversations/{held.id}", li), 404)
        assert (await office.get(f"/conversations/{held.id}", su)).status == 200

    async def test_stays_open_to_whom_had_it_and_to_the_office_that_is_asked(self, office: Office) -> None:
        mei, li = await office.logs_in("mei"), await office.logs_in("li")
        had = await office.waiting()
        await office.post(f"/conversations/{had.id}/claim", mei)
        await office.post(f"/conversations/{had.id}/return", mei)
        assert (await office.get(f"/conversations/{had.id}", mei)).status == 200
        asking = await office.resident()
        async with office.db.session() as s:
            await requests.open_request(s, conversation_id=asking.id)
        assert (await office.get(f"/conversations/{asking.id}", li)).status == 200

    async def test_an_unknown_or_erased_one_is_404_for_every_call(self, office: Office) -> None:
        mei = await office.logs_in("mei")
        resident = await office.waiting()
        await office.post(f"/conversations/{resident.id}/claim", mei)
        async with office.db.session() as s:
            await consents.give(s, resident.id, "situation", True, "zh", "1")
            await erasure.erase(s, resident.id)
        for id_ in (resident.id, "0" * 32, "%00"):
            await refused(await office.get(f"/conversations/{id_}", mei), 404, "not_found")
            await refused(await office.post(f"/conversations/{id_}/claim", mei), 404)
            await refused(await office.post(f"/conversations/{id_}/messages", mei, text="您好"), 404)
            await refused(await office.post(f"/conversations/{id_}/return", mei), 404)
            await refused(await office.post(f"/conversations/{id_}/transfer", mei, to="li"), 404)


class TestClaim:
    async def test_silences_the_bot_and_tells_the_resident(self, office: Office) -> None:
        mei = await office.logs_in("mei")
        resident = await office.waiting("en")
        answer = await office.post(f"/conversations/{resident.id}/claim", mei)
        body = await answer.json()
        assert answer.status == 200
        assert (body["conversation"]["owner"], body["conversation"]["consultant"]) == ("consultant", "mei")
        told = (await resident.hears())[-1]
        assert (told["from"], told["language"]) == ("system", "en")
        assert "consultant" in told["text"]
        sent = await office.client.post(
            f"/api/conversations/{resident.id}/messages",
            headers={"Authorization": f"Bearer {resident.token}"},
            json={"text": "hello?"},
        )
        assert await sent.json() == {"messages": [], "owner": "consultant"}

    async def test_of_two_at_once_one_wins_and_the_other_is_told(self, office: Office) -> None:
        people = [await office.logs_in(name) for name in ("mei", "li", "su", "root")]
        for _ in range(5):
            resident = await office.waiting()
            answers = await asyncio.gather(
                *(office.post(f"/conversations/{resident.id}/claim", who) for who in people)
            )
            assert sorted(answer.status for answer in answers) == [200, 409, 409, 409]
            for answer in answers:
                if answer.status == 409:
                    await refused(answer, 409, "conflict")
            assert len([m for m in await resident.hears() if m["from"] == "system"]) == 1

    async def test_again_by_the_holder_changes_nothing(self, office: Office) -> None:
        mei = await office.logs_in("mei")
        resident = await office.waiting()
        for _ in range(2):
            assert (await office.post(f"/conversations/{resident.id}/claim", mei)).status == 200
        assert len(await resident.hears()) == 2

    async def test_is_refused_where_nobody_waits(self, office: Office) -> None:
        mei = await office.logs_in("mei")
        resident = await office.resident()
        await refused(await office.post(f"/conversations/{resident.id}/claim", mei), 409, "conflict")

    async def test_reaches_who_asked_while_nobody_was_on_duty(self, office: Office) -> None:
        resident = await office.resident()
        asked = await resident.asks_for_a_human()
        assert not asked.queued
        mei = await office.logs_in("mei")
        assert (await office.post(f"/conversations/{resident.id}/claim", mei)).status == 200


class TestReply:
    async def test_reaches_the_record_and_the_residents_stream(self, office: Office) -> None:
        mei = await office.logs_in("mei")
        resident = await office.waiting()
        await office.post(f"/conversations/{resident.id}/claim", mei)
        last = (await resident.hears())[-1]["id"]
        async with office.client.get(
            f"/api/conversations/{resident.id}/stream",
            headers={"Authorization": f"Bearer {resident.token}", "Last-Event-ID": str(last)},
        ) as stream:
            answer = await office.post(f"/conversations/{resident.id}/messages", mei, text=" 您好，我是小梅 ")
            said = (await answer.json())["message"]
            assert answer.status == 200
            assert (said["from"], said["text"], said["language"]) == ("consultant", "您好，我是小梅", "zh")
            got = await asyncio.wait_for(_until(stream.content, said["text"]), 5)
            assert f"id: {said['id']}" in got
        assert (await resident.hears())[-1] == said

    @pytest.mark.parametrize(
        ("text", "language"),
        [("您好", "zh"), ("Hello, how are you?", "en"), ("dibao 就是低保", "en"), ("12345", "en")],
    )
    async def test_is_in_the_language_of_its_script(self, office: Office, text: str, language: str) -> None:
        mei = await office.logs_in("mei")
        resident = await office.waiting("en")
        await office.post(f"/conversations/{resident.id}/claim", mei)
        answer = await office.post(f"/conversations/{resident.id}/messages", mei, text=text)
        assert (await answer.json())["message"]["language"] == language

    async def test_is_for_the_holder_alone(self, office: Office) -> None:
        mei, li, su = [await office.logs_in(name) for name in ("mei", "li", "su")]
        resident = await office.waiting()
        await refused(await office.post(f"/conversations/{resident.id}/messages", mei, text="您好"), 409)
        await office.post(f"/conversations/{resident.id}/claim", mei)
        before = await resident.hears()
        for who in (li, su):
            await refused(await office.post(f"/conversations/{resident.id}/messages", who, text="您好"), 409)
        assert await resident.hears() == before

    @pytest.mark.parametrize(
        ("body", "status"),
        [
            ({}, 422),
            ({"text": ""}, 422),
            ({"text": " \u200b\n"}, 422),
            ({"text": 5}, 422),
            ({"text": ["a"]}, 422),
            ({"text": "好" * 2001}, 413),
            ({"text": "好", "client_id": 5}, 422),
            ({"text": "好", "client_id": "x" * 60}, 422),
        ],
    )
    async def test_refuses_what_is_no_text(self, office: Office, body: dict[str, Any], status: int) -> None:
        mei = await office.logs_in("mei")
        resident = await office.waiting()
        await office.post(f"/conversations/{resident.id}/claim", mei)
        before = await resident.hears()
        await refused(await office.post(f"/conversations/{resident.id}/messages", mei, **body), status)
        assert await resident.hears() == before

    @pytest.mark.parametrize(
        ("content", "status"),
        [
            (b"{", 400),
            (b"\xff\xfe", 400),
            (b"[]", 422),
            (b'"text"', 422),
            (b'{"text": "' + b"a" * 70_000 + b'"}', 413),
        ],
    )
    async def test_refuses_what_is_no_object(self, office: Office, content: bytes, status: int) -> None:
        mei = await office.logs_in("mei")
        resident = await office.waiting()
        answer = await office.client.post(
            f"/desk/api/conversations/{resident.id}/messages", headers=mei, data=content
        )
        await refused(answer, status)

    async def test_sent_twice_is_said_once(self, office: Office) -> None:
        mei = await office.logs_in("mei")
        resident = await office.waiting()
        await office.post(f"/conversations/{resident.id}/claim", mei)
        path = f"/conversations/{resident.id}/messages"
        answers = [await office.post(path, mei, text="您好", client_id="one") for _ in range(2)]
        first, second = [(await answer.json())["message"] for answer in answers]
        assert first == second
        assert [message["text"] for message in await resident.hears()].count("您好") == 1


class TestReturnAndTransfer:
    async def test_the_resident_reads_what_was_agreed_and_the_bot_answers_again(self, office: Office) -> None:
        mei = await office.logs_in("mei")
        resident = await office.waiting()
        await office.post(f"/conversations/{resident.id}/claim", mei)
        answer = await office.post(f"/conversations/{resident.id}/return", mei, note="周三上午带身份证来街道")
        body = await answer.json()
        assert (body["conversation"]["owner"], body["conversation"]["consultant"]) == ("bot", None)
        agreed, returned = (await resident.hears())[-2:]
        assert "周三上午带身份证来街道" in agreed["text"]
        assert agreed["from"] == returned["from"] == "system"
        sent = await office.client.post(
            f"/api/conversations/{resident.id}/messages",
            headers={"Authorization": f"Bearer {resident.token}"},
            json={"text": "还在吗"},
        )
        replied = await sent.json()
        assert replied["owner"] == "bot"
        assert replied["messages"]

    async def test_a_note_may_be_left_out(self, office: Office) -> None:
        mei = await office.logs_in("mei")
        for body in ({}, {"note": None}, {"note": "  "}):
            resident = await office.waiting()
            await office.post(f"/conversations/{resident.id}/claim", mei)
            answer = await office.client.post(
                f"/desk/api/conversations/{resident.id}/return", headers=mei, json=body
            )
            assert answer.status == 200
            assert len([m for m in await resident.hears() if m["from"] == "system"]) == 2
        resident = await office.waiting()
        await office.post(f"/conversations/{resident.id}/claim", mei)
        bare = await office.client.post(f"/desk/api/conversations/{resident.id}/return", headers=mei)
        assert bare.status == 200

    async def test_a_note_of_the_wrong_kind_returns_nothing(self, office: Office) -> None:
        mei = await office.logs_in("mei")
        resident = await office.waiting()
        await office.post(f"/conversations/{resident.id}/claim", mei)
        await refused(await office.post(f"/conversations/{resident.id}/return", mei, note=5), 422)
        assert (await office.post(f"/conversations/{resident.id}/messages", mei, text="在")).status == 200

    async def test_only_the_holder_or_a_supervisor_returns(self, office: Office) -> None:
        mei, li, su = [await office.logs_in(name) for name in ("mei", "li", "su")]
        resident = await office.waiting()
        await refused(await office.post(f"/conversations/{resident.id}/return", mei), 409)
        await office.post(f"/conversations/{resident.id}/claim", mei)
        await refused(await office.post(f"/conversations/{resident.id}/return", li), 409)
        assert (await office.post(f"/conversations/{resident.id}/return", su)).status == 200

    async def test_a_transfer_gives_it_to_the_colleague(self, office: Office) -> None:
        mei, li = await office.logs_in("mei"), await office.logs_in("li")
        resident = await office.waiting()
        await office.post(f"/conversations/{resident.id}/claim", mei)
        answer = await office.post(f"/conversations/{resident.id}/transfer", mei, to="li")
        assert (await answer.json())["conversation"]["consultant"] == "li"
        await refused(await office.post(f"/conversations/{resident.id}/messages", mei, text="您好"), 409)
        assert (await office.post(f"/conversations/{resident.id}/messages", li, text="您好")).status == 200
        assert [m["from"] for m in await resident.hears()][-3:] == ["system", "system", "consultant"]

    @pytest.mark.parametrize("to", ["tang", "nobody", "", None, 5])
    async def test_a_transfer_to_nobody_who_may_hold_it_is_422(self, office: Office, to: Any) -> None:
        mei = await office.logs_in("mei")
        resident = await office.waiting()
        await office.post(f"/conversations/{resident.id}/claim", mei)
        await refused(await office.post(f"/conversations/{resident.id}/transfer", mei, to=to), 422)
        assert (await office.post(f"/conversations/{resident.id}/messages", mei, text="您好")).status == 200


class TestRequests:
    async def test_the_board_is_filtered_and_the_red_ones_come_first(self, office: Office) -> None:
        mei = await office.logs_in("mei")
        async with office.db.session() as s:
            green = await requests.open_request(s, summary="想问低保", area="310105")
            red = await requests.open_request(
                s, summary="断粮", grade="red", area="320113", contact="13800000000"
            )
        assert await _numbers(office, mei, "") == [red.number, green.number]
        assert await _numbers(office, mei, "?grade=green") == [green.number]
        assert await _numbers(office, mei, "?area=310000") == [green.number]
        assert await _numbers(office, mei, "?status=resolved") == []
        assert await _numbers(office, mei, "?status=new&area=320113&grade=red") == [red.number]
        assert await _numbers(office, mei, "?status=&area=&grade=") == [red.number, green.number]
        assert await _numbers(office, mei, "?offset=1") == [green.number]

    @pytest.mark.parametrize(
        "query", ["?status=lost", "?grade=blue", "?area=上海", "?area=%25", "?offset=-1"]
    )
    async def test_an_unknown_filter_is_422(self, office: Office, query: str) -> None:
        await refused(await office.get(f"/requests{query}", await office.logs_in("mei")), 422)

    async def test_one_is_found_by_its_number_and_moves_on_step_by_step(self, office: Office) -> None:
        mei = await office.logs_in("mei")
        async with office.db.session() as s:
            number = (await requests.open_request(s, summary="断粮", grade="red")).number
        path = f"/desk/api/requests/{number}"
        for status in ("assigned", "contacted", "in_progress", "resolved"):
            answer = await office.client.patch(
                path, headers=mei, json={"status": status, "note": f"到{status}"}
            )
            assert answer.status == 200, await answer.text()
        body = await (await office.get(f"/requests/{number.replace('-', '')}", mei)).json()
        assert (body["status"], body["assigned_to"], body["next"]) == ("resolved", "mei", [])
        assert [step["status"] for step in body["steps"]] == [
            "new", "assigned", "contacted", "in_progress", "resolved",
        ]  # fmt: skip
        assert body["steps"][-1]["note"] == "到resolved"
        assert body["steps"][-1]["by"] == "mei"

    @pytest.mark.parametrize(
        ("body", "status"),
        [
            ({"status": "resolved"}, 409),
            ({"status": "lost"}, 422),
            ({}, 422),
            ({"note": "只有说明"}, 422),
            ({"status": 5}, 422),
        ],
    )
    async def test_a_status_that_cannot_follow_changes_nothing(
        self, office: Office, body: dict[str, Any], status: int
    ) -> None:
        mei = await office.logs_in("mei")
        async with office.db.session() as s:
            number = (await requests.open_request(s, summary="断粮")).number
        await refused(
            await office.client.patch(f"/desk/api/requests/{number}", headers=mei, json=body), status
        )
        assert (await (await office.get(f"/requests/{number}", mei)).json())["status"] == "new"

    async def test_an_unknown_number_is_404(self, office: Office) -> None:
        mei = await office.logs_in("mei")
        await refused(await office.get("/requests/0000-0000", mei), 404)
        await refused(await office.get("/requests/abc", mei), 404)
        answer = await office.client.patch(
            "/desk/api/requests/0000-0000", headers=mei, json={"status": "assigned"}
        )
        await refused(answer, 404)

    async def test_it_can_be_assigned_to_a_colleague(self, office: Office) -> None:
        mei = await office.logs_in("mei")
        async with office.db.session() as s:
            number = (await requests.open_request(s, summary="断粮")).number
        answer = await office.client.patch(
            f"/desk/api/requests/{number}", headers=mei, json={"status": "assigned", "to": "li"}
        )
        assert (await answer.json())["assigned_to"] == "li"


async def test_everything_seen_or_changed_is_in_the_audit_log(office: Office) -> None:
    mei = await office.logs_in("mei")
    resident = await office.waiting()
    async with office.db.session() as s:
        number = (await requests.open_request(s, summary="断粮", contact="13800000000")).number
    await office.get("/queue", mei)
    await office.get(f"/conversations/{resident.id}", mei)
    await office.post(f"/conversations/{resident.id}/claim", mei)
    await office.post(f"/conversations/{resident.id}/messages", mei, text="请放心")
    await office.post(f"/conversations/{resident.id}/transfer", mei, to="su")
    await office.get("/requests", mei)
    await office.get(f"/requests/{number}", mei)
    await office.client.patch(f"/desk/api/requests/{number}", headers=mei, json={"status": "assigned"})
    su = await office.logs_in("su")
    await office.post(f"/conversations/{resident.id}/return", su, note="已说好")
    entries = await _audit(office)
    conversation, request = f"conversation {resident.id}", f"request {number}"
    expected = {
        ("mei", "queue_seen", "queue"),
        ("mei", "conversation_seen", conversation),
        ("mei", "conversation_claimed", conversation),
        ("mei", "message_sent", conversation),
        ("mei", "conversation_transferred", conversation),
        ("mei", "requests_seen", "requests"),
        ("mei", "request_seen", request),
        ("mei", "request_changed", request),
        ("su", "conversation_returned", conversation),
    }
    assert expected <= {(entry["who"], entry["action"], entry["subject"]) for entry in entries}
    for words in ("请放心", "已说好", "断粮", "13800000000", "我想找人工"):
        assert words not in str(entries)


async def test_a_refused_act_leaves_no_trace_of_being_done(office: Office) -> None:
    mei, li = await office.logs_in("mei"), await office.logs_in("li")
    resident = await office.waiting()
    await office.post(f"/conversations/{resident.id}/claim", mei)
    await refused(await office.post(f"/conversations/{resident.id}/claim", li), 409)
    await refused(await office.post(f"/conversations/{resident.id}/messages", li, text="您好"), 409)
    done = [(entry["who"], entry["action"]) for entry in await _audit(office)]
    assert done.count(("mei", "conversation_claimed")) == 1
    assert ("li", "conversation_claimed") not in done
    assert ("li", "message_sent") not in done


async def test_a_locked_database_is_503_and_nothing_is_lost(office: Office) -> None:
    mei = await office.logs_in("mei")
    resident = await office.waiting()
    await office.post(f"/conversations/{resident.id}/claim", mei)
    before = await resident.hears()
    office.db._wait = 0.2
    async with office.db.session() as s:
        await accounts.listing(s)
        answer = await office.post(f"/conversations/{resident.id}/messages", mei, text="您好")
        await refused(answer, 503, "unavailable")
        assert answer.headers["Retry-After"]
    assert await resident.hears() == before
    assert (await office.post(f"/conversations/{resident.id}/messages", mei, text="您好")).status == 200


async def _audit(office: Office) -> list[dict[str, Any]]:
    answer = await office.get("/audit", await office.logs_in("root"))
    entries: list[dict[str, Any]] = (await answer.json())["entries"]
    return entries


async def _numbers(office: Office, who: dict[str, str], query: str) -> list[str]:
    answer = await office.get(f"/requests{query}", who)
    assert answer.status == 200, await answer.text()
    return [request["number"] for request in (await answer.json())["requests"]]


async def _until(content: Any, text: str) -> str:
    got = ""
    while text not in got:
        got += (await content.readany()).decode()
    return got

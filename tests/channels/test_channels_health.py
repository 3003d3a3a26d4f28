"""For whoever runs the service: liveness, readiness, counters, headers, logs."""

from __future__ import annotations

import json
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from prometheus_client.parser import text_string_to_metric_families

from channels.health import RASA
from tests.channels.people import FakeRasa, Resident, refusal

Http = TestClient[web.Request, web.Application]


async def test_alive_asks_nothing_of_anybody(http: Http) -> None:
    http.app[RASA]._url = "http://127.0.0.1:1"
    assert (await http.get("/healthz")).status == 200


async def test_ready_when_all_three_answer(http: Http, rasa: FakeRasa) -> None:
    answer = await http.get("/readyz")
    assert answer.status == 200
    assert (await answer.json())["checks"] == {"database": "ok", "rasa": "ok", "actions": "ok"}
    rasa.actions_up = False
    answer = await http.get("/readyz")
    assert await refusal(answer, 503) == "not_ready"
    assert "Retry-After" in answer.headers
    assert (await answer.json())["checks"] == {"database": "ok", "rasa": "ok", "actions": "down"}
    rasa.actions_up = True
    http.app[RASA]._url = "http://127.0.0.1:1"
    answer = await http.get("/readyz")
    assert (await answer.json())["checks"] == {"database": "ok", "rasa": "down", "actions": "ok"}


async def test_not_ready_without_a_migrated_database(http: Http, settings: Any, db: Any) -> None:
    await db.close()
    for file in settings.var.glob("navigator.db*"):
        file.unlink()
    answer = await http.get("/readyz")
    assert await refusal(answer, 503) == "not_ready"
    assert (await answer.json())["checks"]["database"] == "down"


async def test_metrics_are_prometheus_text_and_count(http: Http, resident: Resident) -> None:
    await resident.say("您好", client_id="a")
    await resident.say("您好", client_id="a")
    await resident.send("")
    answer = await http.get("/metrics")
    assert answer.content_type == "text/plain"
    samples = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(await answer.text())
        for sample in family.samples
    }
    assert samples["navigator_turns_total", "bot"] == 1
    assert samples["navigator_turns_total", "repeat"] == 1
    assert samples["navigator_turns_total", "fallback"] == 0
    assert samples["navigator_errors_total", "empty_text"] == 1
    assert samples["navigator_turn_seconds_count",] == 1
    assert samples["navigator_queue_length",] == 0
    assert samples["navigator_streams",] == 0
    assert resident.id not in await answer.text()


@pytest.mark.parametrize("path", ["/", "/healthz", "/nothing", "/static/page.css", "/api/conversations/x"])
async def test_every_answer_is_locked_down(http: Http, path: str) -> None:
    answer = await http.get(path)
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'self';")
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "aiohttp" not in answer.headers["Server"].lower()
    assert len(answer.headers["X-Request-Id"]) == 16


async def test_logs_hold_no_personal_data(resident: Resident, rasa: FakeRasa, capsys: Any) -> None:
    await resident.say("我叫王小明，电话13800000000")
    await resident.send("我的孩子病了", client_id="x" * 70)
    rasa.behave = None
    await resident.http.get(
        f"/api/conversations/{resident.id}?token=leak", headers={"X-Forwarded-For": "203.0.113.9"}
    )
    logged = capsys.readouterr().out
    for secret in (
        "王小明",
        "13800000000",
        "孩子",
        resident.id,
        resident.token,
        "leak",
        "203.0.113.9",
        "127.0.0.1",
    ):
        assert secret not in logged
    lines = [json.loads(line) for line in logged.splitlines() if line.startswith("{")]
    assert any(
        line["event"] == "request"
        and line["route"] == "/api/conversations/{conversation}/messages"
        and line["status"] == 200
        for line in lines
    )

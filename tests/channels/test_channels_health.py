"""For whoever runs the service: liveness, readiness, counters, headers, logs."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog
from aiohttp import web
from aiohttp.test_utils import TestClient
from prometheus_client.parser import text_string_to_metric_families

from channels import logs
from channels.conversation import CONVERSATIONS
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


@pytest.fixture
def logged(capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[[], str]]:
    """What has been logged since, as the running service logs it."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    logs.configure()
    yield lambda: capsys.readouterr().out
    structlog.reset_defaults()
    root.handlers[:], root.level = handlers, level


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


async def test_logs_hold_no_personal_data(
    resident: Resident, rasa: FakeRasa, logged: Callable[[], str]
) -> None:
    await resident.say("我叫王小明，电话13800000000")
    await resident.send("我的孩子病了", client_id="x" * 70)
    await resident.http.get(resident.path + "?token=leak", headers={"X-Forwarded-For": "203.0.113.9"})
    del resident.http.app._state[CONVERSATIONS]
    await resident.send("这一句会出错")
    try:
        raise ValueError("王小明")
    except ValueError:
        logging.getLogger("some.library").exception("about %s", "王小明")
    text = logged()
    for secret in (
        "王小明",
        "13800000000",
        "孩子",
        "出错",
        resident.id,
        resident.token,
        "leak",
        "203.0.113.9",
    ):
        assert secret not in text
    assert "127.0.0.1" not in text
    lines = [json.loads(line) for line in text.splitlines()]
    by_event = {line["event"]: line for line in lines}
    assert set(by_event) == {"request", "failure", "library"}
    assert by_event["failure"]["error"] == "KeyError"
    assert by_event["library"]["error"] == "ValueError"
    messages = [
        line["status"] for line in lines if line.get("route", "").endswith("}/messages") and "ms" in line
    ]
    assert messages == [200, 422, 500]

"""The small parts by themselves: languages, payloads, token buckets."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels import inbound, texts
from channels.errors import ApiError
from channels.limits import CONVERSATION_MESSAGES, Limits


@pytest.mark.parametrize(
    ("text", "in_use", "language"),
    [
        ("我没有工作", "en", "zh"),
        ("I lost my job", "zh", "en"),
        ("我想申请 dibao", "en", "en"),
        ("我想申请 dibao", "zh", "zh"),
        ("1200", "en", "en"),
        ("😢", "zh", "zh"),
        ("A", "zh", "zh"),
        ("", "en", "en"),
    ],
)
def test_language_of_a_text(text: str, in_use: str, language: str) -> None:
    assert texts.language_of(text, in_use) == language


@pytest.mark.parametrize(
    ("kind", "text", "found"),
    [
        ("human", "转人工", True),
        ("human", "ＨＵＭＡＮ please", True),
        ("human", "humanity", False),
        ("human", "我不知道怎么办", False),
        ("help", "请帮帮我", True),
        ("urgent", "I want to kill myself", True),
        ("urgent", "我不想活了", True),
        ("urgent", "我没有工作", False),
    ],
)
def test_the_few_words_understood_without_the_bot(kind: str, text: str, found: bool) -> None:
    assert texts.mentions(kind, text) is found


@given(
    st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists),
    st.text(),
)
def test_whatever_arrives_is_a_message_or_a_refusal(text: Any, payload: str) -> None:
    refusals: set[int] = set()
    for body in ({"text": text}, {"payload": payload}, {"payload": "/" + payload}, {"payload": text}, text):
        try:
            message = inbound.read_message(body)
        except ApiError as refused:
            refusals.add(refused.status)
        else:
            assert message.shown("zh").strip()
            message.for_rasa.encode()
            assert not (message.name is None and message.for_rasa.startswith("/"))
    assert refusals <= {413, 422}


_SIMPLE = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=50)


_NEEDED: dict[str, dict[str, Any]] = {
    "change_language": {"language": "en"},
    "answer": {"fact": "household.size", "relation": "household", "value": 3},
    "ask_policy": {"programme": "shanghai/dibao"},
    "correct": {"fact": "household.size", "relation": "household"},
    "ask_status": {"number": "4827-1936"},
}


@given(
    st.sampled_from(sorted(inbound.PAYLOADS)),
    st.dictionaries(_SIMPLE, _SIMPLE | st.integers() | st.booleans(), max_size=3),
)
def test_payloads_keep_what_they_carry(name: str, more: dict[str, Any]) -> None:
    arguments: dict[str, Any] = more | _NEEDED.get(name, {})
    written = f"/{name}" + json.dumps(arguments)
    if len(written) > inbound.PAYLOAD_LIMIT:
        return
    message = inbound.read_message({"payload": written})
    assert (message.name, message.arguments) == (name, arguments)
    assert inbound.read_payload(message.payload) == (name, arguments)


def test_a_bucket_fills_again_with_time() -> None:
    now = [0.0]
    limits = Limits(on=True, clock=lambda: now[0])

    def take() -> None:
        limits.message("address", "conversation")

    for _ in range(CONVERSATION_MESSAGES.burst):
        take()
    with pytest.raises(ApiError) as refused:
        take()
    assert refused.value.retry_after == pytest.approx(1.0)
    now[0] += 1.0
    take()
    with pytest.raises(ApiError):
        take()
    limits.message("address", "another")
    now[0] += 1000
    for _ in range(CONVERSATION_MESSAGES.burst):
        take()
    with pytest.raises(ApiError):
        take()

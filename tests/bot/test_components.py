"""The Rasa components: what a parsed message carries, in which order of certainty, and what breaks nothing."""

import copy

import pytest
from rasa.shared.nlu.training_data.message import Message

from bot.understanding import components
from bot.understanding.components import BilingualTokenizer, LanguageDetector, SituationExtractor

TOKENIZER = BilingualTokenizer(BilingualTokenizer.get_default_config())
LANGUAGE, SITUATION = LanguageDetector(), SituationExtractor()


def parsed(text: str, asked: dict | None = None) -> dict:
    message = Message(data={"text": text, "metadata": {"asked": asked}}, output_properties={"text_tokens"})
    guess = {"name": "greet", "confidence": 0.5}
    message.set("intent", guess, add_to_output=True)
    message.set("intent_ranking", [guess, {"name": "answer", "confidence": 0.2}], add_to_output=True)
    for component in (TOKENIZER, LANGUAGE, SITUATION):
        component.process([message])
    return message.as_dict(only_output_properties=True)


def test_danger_comes_first_and_keeps_the_other_intents():
    result = parsed("我不想活了，转人工")
    assert result["intent"] == {"name": "crisis", "confidence": 1.0}
    assert [i["name"] for i in result["intent_ranking"]] == ["crisis", "greet", "answer"]
    (danger,) = [e for e in result["entities"] if e["entity"] == "danger"]
    assert danger["value"] == "self_harm"
    assert "role" not in danger


def test_facts_are_read_in_a_message_of_danger_too():
    result = parsed("我82岁，两天没吃饭了")
    assert {e["entity"] for e in result["entities"]} == {"danger", "age", "urgent"}


def test_a_human_is_a_word_away():
    assert parsed("人工")["intent"]["name"] == "talk_to_human"
    assert parsed("不用人工")["intent"]["name"] == "greet"


def test_bare_values_are_answers_and_stand_once_in_the_ranking():
    result = parsed("三个", {"fact": "household.size", "relation": "household"})
    assert result["intent"]["name"] == "answer"
    assert [i["name"] for i in result["intent_ranking"]] == ["answer", "greet"]
    assert result["entities"][0]["value"] == {"low": 3, "high": 3}


def test_emoji_alone_is_out_of_scope():
    result = parsed("😀😀")
    assert result["intent"]["name"] == "out_of_scope"
    assert result["language"] == "none"


def test_payloads_are_left_to_rasa():
    message = Message(data={"text": '/answer{"fact": "household.size"}'})
    before = copy.deepcopy(message.data)
    LANGUAGE.process([message])
    SITUATION.process([message])
    assert message.data == before


def test_metadata_of_any_shape_is_borne():
    for metadata in (None, "x", {"asked": "size"}, {"asked": {"fact": None}}, []):
        message = Message(data={"text": "三口人", "metadata": metadata})
        SITUATION.process([message])
        assert message.get("entities")[0]["entity"] == "size"


def test_a_fault_in_reading_facts_never_costs_the_danger(monkeypatch, caplog):
    def broken(self, text, asked=None):
        raise ValueError(text)

    monkeypatch.setattr(components.SituationReader, "read", broken)
    message = Message(data={"text": "我不想活了"})
    SITUATION.process([message])
    assert message.get("intent")["name"] == "crisis"
    assert "我不想活了" not in caplog.text
    assert "ValueError" in caplog.text


def test_every_language_is_supported_and_the_dictionary_marks_the_model():
    for component in (BilingualTokenizer, LanguageDetector, SituationExtractor):
        assert component.supported_languages() is None
        assert len(component.fingerprint_addon({})) == 64


@pytest.mark.parametrize("text", ["", " ", "\x00", "1" * 20000, "我" * 20000, "\u202e82岁"])
def test_bad_input_raises_nothing(text):
    parsed(text)

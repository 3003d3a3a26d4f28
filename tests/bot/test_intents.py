"""The classifier: learns, is certain of nothing it never saw, and comes back from the disk as it was."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from bot.understanding.intents import Example, IntentModel, signs_of

EXAMPLES = [
    (["低保", "多少", "钱"], ["programme"], "ask_amount"),
    (["临时", "救助", "给", "多少"], ["programme"], "ask_amount"),
    (["how", "much", "is", "dibao"], ["programme"], "ask_amount"),
    (["谢谢", "你"], [], "thank"),
    (["thanks", "a", "lot"], [], "thank"),
    (["谢谢", "啊"], [], "thank"),
    (["你好"], [], "greet"),
    (["hello", "there"], [], "greet"),
    (["早上", "好"], [], "greet"),
]


@pytest.fixture
def model() -> IntentModel:
    return IntentModel.train(
        [Example(tokens, signs) for tokens, signs, _ in EXAMPLES], [intent for *_, intent in EXAMPLES]
    )


def test_learns_what_it_was_shown(model: IntentModel) -> None:
    for tokens, signs, intent in EXAMPLES:
        assert model.rank(Example(tokens, signs))[0][0] == intent


def test_probabilities_are_probabilities(model: IntentModel) -> None:
    ranked = model.rank(Example(["从没", "见过", "的", "话"], []))
    assert sum(share for _, share in ranked) == pytest.approx(1.0, abs=1e-6)
    assert [share for _, share in ranked] == sorted((share for _, share in ranked), reverse=True)


def test_an_empty_message_is_ranked_too(model: IntentModel) -> None:
    assert len(model.rank(Example([], []))) == 3


def test_comes_back_as_it_was_and_runs_no_code_of_its_own(model: IntentModel, tmp_path: Path) -> None:
    model.save(tmp_path)
    again = IntentModel.load(tmp_path)
    for tokens, signs, _ in EXAMPLES:
        assert again.rank(Example(tokens, signs)) == model.rank(Example(tokens, signs))
    assert json.loads((tmp_path / "names.json").read_text(encoding="utf-8"))["names"]
    with np.load(tmp_path / "weights.npz", allow_pickle=False) as kept:
        assert kept["weights"].shape[0] == 3


def test_two_trainings_give_the_same_model(model: IntentModel) -> None:
    again = IntentModel.train(
        [Example(tokens, signs) for tokens, signs, _ in EXAMPLES], [intent for *_, intent in EXAMPLES]
    )
    example = Example(["多少", "钱", "啊"], [])
    assert again.rank(example) == model.rank(example)


def test_one_intent_is_nothing_to_learn() -> None:
    with pytest.raises(ValueError, match="two intents"):
        IntentModel.train([Example(["a"], [])], ["greet"])


def test_signs_name_kinds_and_people_never_values() -> None:
    entities = [
        {"entity": "illness", "role": "father", "value": "尿毒症"},
        {"entity": "programme", "value": "shanghai/dibao"},
    ]
    assert signs_of(entities) == ["illness", "programme", "role:father"]

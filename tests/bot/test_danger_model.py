"""What is learned about danger, and how it weighs together with signs and excuses."""

import pytest

from bot.understanding.danger import KINDS, SURE, Likelihood, read_danger
from bot.understanding.danger_model import DangerModel

DANGER = {
    "self_harm": ["我想死", "想死了算了", "I want to die", "want to die tonight"],
    "violence": ["他打我", "他又打我了", "he beats me", "he beats me again"],
    "child_abuse": ["他打孩子", "他打孩子打得狠", "he beats the child", "she beats the child"],
    "medical": ["他没有呼吸了", "他没有呼吸", "he is not breathing", "she is not breathing"],
    "hunger": ["三天没吃饭了", "两天没吃饭了", "no food for days", "we have no food"],
    "exposure": ["今晚睡在街上", "我们睡在街上", "sleeping on the street", "we sleep on the street"],
}
CALM = [
    "怎么申请低保",
    "低保要什么材料",
    "how do I apply",
    "what documents do I need",
    "三口人",
    "谢谢",
    "we are three",
]


@pytest.fixture(scope="module")
def model():
    texts = [text for said in DANGER.values() for text in said]
    kinds = [kind for kind, said in DANGER.items() for _ in said]
    return DangerModel.train(texts + CALM * 3, kinds + [None] * len(CALM) * 3)


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_the_likeliest_for_its_sentences(model, kind):
    for text in DANGER[kind]:
        shares = model.judge(text)
        assert max(shares, key=shares.__getitem__) == kind
        assert sum(shares.values()) > max(sum(model.judge(calm).values()) for calm in CALM)


@pytest.mark.parametrize("text", ["", "1200", "😀", "\n" * 3000, "他打我" * 5000])
def test_any_text_has_probabilities(model, text):
    shares = model.judge(text)
    assert set(shares) == set(KINDS)
    assert 0 <= sum(shares.values()) <= 1.0001


def test_a_saved_model_judges_alike(model, tmp_path):
    model.save(tmp_path)
    again = DangerModel.load(tmp_path)
    for text in [*DANGER["hunger"], *CALM]:
        for kind, share in model.judge(text).items():
            assert again.judge(text)[kind] == pytest.approx(share, abs=0.01)


def _thinks(certainty, kind="hunger"):
    return Likelihood({k: certainty if k == kind else 0.0 for k in KINDS}, certainty)


def test_without_a_sign_the_models_must_be_sure():
    assert read_danger("冰箱好几天了", _thinks(SURE - 0.05)) == []
    (found,) = read_danger("冰箱好几天了", _thinks(SURE + 0.05))
    assert (found.value, found.start, found.end) == ("hunger", 0, 6)


def test_the_past_needs_more_certainty_than_the_present():
    assert read_danger("那是2012年的事", _thinks(0.6)) == []
    assert read_danger("新闻里讲冰箱空了", _thinks(0.6)) == []


def test_a_sign_counts_beside_little_certainty_but_not_beside_none():
    assert [f.value for f in read_danger("we haven't eaten for two days", _thinks(0.2))] == ["hunger"]
    assert read_danger("we haven't eaten for two days", _thinks(0.0)) == []


def test_a_second_kind_comes_from_the_models():
    kinds = {f.value for f in read_danger("我不想活了", _thinks(0.9, "violence"))}
    assert kinds == {"self_harm", "violence"}

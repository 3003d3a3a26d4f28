"""Folding keeps lengths; tokens are never blank, never split numbers, and know where they stand."""

import pickle

import pytest

from bot.understanding.data import DataError
from bot.understanding.folding import fold
from bot.understanding.lexicon import Lexicon, expand
from bot.understanding.tokenizer import CACHE, dictionary, tokenize


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("ＡＢＣ１２３", "abc123"),
        ("低保申請", "低保申请"),
        ("OK", "ok"),
        ("don’t", "don't"),
        ("İstanbul", "İstanbul"),
        ("家裡沒錢", "家里没钱"),
    ],
)
def test_folding(text, folded):
    assert fold(text) == folded
    assert len(fold(text)) == len(text)


@pytest.mark.parametrize("text", ["\x00\x1f\u200b\u202e", "é\u0301ß", "😀👨‍👩‍👧", "İİİ", "\ud800"])
def test_folding_never_changes_the_length(text):
    assert len(fold(text)) == len(text)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("I don't know", ["i", "don't", "know"]),
        ("apply 低保 what", ["apply", "低保", "what"]),
        ("RMB 1,200.50 元", ["rmb", "1,200.50", "元"]),
        ("1.2w", ["1.2w"]),
        ("3k a month", ["3k", "a", "month"]),
        ("2000块", ["2000", "块"]),
        ("mail a.b@c.com now", ["mail", "a.b@c.com", "now"]),
        ("我爸得了尿毒症", ["我", "爸", "得", "了", "尿毒症"]),
        ("  \n\t ", []),
        ("", []),
    ],
)
def test_tokens(text, tokens):
    assert [t.text for t in tokenize(text)] == tokens


def test_tokens_stand_where_they_were_sent():
    text = "我家住長寧區，ＯＫ 3000塊"
    for token in tokenize(text):
        assert fold(text[token.start : token.end]) == token.text
        assert token.text.strip()


def test_long_runs_are_cut_up_without_loss():
    text = "低保" * 3000
    assert "".join(t.text for t in tokenize(text)) == text


def test_the_dictionary_holds_our_words_and_leaves_other_jieba_users_alone():
    import jieba

    assert {"尿毒症", "残疾证", "老伴"} <= dictionary()
    tokenize("红斑狼疮")
    assert "老伴儿" in dictionary()
    assert jieba.dt.FREQ.get("我家那口子") is None
    assert CACHE.is_dir()


def test_phrases_expand():
    assert expand("没(有)?(工作|活)") == ["没工作", "没有工作", "没有活", "没活"]
    with pytest.raises(DataError, match="brackets"):
        expand("没(有")
    with pytest.raises(DataError, match="too many"):
        expand("(a|b|c|d|e|f|g|h|i|j)" * 5)


def test_lexicon_takes_the_longest_phrase_and_respects_word_boundaries():
    lexicon = Lexicon([("肾病", "a"), ("肾病综合征", "b"), ("als", "c")])
    assert [h.value for h in lexicon.find("得了肾病综合征")] == ["b"]
    assert lexicon.find("he also") == []
    assert [h.value for h in lexicon.find("als it is")] == ["c"]


def test_pieces_can_be_pickled():
    assert pickle.loads(pickle.dumps(tokenize("我爸 is ill"))) == tokenize("我爸 is ill")

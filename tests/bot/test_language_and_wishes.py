"""Language of a message, the wish for a human, bare values, empty messages."""

import pytest

from bot.understanding.bare import is_bare_value, is_empty
from bot.understanding.human import asks_for_human
from bot.understanding.language import language_of
from tests.bot.support import reader


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("我爸生病了", "zh"), ("家裡沒錢了", "zh"), ("dibao怎么申请", "zh"), ("加我WeChat", "zh"), ("ok，谢谢", "zh"),
        ("工资3k左右", "zh"), ("好", "zh"), ("I lost my job", "en"), ("OK", "none"), ("Can I apply for 低保?", "en"),
        ("I live in 长宁区", "en"), ("I have 残疾证, what can I get?", "en"), ("我想apply低保", "mixed"),
        ("我爸diagnosed with uraemia", "mixed"), ("My husband 失业了", "mixed"), ("我lost my job了，怎么办", "mixed"),
        ("1200", "none"), ("😀😀", "none"), ("", "none"), ("？？？", "none"), ("138 1234 5678", "none"),
    ],
)  # fmt: skip
def test_language(text, language):
    assert language_of(text) == language


@pytest.mark.parametrize(
    "text",
    ["转人工", "人工", "人工客服", "我要找个人说话", "找客服", "有人吗", "能不能找个人帮我", "帮我转接工作人员", "不想跟机器人说",  # noqa: E501
     "我想找救助顾问", "給我轉人工", "I want to talk to a human", "agent", "real person please", "can I speak to someone",  # noqa: E501
     "could somebody call me", "connect me to a consultant", "I don't want to talk to a bot", "human", "我要talk to a human",  # noqa: E501
     "你是机器人吧，叫个人来", "is there a real person I can talk to", "不要跟机器人聊，找个人"],
)  # fmt: skip
def test_wish_for_a_human(text):
    assert asks_for_human(text)


@pytest.mark.parametrize(
    "text",
    ["不用人工", "先不用转人工", "什么是救助顾问", "你是真人吗", "人工智能是什么", "我做客服工作", "想找人照顾我妈", "人工关节要多少钱",  # noqa: E501
     "家里有人生病", "家里有三个人", "are you a real person?", "no human needed", "what is a consultant", "I worked as a sales agent",  # noqa: E501
     "I need help with rent", "human rights", "我没有工作", "你到底是活人还是程序", "这边跟我聊的是人吗", "我是在跟电脑讲话吧",  # noqa: E501
     "人工客服不用来了", "让社工别打电话来了", "is this a real person?", "cancel the human, I can do it myself",
     "tell the consultant not to call"],
)  # fmt: skip
def test_no_wish_for_a_human(text):
    assert not asks_for_human(text)


@pytest.mark.parametrize(
    ("text", "asked", "bare"),
    [
        ("三口人", None, True), ("1200左右", None, True), ("about 3k a month", None, True), ("58岁", None, True),
        ("三个", "household.size", True), ("没有", "person.disability_certificate", True), ("长宁区", "household.area", True),  # noqa: E501
        ("married", "person.marital", True), ("家里三口人能申请低保吗", None, False), ("我爸82岁，瘫痪在床，怎么办", None, False),  # noqa: E501
        ("低保标准是多少", None, False), ("你好", None, False), ("不知道", "household.size", False),
        ("我想问问残疾证怎么办", "household.size", False),
    ],
)  # fmt: skip
def test_bare_values(text, asked, bare):
    question = (
        {"fact": asked, "relation": "self" if asked.startswith("person") else "household"} if asked else None
    )
    assert is_bare_value(text, reader().read(text, question), question) is bare


@pytest.mark.parametrize(
    ("text", "empty"), [("😀", True), ("？！", True), ("  \n", True), ("3", False), ("好", False)]
)
def test_messages_that_say_nothing(text, empty):
    assert is_empty(text) is empty

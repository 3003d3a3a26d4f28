"""Places in what people write: found with their offsets, and not found where none is meant."""

import random
import time

import pytest

from policies_kb.areas import AreaMention, UnknownAreaError, areas_in_text, find_area, within
from policies_kb.gazetteer import gazetteer

# sentence, then what is found: (words, code, street or None)
SENTENCES: list[tuple[str, list[tuple[str, str, str | None]]]] = [
    ("我住在上海市长宁区江苏路街道", [("上海市长宁区江苏路街道", "310105", "江苏路街道")]),
    ("长宁区江苏路街道的", [("长宁区江苏路街道", "310105", "江苏路街道")]),
    ("我们是华阳路街道的居民", [("华阳路街道", "310105", "华阳路街道")]),
    ("我妈住静安，我住浦东", [("静安", "310106", None), ("浦东", "310115", None)]),
    ("家在闸北，后来并到静安去了", [("闸北", "310106", None), ("静安", "310106", None)]),
    ("以前卢湾区的老房子", [("卢湾区", "310101", None)]),
    ("南汇那边的老人", [("南汇", "310115", None)]),
    ("浦东新区三林镇，三口人", [("浦东新区三林镇", "310115", "三林镇")]),
    ("浦东区川沙人", [("浦东区川沙", "310115", "川沙新镇")]),
    ("我在七宝租房子", [("七宝", "310112", "七宝镇")]),
    ("静安彭浦新村有没有窗口", [("静安彭浦新村", "310106", "彭浦新村街道")]),
    ("我是安徽来的，在上海打工", [("安徽", "340000", None), ("上海", "310000", None)]),
    ("户口在安徽省安庆市怀宁县", [("安徽省安庆市怀宁县", "340822", None)]),
    ("怀宁老家还有两个老人", [("怀宁", "340822", None)]),
    ("老公在南康家具厂", [("南康", "360703", None)]),
    ("张家港的补贴还有吗", [("张家港", "320582", None)]),
    ("贵州毕节七星关区人", [("贵州毕节七星关区", "520502", None)]),
    ("湖州打工没了收入", [("湖州", "330500", None)]),
    ("南京秦淮五老村街道，盲人按摩店关了", [("南京秦淮五老村街道", "320104", "五老村街道")]),
    ("南京市江宁区淳化街道滨淮社区", [("南京市江宁区淳化街道", "320115", "淳化街道")]),
    ("尧化街道的时间银行", [("尧化街道", "320113", "尧化街道")]),
    ("我住六合", [("六合", "320116", None)]),
    ("山东泰安泰山区的", [("山东泰安泰山区", "370902", None)]),
    ("泰安岱岳区山口镇", [("泰安岱岳区山口镇", "370911", "山口镇")]),
    ("我住上海湖南路街道", [("上海湖南路街道", "310104", "湖南路街道")]),
    ("南京鼓楼区湖南路街道", [("南京鼓楼区湖南路街道", "320106", "湖南路街道")]),
    ("长宁区 江苏路街道", [("长宁区 江苏路街道", "310105", "江苏路街道")]),
    ("沪籍，残疾二级", [("沪籍", "310000", None)]),
    ("新疆来的，在普陀开小店", [("新疆", "650000", None), ("普陀", "310107", None)]),
    ("内蒙的户口，人在宝山", [("内蒙", "150000", None), ("宝山", "310113", None)]),
    ("I live in Changning", [("Changning", "310105", None)]),
    ("we rent a room in Pudong, my hukou is Anhui", [("Pudong", "310115", None), ("Anhui", "340000", None)]),
    (
        "Jiangsu Road Subdistrict, Changning District, Shanghai",
        [("Jiangsu Road Subdistrict, Changning District, Shanghai", "310105", "江苏路街道")],
    ),
    ("My mum lives in Jing'an District", [("Jing'an District", "310106", None)]),
    ("from jingan, shanghai", [("jingan, shanghai", "310106", None)]),
    (
        "Nanjing's Qinhuai District, Wulaocun Street",
        [("Nanjing's Qinhuai District, Wulaocun Street", "320104", "五老村街道")],
    ),
    ("Liu Ling, Qixia, Yaohua Street", [("Qixia, Yaohua Street", "320113", "尧化街道")]),
    ("Taishan District of Tai’an", [("Taishan District of Tai’an", "370902", None)]),
    ("Tai'an, Shandong", [("Tai'an, Shandong", "370900", None)]),
    ("a migrant worker in Huaining County", [("Huaining County", "340822", None)]),
    ("他住 Minhang 区，妈妈在 Xuhui", [("Minhang", "310112", None), ("Xuhui", "310104", None)]),
    ("Chongming Island, two old people", [("Chongming Island", "310151", None)]),
    (
        "我住浦東新區，媽媽在靜安區臨汾路街道",
        [("浦東新區", "310115", None), ("靜安區臨汾路街道", "310106", "临汾路街道")],
    ),
    ("my aunt lives in Lujiazui", [("Lujiazui", "310115", "陆家嘴街道")]),
    ("we are from Tai An in Shandong", [("Tai An in Shandong", "370900", None)]),
    ("静安区彭浦的", [("静安区", "310106", None)]),
    ("讲广东话可以吗", []),
    ("traffic on the Yan'an elevated road", []),
    ("住在潍坊新村", [("潍坊新村", "310115", "潍坊新村街道")]),
    ("静安区南京西路1234号", [("静安区", "310106", None)]),
    ("老房子在鞍山新村", []),
    ("长宁仙霞", [("长宁仙霞", "310105", "仙霞新村街道")]),
    (
        "静安彭浦镇和杨浦延吉新村",
        [("静安彭浦镇", "310106", "彭浦镇"), ("杨浦延吉新村", "310110", "延吉新村街道")],
    ),
    ("泰山街道的", []),
    # no place is meant, or not that one
    ("在南京路上开店", []),
    ("上海路和延安西路路口", []),
    ("去四川北路买东西", []),
    ("女儿嫁到旧金山", []),
    ("他天天买六合彩", []),
    ("姓徐，身心安康就好", []),
    ("没上过大学，来宾很多", []),
    ("黄浦江边散步", []),
    ("我在阿里巴巴做过保安", []),
    ("山东栖霞市的苹果", [("山东", "370000", None)]),
    ("四川长宁县人", [("四川", "510000", None)]),
    ("浙江舟山普陀的渔民", [("浙江舟山", "330900", None)]),
    ("新城街道的", []),
    ("湖南路街道的", []),
    ("鼓楼区的", []),
    ("泰山压顶", []),
    ("the shop on Nanjing West Road", []),
    ("Shanghai Road is far", []),
    ("I need help with rent", []),
    ("", []),
    ("👍👍", []),
]


@pytest.mark.parametrize(("sentence", "expected"), SENTENCES, ids=[s or "empty" for s, _ in SENTENCES])
def test_places_are_found_where_they_are_meant(
    sentence: str, expected: list[tuple[str, str, str | None]]
) -> None:
    found = [(sentence[m.start : m.end], m.area.code, m.street) for m in areas_in_text(sentence)]
    assert found == expected


def test_offsets_are_into_the_text_as_given() -> None:
    text = "  我住，静安  and Pudong"
    assert [(m.start, m.end) for m in areas_in_text(text)] == [(5, 7), (13, 19)]


def test_a_mention_is_the_value_of_a_place_entity() -> None:
    (mention,) = areas_in_text("长宁区江苏路街道")
    assert isinstance(mention, AreaMention)
    assert mention.as_json() == {"code": "310105", "name": "长宁区", "street": "江苏路街道"}
    (mention,) = areas_in_text("长宁")
    assert mention.as_json() == {"code": "310105", "name": "长宁区"}


def test_every_district_of_the_three_cities_is_there_with_its_streets() -> None:
    known = gazetteer().areas
    districts = {
        p: [a for a in known.values() if a.kind == "district" and a.code.startswith(p)]
        for p in ("3101", "3201", "3709")
    }
    assert {p: len(found) for p, found in districts.items()} == {"3101": 16, "3201": 11, "3709": 6}
    for district in (d for found in districts.values() for d in found):
        assert any(a.parent == district.code for a in known.values()), district.name


def test_every_province_is_there() -> None:
    provinces = [a for a in gazetteer().areas.values() if a.kind == "province"]
    assert len(provinces) == 34
    for province in provinces:
        (mention,) = areas_in_text(f"我是{province.name}人")
        assert mention.area == province


def test_every_street_is_found_with_its_district() -> None:
    for street in (a for a in gazetteer().areas.values() if a.kind == "street"):
        assert street.parent is not None
        text = f"住在{find_area(street.parent).full_name()}{street.name}"
        assert [(m.start, m.end, m.area.code, m.street) for m in areas_in_text(text)] == [
            (2, len(text), street.parent, street.name)
        ]


def test_full_names() -> None:
    assert find_area("310105002").full_name() == "上海市长宁区江苏路街道"
    assert find_area("340822").full_name("en") == "Huaining County, Anqing City, Anhui Province"
    assert find_area("370902").parent == "370900"


@pytest.mark.parametrize(
    ("code", "ancestor", "inside"),
    [
        ("310105", "310000", True),
        ("310105002", "310105", True),
        ("310000", "310105", False),
        ("310106", "310105", False),
        ("340123", "340000", True),  # a county that is not listed
        ("320104", "320100", True),
        ("320582", "320100", False),
        ("310000", "310000", True),
    ],
)
def test_within(code: str, ancestor: str, inside: bool) -> None:
    assert within(code, ancestor) is inside


def test_an_unknown_code_is_an_error_that_names_it() -> None:
    with pytest.raises(UnknownAreaError, match="999999"):
        find_area("999999")


def test_a_message_of_forty_characters_takes_less_than_a_fifth_of_a_millisecond() -> None:
    text = "我爸在安徽怀宁老家，我现在住在上海市浦东新区三林镇，家里有四口人想问问低保能办吗"
    areas_in_text(text)
    best = min(_seconds(text) for _ in range(25))
    assert best < 0.0002


def _seconds(text: str, rounds: int = 40) -> float:
    start = time.thread_time()
    for _ in range(rounds):
        areas_in_text(text)
    return (time.thread_time() - start) / rounds


def test_mentions_never_overlap_and_lie_in_the_text() -> None:
    scraps = [
        "上海",
        "市",
        "长宁",
        "区",
        "江苏路",
        "街道",
        "静安",
        "彭浦",
        "新村",
        "南京",
        "西",
        "路",
        " ",
        "的",
        "，",
        "Pudong",
    ]
    scraps += [
        "Shanghai",
        "'",
        "’s",
        " District",
        ", ",
        "Jing'an",
        "Jiangsu Road",
        " Subdistrict",
        "of",
        "湖南路",
        "a",
    ]
    dice = random.Random(7)
    for _ in range(3000):
        text = "".join(dice.choices(scraps, k=dice.randrange(12)))
        position = 0
        for mention in areas_in_text(text):
            assert position <= mention.start < mention.end <= len(text), text
            assert mention.area.kind != "street", text
            position = mention.end

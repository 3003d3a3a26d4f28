"""`graph`: a picture that names every programme and every fact that is read, and shows the ties between programmes."""

from __future__ import annotations

import builtins
import re
import sys
from pathlib import Path

import pytest

from policies_kb import knowledge
from policies_kb.__main__ import main

pytest.importorskip("matplotlib")

from matplotlib import font_manager

from policies_kb.commands import picture

HAS_CHINESE = any(font.name in picture.CHINESE_FONTS for font in font_manager.fontManager.ttflist)
needs_chinese = pytest.mark.skipif(
    not HAS_CHINESE, reason="no Chinese font: tests/browser/install.sh installs one"
)


def words(file: Path) -> str:
    return " ".join(re.findall(r"<text[^>]*>([^<]*)</text>", file.read_text(encoding="utf-8")))


@needs_chinese
def test_the_whole_as_svg(tmp_path, capsys) -> None:
    file = tmp_path / "new" / "all.svg"
    assert main(["graph", "--out", str(file)]) == 0
    assert capsys.readouterr().out == f"{file}\n"
    shown = words(file)
    kb = knowledge.load()
    read = {key for p in kb.programmes.values() for c in p.conditions for key in c.test.facts}
    for id_, programme in kb.programmes.items():
        assert f"{programme.name.zh}  {id_}" in shown.replace("&amp;", "&")
    for key in read:
        assert kb.facts[key].label.zh in shown
    assert "上海市 · Shanghai" in shown
    again = tmp_path / "again.svg"
    assert main(["graph", "--out", str(again)]) == 0
    assert again.read_bytes() == file.read_bytes()


def test_in_english_without_a_chinese_font(tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.setattr(picture, "CHINESE_FONTS", ())
    file = tmp_path / "all.png"
    assert main(["graph", "--out", str(file), "--language", "en"]) == 0
    assert file.read_bytes().startswith(b"\x89PNG")
    capsys.readouterr()
    assert main(["graph", "--out", str(file)]) == 2
    err = capsys.readouterr().err
    assert "no Chinese font was found" in err
    assert len(err.splitlines()) == 1


@needs_chinese
def test_one_programme_with_what_it_hangs_together_with(tmp_path) -> None:
    file = tmp_path / "one.svg"
    assert main(["graph", "--out", str(file), "--programme", "shanghai/disability-living-subsidy"]) == 0
    shown = words(file)
    for expected in (
        "残疾人证发证地",
        "持有上海核发的残疾人证",
        "→ 在本地落实",
        "← 给出所需的身份",
        "不能同时享受",
    ):
        assert expected in shown
    assert "南京市最低生活保障" not in shown  # what Nanjing recognises opens nothing in Shanghai


def test_ties_are_those_of_the_files() -> None:
    kb = knowledge.load()
    ties = [(one, other, kind.name.en) for one, other, kind in picture.ties(kb)]
    assert ("shanghai/dibao", "national/dibao", "carries out") in ties
    assert ("shanghai/dibao", "shanghai/medical-assistance", "gives the status it needs") in ties
    both_ways = [
        t for t in ties if set(t[:2]) == {"shanghai/dibao", "shanghai/tekun"} and t[2] == "not together"
    ]
    assert len(both_ways) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--out", "x.pdf"], "--out: x.pdf must end in .svg or .png"),
        (["--programme", "shanghai/none"], "no programme is called 'shanghai/none'"),
        (["--out", "/proc/none/x.svg", "--language", "en"], "--out: /proc/none/x.svg cannot be written: "),
    ],
)
def test_bad_input(capsys, arguments, message) -> None:
    assert main(["graph", *arguments]) == 2
    err = capsys.readouterr().err
    assert message in err
    assert len(err.splitlines()) == 1


def test_without_matplotlib(monkeypatch, capsys, tmp_path) -> None:
    real = builtins.__import__

    def without(name, *rest, **more):
        if name.startswith("matplotlib"):
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.delitem(sys.modules, "policies_kb.commands.picture")
    monkeypatch.delattr("policies_kb.commands.picture")
    monkeypatch.setattr(builtins, "__import__", without)
    assert main(["graph", "--out", str(tmp_path / "x.svg")]) == 2
    assert "matplotlib, which is not installed" in capsys.readouterr().err

"""The editors' guide, followed to the letter in a copy of the knowledge base, so that it cannot rot.

Its blocks say what they are in their first line: `append=`, `create=`, `edit=` and `break=` name a file under
policies_kb/ (`break` is undone after the next block), `run` holds commands with what they print, "…" standing for
anything.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from policies_kb import knowledge

DOCS = Path(__file__).resolve().parents[2] / "docs"
GUIDES = {"en": DOCS / "editing-policies.md", "zh": DOCS / "editing-policies.zh.md"}
KEPT = "shanghai-old-age-allowance.yml"
BLOCK = re.compile(r"^```(\w+)(?: (\w+)(?:=(\S+))?)?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """One block of a guide: what is to be done, with which file, and its text."""

    kind: str
    do: str
    file: str
    text: str
    line: int


def blocks(language: str) -> list[Block]:
    guide = GUIDES[language].read_text(encoding="utf-8")
    return [
        Block(m[1], m[2] or "", m[3] or "", m[4], guide[: m.start()].count("\n") + 1)
        for m in BLOCK.finditer(guide)
    ]


class Copy:
    """A copy of the knowledge base in a repository of its own."""

    def __init__(self, root: Path) -> None:
        self.root = root
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(knowledge.FOLDER, root / "policies_kb", ignore=ignored)
        for path in (root / "policies_kb/cases").glob("*.yml"):
            if path.name != KEPT:  # every command runs every case: a few are as good as hundreds here
                path.unlink()
        for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "as it was"]):
            named = ["-c", "user.name=editor", "-c", "user.email=editor@example.org"]
            subprocess.run(["git", "-C", str(root), *named, *arguments], check=True, capture_output=True)

    def change(self, block: Block) -> None:
        path = self.root / "policies_kb" / block.file
        if block.do == "create":
            assert not path.exists(), f"line {block.line}: {block.file} exists"
            path.write_text(block.text, encoding="utf-8")
        elif block.do == "append":
            path.write_text(path.read_text(encoding="utf-8") + block.text, encoding="utf-8")
        else:
            old, new = (
                "".join(f"{row[1:]}\n" for row in block.text.splitlines() if row[:1] in (" ", sign))
                for sign in "-+"
            )
            text = path.read_text(encoding="utf-8")
            assert text.count(old) == 1, (
                f"line {block.line}: stands {text.count(old)} times in {block.file}: {old}"
            )
            path.write_text(text.replace(old, new), encoding="utf-8")

    def run(self, command: str) -> str:
        interpreter, *rest = command.split()
        assert interpreter == ".venv/bin/python"
        done = subprocess.run(
            [sys.executable, *rest], cwd=self.root, capture_output=True, text=True, check=False, timeout=120
        )
        assert "Traceback" not in done.stderr, done.stderr
        return done.stdout + done.stderr


def shows(printed: str, expected: str) -> bool:
    """Whether a line of what was printed holds this, "…" standing for anything within the line."""
    pattern = ".*".join(re.escape(part) for part in expected.rstrip().split("…"))
    return re.search(pattern if expected[:1] in "…" else f"^{pattern}", printed, re.MULTILINE) is not None


def commands(block: Block) -> list[tuple[str, list[str]]]:
    """Each command of a block with the lines it is to print."""
    found: list[tuple[str, list[str]]] = []
    for row in block.text.splitlines():
        if row.startswith("$ "):
            found.append((row[2:], []))
        else:
            found[-1][1].append(row)
    return found


def test_followed_to_the_letter(tmp_path) -> None:
    copy = Copy(tmp_path)
    undo: tuple[Path, str] | None = None
    ran = 0
    for block in blocks("en"):
        if block.do == "run":
            for command, expected in commands(block):
                printed = copy.run(command)
                ran += 1
                for row in expected:
                    assert shows(printed, row), (
                        f"line {block.line}: {command}\nexpected: {row}\n{printed[-3000:]}"
                    )
            if undo:
                undo[0].write_text(undo[1], encoding="utf-8")
                undo = None
        elif block.do:
            assert undo is None, f"line {block.line}: a break needs a run after it"
            if block.do == "break":
                path = tmp_path / "policies_kb" / block.file
                undo = path, path.read_text(encoding="utf-8")
            copy.change(block)
    assert ran >= 19
    assert "0 wrong" in copy.run(".venv/bin/python -m policies_kb check")


def test_both_languages_show_the_same_steps() -> None:
    in_english = [(b.kind, b.do, b.file, b.text) for b in blocks("en") if b.do not in ("", "run")]
    assert in_english == [(b.kind, b.do, b.file, b.text) for b in blocks("zh") if b.do not in ("", "run")]
    said = [[_without_language(c) for c, _ in commands(b)] for b in blocks("en") if b.do == "run"]
    assert said == [[_without_language(c) for c, _ in commands(b)] for b in blocks("zh") if b.do == "run"]
    headings = [GUIDES[language].read_text(encoding="utf-8").count("\n## ") for language in GUIDES]
    assert headings[0] == headings[1]


def test_what_the_chinese_guide_shows_is_printed(tmp_path) -> None:
    """Its `explain` blocks are in Chinese; the rest is what the English one shows."""
    copy = Copy(tmp_path)
    for block in blocks("zh"):
        if block.do in ("append", "create", "edit"):
            copy.change(block)
        elif block.do == "run":
            for command, expected in commands(block):
                if " explain " in command:
                    printed = copy.run(command)
                    for row in expected:
                        assert shows(printed, row), f"line {block.line}: {row}\n{printed[-3000:]}"


def _without_language(command: str) -> str:
    return command.replace("--language zh", "--language").replace("--language en", "--language")


@pytest.mark.parametrize("language", GUIDES)
def test_every_command_and_file_it_names_exists(language) -> None:
    guide = GUIDES[language].read_text(encoding="utf-8")
    for name in re.findall(
        r"^\| `((?:programmes|parameters|sources|documents|cases|facts|resources)[^`]*)`", guide, re.M
    ):
        assert list(knowledge.FOLDER.glob(name)), name
    for link in re.findall(r"\]\(([^)]+\.md)\)", guide):
        assert (DOCS / link).exists(), link
    assert "practice" not in {key.rpartition("/")[2] for key in knowledge.load().programmes}

"""What is deployed: one published port, and images made of what is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))


def test_only_the_gateway_publishes_a_port() -> None:
    services = COMPOSE["services"]
    assert {name for name, service in services.items() if "ports" in service} == {"gateway"}
    for name in ("actions", "rasa"):
        assert services[name]["network_mode"] == "service:gateway"


def test_no_secret_has_a_value() -> None:
    text = (ROOT / "compose.yaml").read_text(encoding="utf-8")
    for line in text.splitlines():
        if re.search(r"(PASSWORD|TOKEN|SECRET)\w*:", line):
            assert "${" in line, line


@pytest.mark.parametrize("image", ["app", "bot"])
def test_images_copy_what_exists(image: str) -> None:
    text = (ROOT / "deploy" / f"{image}.Dockerfile").read_text(encoding="utf-8")
    copied = re.findall(r"^COPY (\S+) ", text, re.MULTILINE)
    assert copied
    for path in copied:
        assert (ROOT / path).exists(), path
    assert "--require-hashes" in text
    assert re.search(r"^USER navigator$", text, re.MULTILINE)


@pytest.mark.parametrize("lock", ["app", "bot", "dev"])
def test_locks_name_neither_a_registry_nor_a_path(lock: str) -> None:
    text = (ROOT / "requirements" / f"{lock}.lock").read_text(encoding="utf-8")
    assert "make lock" in text
    assert not re.search(r"https?://|index-url|find-links|(^|\s)/\w+/", text)
    assert re.search(r"^rasa(-sdk)?==|^ruff==", text, re.MULTILINE)


def test_decisions_are_numbered_once() -> None:
    numbers = [path.name[:4] for path in (ROOT / "docs" / "decisions").glob("*.md")]
    assert len(numbers) == len(set(numbers))

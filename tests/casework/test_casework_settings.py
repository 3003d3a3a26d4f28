"""Every setting is read once, listed in .env.example, and refused in one sentence where it cannot be."""

from __future__ import annotations

import re
import stat
import subprocess
import sys
from datetime import date, datetime
from pathlib import Path

import pytest

from casework import accounts
from casework.__main__ import main
from casework.clock import SHANGHAI
from casework.settings import ROOT, VARIABLES, SettingsError, load_settings


def test_without_any_setting_there_is_a_default_for_all(tmp_path: Path) -> None:
    settings = load_settings({}, tmp_path)
    assert (settings.port, settings.rasa_port, settings.actions_port) == (8080, 5005, 5055)
    assert settings.database_url == f"sqlite+aiosqlite:///{tmp_path}/var/navigator.db"
    assert settings.today() == datetime.now(SHANGHAI).date()
    assert settings.rate_limit
    assert settings.redis_url is None
    assert settings.rasa_url == "http://127.0.0.1:5005"
    assert settings.actions_url == "http://127.0.0.1:5055"
    assert settings.wechat_api == "https://api.weixin.qq.com"


def test_every_setting_is_read(tmp_path: Path) -> None:
    given = {
        "PORT": "18080",
        "RASA_PORT": "15005",
        "ACTIONS_PORT": "15055",
        "DATABASE_URL": "postgresql://u:p%40ss@db:5432/navigator?sslmode=require",
        "REDIS_URL": "redis://127.0.0.1:6379/0",
        "TODAY": "2026-11-22",
        "RASA_TOKEN": "rasa-token",
        "ADMIN_PASSWORD": "admin-password",
        "RATE_LIMIT": "OFF",
        "WECHAT_TOKEN": "token",
        "WECHAT_AES_KEY": "k" * 43,
        "WECHAT_APPID": "appid",
        "WECHAT_SECRET": "secret",
        "WECHAT_API": "http://127.0.0.1:9000/",
        "HOTLINE_SECRET": "hotline-secret",
    }
    assert set(given) == set(VARIABLES)
    settings = load_settings({f"NAVIGATOR_{name}": value for name, value in given.items()}, tmp_path)
    assert (settings.port, settings.rasa_port, settings.actions_port) == (18080, 15005, 15055)
    assert settings.database_url == "postgresql+asyncpg://u:p%40ss@db:5432/navigator?ssl=require"
    assert settings.redis_url == "redis://127.0.0.1:6379/0"
    assert settings.today() == date(2026, 11, 22)
    assert settings.rasa_token == "rasa-token"
    assert settings.admin_password == "admin-password"
    assert not settings.rate_limit
    assert settings.wechat_token == "token"
    assert settings.wechat_aes_key == "k" * 43
    assert (settings.wechat_appid, settings.wechat_secret) == ("appid", "secret")
    assert settings.wechat_api == "http://127.0.0.1:9000"
    assert settings.hotline_secret == "hotline-secret"
    assert not (tmp_path / "var" / "rasa_token").exists()
    shown = repr(settings)
    for secret in ("p%40ss", "rasa-token", "admin-password", "hotline-secret", "secret'"):
        assert secret not in shown


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("sqlite:///var/other.db", "sqlite+aiosqlite:///{root}/var/other.db"),
        ("sqlite:////srv/navigator.db", "sqlite+aiosqlite:////srv/navigator.db"),
        ("sqlite+aiosqlite:///x.db", "sqlite+aiosqlite:///{root}/x.db"),
        ("postgres://u@h/db", "postgresql+asyncpg://u@h/db"),
        ("postgresql+asyncpg://u@h/db", "postgresql+asyncpg://u@h/db"),
    ],
)
def test_a_database_is_named_in_the_usual_ways(tmp_path: Path, given: str, url: str) -> None:
    settings = load_settings({"NAVIGATOR_DATABASE_URL": given}, tmp_path)
    assert settings.database_url == url.format(root=tmp_path)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "80a"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "８０８０"),
        ("RASA_PORT", "-1"),
        ("ACTIONS_PORT", "5005"),  # Rasa's own
        ("DATABASE_URL", "mysql://h/db"),
        ("DATABASE_URL", "sqlite://"),
        ("DATABASE_URL", "sqlite:///:memory:"),
        ("DATABASE_URL", "postgresql://u:hidden-word@h"),
        ("DATABASE_URL", "navigator.db"),
        ("REDIS_URL", "127.0.0.1:6379"),
        ("TODAY", "22.11.2026"),
        ("TODAY", "2026-02-30"),
        ("RASA_TOKEN", "hidden"),
        ("ADMIN_PASSWORD", "hidden"),
        ("HOTLINE_SECRET", "hidden"),
        ("RATE_LIMIT", "maybe"),
        ("WECHAT_AES_KEY", "hidden"),
        ("WECHAT_API", "api.weixin.qq.com"),
    ],
)
def test_a_value_that_cannot_be_is_one_sentence_that_names_the_variable(
    tmp_path: Path, name: str, value: str
) -> None:
    with pytest.raises(SettingsError) as refused:
        load_settings({f"NAVIGATOR_{name}": value}, tmp_path)
    said = str(refused.value)
    assert f"NAVIGATOR_{name}" in said
    assert "hidden" not in said
    assert "\n" not in said
    assert said.endswith(".") or said.endswith("…")


def test_the_rasa_token_is_made_once_and_for_the_owner_alone(tmp_path: Path) -> None:
    program = (
        "import sys\nfrom pathlib import Path\nfrom casework.settings import load_settings\n"
        "print(load_settings({}, Path(sys.argv[1])).rasa_token)"
    )
    started = [
        subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE)
        for _ in range(3)
    ]
    tokens = {process.communicate(timeout=60)[0].strip() for process in started}
    assert len(tokens) == 1
    kept = tmp_path / "var" / "rasa_token"
    assert kept.read_bytes().strip() in tokens
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert [file.name for file in kept.parent.iterdir()] == ["rasa_token"]
    kept.write_text("")
    with pytest.raises(SettingsError, match="delete it"):
        load_settings({}, tmp_path)


def test_the_environment_wins_over_the_env_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(f"NAVIGATOR_{name}", raising=False)
    (tmp_path / ".env").write_text(
        "# a comment\n\nNAVIGATOR_PORT=9001\nexport NAVIGATOR_RASA_PORT='9002'\n"
        'NAVIGATOR_HOTLINE_SECRET="a b c d e"\n',
        encoding="utf-8",
    )
    monkeypatch.setenv("NAVIGATOR_PORT", "9003")
    settings = load_settings(root=tmp_path)
    assert (settings.port, settings.rasa_port, settings.hotline_secret) == (9003, 9002, "a b c d e")
    (tmp_path / ".env").write_text("NAVIGATOR_PORT\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"\.env:1"):
        load_settings(root=tmp_path)


def test_env_example_lists_every_setting_with_a_comment() -> None:
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    listed = [match[1] for line in lines if (match := re.match(r"# NAVIGATOR_(\w+)=", line))]
    assert set(listed) == set(VARIABLES)
    for number, line in enumerate(lines):
        if re.match(r"# NAVIGATOR_\w+=", line):
            above = lines[number - 1]
            assert above.startswith("# "), f"no comment above {line}"
    assert not [line for line in lines if line and not line.startswith("#")]


def test_the_example_can_be_used_as_it_stands(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text((ROOT / ".env.example").read_text(encoding="utf-8"), encoding="utf-8")
    program = (
        "import sys\nfrom pathlib import Path\nfrom casework.settings import load_settings\n"
        "print(load_settings(root=Path(sys.argv[1])).port)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], cwd=ROOT, env={}, capture_output=True, check=True
    )
    assert ran.stdout.strip() == b"8080"


@pytest.fixture
def command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`python -m casework` over a database of its own; passwords come from standard input."""
    for name in VARIABLES:
        monkeypatch.delenv(f"NAVIGATOR_{name}", raising=False)
    monkeypatch.setenv("NAVIGATOR_DATABASE_URL", f"sqlite:///{tmp_path / 'cli.db'}")
    monkeypatch.setenv("NAVIGATOR_RASA_TOKEN", "rasa-token")


@pytest.mark.usefixtures("command_line")
def test_accounts_from_the_command_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(*arguments: str, typed: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin.readline", lambda: typed, raising=False)
        status = main(list(arguments))
        said = capsys.readouterr()
        return status, said.out, said.err

    status, out, _ = run("migrate")
    assert status == 0
    assert re.search(r"admin, password \S{12,}", out)
    assert "password" not in run("migrate")[1]
    assert run("account", "add", "邓顾问", "--role", "consultant", typed="a long password\n")[0] == 0
    status, _, err = run("account", "add", "邓顾问", typed="a long password\n")
    assert (status, err.count("\n")) == (1, 1)
    assert "already an account" in err
    assert run("account", "add", "短", typed="short\n")[2].startswith("A password needs")
    assert run("account", "password", "邓顾问", typed="another long one\n")[0] == 0
    assert run("account", "password", "谁", typed="another long one\n")[0] == 1
    assert run("account", "close", "邓顾问")[0] == 0
    listed = run("account", "list")[1].splitlines()
    assert [line.split("\t")[:2] for line in listed] == [["admin", "admin"], ["邓顾问", "consultant"]]
    assert listed[1].endswith("closed")


@pytest.mark.usefixtures("command_line")
def test_a_wrong_setting_on_the_command_line_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NAVIGATOR_PORT", "eighty")
    assert main(["account", "list"]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_the_command_offers_every_role() -> None:
    with pytest.raises(SystemExit):
        main(["account", "add", "x", "--role", "king"])
    assert set(accounts.ROLES) == {"consultant", "supervisor", "trainer", "admin"}

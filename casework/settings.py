"""Every setting of the service, read once from the environment (`NAVIGATOR_…`) and from the project's `.env`.

`.env.example` lists and explains them. The environment wins over `.env`. A value that cannot be used is a
`SettingsError` of one sentence that names the variable and the mend; secrets are never repeated in it.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from casework.clock import SHANGHAI

ROOT = Path(__file__).resolve().parent.parent
PREFIX = "NAVIGATOR_"
WECHAT_API = "https://api.weixin.qq.com"
MINIMUM_SECRET = 8  # characters

# What settings.py reads; `.env.example` lists these and no others (a test compares).
VARIABLES = (
    "PORT",
    "RASA_PORT",
    "ACTIONS_PORT",
    "DATABASE_URL",
    "REDIS_URL",
    "TODAY",
    "RASA_TOKEN",
    "ADMIN_PASSWORD",
    "RATE_LIMIT",
    "WECHAT_TOKEN",
    "WECHAT_AES_KEY",
    "WECHAT_APPID",
    "WECHAT_SECRET",
    "WECHAT_API",
    "HOTLINE_SECRET",
)


class SettingsError(Exception):
    """A setting that cannot be used: one sentence, with the mend."""


@dataclass(frozen=True)
class Settings:
    """The service's settings. Secrets and the database's address stay out of `repr`."""

    root: Path
    var: Path  # everything the service writes lies under it
    port: int
    rasa_port: int
    actions_port: int
    database_url: str = field(repr=False)  # for SQLAlchemy: sqlite+aiosqlite or postgresql+asyncpg
    redis_url: str | None = field(repr=False)
    fixed_today: date | None
    rasa_token: str = field(repr=False)
    admin_password: str | None = field(repr=False)
    rate_limit: bool
    wechat_token: str | None = field(repr=False)
    wechat_aes_key: str | None = field(repr=False)
    wechat_appid: str | None
    wechat_secret: str | None = field(repr=False)
    wechat_api: str
    hotline_secret: str | None = field(repr=False)

    def today(self) -> date:
        """Today in Shanghai, or the day that NAVIGATOR_TODAY fixes."""
        return self.fixed_today or datetime.now(SHANGHAI).date()

    @property
    def rasa_url(self) -> str:
        """Where the Rasa server answers, on loopback."""
        return f"http://127.0.0.1:{self.rasa_port}"

    @property
    def actions_url(self) -> str:
        """Where the action server answers, on loopback."""
        return f"http://127.0.0.1:{self.actions_port}"


def load_settings(environ: Mapping[str, str] | None = None, root: Path = ROOT) -> Settings:
    """The settings from `environ`, or from this process's environment and `root`/.env. Makes `root`/var.

    Raises SettingsError for the first value that cannot be used.
    """
    if environ is None:
        environ = {**_env_file(root / ".env"), **os.environ}
    given = {name: environ.get(PREFIX + name, "").strip() for name in VARIABLES}
    var = root / "var"
    try:
        var.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(
            f"{var} cannot be made ({error.strerror}); give this user the right to write there."
        ) from None
    settings = Settings(
        root=root,
        var=var,
        port=_port("PORT", given, 8080),
        rasa_port=_port("RASA_PORT", given, 5005),
        actions_port=_port("ACTIONS_PORT", given, 5055),
        database_url=_database_url(given["DATABASE_URL"], root, var),
        redis_url=_redis_url(given["REDIS_URL"]),
        fixed_today=_day(given["TODAY"]),
        rasa_token=_secret("RASA_TOKEN", given) or _kept_token(var / "rasa_token"),
        admin_password=_secret("ADMIN_PASSWORD", given),
        rate_limit=_on_off("RATE_LIMIT", given),
        wechat_token=given["WECHAT_TOKEN"] or None,
        wechat_aes_key=_aes_key(given["WECHAT_AES_KEY"]),
        wechat_appid=given["WECHAT_APPID"] or None,
        wechat_secret=given["WECHAT_SECRET"] or None,
        wechat_api=_web_address("WECHAT_API", given["WECHAT_API"] or WECHAT_API),
        hotline_secret=_secret("HOTLINE_SECRET", given),
    )
    if len({settings.port, settings.rasa_port, settings.actions_port}) < 3:
        raise SettingsError(
            "NAVIGATOR_PORT, NAVIGATOR_RASA_PORT and NAVIGATOR_ACTIONS_PORT must be three different ports."
        )
    return settings


def _env_file(path: Path) -> dict[str, str]:
    """`NAME=value` lines; `#` begins a comment line; one pair of quotes around a value is taken off."""
    if not path.is_file():
        return {}
    found = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        entry = line.strip().removeprefix("export ")
        if not entry or entry.startswith("#"):
            continue
        name, equals, value = entry.partition("=")
        if not equals:
            raise SettingsError(f"{path.name}:{number}: a line must be NAME=value or begin with #.")
        value = value.strip()
        if len(value) >= 2 and value[0] == value[-1] and value[0] in "'\"":
            value = value[1:-1]
        found[name.strip()] = value
    return found


def _port(name: str, given: Mapping[str, str], default: int) -> int:
    value = given[name]
    if not value:
        return default
    if value.isascii() and value.isdigit() and 1 <= int(value) <= 65535:
        return int(value)
    raise SettingsError(
        f"{PREFIX}{name} is “{value}”; it must be a whole number from 1 to 65535, for example {default}."
    )


def _on_off(name: str, given: Mapping[str, str]) -> bool:
    value = given[name].lower() or "on"
    if value in ("on", "off"):
        return value == "on"
    raise SettingsError(f"{PREFIX}{name} is “{given[name]}”; it must be on or off.")


def _day(value: str) -> date | None:
    if not value:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise SettingsError(f"NAVIGATOR_TODAY is “{value}”; it must be a date such as 2026-11-22.") from None


def _secret(name: str, given: Mapping[str, str]) -> str | None:
    value = given[name]
    if value and len(value) < MINIMUM_SECRET:
        raise SettingsError(f"{PREFIX}{name} is too short; give it at least {MINIMUM_SECRET} characters.")
    return value or None


def _aes_key(value: str) -> str | None:
    if value and not (len(value) == 43 and value.isascii() and value.isalnum()):
        raise SettingsError(
            "NAVIGATOR_WECHAT_AES_KEY must be the 43 letters and digits that WeChat shows as EncodingAESKey."
        )
    return value or None


def _web_address(name: str, value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SettingsError(f"{PREFIX}{name} must be an address that begins with http:// or https://.")
    return value.rstrip("/")


def _redis_url(value: str) -> str | None:
    if value and urlsplit(value).scheme not in ("redis", "rediss", "unix"):
        raise SettingsError(
            "NAVIGATOR_REDIS_URL must begin with redis://, for example redis://127.0.0.1:6379/0."
        )
    return value or None


def _database_url(value: str, root: Path, var: Path) -> str:
    """SQLAlchemy's address of the database, with its asynchronous driver named."""
    if not value:
        return f"sqlite+aiosqlite:///{var / 'navigator.db'}"
    scheme, _, rest = value.partition("://")
    if scheme in ("sqlite", "sqlite+aiosqlite"):
        path = rest.removeprefix("/")
        if not path or path.startswith(":memory:"):
            raise SettingsError(
                "NAVIGATOR_DATABASE_URL names no file; several processes share the database,"
                " so write sqlite:///var/navigator.db or postgresql://…"
            )
        return f"sqlite+aiosqlite:///{root / path}"  # an absolute path stays as it is
    if scheme in ("postgres", "postgresql", "postgresql+asyncpg"):
        parts = urlsplit(f"postgresql+asyncpg://{rest}")
        if not parts.path.strip("/"):
            raise SettingsError(
                "NAVIGATOR_DATABASE_URL names no database; write postgresql://user:password@host:5432/navigator."
            )
        # libpq says sslmode, asyncpg says ssl; the values are the same.
        query = [("ssl" if key == "sslmode" else key, to) for key, to in parse_qsl(parts.query)]
        return urlunsplit(parts._replace(query=urlencode(query)))
    raise SettingsError("NAVIGATOR_DATABASE_URL must begin with sqlite:/// or postgresql://.")


def _kept_token(path: Path) -> str:
    """Rasa's token, made on the first run and kept for the other processes and the next runs (mode 0600)."""
    try:
        if not path.exists():
            _keep(path, secrets.token_urlsafe(32))
        token = path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise SettingsError(
            f"{path} cannot be read or made ({error.strerror}); set NAVIGATOR_RASA_TOKEN."
        ) from None
    if len(token) < MINIMUM_SECRET:
        raise SettingsError(f"{path} holds no usable token; delete it and a new one is made.")
    return token


def _keep(path: Path, token: str) -> None:
    """Write whole or not at all, and let the first of several processes win."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    with os.fdopen(
        os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii"
    ) as file:
        file.write(token + "\n")
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        pass
    finally:
        draft.unlink()

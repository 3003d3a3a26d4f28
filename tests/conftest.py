"""What every suite shares: the running service, started once for all that need it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

with suppress(ModuleNotFoundError):  # the bot environment has none
    from hypothesis import settings

    # Where a change is judged, the same examples every time; where it is made, new ones.
    settings.register_profile("judged", derandomize=True, deadline=None)
    if os.environ.get("CI"):
        settings.load_profile("judged")

if TYPE_CHECKING:
    from tests.harness.service import Service


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The real processes (gateway, rasa, actions) over a database of their own.

    `make test-services` names a PostgreSQL database and a Redis server; without them it is a SQLite file.
    """
    # Imported here: the bot environment's tests share this file and have no need of it.
    from tests.harness.service import Service

    folder: Path = tmp_path_factory.mktemp("service")
    database = os.environ.get("NAVIGATOR_TEST_DATABASE_URL") or f"sqlite:///{folder / 'navigator.db'}"
    running = Service(folder, database)
    redis = os.environ.get("NAVIGATOR_TEST_REDIS_URL")
    running.start({"NAVIGATOR_REDIS_URL": redis} if redis else None)
    yield running
    running.stop()

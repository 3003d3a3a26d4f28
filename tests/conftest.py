"""What every suite shares: the running service, started once for all that need it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness.service import Service


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The real processes (gateway, rasa, actions) over a database of their own."""
    folder: Path = tmp_path_factory.mktemp("service")
    running = Service(folder, f"sqlite:///{folder / 'navigator.db'}")
    running.start()
    yield running
    running.stop()

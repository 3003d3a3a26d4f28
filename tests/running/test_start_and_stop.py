"""Starting and stopping: ready, and after Ctrl-C no process is left."""

from __future__ import annotations

import contextlib
import signal
import time
from pathlib import Path

import psutil
import pytest

from tests.harness.service import Service

pytestmark = pytest.mark.service


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_ctrl_c_leaves_no_process(tmp_path: Path, number: signal.Signals) -> None:
    service = Service(tmp_path, f"sqlite:///{tmp_path / 'navigator.db'}")
    service.start()
    assert service.process is not None
    family = psutil.Process(service.process.pid).children(recursive=True)
    assert len(family) >= 3
    assert service.stop(number) == 0
    _, alive = psutil.wait_procs(family, timeout=5)
    assert alive == []


def test_only_the_gateway_listens_beyond_loopback(service: Service) -> None:
    assert service.process is not None
    for name in ("actions", "rasa"):
        leader = service.child(name)
        for process in [leader, *leader.children(recursive=True)]:
            for connection in process.net_connections(kind="inet"):
                if connection.status == psutil.CONN_LISTEN:
                    assert connection.laddr.ip == "127.0.0.1", f"{name} listens on {connection.laddr}"


def successor(service: Service, name: str) -> psutil.Process:
    """The process that takes the place of one that died."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with contextlib.suppress(LookupError, psutil.NoSuchProcess):
            return service.child(name)
        time.sleep(0.2)
    raise TimeoutError(name)


def test_a_child_that_dies_is_started_again(tmp_path: Path) -> None:
    service = Service(tmp_path, f"sqlite:///{tmp_path / 'navigator.db'}")
    service.start()
    try:
        before = service.child("actions")
        before.kill()
        psutil.wait_procs([before], timeout=5)
        assert successor(service, "actions").pid != before.pid
        service.wait_ready()
    finally:
        service.stop()

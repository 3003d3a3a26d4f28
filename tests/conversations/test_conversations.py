"""Every suite of this folder against the real processes."""

from __future__ import annotations

import aiohttp
import pytest

from tests.conversations.suite import Suite, play, suites
from tests.harness.resident import Resident
from tests.harness.service import Service


@pytest.mark.service
@pytest.mark.parametrize("suite", suites(), ids=lambda suite: suite.name)
async def test_conversation(suite: Suite, service: Service) -> None:
    async with aiohttp.ClientSession() as client:
        resident = await Resident.arrive(client, service.address, suite.content.get("language"))
        await play(suite, resident)

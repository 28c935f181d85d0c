"""Sessions in the test's own process."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from tests.support.inside import Inside

StartInside = Callable[[Any], Inside]


@pytest.fixture
async def inside() -> AsyncIterator[StartInside]:
    """Begins a session with a client of these capabilities."""
    begun: list[Inside] = []

    def begin(capabilities: Any) -> Inside:
        begun.append(Inside(capabilities))
        return begun[-1]

    yield begin
    for each in begun:
        await each.server.close()

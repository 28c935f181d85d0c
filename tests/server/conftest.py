"""Sessions in the test's own process."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest

from tests.support.inside import Inside
from tests.support.logs import logging_restored

StartInside = Callable[[Any], Inside]


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    """A session sets up logging for its whole process."""
    with logging_restored():
        yield


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

"""What is worth doing while an endpoint thinks: the moment when a request has been sent.

The processor is idle from then on until the answer begins. Between who asks and who sends stand
fallbacks, replicas and several ways to write a gap, none of which this concerns: so it is told by a
context variable. Knows neither requests nor what is done.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_meanwhile: ContextVar[Callable[[], None] | None] = ContextVar("meanwhile", default=None)


@contextmanager
def on_request_sent(work: Callable[[], None]) -> Iterator[None]:
    """Tasks that begin in here do `work` whenever a request of theirs has been sent. It should be
    short, and remember that it was done."""
    token = _meanwhile.set(work)
    try:
        yield
    finally:
        _meanwhile.reset(token)


def fire_request_sent() -> None:
    """All of a request is on its way. What is done meanwhile cannot make it fail."""
    work = _meanwhile.get()
    if work is not None:
        asyncio.get_running_loop().call_soon(work)

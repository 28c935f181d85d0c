"""An editor that asks: `python -m tests.usage.asking FOLDER PER_MINUTE TIMES [PAUSE_S]`.

It prints a line for each request, as soon as that may be sent.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from devstral_lsp.config.limit_settings import LimitSettings
from devstral_lsp.errors import BudgetExceeded
from devstral_lsp.providers.base import Endpoint, Secret
from devstral_lsp.providers.metering import Demand, Priority, Usage
from devstral_lsp.usage.governor import Governor


async def ask(folder: Path, per_minute: int, times: int, pause_s: float) -> None:
    governor = Governor(LimitSettings(requests_per_minute=per_minute), lambda: folder)
    endpoint = Endpoint(base_url="https://api.mistral.ai", key=Secret("key", "test"))
    meter = governor.meter("mistral", endpoint)
    assert meter is not None
    demand = Demand(model="m", prompt_tokens=90, max_tokens=10, priority=Priority.MANUAL)
    for _ in range(times):
        try:
            permit = await meter.admit(demand)
        except BudgetExceeded:
            pass
        else:
            print("sent", flush=True)  # noqa: T201
            permit.learn({})
            permit.settle(Usage(90, 10), None)
        await asyncio.sleep(pause_s)
    await governor.close()


if __name__ == "__main__":
    _, where, most, count, *pause = sys.argv
    asyncio.run(ask(Path(where), int(most), int(count), float(pause[0]) if pause else 0.0))

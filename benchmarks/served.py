"""What a benchmark over stdio stands on: the real server, and an endpoint in a process of its own.

Knows neither what is asked nor what is measured.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from types import MappingProxyType
from typing import Any

from benchmarks.replay.client import Client
from tests.support.fake_mistral import KEY

NOTHING: Mapping[str, Any] = MappingProxyType({})


@asynccontextmanager
async def endpoint(pieces: Sequence[str], *options: str) -> AsyncIterator[str]:
    """The URL of one that says these pieces to everybody; `options` are the fake Mistral's."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.support.fake_mistral", "--port", "0", *options,
        *(f"--piece={piece}" for piece in pieces),
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout
    try:
        yield (await process.stdout.readline()).decode().split()[-1]
    finally:
        process.terminate()
        await process.wait()


def completing_at(url: str) -> dict[str, str]:
    """Variables of a server that asks this endpoint for completions, without waiting first."""
    return {
        "DEVSTRAL_FIM_PROVIDER": "mistral",
        "DEVSTRAL_FIM_BASE_URL": url,
        "DEVSTRAL_COMPLETION_DEBOUNCE_MS": "0",
        "MISTRAL_API_KEY": KEY,
    }


@asynccontextmanager
async def server(
    variables: Mapping[str, str],
    capabilities: Mapping[str, Any] = NOTHING,
    root_uri: str | None = None,
) -> AsyncIterator[Client]:
    """A client with these capabilities that has shaken hands; no settings but `variables`."""
    with NamedTemporaryFile(suffix=".toml") as settings:
        environment = os.environ | {"DEVSTRAL_CONFIG": settings.name, **variables}
        executable = f"{sys.executable} -m devstral_lsp"
        client = await Client.start(executable, environment, Path.cwd(), sys.stderr.buffer)
        told = {"processId": None, "rootUri": root_uri, "capabilities": dict(capabilities)}
        await client.request("initialize", told)
        client.notify("initialized", {})
        try:
            yield client
        finally:
            await client.stop()

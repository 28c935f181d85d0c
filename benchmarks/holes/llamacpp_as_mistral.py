"""Lets a llama.cpp server be asked in Mistral's words: FIM requests in, `/infill` out, streamed.

    llama-server -m qwen2.5-coder-1.5b.gguf --port 8080
    python -m benchmarks.holes.llamacpp_as_mistral --upstream http://127.0.0.1:8080 --port 8081
    python -m benchmarks.holes --base-url http://127.0.0.1:8081 --naive

Only what the benchmark needs: one path, no keys, and a client that hangs up is hung up upstream,
which is how llama.cpp is told to stop. Knows no holes.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx

from benchmarks.replay.http import Exchange, serve
from devstral_lsp.providers.sse import SseParser

FIM_PATH = "/v1/fim/completions"
MODELS_PATH = "/v1/models"
MODEL = "llama.cpp"

_CHECK_S = 0.001
"""How long each piece waits to see whether the client still listens."""


def infill_body(asked: Mapping[str, Any]) -> dict[str, Any]:
    """The body of llama.cpp's `/infill` for one of Mistral's FIM requests."""
    body: dict[str, Any] = {
        "input_prefix": asked["prompt"],
        "input_suffix": asked.get("suffix") or "",
        "n_predict": asked.get("max_tokens", -1),
        "stop": asked.get("stop") or [],
        "stream": True,
        "cache_prompt": True,
    }
    names = {"temperature": "temperature", "top_p": "top_p", "random_seed": "seed"}
    return body | {ours: asked[theirs] for theirs, ours in names.items() if theirs in asked}


def event_of(said: Mapping[str, Any]) -> dict[str, Any]:
    """An event of Mistral's stream for one of `/infill`'s."""
    choice: dict[str, Any] = {"index": 0, "delta": {"content": said.get("content", "")}}
    choice["finish_reason"] = _finish(said) if said.get("stop") else None
    event: dict[str, Any] = {"object": "chat.completion.chunk", "model": MODEL, "choices": [choice]}
    if said.get("stop"):
        prompted, generated = said.get("tokens_evaluated", 0), said.get("tokens_predicted", 0)
        event["usage"] = {
            "prompt_tokens": prompted,
            "completion_tokens": generated,
            "total_tokens": prompted + generated,
        }
    return event


def _finish(said: Mapping[str, Any]) -> str:
    return "length" if said.get("stop_type") == "limit" else "stop"


class Adapter:
    """Answers Mistral's requests from the server at `upstream`."""

    def __init__(self, upstream: str) -> None:
        self._client = httpx.AsyncClient(base_url=upstream, timeout=None)

    async def answer(self, exchange: Exchange) -> None:
        if exchange.path == MODELS_PATH:
            card = {"id": MODEL, "object": "model", "capabilities": {"completion_fim": True}}
            await exchange.send_json({"object": "list", "data": [card]})
        elif exchange.path == FIM_PATH:
            await self._fill(exchange)
        else:
            await exchange.send_json({"detail": "Not Found"}, status=404)

    async def _fill(self, exchange: Exchange) -> None:
        body = infill_body(exchange.body)
        async with self._client.stream("POST", "/infill", json=body) as response:
            if response.status_code != httpx.codes.OK:
                await response.aread()
                await exchange.send_json({"detail": "the upstream refused"}, status=422)
                return
            await exchange.start_events()
            async for said in _events(response):
                if not await exchange.stays(_CHECK_S):
                    return
                await exchange.send_event(event_of(said))
        await exchange.end_events()


async def _events(response: httpx.Response) -> AsyncIterator[dict[str, Any]]:
    parser = SseParser()
    async for data in response.aiter_bytes():
        for event in parser.feed(data):
            if event.data != "[DONE]":
                yield json.loads(event.data)


async def _serve(upstream: str, port: int) -> None:
    server = await serve(Adapter(upstream).answer, port)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.holes.llamacpp_as_mistral")
    parser.add_argument("--upstream", required=True, metavar="URL")
    parser.add_argument("--port", type=int, default=0)
    arguments = parser.parse_args()
    asyncio.run(_serve(arguments.upstream, arguments.port))


if __name__ == "__main__":
    main()

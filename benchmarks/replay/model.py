"""The fake model server: a process of its own, so that its work does not delay the typist.

    python -m benchmarks.replay.model --seed 1 --ttft 0.22 --rate 80 --errors 1

prints its port. It speaks Mistral's FIM route (streamed or not), `GET /v1/models`, and Tabby's
completion route for tabby-agent. The replay tells it the true text of the file being typed with
`POST /replay/truth` and collects one record per request with `GET /replay/calls`.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import time
import uuid
from dataclasses import asdict, dataclass, field
from typing import Any

from benchmarks.replay.answers import Answers
from benchmarks.replay.http import Exchange, serve
from benchmarks.replay.places import Truth, locate
from benchmarks.replay.tokens import PrefixCache, tokenize

MODEL = "codestral-latest"

_FIELDS = """model prompt suffix temperature top_p max_tokens min_tokens stop random_seed stream
metadata prompt_cache_key"""
FIM_FIELDS = frozenset(_FIELDS.split())
"""Mistral's FIM schema forbids any other."""

TABBY_MAX_TOKENS = 64
"""Tabby's own default (its `completion.max_decoding_tokens`)."""


@dataclass(slots=True)
class Call:
    """One request to the model, as the replay counts it."""

    prompt_tokens: int
    cached_tokens: int
    placed: bool
    generated_tokens: int = 0
    complete: bool = False


@dataclass(frozen=True, slots=True)
class Written:
    """What the model is going to write: its tokens, its delay and why it ends. `logprobs` are the
    natural logarithms of the tokens' probabilities."""

    tokens: list[str]
    logprobs: list[float]
    first_token_s: float
    finish: str


@dataclass(slots=True)
class Model:
    """State of the fake: the truth, the cache, the calls so far."""

    seed: int
    ttft_s: float
    tokens_per_s: float
    errors: float
    answers: Answers | None = None
    near: int = 0
    cache: PrefixCache = field(default_factory=PrefixCache)
    calls: list[Call] = field(default_factory=list)

    async def answer(self, exchange: Exchange) -> None:
        route = self._routes().get(exchange.path)
        if route is None:
            await exchange.send_json({"detail": "Not Found"}, 404)
            return
        await route(exchange)

    def _routes(self) -> dict[str, Any]:
        return {
            "/v1/fim/completions": self._fim,
            "/v1/models": self._models,
            "/v1/completions": self._tabby,
            "/v1/health": self._health,
            "/v1/events": self._nothing,
            "/replay/truth": self._set_truth,
            "/replay/calls": self._tell_calls,
        }

    async def _fim(self, exchange: Exchange) -> None:
        body = exchange.body
        unknown = sorted(set(body) - FIM_FIELDS)
        if unknown:
            faults = [{"type": "extra_forbidden", "loc": ["body", name]} for name in unknown]
            await exchange.send_json({"detail": faults}, 422)
            return
        prompt, suffix = body["prompt"], body.get("suffix") or ""
        call, written = self.begin(prompt, suffix, body.get("max_tokens"), body.get("stop"))
        if body.get("stream"):
            await self._stream(exchange, call, written)
        elif await self._write(exchange, call, written):
            await exchange.send_json(_whole(call, written))

    def begin(
        self, prompt: str, suffix: str, max_tokens: int | None, stop: str | list[str] | None
    ) -> tuple[Call, Written]:
        """Take a request; what is going to be written, and the call to count it with."""
        tokens, cached = self.cache.serve(prompt, suffix)
        asked = locate(prompt, suffix, self.answers.truth, self.near) if self.answers else None
        call = Call(tokens, cached, placed=asked is not None)
        self.calls.append(call)
        if asked is None or self.answers is None:
            return call, Written([], [], self.ttft_s, "stop")
        self.near = asked.at
        said, probabilities = self.answers.answer_with_probabilities(asked)
        pieces = tokenize(_cut_at_stop(said, stop))
        finish = "stop" if max_tokens is None or len(pieces) <= max_tokens else "length"
        delay = self.answers.first_token_s(asked.at, self.ttft_s)
        logprobs = _logprobs(pieces, probabilities)
        return call, Written(pieces[:max_tokens], logprobs, delay, finish)

    async def _write(self, exchange: Exchange, call: Call, written: Written) -> bool:
        """Lets the time pass that the whole text takes; False when the client hung up."""
        started = time.monotonic()
        ends = written.first_token_s + len(written.tokens) / self.tokens_per_s
        call.complete = await exchange.stays(ends)
        writing_s = time.monotonic() - started - written.first_token_s
        made = int(max(0.0, writing_s) * self.tokens_per_s)
        call.generated_tokens = len(written.tokens) if call.complete else made
        return call.complete

    async def _stream(self, exchange: Exchange, call: Call, written: Written) -> None:
        """The tokens, each at its time; ends early when the client hangs up."""
        await exchange.start_events()
        answer_id, started = uuid.uuid4().hex, time.monotonic()
        await exchange.send_event(_chunk(answer_id, {"role": "assistant", "content": ""}))
        for number, token in enumerate(written.tokens):
            due = started + written.first_token_s + number / self.tokens_per_s
            if not await exchange.stays(due - time.monotonic()):
                return
            call.generated_tokens += 1
            await exchange.send_event(_chunk(answer_id, {"content": token}))
        due = started + written.first_token_s + len(written.tokens) / self.tokens_per_s
        if not await exchange.stays(due - time.monotonic()):
            return
        last = _chunk(answer_id, {"content": ""}, written.finish)
        await exchange.send_event({**last, "usage": _usage(call)})
        await exchange.end_events()
        call.complete = True

    async def _tabby(self, exchange: Exchange) -> None:
        segments = exchange.body["segments"]
        prompt, suffix = segments["prefix"], segments.get("suffix") or ""
        call, written = self.begin(prompt, suffix, TABBY_MAX_TOKENS, None)
        if await self._write(exchange, call, written):
            choice = {"index": 0, "text": "".join(written.tokens)}
            await exchange.send_json({"id": uuid.uuid4().hex, "choices": [choice]})

    async def _models(self, exchange: Exchange) -> None:
        can = {"completion_chat": True, "completion_fim": True, "function_calling": True}
        card = {"id": MODEL, "object": "model", "owned_by": "mistralai", "capabilities": can}
        await exchange.send_json({"object": "list", "data": [card]})

    async def _health(self, exchange: Exchange) -> None:
        version = {"build_date": "", "build_timestamp": "", "git_sha": "", "git_describe": "0.32.0"}
        facts = {"model": MODEL, "device": "cpu", "arch": "", "cpu_info": "", "cpu_count": 1}
        await exchange.send_json({**facts, "version": version, "cuda_devices": []})

    async def _nothing(self, exchange: Exchange) -> None:
        await exchange.send_json(None, 204)

    async def _set_truth(self, exchange: Exchange) -> None:
        truth = Truth(**exchange.body)
        self.answers, self.near = Answers(truth, self.seed, self.errors), truth.start
        await exchange.send_json({})

    async def _tell_calls(self, exchange: Exchange) -> None:
        await exchange.send_json([asdict(call) for call in self.calls])


def _logprobs(tokens: list[str], probabilities: dict[int, float]) -> list[float]:
    """Each token's, of the things that begin in it: what follows within a word is certain."""
    logprobs, end = [], 0
    for token in tokens:
        start, end = end, end + len(token)
        begun = [p for at, p in probabilities.items() if start <= at < end]
        logprobs.append(sum(math.log(max(p, 1e-9)) for p in begun))
    return logprobs


def _cut_at_stop(text: str, stop: str | list[str] | None) -> str:
    """The stop text itself is not part of the answer."""
    for end in [stop] if isinstance(stop, str) else stop or []:
        text = text.split(end)[0] if end else text
    return text


def _usage(call: Call) -> dict[str, Any]:
    return {
        "prompt_tokens": call.prompt_tokens,
        "completion_tokens": call.generated_tokens,
        "total_tokens": call.prompt_tokens + call.generated_tokens,
        "prompt_tokens_details": {"cached_tokens": call.cached_tokens},
    }


def _chunk(answer_id: str, delta: dict[str, str], finish: str | None = None) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    named = {"id": answer_id, "object": "chat.completion.chunk", "created": 0, "model": MODEL}
    return {**named, "choices": [choice]}


def _whole(call: Call, written: Written) -> dict[str, Any]:
    message = {"role": "assistant", "content": "".join(written.tokens), "tool_calls": None}
    choice = {"index": 0, "message": message, "finish_reason": written.finish}
    named = {"id": uuid.uuid4().hex, "object": "chat.completion", "created": 0, "model": MODEL}
    return {**named, "usage": _usage(call), "choices": [choice]}


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--ttft", type=float, default=0.22)
    parser.add_argument("--rate", type=float, default=80.0)
    parser.add_argument("--errors", type=float, default=1.0)
    options = parser.parse_args()
    model = Model(options.seed, options.ttft, options.rate, options.errors)
    server = await serve(model.answer)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())

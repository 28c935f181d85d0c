"""A fake Mistral over a real socket: FIM, chat and the list of models, answering by script.

In tests: `async with FakeMistral([Answer(...)]) as fake`. As a command, for benchmarks and
end-to-end runs: `python -m tests.support.fake_mistral --port 0`, which prints its address as the
first line. It does not imitate a model: what it says is in the script.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from importlib import import_module

from tests.support.answers import (
    Answer,
    events,
    failure,
    model_card,
    no_fim,
    unknown_model,
    whole_body,
)
from tests.support.fake_server import FakeServer, Received, Script

KEY = "fake-mistral-key-0123456789abcdef"
COMPLETIONS = ("/v1/fim/completions", "/v1/chat/completions")
MODELS: Mapping[str, bool] = {
    "codestral-2508": True,
    "codestral-latest": True,
    "devstral-2512": False,
    "mistral-small-latest": False,
}
"""Ids that are offered, and whether each fills in the middle."""


class FakeMistral(FakeServer):
    """The server. `script` is a queue of answers (then the default one) or a function.

    `key=None` lets everybody in. With `strict=False` bodies are not judged, which keeps the
    import of the SDK out of benchmarks. `models` may be an Answer, for a list that fails.
    """

    completion_paths = COMPLETIONS

    def __init__(
        self,
        script: Script | Iterable[Answer] = (),
        *,
        key: str | None = KEY,
        models: Mapping[str, bool] | Answer = MODELS,
        strict: bool = True,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        super().__init__(script, key=key, sleep=sleep)
        self._models = models
        self._strict = strict
        if strict:  # the SDK takes a second to load, while a first request would wait
            import_module("tests.support.mistral_schema")

    def respond(self, request: Received) -> Answer:
        if request.path == "/v1/models":
            return self._list_models()
        if request.method != "POST" or request.path not in COMPLETIONS:
            return failure(404, {"detail": "Not Found"})
        return self._judge(request) or self.say(request)

    def render(
        self, answer: Answer, request: Received, pieces: Sequence[str]
    ) -> tuple[list[bytes], str]:
        if request.body.get("stream"):
            return list(events(answer, request.body, pieces)), "text/event-stream"
        return [whole_body(answer, request.body, pieces)], "application/json"

    def pieces(self, answer: Answer, request: Received) -> list[str]:
        """The text, begun with the prefix message that Mistral repeats, ended by a stop string."""
        pieces = super().pieces(answer, request)
        messages = request.body.get("messages") or [{}]
        return [messages[-1]["content"], *pieces] if messages[-1].get("prefix") else pieces

    def _judge(self, request: Received) -> Answer | None:
        if self._strict:
            from tests.support.mistral_schema import faults

            if found := faults(request.path, request.body):
                return failure(422, {"detail": found})
        if isinstance(self._models, Answer):
            return None
        model = request.body["model"]
        if model not in self._models:
            return unknown_model(model)
        fim = request.path == "/v1/fim/completions"
        return no_fim() if fim and not self._models[model] else None

    def _list_models(self) -> Answer:
        if isinstance(self._models, Answer):
            return self._models
        cards = [model_card(identity, fim=fim) for identity, fim in self._models.items()]
        return Answer(body={"object": "list", "data": cards})


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="A fake Mistral on the loopback.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--key", default=KEY, help="the only key that is let in; '' for any")
    parser.add_argument("--piece", action="append", help="a piece of the answer's text; repeatable")
    parser.add_argument("--first-ms", type=float, default=0)
    parser.add_argument("--between-ms", type=float, default=0)
    parser.add_argument("--lenient", action="store_true", help="do not judge request bodies")
    return parser.parse_args()


async def _run(arguments: argparse.Namespace) -> None:
    pieces = tuple(arguments.piece or Answer().text)
    times = {"first_ms": arguments.first_ms, "between_ms": arguments.between_ms}
    answer = Answer(text=pieces, **times)
    fake = FakeMistral(lambda _: answer, key=arguments.key or None, strict=not arguments.lenient)
    await fake.start(arguments.port)
    print(fake.url, flush=True)  # noqa: T201
    await asyncio.Event().wait()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_run(_arguments()))

"""Every provider as the contract suite asks it: with which fake, for what, by which transcripts.

A provider that is not here fails the suite. The transcripts are files of `tests/fixtures/wire`,
recorded or made from the vendors' descriptions; each tells its source.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from devstral_lsp.providers import PROVIDERS
from devstral_lsp.providers.base import ChatRequest, Chunk, Endpoint, FimRequest, Secret
from tests.support.answers import Answer
from tests.support.fake_llamacpp import FakeLlamaCpp
from tests.support.fake_mistral import FakeMistral
from tests.support.fake_ollama import FakeOllama
from tests.support.fake_openai import FakeOpenAi
from tests.support.fake_server import FakeServer
from tests.support.fake_tgi import FakeTgi

FOLDER = Path(__file__).parent.parent / "fixtures" / "wire"
KEY = "a-key-0123456789abcdef0123456789"
GAP = FimRequest(
    prompt="def secret_sauce(a, b):\n    ", suffix="\n# secret suffix\n", max_tokens=64
)
QUESTION = ChatRequest(
    messages=[{"role": "user", "content": "Where is the secret_sauce?"}], max_tokens=64
)

_FIM = ("stream-fim", "stream-fim-usage-null-style", "stream-fim-minimal")
_CHAT = ("stream-chat-thinking", "stream-chat-tool-calls", "stream-openrouter-mid-error")
_TEXT = ("stream-openai-text-completion",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A provider asked for a gap or, with `chats`, for an answer.

    `tagged`: its gaps are filled by conversation, so that they come in tags. `marked`: its streams
    end with `[DONE]`. `lines`: they are JSON lines, which have no comments.
    """

    name: str
    fake: Callable[..., FakeServer]
    chats: bool = False
    model: str = ""
    tagged: bool = False
    marked: bool = True
    lines: bool = False
    transcripts: tuple[str, ...] = field(default=())

    def __str__(self) -> str:
        return f"{self.name}-{'chat' if self.chats else 'fim'}"

    def endpoint(self, url: str, **changes: Any) -> Endpoint:
        key = Secret(KEY, "A_VARIABLE")
        return Endpoint(**{"base_url": url, "key": key, "model": self.model, **changes})

    def provider(self, endpoint: Endpoint) -> Any:
        """The provider, which fills gaps and chats alike."""
        return PROVIDERS[self.name].build_fim(endpoint)

    def ask(self, provider: Any) -> AsyncGenerator[Chunk, None]:
        asked = provider.chat(QUESTION) if self.chats else provider.fim(GAP)
        assert isinstance(asked, AsyncGenerator)
        return asked

    def answer(self, *pieces: str, **changes: Any) -> Answer:
        """A completion of this text, as it would come over this wire."""
        text = ("<gap>", *pieces, "</gap>") if self.tagged else pieces
        return Answer(text=text, **changes)


def transcript(name: str) -> dict[str, Any]:
    value = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    assert isinstance(value, dict)
    return value


_CODESTRAL = "codestral-latest"
_QWEN = "qwen2.5-coder-7b"
_LLAMACPP = partial(FakeLlamaCpp, knows_tokens=True)

SUBJECTS: tuple[Subject, ...] = (
    *(
        Subject(
            name=name, fake=FakeMistral, model="codestral-latest", chats=chats, transcripts=told
        )
        for name in ("mistral", "codestral")
        for chats, told in ((False, _FIM), (True, _CHAT))
    ),
    *(
        Subject(name=name, fake=FakeOpenAi, model=model, tagged=True, transcripts=_CHAT[2:])
        for name, model in (
            ("openrouter", "mistralai/devstral-2512"),
            ("vercel", "mistral/codestral"),
        )
    ),
    *(
        Subject(name=name, fake=FakeOpenAi, model=model, chats=True, transcripts=_CHAT)
        for name, model in (
            ("openrouter", "mistralai/devstral-2512"),
            ("vercel", "mistral/codestral"),
            ("deepseek", "deepseek-v4-flash"),
            ("lmstudio", _QWEN),
            ("vllm", _QWEN),
            ("openai_compatible", _QWEN),
        )
    ),
    Subject(name="llamacpp", fake=_LLAMACPP, model="loaded", chats=True, transcripts=_CHAT),
    Subject(name="tgi", fake=FakeTgi, chats=True, transcripts=_CHAT),
    *(
        Subject(name=name, fake=fake, model=model, transcripts=_TEXT)
        for name, fake, model in (
            ("deepseek", partial(FakeOpenAi, suffix="read"), "deepseek-v4-flash"),
            ("lmstudio", FakeOpenAi, _QWEN),
            ("vllm", partial(FakeOpenAi, tokenizer={}), _QWEN),
            ("openai_compatible", partial(FakeOpenAi, suffix="read"), _QWEN),
        )
    ),
    Subject(
        name="llamacpp",
        fake=_LLAMACPP,
        model="loaded",
        marked=False,
        transcripts=("stream-llamacpp-infill",),
    ),
    Subject(name="tgi", fake=FakeTgi, marked=False, transcripts=("stream-tgi-generate",)),
    Subject(
        name="ollama",
        fake=FakeOllama,
        model="qwen2.5-coder:7b",
        marked=False,
        lines=True,
        transcripts=("stream-ollama-generate",),
    ),
    Subject(
        name="ollama",
        fake=FakeOllama,
        model="qwen2.5-coder:7b",
        marked=False,
        lines=True,
        chats=True,
        transcripts=("stream-ollama-chat",),
    ),
)

"""What `doctor` says in each state in which a set-up can be broken: one golden file to be read.

A state is settings, variables and a server. `WRITE_GOLDEN=1` writes what is said now.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from devstral_lsp.cli.settings import load_settings
from devstral_lsp.doctor.checks import run_checks
from devstral_lsp.doctor.result import CheckStatus
from tests.support.answers import Answer, failure, page
from tests.support.fake_mistral import KEY, FakeMistral
from tests.support.fake_ollama import FakeOllama
from tests.support.fake_openai import FakeOpenAi
from tests.support.tunnels import CERTIFICATES, NAME, OWN_CA, Proxy, TlsFront

GOLDEN = Path(__file__).parent.parent / "fixtures" / "doctor_states.txt"
_MISSING = "/nowhere/ca.pem"
_NETWORK = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR")
_FORGOTTEN = 3000
"""A port at which nothing listens, for states without a server."""


@dataclass(frozen=True, slots=True)
class State:
    """`user` and `project` are the settings files; in them and in `environ`, URL is the server's
    address and PORT its port. `front` stands before the server, and its address is taken."""

    name: str
    user: str | bytes = ""
    project: str = ""
    environ: Mapping[str, str] = field(default_factory=dict)
    server: Callable[[], Any] | None = None
    front: Callable[[str], AbstractAsyncContextManager[Any]] | None = None


def _front(file: str) -> Callable[[str], TlsFront]:
    return lambda url: TlsFront(url, certificate=CERTIFICATES / file)


def _proxy(refusal: str) -> Callable[[str], Proxy]:
    return lambda url: Proxy({}, refusal=refusal)


def _mistral(*answers: Answer, **named: Any) -> Callable[[], FakeMistral]:
    def server() -> FakeMistral:
        fake = FakeMistral(strict=False, **named)
        for answer in answers:
            fake.answer_always(answer)
        return fake

    return server


def _error(status: int, message: str, code: str = "", **headers: str) -> Callable[[], FakeMistral]:
    body = {"object": "error", "message": message, "type": code, "code": code}
    return _mistral(failure(status, body, **headers))


_AT = {"DEVSTRAL_FIM_BASE_URL": "URL", "DEVSTRAL_CHAT_BASE_URL": "URL", "MISTRAL_API_KEY": KEY}
_GONE = {**_AT, **{f"DEVSTRAL_{kind}_BASE_URL": "http://127.0.0.1:9" for kind in ("FIM", "CHAT")}}
_HASTY = {**_AT, "DEVSTRAL_FIM_TIMEOUT_MS": "500", "DEVSTRAL_CHAT_TIMEOUT_MS": "1000"}
_AWAY = {
    "DEVSTRAL_FIM_BASE_URL": f"https://{NAME}",
    "DEVSTRAL_CHAT_BASE_URL": f"https://{NAME}",
}
_OLLAMA = {
    "DEVSTRAL_FIM_PROVIDER": "ollama",
    "DEVSTRAL_FIM_BASE_URL": "URL",
    "DEVSTRAL_FIM_MODEL": "qwen2.5-coder:7b",
}
_LMSTUDIO = {"DEVSTRAL_FIM_PROVIDER": "lmstudio", "DEVSTRAL_FIM_BASE_URL": "URL"}
_KEYED = {"MISTRAL_API_KEY": KEY}


def _https(host: str) -> Mapping[str, str]:
    return {name: value.replace("URL", f"https://{host}") for name, value in _AT.items()}


def _trusting(file: Path) -> Mapping[str, str]:
    return {**_AT, "SSL_CERT_FILE": str(file)}


STATES = (
    State("no key"),
    State("a key in a variable of another name", environ={"MISTRAL_KEY": KEY}),
    State("provider misspelt", '[fim]\nprovider = "olama"\n', environ=_KEYED),
    State("provider in capitals", '[fim]\nprovider = "Ollama"\n', environ=_KEYED),
    State("a quote is missing", '[fim]\nprovider = "ollama\n', environ=_KEYED),
    State("a table twice", "[fim]\n[fim]\n", environ=_KEYED),
    State("a backslash", '[log]\nfile = "C:\\Users\\me"\n', environ=_KEYED),
    State("keys without their table", 'provider = "ollama"\n', environ=_KEYED),
    State("a byte that is not UTF-8", b'[fim]\nprovider = "ollam\xe9"\n', environ=_KEYED),
    State("an address without scheme", '[fim]\nbase_url = "localhost:8080"\n', environ=_KEYED),
    State("a list that is none", 'disabled_languages = "python"\n', environ=_KEYED),
    State("no such settings file", environ={"DEVSTRAL_CONFIG": "/nowhere/config.toml", **_KEYED}),
    State("a project's provider misspelt", project='[fim]\nprovider = "locla"\n', environ=_KEYED),
    State("completion switched off", "[completion]\nenabled = false\n"),
    State("nothing left that completes", "[local]\nenabled = false\n"),
    State("a key in quotes", environ={**_AT, "MISTRAL_API_KEY": f'"{KEY}"'}, server=_mistral()),
    State(
        "a placeholder for a key",
        environ={**_AT, "MISTRAL_API_KEY": "your-api-key-here"},
        server=_mistral(),
    ),
    State("a key with its scheme", environ={**_AT, "MISTRAL_API_KEY": f"Bearer {KEY}"}),
    State("a key of two lines", environ={**_AT, "MISTRAL_API_KEY": f"{KEY}\n{KEY}"}),
    State("a key command that is not there", '[fim]\napi_key_command = ["no-such-program"]\n'),
    State("a key command that fails", '[fim]\napi_key_command = ["false"]\n'),
    State("a key command that says nothing", '[fim]\napi_key_command = ["true"]\n'),
    State("a wrong key", environ=_AT, server=_mistral(key="another")),
    State("a host that does not exist", environ=_https("gateway.invalid")),
    State("nothing listens", environ=_GONE),
    State(
        "https where there is none",
        environ={**_https("127.0.0.1:PORT"), "DEVSTRAL_NETWORK_CONNECT_TIMEOUT_MS": "500"},
        server=_mistral(),
    ),
    State(
        "http where there is https",
        environ={
            name: value.replace("URL", "http://localhost:PORT") for name, value in _AT.items()
        },
        server=_mistral(),
        front=_front("own_server.pem"),
    ),
    *(
        State(name, environ=_trusting(trusted), server=_mistral(), front=_front(file))
        for name, file, trusted in (
            ("an expired certificate", "expired.pem", CERTIFICATES / "expired.pem"),
            ("a certificate of the future", "future.pem", CERTIFICATES / "future.pem"),
            ("a certificate of another", "other_name.pem", CERTIFICATES / "other_name.pem"),
            ("a certificate of their own making", "localhost.pem", OWN_CA),
        )
    ),
    State(
        "authorities that are not there",
        environ={**_KEYED, "SSL_CERT_FILE": _MISSING},
    ),
    State(
        "a file of authorities that is not there",
        f'[network]\nca_file = "{_MISSING}"\n',
        environ={**_AT, "DEVSTRAL_FIM_BASE_URL": "https://localhost:9"},
    ),
    State("a proxy that is not there", environ={**_AWAY, "HTTPS_PROXY": "http://127.0.0.1:9"}),
    State("a proxy without its scheme", environ={**_AWAY, "HTTPS_PROXY": "ftp://127.0.0.1:9"}),
    *(
        State(
            f"a proxy that answers {refusal}",
            environ={**_AWAY, "HTTPS_PROXY": "http://127.0.0.1:PORT"},
            server=_mistral(),
            front=_proxy(refusal),
        )
        for refusal in ("407 Proxy Authentication Required", "403 Forbidden", "502 Bad Gateway")
    ),
    State("silence", environ=_HASTY, server=_mistral(Answer(first_ms=60_000))),
    State("not an API", environ=_AT, server=_mistral(page(404), models=page(404))),
    State("a login page", environ=_AT, server=_mistral(page(200), models=page(200))),
    State("too many requests", environ=_AT, server=_error(429, "Requests rate limit exceeded")),
    State("the quota is spent", environ=_AT, server=_error(402, "Payment required")),
    State("in trouble", environ=_AT, server=_error(503, "Service unavailable")),
    State("an empty answer", environ=_AT, server=_mistral(Answer(text=()))),
    State(
        "a model that is not offered",
        environ={**_AT, "DEVSTRAL_FIM_MODEL": "codestral-2405"},
        server=_error(400, "Invalid model: codestral-2405", "1500"),
    ),
    State(
        "a model without FIM",
        environ={**_AT, "DEVSTRAL_FIM_MODEL": "devstral-2512"},
        server=_mistral(),
    ),
    State(
        "a chat model that is not offered",
        environ={**_AT, "DEVSTRAL_CHAT_MODEL": "devstral-1999"},
        server=_mistral(),
    ),
    State(
        "Ollama does not run", environ={**_OLLAMA, "DEVSTRAL_FIM_BASE_URL": "http://127.0.0.1:9"}
    ),
    State(
        "a model that Ollama does not have",
        environ={**_OLLAMA, "DEVSTRAL_FIM_MODEL": "qwen3-coder"},
        server=FakeOllama,
    ),
    State(
        "no model is loaded in LM Studio",
        environ=_LMSTUDIO,
        server=lambda: FakeOpenAi(
            lambda _: failure(400, {"error": "No models loaded. Please load a model first."})
        ),
    ),
    State("no address for a server of one's own", '[fim]\nprovider = "openai_compatible"\n'),
)


async def _said(state: State, folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """What is not well, as `doctor` shows it without colours."""
    for name in (*_NETWORK, *map(str.lower, _NETWORK)):
        monkeypatch.delenv(name, raising=False)
    async with AsyncExitStack() as stack:
        url = f"http://127.0.0.1:{_FORGOTTEN}"
        if state.server is not None:
            url = (await stack.enter_async_context(state.server())).url
        if state.front is not None:
            front = await stack.enter_async_context(state.front(url))
            url = front.url
        port = url.rpartition(":")[2]

        def filled(text: str) -> str:
            return text.replace("URL", url).replace("PORT", port)

        user = folder / "config.toml"
        user.write_bytes(state.user if isinstance(state.user, bytes) else state.user.encode())
        if state.project:
            (folder / ".devstral.toml").write_text(state.project)
        environ = {"DEVSTRAL_CONFIG": str(user), "DEVSTRAL_CACHE": str(folder / "cache")}
        environ["PATH"] = os.environ["PATH"]
        environ |= {name: filled(value) for name, value in state.environ.items()}
        for name in _NETWORK:
            if name in environ:
                monkeypatch.setenv(name, environ[name])
        results = [
            each async for each in run_checks(load_settings(folder, environ), environ, folder)
        ]
    lines = []
    for each in results:
        if each.status is not CheckStatus.OK:
            lines.append(f"{each.status.value:8} {each.check}: {each.message}")
            lines += [f"         -> {each.hint}"] if each.hint else []
    return _steady("\n".join(lines), folder)


def _steady(text: str, folder: Path) -> str:
    """Without what differs from run to run."""
    text = text.replace(str(folder), "FOLDER")
    text = re.sub(r"(127\.0\.0\.1|localhost):(?!9\b)\d+", r"\1:PORT", text)
    return re.sub(r"\b\d+(\.\d+)? ms\b", "N ms", text)


def _golden() -> dict[str, str]:
    parts = re.split(r"^== (.+)\n", GOLDEN.read_text("utf-8"), flags=re.MULTILINE)[1:]
    return {name: said.rstrip("\n") for name, said in zip(parts[::2], parts[1::2], strict=True)}


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
async def test_what_doctor_says_of_it(
    state: State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = await _said(state, tmp_path, monkeypatch)
    assert KEY not in said
    if os.environ.get("WRITE_GOLDEN"):
        known = _golden() if GOLDEN.exists() else {}
        known = {each.name: (known | {state.name: said}).get(each.name, "") for each in STATES}
        GOLDEN.write_text("\n".join(f"== {name}\n{it}\n" for name, it in known.items()), "utf-8")
    assert said == _golden()[state.name]


def test_every_state_is_broken() -> None:
    assert len(STATES) >= 30
    assert list(_golden()) == [state.name for state in STATES]
    assert all(_golden().values())

"""Slips in the settings, each by somebody who has a key for Mistral's cloud in the shell.

Whoever writes "olama" wants their code to stay. A proxy stands before every host of the network:
any connection that the server opens there is a leak, whatever it would have sent. Typing goes on in
all of them, by `local`, and one message says what to mend.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

from tests.support.clients import EGLOT, NEOVIM
from tests.support.editor import Editor
from tests.support.fake_mistral import KEY, FakeMistral
from tests.support.tunnels import Proxy

LOCAL_KNOWS = (
    "def total(values):\n    for value in values:\n        print(value)\n\n\n"
    "def again(values):\n    for value in va│"
)
"""A place whose rest of the line follows from the text before it without any model."""
CLOUD = {"MISTRAL_API_KEY": KEY, "CODESTRAL_API_KEY": KEY}
NARROWED = "devstral-lsp sends nothing to any model"
KEEPS = "devstral-lsp keeps to the settings from before"
INVOKED = types.InlineCompletionTriggerKind.Invoked


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """What stands where. `says` are words of the one message; without any, nothing is wrong."""

    user: str | bytes = ""
    project: str = ""
    environ: Mapping[str, str] = field(default_factory=dict)
    options: Any = None
    configuration: Mapping[str, Any] = field(default_factory=dict)
    says: tuple[str, ...] = ()
    offers: bool = True
    """`local` answers."""


@pytest.fixture
async def network() -> AsyncIterator[Proxy]:
    """The only way to any host that is not this machine. It leads nowhere, and remembers all."""
    async with Proxy({}) as proxy:
        yield proxy


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    folder = tmp_path / "clone"
    folder.mkdir()
    return folder


Opened = Callable[..., Any]


@pytest.fixture
def opened(environ: dict[str, str], network: Proxy, clone: Path) -> Opened:
    """Opens an editor in the folder, with keys for the cloud; it is closed when the block ends."""

    @asynccontextmanager
    async def open_editor(
        variables: Mapping[str, str] | None = None, capabilities: Any = NEOVIM, **params: Any
    ) -> AsyncIterator[Editor]:
        ways = {"HTTPS_PROXY": network.url, "HTTP_PROXY": network.url, **CLOUD}
        params.setdefault("root_uri", clone.as_uri())
        everything = {**environ, **ways, **(variables or {})}
        editor = await Editor.start(everything, capabilities, **params)
        try:
            yield editor
        finally:
            await editor.stop()

    return open_editor


def user_file(environ: Mapping[str, str]) -> Path:
    return Path(environ["DEVSTRAL_CONFIG"])


def write(path: Path, content: str | bytes) -> None:
    path.write_bytes(content.encode() if isinstance(content, str) else content)


async def offered(editor: Editor) -> bool:
    """Whether the document gets a completion; an error would fail the test."""
    return bool(await editor.inline(editor.open(LOCAL_KNOWS, "untitled:a.py"), INVOKED))


async def offered_in_the_end(editor: Editor) -> None:
    """What is asked for while new settings come into force may get an empty answer."""
    for _ in range(200):
        if await offered(editor):
            return
    raise AssertionError("nothing is offered any more")


async def test_without_a_slip_the_cloud_is_asked(opened: Opened, network: Proxy) -> None:
    """Or else an attack that comes to nothing would prove nothing."""
    async with opened() as editor:
        assert await offered(editor)
        assert editor.shown_about(NARROWED) == []
    assert "api.mistral.ai:443" in network.asked


FILES: dict[str, Slip] = {
    # The slips that were seen.
    "a word with a letter missing": Slip(
        user='[fim]\nprovider = "olama"\n', says=("line 2", 'Did you mean "ollama"?')
    ),
    "a word with a capital letter is that word": Slip(user='[fim]\nprovider = "Ollama"\n'),
    "a word with blanks around it is that word": Slip(user='[fim]\nprovider = " ollama "\n'),
    "a missing quote": Slip(
        user='[fim]\nprovider = "ollama\nmodel = "x"\n', says=("line 2", "a quote is not closed")
    ),
    "a table twice": Slip(
        user='[fim]\nprovider = "ollama"\n[log]\nlevel = "info"\n[fim]\nmodel = "x"\n',
        says=("line 5", "a second time"),
    ),
    "a backslash of Windows": Slip(
        user='[network]\nca_file = "C:\\corp\\ca.pem"\n[fim]\nprovider = "ollama"\n',
        says=("line 2", "single quotes"),
    ),
    "a setting without its table": Slip(
        user='provider = "ollama"\n', says=("line 1", 'Did you mean "fim.provider"?')
    ),
    "an address without a scheme": Slip(
        user='[fim]\nbase_url = "gateway.corp:8443/v1"\n',
        says=("line 2", 'Did you mean "https://gateway.corp:8443/v1"?'),
    ),
    "an address with a query": Slip(
        user='[fim]\nbase_url = "https://gateway.corp/v1?team=7"\n',
        says=("line 2", "Leave out the query"),
    ),
    "a byte that is not UTF-8": Slip(
        user=b'# caf\xe9\n[fim]\nprovider = "ollama"\n', says=("line 1", "not UTF-8")
    ),
    "a project that wanted local": Slip(
        project='[fim]\nprovider = "locla"\n', says=(".devstral.toml, line 2", '"local"?')
    ),
    "a list without its brackets": Slip(
        user='[completion]\ndisabled_languages = "python"\n', offers=False
    ),
    # Their brothers.
    "an address with a user": Slip(
        user='[fim]\nbase_url = "https://me:secret@gateway.corp/v1"\n',
        says=("line 2", "Leave out what stands before the `@`"),
    ),
    "an address with a fragment": Slip(
        user='[fim]\nbase_url = "https://gateway.corp/v1#a"\n', says=("fragment",)
    ),
    "an address with one slash": Slip(
        user='[fim]\nbase_url = "https:/gateway.corp"\n', says=('begin with "https://"',)
    ),
    "an address in a list": Slip(
        user='[fim]\nbase_url = ["https://gateway.corp"]\n', says=("line 2", "must be an http")
    ),
    "a variable that nobody fills in": Slip(
        user='[fim]\nbase_url = "${GATEWAY}/v1"\n', says=("line 2", "must be an http")
    ),
    "a table's name with two letters swapped": Slip(
        user='[fmi]\nprovider = "ollama"\n', says=('Did you mean "fim.provider"?',)
    ),
    "a table in brackets twice": Slip(
        user='[[fim]]\nprovider = "ollama"\n', says=("line 1", "a group of settings")
    ),
    "a table in another": Slip(
        user='[devstral.fim]\nprovider = "ollama"\n', says=('Did you mean "fim.provider"?',)
    ),
    "a table where a word belongs": Slip(
        user='[fim.provider]\nname = "ollama"\n', says=('Did you mean "fim.provider"?',)
    ),
    "a setting's name with a letter missing": Slip(
        user='[fim]\nprovidr = "ollama"\n', says=("line 2", 'Did you mean "fim.provider"?')
    ),
    "a setting's name of another program": Slip(
        user='[fim]\nendpoint = "https://gateway.corp/v1"\n', says=('"fim.base_url"?',)
    ),
    "a table of its provider": Slip(
        user='[ollama]\nbase_url = "http://127.0.0.1:1"\n', says=('"fim.base_url"?',)
    ),
    "a word without quotes": Slip(user="[fim]\nprovider = ollama\n", says=("line 2", "quotes")),
    "quotes of a word processor": Slip(
        user="[fim]\nprovider = “ollama”\n", says=("line 2", "straight quotes")
    ),
    "a file of JSON": Slip(user='{"fim": {"provider": "ollama"}}\n', says=("JSON",)),
    "a file of YAML": Slip(user="fim:\n  provider: ollama\n", says=("line 1", "YAML")),
    "a merge conflict": Slip(
        user='<<<<<<< HEAD\n[fim]\nprovider = "ollama"\n', says=("line 1", "merge conflict")
    ),
    "a file in UTF-16": Slip(
        user='[fim]\nprovider = "ollama"\n'.encode("utf-16"), says=("not UTF-8",)
    ),
    "a file that is too large": Slip(
        user='[fim]\nprovider = "ollama"\n' + "#" * 300_000, says=("over 256 kB",)
    ),
    "off in a word": Slip(
        user='[completion]\nenabled = "false"\n', says=("Write false, without quotes.",)
    ),
    "off as in Python": Slip(
        user="[completion]\nenabled = False\n", says=("line 2", "small letters")
    ),
    "a language with two letters swapped": Slip(
        user='[completion]\ndisabled_languages = ["pyhton"]\n', says=('Did you mean "python"?',)
    ),
    "a language with a capital letter is that one": Slip(
        user='[completion]\ndisabled_languages = ["Python"]\n', offers=False
    ),
    "a language by its suffix is that one": Slip(
        user='[completion]\ndisabled_languages = ["*.py"]\n', offers=False
    ),
    "a name with a letter twice": Slip(
        user='[completion]\ndissabled_languages = ["python"]\n',
        says=('Did you mean "completion.disabled_languages"?',),
    ),
    "no other files, in words": Slip(user='[context]\nenabled = "no"\n', says=("Write false",)),
    "no other files, by half a name": Slip(
        user="[context]\nimport = false\n", says=('Did you mean "context.imports"?',)
    ),
    "a proxy without a scheme": Slip(
        user='[network]\nproxy = "audit.corp:3128"\n', says=('"http://audit.corp:3128"?',)
    ),
    "a header that cannot be sent": Slip(
        user='[[network.headers]]\nname = "X No-Store"\nhosts = ["a.b"]\nvalue = "1"\n',
        says=("line 1", "network.headers"),
    ),
    "a key where a variable's name belongs": Slip(
        user=f'[fim]\napi_key_env = "{"k" * 32}"\n', says=("must be the name of an environment",)
    ),
    "the twenty-first slip of a file": Slip(
        user="[log]\n" + "".join(f"x{n} = 1\n" for n in range(40)) + '[fim]\nprovider = "olama"\n',
        says=('Did you mean "ollama"?', "20 more problems"),
    ),
    "a project that wanted local, without its table": Slip(
        project='provider = "local"\n', says=('Did you mean "fim.provider"?',)
    ),
    "a project's broken file": Slip(
        project='[fim]\nprovider = "local\n', says=(".devstral.toml, line 2", "quote")
    ),
    "a project that wanted none of its languages sent": Slip(
        project="[completion]\nenabled = no\n", says=(".devstral.toml, line 2",)
    ),
    # Variables.
    "a variable with a capital letter is that word": Slip(
        environ={"DEVSTRAL_FIM_PROVIDER": "Local"}
    ),
    "a variable with a word of none": Slip(
        environ={"DEVSTRAL_FIM_PROVIDER": "loacl"}, says=('Did you mean "local"?',)
    ),
    "a variable's name with a letter missing": Slip(
        environ={"DEVSTRAL_FIM_PROVDER": "ollama"}, says=('"DEVSTRAL_FIM_PROVIDER"?',)
    ),
    "a variable's name in small letters": Slip(
        environ={"devstral_fim_provider": "ollama"}, says=("fim.provider",)
    ),
    "a variable whose prefix lacks a letter": Slip(
        environ={"DEVSTRL_FIM_PROVIDER": "ollama"}, says=("FIM_PROVIDER",)
    ),
    "a variable without its group": Slip(
        environ={"DEVSTRAL_PROVIDER": "ollama"}, says=('"DEVSTRAL_FIM_PROVIDER"?',)
    ),
    "a flag in no known word": Slip(
        environ={"DEVSTRAL_COMPLETION_ENABLED": "nope"}, says=("must be true or false",)
    ),
    "a list in a variable that is no JSON": Slip(
        environ={"DEVSTRAL_COMPLETION_DISABLED_LANGUAGES": '["python"'},
        says=("DEVSTRAL_COMPLETION_DISABLED_LANGUAGES", "Write a list as"),
    ),
    "a list in a variable as Python writes it": Slip(
        environ={"DEVSTRAL_PRIVACY_EXCLUDE": "['*.py']"}, says=("Write a list as",)
    ),
    "a variable without a joint": Slip(
        environ={"DEVSTRALFIM_PROVIDER": "ollama"}, says=('"DEVSTRAL_FIM_PROVIDER"?',)
    ),
    "a variable that names no file of ours": Slip(
        environ={"DEVSTRAL_CONFIG_FILE": "/home/me/own.toml"}, says=('"DEVSTRAL_CONFIG"?',)
    ),
    "a variable that wants local": Slip(environ={"DEVSTRAL_LOCAL": "1"}, says=("DEVSTRAL_LOCAL",)),
    # What restricts nothing as it is written.
    "all languages by a star": Slip(
        project='[completion]\ndisabled_languages = "*"\n',
        says=(".devstral.toml, line 2", "completion.enabled to false"),
    ),
    "languages with a blank between them": Slip(
        user='[completion]\ndisabled_languages = "python sql"\n', says=("one entry for each",)
    ),
    "a list with one bracket": Slip(
        user="[completion]\ndisabled_languages = '[\"python\"'\n",
        says=("line 2", "Write a list as"),
    ),
    "a pattern with braces": Slip(
        user='[privacy]\nexclude = ["*.{py,sql}"]\n', says=("line 2", "one entry for each")
    ),
    "a pattern that is a regular expression": Slip(
        project="[privacy]\nexclude = ['.*\\.py$']\n", says=("no regular expression",)
    ),
    "a pattern of the home folder": Slip(
        user='[privacy]\nexclude = ["~/customers"]\n', says=("workspace folder",)
    ),
    "the name of a privacy setting of another program": Slip(
        user='[privacy]\nignore = ["*.py"]\n', says=('"privacy.exclude"?',)
    ),
    "a privacy setting that sounds like a key": Slip(
        project="[privacy]\nredact_secret = true\n", says=('"privacy.redact_secrets"?',)
    ),
    "a host by its value": Slip(user='[fim]\ntarget = "10.0.0.2:8080"\n', says=("fim.target",)),
    "a provider by its value": Slip(user='[fim]\ntype = "llama.cpp"\n', says=("fim.type",)),
    "no cloud": Slip(project="allow_cloud = false\n", says=("allow_cloud",)),
    "other files by another name": Slip(
        user="[context]\nopen_files = false\n", says=("context.open_files",)
    ),
    "a comment as in C": Slip(
        user='// mine\n[fim]\nprovider = "ollama"\n', says=("line 1", "begins with `#`")
    ),
    "a comma at the end": Slip(
        user='[fim]\nprovider = "ollama",\n', says=("line 2", "leave out the `,`")
    ),
    # What editors send.
    "options within those of an editor's file": Slip(
        options={"settings": {"devstral": {"fim": {"provider": "ollama"}}}},
        says=('"fim.provider"?',),
    ),
    "options with our group's name misspelt beside it": Slip(
        options={"devstral": {"log": {"level": "info"}}, "devstal": {"fim": {"provider": "local"}}},
        says=('"fim.provider"?',),
    ),
    "options as for Copilot": Slip(
        options={"devstral": {"enable": {"*": True, "python": False}}}, says=("enable.",)
    ),
    "options that are no object": Slip(options=["ollama"], says=("must be an object",)),
    "options with a slip": Slip(
        options={"fim": {"provider": "olama"}}, says=("initializationOptions", '"ollama"?')
    ),
    "options with a group's name swapped": Slip(
        options={"devstral": {"fmi": {"provider": "ollama"}}}, says=('"fim.provider"?',)
    ),
    "options with a variable's name swapped": Slip(
        options={"fim": {"apiKeyEnv": "CODESTRAL_API_KY"}}, says=("CODESTRAL_API_KEY?",)
    ),
    "a configuration with a slip": Slip(
        configuration={"devstral": {"fim": {"baseUrl": "gateway.corp"}}},
        says=("editor configuration", '"https://gateway.corp"?'),
    ),
    "a configuration that is no object": Slip(
        configuration={"devstral": "local"}, says=("must be an object",)
    ),
}


@pytest.mark.parametrize("name", FILES)
async def test_a_slip_sends_nothing(
    name: str, opened: Opened, network: Proxy, environ: dict[str, str], clone: Path
) -> None:
    slip = FILES[name]
    write(user_file(environ), slip.user)
    if slip.project:
        write(clone / ".devstral.toml", slip.project)
    params = {"initialization_options": slip.options, "configuration": slip.configuration}
    async with opened(slip.environ, **params) as editor:
        assert await offered(editor) is slip.offers
        if slip.says:
            await editor.until(lambda: editor.shown)
            (message,) = editor.shown
            assert all(words in message for words in (NARROWED, *slip.says))
            assert KEY not in message
    assert network.asked == []


def broken_link(file: Path) -> None:
    file.unlink()
    file.symlink_to(file.parent / "nowhere.toml")


def folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


def pipe(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)


def device(file: Path) -> None:
    file.unlink()
    file.symlink_to("/dev/zero")


def missing(file: Path) -> None:
    file.unlink()


@pytest.mark.parametrize("spoil", [broken_link, folder, pipe, device, missing])
async def test_a_user_file_that_is_none_sends_nothing(
    spoil: Callable[[Path], None],
    opened: Opened,
    network: Proxy,
    environ: dict[str, str],
) -> None:
    """DEVSTRAL_CONFIG names something that cannot be read."""
    spoil(user_file(environ))
    async with opened() as editor:
        assert await offered(editor)
        await editor.until(lambda: editor.shown_about(NARROWED))
    assert network.asked == []


async def test_a_user_file_in_its_usual_place_that_may_not_be_followed(
    opened: Opened, network: Proxy, environ: dict[str, str]
) -> None:
    """A link to a home folder that is not mounted is no missing file."""
    config = Path(environ["XDG_CONFIG_HOME"]) / "devstral-lsp" / "config.toml"
    config.parent.mkdir()
    config.symlink_to("/nowhere/dotfiles/devstral.toml")
    async with opened({"DEVSTRAL_CONFIG": ""}) as editor:
        assert await offered(editor)
        await editor.until(lambda: editor.shown_about(NARROWED))
    assert network.asked == []


@pytest.mark.parametrize(
    "name",
    [
        "devstral-lsp/config.toml.txt",
        "devstral-lsp/Config.toml",
        "devstral-lsp/config.json",
        "devstral-lsp/settings.toml",
        "devstral/config.toml",
        "devstral_lsp/config.toml",
    ],
)
async def test_a_user_file_by_another_name_sends_nothing(
    name: str, opened: Opened, network: Proxy, environ: dict[str, str]
) -> None:
    """What stands in it would count for nothing."""
    file = Path(environ["XDG_CONFIG_HOME"]) / name
    file.parent.mkdir()
    write(file, '[fim]\nprovider = "ollama"\n')
    async with opened({"DEVSTRAL_CONFIG": ""}) as editor:
        assert await offered(editor)
        await editor.until(lambda: editor.shown_about(NARROWED))
        assert str(file) in editor.shown[0]
        assert "devstral-lsp/config.toml, or delete" in editor.shown[0]
    assert network.asked == []


async def test_a_project_file_by_another_name_sends_nothing(
    opened: Opened, network: Proxy, clone: Path
) -> None:
    write(clone / "devstral.toml", '[fim]\nprovider = "local"\n')
    async with opened() as editor:
        assert await offered(editor)
        await editor.until(lambda: editor.shown_about("Rename it to .devstral.toml"))
    assert network.asked == []


HARMLESS: dict[str, Slip] = {
    "a group of another program": Slip(user='[ui]\ntheme = "dark"\n'),
    "a schema for the editor": Slip(user='"$schema" = "https://a.example/s.json"\n'),
    "a setting of a newer version": Slip(project='[fim]\nreasoning_effort = "low"\n'),
    "a group of a newer version": Slip(project="[next_edit]\nmax_jumps = 3\n"),
    "a unit at a number": Slip(user='[fim]\ntimeout_ms = "10s"\n'),
    "a comment alone": Slip(user='# [fim]\n# provider = "ollama"\n'),
    "settings of other servers": Slip(
        options={
            "redhat": {"telemetry": {"enabled": False}},
            "Lua": {"completion": {"enable": True}},
            "python": {"analysis": {"exclude": ["build"]}},
            "yaml": {"schemas": {"https://a.example": "*"}},
        }
    ),
    "what an extension sets for itself": Slip(
        options={"devstral": {"trace": {"server": "off"}, "server": {"path": "/bin/x"}}}
    ),
    "variables of other programs": Slip(
        environ={"OLLAMA_HOST": "127.0.0.1:11434", "DEVSTRAL_HOME": "/opt", "FIM_PROVIDER": "x"}
    ),
}


@pytest.mark.parametrize("name", HARMLESS)
async def test_what_restricts_nothing_leaves_the_cloud_on(
    name: str, opened: Opened, network: Proxy, environ: dict[str, str], clone: Path
) -> None:
    """Or else people would get used to the message."""
    slip = HARMLESS[name]
    write(user_file(environ), slip.user)
    if slip.project:
        write(clone / ".devstral.toml", slip.project)
    async with opened(slip.environ, initialization_options=slip.options) as editor:
        assert await offered(editor)
        assert editor.shown_about(NARROWED) == []
    assert "api.mistral.ai:443" in network.asked


async def test_no_keystroke_overtakes_the_settings_of_the_editor(
    opened: Opened, network: Proxy
) -> None:
    """The editor is asked after `initialize`, and takes its time to say that `local` is wanted."""
    gave = asyncio.Event()
    async with opened() as editor:

        async def late(_: Any) -> Any:
            await gave.wait()
            return [{"fim": {"provider": "local"}}]

        editor.handle(types.WORKSPACE_CONFIGURATION, late)
        editor.push(None)
        assert await offered(editor)
        gave.set()
        await offered_in_the_end(editor)
        assert editor.shown == []
    assert network.asked == []


async def test_an_editor_that_never_gives_its_settings_gets_local(
    opened: Opened, network: Proxy, environ: dict[str, str]
) -> None:
    """From the first request on, for it may be silent from the start."""
    from tests.support.wire import Wire

    ways = {"HTTPS_PROXY": network.url, **CLOUD}
    wire = await Wire.start({**environ, **ways})
    try:
        await wire.initialize(capabilities={"workspace": {"configuration": True}})
        item = {"uri": "a:b.py", "languageId": "python", "version": 1, "text": LOCAL_KNOWS[:-1]}
        wire.send("textDocument/didOpen", {"textDocument": item})
        position = {"line": 6, "character": 19}
        asked = {"textDocument": {"uri": "a:b.py"}, "position": position}
        wire.send("textDocument/inlineCompletion", {**asked, "context": {"triggerKind": 1}}, 1)
        assert (await wire.answer(1))["result"]["items"]
        shown = [m for m in wire.passed_over if m.get("method") == "window/showMessage"]
        assert shown == []
        logged = [m for m in wire.passed_over if m.get("method") == "window/logMessage"]
        assert any("has not answered" in each["params"]["message"] for each in logged)
    finally:
        await wire.stop()
    assert network.asked == []


async def test_the_first_settings_that_are_pushed_have_nothing_to_fall_back_on(
    opened: Opened, network: Proxy
) -> None:
    """Neovim pushes its settings right behind `initialized`: these are no news of a session."""
    async with opened(capabilities=EGLOT) as editor:
        editor.push({"fim": {"provider": "olama"}})
        assert await offered(editor)
        await editor.until(lambda: editor.shown_about(NARROWED))
        asked = len(network.asked)
        await offered_in_the_end(editor)
        assert len(network.asked) == asked
        editor.push({"fim": {"provider": "local"}})
        await editor.until(lambda: any("again" in each for each in editor.logged))


BREAKS: dict[str, str | bytes | None] = {
    "a missing quote": '[fim]\nprovider = "mistral\n',
    "a word of none": '[fim]\nprovider = "mitsral"\n',
    "an address without a scheme": '[fim]\nbase_url = "127.0.0.1:1"\n',
    "a name of none": '[fim]\nbase_ulr = "http://127.0.0.1:1"\n',
    "a byte that is not UTF-8": b"# \xff\n",
    "an empty file": "",
    "no file": None,
}


@pytest.fixture
async def gateway() -> AsyncIterator[FakeMistral]:
    """The user's own endpoint."""
    async with FakeMistral(strict=False, key=None) as fake:
        yield fake


def saved(editor: Editor, path: Path, content: str | bytes | None) -> None:
    """Save a file of settings, or delete it, in an editor that tells of it."""
    if content is None:
        path.unlink()
    else:
        write(path, content)
    event = types.FileEvent(path.as_uri(), types.FileChangeType.Changed)
    editor.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([event]))


async def asked_anew(editor: Editor, gateway: FakeMistral, name: str) -> None:
    """Typing goes on, and the gateway is who answers."""
    before = len(gateway.completions)
    place = editor.open("def f(a, b):\n    │", f"untitled:{name}.py")
    for _ in range(200):
        if await editor.inline(place, INVOKED):
            break
    assert len(gateway.completions) > before


@pytest.mark.parametrize("usual", [True, False], ids=["usual place", "named"])
@pytest.mark.parametrize("name", BREAKS)
async def test_a_user_file_that_breaks_keeps_what_it_said(
    name: str,
    usual: bool,
    opened: Opened,
    network: Proxy,
    environ: dict[str, str],
    gateway: FakeMistral,
) -> None:
    """Saved in a broken state, twice; then mended, without starting anew."""
    file = user_file(environ)
    if usual:
        file = Path(environ["XDG_CONFIG_HOME"]) / "devstral-lsp" / "config.toml"
        file.parent.mkdir()
    good = f'[fim]\nprovider = "mistral"\nbase_url = "{gateway.url}"\n'
    write(file, good)
    async with opened({"DEVSTRAL_CONFIG": "" if usual else str(file)}) as editor:
        await asked_anew(editor, gateway, "before")
        saved(editor, file, BREAKS[name])
        await editor.until(lambda: editor.shown_about(KEEPS))
        await asked_anew(editor, gateway, "broken")
        saved(editor, file, '[fim]\n\nprovider = "x')
        await asked_anew(editor, gateway, "still broken")
        assert len(editor.shown_about(KEEPS)) == 1
        saved(editor, file, good + 'model = "codestral-2508"\n')
        await editor.until(lambda: any("again" in each for each in editor.logged))
        await asked_anew(editor, gateway, "mended")
        assert gateway.completions[-1].body["model"] == "codestral-2508"
    assert network.asked == []


async def test_a_user_file_that_is_saved_twice_and_renamed(
    opened: Opened, network: Proxy, environ: dict[str, str], gateway: FakeMistral
) -> None:
    """Broken and mended in one breath, while a completion is asked for; then renamed away."""
    file = user_file(environ)
    good = f'[fim]\nprovider = "mistral"\nbase_url = "{gateway.url}"\n'
    write(file, good)
    async with opened() as editor:
        await asked_anew(editor, gateway, "before")
        asking = asyncio.create_task(
            editor.inline(editor.open("def g(a):\n    │", "untitled:g.py"), INVOKED)
        )
        saved(editor, file, '[fim]\nprovider = "mistral\n')
        saved(editor, file, good)
        await asking
        await asked_anew(editor, gateway, "mended")
        file.rename(file.with_suffix(".json"))
        event = types.FileEvent(file.as_uri(), types.FileChangeType.Deleted)
        editor.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([event]))
        await editor.until(lambda: editor.shown_about(KEEPS))
        await asked_anew(editor, gateway, "renamed")
    assert network.asked == []


async def test_settings_that_are_pushed_and_break_keep_what_they_said(
    opened: Opened, network: Proxy, gateway: FakeMistral
) -> None:
    good = {"fim": {"provider": "mistral", "baseUrl": gateway.url}}
    async with opened(initialization_options=good) as editor:
        editor.push(good)
        await asked_anew(editor, gateway, "before")
        for number, bad in enumerate(("off", {"fim": {"provider": "olama"}}, {"fmi": good["fim"]})):
            editor.push(bad)
            await editor.until(lambda: editor.shown_about(KEEPS))
            await asked_anew(editor, gateway, f"broken {number}")
        assert len(editor.shown) == 1
        editor.push({"fim": {"provider": "local"}})
        await editor.until(lambda: any("again" in each for each in editor.logged))
        before = len(gateway.completions)
        await offered_in_the_end(editor)
        assert len(gateway.completions) == before
    assert network.asked == []


async def test_a_project_that_turns_local_with_a_slip(
    opened: Opened, network: Proxy, gateway: FakeMistral, clone: Path
) -> None:
    """A file that comes later, and was never read well, narrows; what it said last stays."""
    file = clone / ".devstral.toml"
    options = {"fim": {"baseUrl": gateway.url}}
    async with opened(initialization_options=options) as editor:
        await asked_anew(editor, gateway, "before")
        saved(editor, file, '[fim]\nprovider = "locla"\n')
        await editor.until(lambda: editor.shown_about(NARROWED))
        before = len(gateway.completions)
        await offered_in_the_end(editor)
        saved(editor, file, '[fim]\nprovider = "local"\n')
        await editor.until(lambda: any("again" in each for each in editor.logged))
        await offered_in_the_end(editor)
        saved(editor, file, None)
        await editor.until(lambda: editor.shown_about("is gone"))
        await offered_in_the_end(editor)
        assert len(gateway.completions) == before
    assert network.asked == []


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command printed, and how it ended."""

    code: int
    output: str


async def run(command: list[str], environ: Mapping[str, str], folder: Path) -> Ran:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "devstral_lsp", *command),
        cwd=folder,
        env=dict(environ),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(60):
        output, _ = await process.communicate()
    return Ran(process.returncode or 0, " ".join(output.decode().split()))


COMMANDS = {
    "complete": ["complete", "a.py:7"],
    "complete as told": ["complete", "a.py:7", "--provider", "mistral"],
    "refactor": ["refactor", "a.py", "--instruction", "rename it"],
    "doctor": ["doctor"],
}
WRITTEN = {
    "a word of none": ('[fim]\nprovider = "olama"\n', 'Did you mean "ollama"?'),
    "a missing quote": ('[fim]\nprovider = "ollama\n', "line 2: this is not TOML"),
    "a name of none": ('[fim]\nbase_ulr = "http://a"\n', 'Did you mean "fim.base_url"?'),
    "off in a word": ('[context]\nenabled = "off"\n', "Write false, without quotes."),
}


@pytest.mark.parametrize("slip", WRITTEN)
@pytest.mark.parametrize("command", COMMANDS)
async def test_commands_send_nothing_either(
    command: str, slip: str, network: Proxy, environ: dict[str, str], clone: Path
) -> None:
    content, words = WRITTEN[slip]
    write(user_file(environ), content)
    write(clone / "a.py", LOCAL_KNOWS[:-1])
    ways = {"HTTPS_PROXY": network.url, **CLOUD}
    ran = await run(COMMANDS[command], {**environ, **ways}, clone)
    assert network.asked == []
    assert ran.output.count(NARROWED) == 1
    assert words in ran.output
    assert ran.code == {"refactor": 2, "doctor": 1}.get(command, ran.code)
    if command == "complete":
        assert "lues:" in ran.output

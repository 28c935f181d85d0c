"""A plugin written for Copilot's language server, at work with ours."""

from __future__ import annotations

from typing import Any

import pytest
from lsprotocol import types
from lsprotocol.converters import get_converter

from tests.e2e.conftest import StartEditor, key_for
from tests.support.answers import Answer, failure
from tests.support.editor import Editor
from tests.support.fake_mistral import FakeMistral
from tests.support.wire import Wire

pytestmark = pytest.mark.long

PLUGIN = {
    "editorInfo": {"name": "GNU ed", "version": "1.19"},
    "editorPluginInfo": {"name": "GitHub Copilot for ed", "version": "1.0.0"},
}
SETTINGS = {
    "http": {"proxy": "http://localhost:8888", "proxyStrictSSL": True},
    "telemetry": {"telemetryLevel": "all"},
    "github-enterprise": {"uri": "https://example.ghe.com"},
    "github": {"copilot": {"selectedCompletionModel": ""}},
}
NOT_OURS: tuple[tuple[str, Any], ...] = (
    ("checkStatus", {}),
    ("getVersion", {}),
    ("signIn", {}),
    ("signInInitiate", {}),
    ("signOut", {}),
    ("setEditorInfo", PLUGIN),
    ("textDocument/copilotInlineEdit", {"textDocument": {"uri": "a:b", "version": 0}}),
    ("textDocument/copilotPanelCompletion", {"partialResultToken": "some token"}),
)
NORMAL, BUSY = ("Normal", "", False), ("Normal", "", True)


def statuses(editor: Editor) -> list[tuple[str, str, bool]]:
    return [(each.kind, each.message, each.busy) for each in editor.statuses]


def focus(editor: Editor, uri: str) -> None:
    editor.tell("textDocument/didFocus", {"textDocument": {"uri": uri}})


async def test_a_session(start: StartEditor, mistral: FakeMistral) -> None:
    editor = await start({}, initialization_options=PLUGIN, **key_for(mistral))
    assert editor.capabilities.completion_provider is None
    editor.push(SETTINGS)
    place = editor.open("def f(a, b):\n    │")
    focus(editor, place.uri)
    (item,) = await editor.inline(place)
    assert item.insert_text == "return a + b"
    raw = get_converter().unstructure(item)
    editor.tell("textDocument/didShowCompletion", {"item": raw})
    part = {"item": raw, "acceptedLength": len("return")}
    editor.tell("textDocument/didPartiallyAcceptCompletion", part)
    place = editor.type(place, "return")
    (rest,) = await editor.inline(place)
    assert rest.insert_text == "return a + b"
    assert rest.command is not None
    command = types.ExecuteCommandParams(rest.command.command, rest.command.arguments)
    assert await editor.client.workspace_execute_command_async(command) is None
    editor.tell("textDocument/didFocus", {})
    await editor.until(lambda: len(editor.statuses) >= 3)
    assert statuses(editor) == [NORMAL, BUSY, NORMAL]
    assert len(mistral.completions) == 1
    assert (editor.shown, editor.logged) == ([], [])


async def test_the_status_follows_the_document_in_focus(
    start: StartEditor, mistral: FakeMistral
) -> None:
    options = {**PLUGIN, "devstral": {"completion": {"disabledLanguages": ["markdown"]}}}
    editor = await start({}, initialization_options=options, **key_for(mistral))
    code = editor.open("def f(a, b):\n    │", "file:///a.py")
    prose = editor.open("# Title\n│", "file:///a.md", "markdown")
    assert await editor.inline(prose) == []
    focus(editor, code.uri)
    assert await editor.inline(code)
    focus(editor, prose.uri)
    inactive = ("Inactive", "Completion is switched off for markdown.", False)
    await editor.until(lambda: statuses(editor).count(inactive) == 2)
    assert statuses(editor)[-5:] == [inactive, NORMAL, BUSY, NORMAL, inactive]


async def test_the_status_is_inactive_while_completion_is_switched_off(
    start: StartEditor, mistral: FakeMistral
) -> None:
    editor = await start({}, initialization_options=PLUGIN, **key_for(mistral))
    await editor.until(lambda: editor.statuses)
    for enabled in (False, True):
        editor.push({"completion": {"enabled": enabled}})
    await editor.until(lambda: len(editor.statuses) >= 3)
    off = ("Inactive", "Completion is switched off.", False)
    assert statuses(editor) == [NORMAL, off, NORMAL]


@pytest.mark.parametrize(("local", "kind"), [("true", "Warning"), ("false", "Error")])
async def test_the_status_says_what_failed_until_it_works(
    start: StartEditor, local: str, kind: str
) -> None:
    answers = [failure(401, {"detail": "Unauthorized"}), Answer()]
    async with FakeMistral(answers, strict=False) as fake:
        variables = {**key_for(fake), "DEVSTRAL_LOCAL_ENABLED": local}
        editor = await start({}, initialization_options=PLUGIN, **variables)
        place = editor.open("def f(a, b):\n    │")
        for _ in range(2):
            await editor.inline(place, types.InlineCompletionTriggerKind.Invoked)
        await editor.until(lambda: len(editor.statuses) >= 5)
    told = statuses(editor)
    assert [(each[0], each[2]) for each in told] == [
        ("Normal", False),
        ("Normal", True),
        (kind, False),
        (kind, True),
        ("Normal", False),
    ]
    assert told[2][1]
    assert editor.shown == []


async def test_the_handshake_of_the_readme(wire: Wire) -> None:
    folder = {"uri": "file:///home/user/project"}
    can = await wire.initialize(workspaceFolders=[folder], initializationOptions=PLUGIN)
    assert "inlineCompletionProvider" in can


async def test_what_we_do_not_have_is_said_quietly(process: Wire) -> None:
    await process.initialize(initializationOptions=PLUGIN)
    process.send("workspace/didChangeConfiguration", {"settings": SETTINGS})
    for method, params in NOT_OURS:
        process.send(method, params, method)
        assert (await process.answer(method))["error"]["code"] == -32601
    process.send("textDocument/didShowInlineEdit", {"item": {"command": {"arguments": ["x"]}}})
    process.send("shutdown", None, "last")
    await process.answer("last")
    process.send("exit")
    await process.ended()
    loud: list[Any] = [
        each
        for each in process.passed_over
        if each.get("method") in ("window/showMessage", "window/logMessage")
        and "no key" not in each["params"]["message"]
    ]
    assert loud == []
    assert await process.standard_error() == ""

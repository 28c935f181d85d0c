"""`codeAction/resolve` over the wire: what comes out in the editor, byte for byte."""

from __future__ import annotations

import asyncio
import copy
from typing import Any

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from tests.e2e.conftest import StartEditor, chat_for, first_completion
from tests.support import replies
from tests.support.editor import PATIENCE_S
from tests.support.fake_mistral import KEY, FakeMistral
from tests.support.wire import Wire
from tests.support.workbench import EVERYTHING, NOTHING, Workbench

pytestmark = pytest.mark.long

CODE = """\
import os


def total(values):
    result = 0
    for value in values:
        result = result + value│
    return result


print(os.name)
"""
SUMMED = "def total(values):\n    return sum(values)\n"
AFTER = CODE.replace("│", "").replace(
    CODE[CODE.index("    result = 0") : CODE.index("\n\n\nprint")].replace("│", ""),
    "    return sum(values)",
)

WIDE = (
    'greeting = "é😀漢"; unit = "𐐀"\r\n'
    "\r\n"
    "def greet(name):\r\n"
    '    text = "😀" + greeting + "é"; text = text + name│\r\n'
    "    return text\r\n"
    'greet("漢字")'
)
WIDE_CODE = (
    'def greet(name):\n    text = "😀" + greeting + "é"; text += name  # 😀\n    return text\n'
)


def speaking(encoding: str, capabilities: Any = EVERYTHING) -> Any:
    """A client that counts positions so."""
    return {**copy.deepcopy(capabilities), "general": {"positionEncodings": [encoding]}}


def test_the_reference_is_what_it_says() -> None:
    assert AFTER == (
        "import os\n\n\ndef total(values):\n    return sum(values)\n\n\nprint(os.name)\n"
    )


async def test_an_action_changes_its_lines_and_nothing_else(start: StartEditor) -> None:
    async with FakeMistral([replies.code(SUMMED)], key=None) as fake:
        bench = Workbench(await start(EVERYTHING, **chat_for(fake)))
        place = bench.open(CODE)
        await bench.take(await bench.action(place, "Simplify"))
        assert bench.texts[place.uri] == AFTER
        assert bench.editor.shown == []


@pytest.mark.parametrize(
    ("capabilities", "encoding"),
    [(EVERYTHING, "utf-8"), (EVERYTHING, "utf-16"), (EVERYTHING, "utf-32"), (NOTHING, "utf-8")],
    ids=["utf-8", "utf-16", "utf-32", "nothing"],
)
async def test_every_byte_is_right_in_every_encoding(
    start: StartEditor, encoding: str, capabilities: Any
) -> None:
    async with FakeMistral([replies.code(WIDE_CODE)], key=None) as fake:
        bench = Workbench(await start(speaking(encoding, capabilities), **chat_for(fake)))
        assert bench.editor.encoding == encoding
        place = bench.open(WIDE)
        action = await bench.action(place, "Simplify")
        if isinstance(action, types.Command):
            await bench.run(action)
            await bench.editor.until(lambda: bench.edits)
            await bench.editor.until(lambda: bench.editor.version(place.uri) > 1)
        else:
            await bench.take(action)
        expected = WIDE.replace("│", "").replace("text = text + name", "text += name  # 😀")
        assert bench.texts[place.uri] == expected


@pytest.mark.parametrize("capabilities", [EVERYTHING, NOTHING], ids=["everything", "nothing"])
async def test_over_stdio(start: StartEditor, capabilities: Any) -> None:
    """In a process of its own, with settings from the environment, as editors start it."""
    async with FakeMistral([replies.code(SUMMED)]) as fake:
        variables = {"DEVSTRAL_CHAT_BASE_URL": fake.url, "DEVSTRAL_CHAT_MODEL": "devstral-2512"}
        editor = await start(capabilities, MISTRAL_API_KEY=KEY, **variables)
        bench = Workbench(editor)
        place = bench.open(CODE)
        action = await bench.action(place, "Simplify")
        if isinstance(action, types.Command):
            await bench.run(action)
        else:
            await bench.take(action)
        await bench.editor.until(lambda: bench.texts[place.uri] == AFTER)
        assert bench.editor.shown == []


async def test_what_was_typed_elsewhere_meanwhile_stays(start: StartEditor) -> None:
    """The edit is for the version that the document has by then."""
    answer = replies.code(SUMMED)
    async with FakeMistral([answer], key=None) as fake:
        bench = Workbench(await start(EVERYTHING, **chat_for(fake)))
        place = bench.open(CODE)
        action = await bench.action(place, "Simplify")
        bench.change(place.uri, 0, 0, "# typed\n")
        await bench.take(action)
        assert bench.texts[place.uri] == f"# typed\n{AFTER}"


async def test_lines_that_were_edited_meanwhile_are_left_alone(start: StartEditor) -> None:
    async with FakeMistral([replies.code(SUMMED)], key=None) as fake:
        bench = Workbench(await start(EVERYTHING, **chat_for(fake)))
        place = bench.open(CODE)
        action = await bench.action(place, "Simplify")
        bench.change(place.uri, CODE.index("result"), CODE.index("result"), "my_")
        before = bench.texts[place.uri]
        with pytest.raises(JsonRpcException) as caught:
            await bench.resolve(action)
        assert caught.value.code == -32801
        await bench.editor.until(lambda: bench.editor.shown)
        assert len(bench.editor.shown) == 1
        assert bench.texts[place.uri] == before


async def test_an_answer_that_cannot_be_trusted_is_refused(start: StartEditor) -> None:
    bad = replies.code("def total(values:\n    return (\n")
    async with FakeMistral([bad, bad], key=None) as fake:
        bench = Workbench(await start(EVERYTHING, **chat_for(fake)))
        resolved = await bench.resolve(await bench.action(bench.open(CODE), "Simplify"))
        assert resolved.edit is None
        assert resolved.command is None
        assert len(bench.editor.shown) == 1
        assert len(fake.completions) == 2, "it was asked for a better answer, once"


async def test_without_a_key_the_user_is_told_what_to_do(start: StartEditor) -> None:
    bench = Workbench(await start(EVERYTHING))
    resolved = await bench.resolve(await bench.action(bench.open(CODE), "Simplify"))
    assert resolved.edit is None
    await bench.editor.until(lambda: bench.editor.shown_about("MISTRAL_API_KEY"))


async def test_an_explanation_is_a_document(start: StartEditor) -> None:
    async with FakeMistral([replies.markdown("# It adds.")], key=None) as fake:
        bench = Workbench(await start(EVERYTHING, **chat_for(fake)))
        await bench.take(await bench.action(bench.open(CODE), "Explain"))
        await bench.editor.until(lambda: bench.shown_documents)
        assert bench.shown_documents == ["# It adds."]
        assert len(fake.completions) == 1


async def test_a_review_is_a_list_of_diagnostics(start: StartEditor) -> None:
    async with FakeMistral([replies.findings((2, "Use sum."))], key=None) as fake:
        bench = Workbench(await start(EVERYTHING, **chat_for(fake)))
        place = bench.open(CODE)
        await bench.take(await bench.action(place, "Review"))
        await bench.editor.until(lambda: bench.diagnostics.get(place.uri))
        (told,) = bench.diagnostics[place.uri]
        assert (told.message, told.range.start.line, told.source) == ("Use sum.", 4, "devstral")


async def resolving(wire: Wire, fake: FakeMistral) -> None:
    """Begin a refactor; the request that resolves it has the id 2."""
    options = chat_for(fake)["initialization_options"]
    await wire.initialize(capabilities=EVERYTHING, initializationOptions=options)
    text = CODE.replace("│", "")
    item = {"uri": "untitled:a", "languageId": "python", "version": 1, "text": text}
    wire.send("textDocument/didOpen", {"textDocument": item})
    at = {"line": 6, "character": 10}
    asked = {"range": {"start": at, "end": at}, "context": {"diagnostics": []}}
    wire.send("textDocument/codeAction", {"textDocument": item, **asked}, 1)
    actions = (await wire.answer(1))["result"]
    (action,) = [each for each in actions if each["title"].startswith("Simplify")]
    wire.send("codeAction/resolve", action, 2)


@pytest.mark.parametrize(
    ("method", "params", "msg_id"), [("$/cancelRequest", {"id": 2}, None), ("shutdown", None, 3)]
)
async def test_giving_up_closes_the_stream(
    wire: Wire, method: str, params: Any, msg_id: int | None
) -> None:
    async with FakeMistral(lambda _: replies.endless(), key=None) as fake:
        await resolving(wire, fake)
        upstream = await first_completion(fake)
        wire.send(method, params, msg_id)
        assert (await wire.answer(2))["error"]["code"] == -32800
        async with asyncio.timeout(PATIENCE_S):
            await upstream.hung_up.wait()


async def test_what_is_not_ours_goes_back_as_it_came(wire: Wire) -> None:
    await wire.initialize(capabilities=EVERYTHING)
    foreign = {"title": "theirs", "somethingNew": {"a": [1]}, "data": None}
    wire.send("codeAction/resolve", foreign, 3)
    assert (await wire.answer(3))["result"] == foreign


async def test_what_is_extracted_can_be_named_as_it_is_put_in(start: StartEditor) -> None:
    extracted = CODE.replace("│", "")[len("import os\n\n\n") :].replace(
        "    result = 0\n", "    return added(values)\n\n\ndef added(values):\n    result = 0\n"
    )
    code = extracted[: extracted.index("\n\n\nprint")]
    async with FakeMistral([replies.code(code)], key=None) as fake:
        bench = Workbench(await start(EVERYTHING, **chat_for(fake)))
        end = bench.open(CODE)
        begin = type(end)(end.uri, types.Position(4, 4))
        last = type(end)(end.uri, types.Position(7, 17))
        resolved = await bench.resolve(await bench.action(begin, "Extract function", end=last))
        assert resolved.edit is not None
        (document,) = resolved.edit.document_changes or ()
        assert isinstance(document, types.TextDocumentEdit)
        (edit,) = document.edits
        assert isinstance(edit, types.SnippetTextEdit)
        assert edit.snippet.value.count("${1:added}") == 2
        bench.make(resolved.edit)
        assert bench.texts[end.uri] == f"import os\n\n\n{extracted}"
        await bench.command("devstral.undoLast")
        await bench.editor.until(lambda: bench.texts[end.uri] == CODE.replace("│", ""))

"""Prose for the user: a document where the editor shows one, else hover text."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

from devstral_lsp.refactor.types import RefactorResult
from tests.server.conftest import StartInside
from tests.server.orders import TEXT, command, ordered
from tests.support.inside import Inside, at
from tests.support.workbench import EVERYTHING, NOTHING

SHOW = "window/showDocument"
PROSE = "# What it does\n\nIt *adds*.\n"


async def explain(session: Inside, uri: str) -> None:
    session.engine.come_to = lambda _: RefactorResult(markdown=PROSE, title="Explain `a/b`")
    await session.result("workspace/executeCommand", command("devstral.apply", ordered(uri)))


async def hover(session: Inside, uri: str, line: int) -> Any:
    place = {"textDocument": {"uri": uri}, "position": at(line, 3)["start"]}
    return await session.result("textDocument/hover", place)


def check_file(path: Path) -> Path:
    """It holds the prose, and is in a folder, which is given, where nobody else can read it."""
    assert path.suffix == ".md"
    assert path.read_text(encoding="utf-8") == PROSE
    assert path.parent.stat().st_mode & 0o077 == 0
    return path.parent


def is_gone(folder: Path) -> bool:
    return not folder.exists()


async def test_a_document_is_shown_and_goes_with_the_session(inside: StartInside) -> None:
    session = inside(EVERYTHING)
    session.replies[SHOW] = {"result": {"success": True}}
    await explain(session, session.open(TEXT))
    await session.until(lambda: session.all(SHOW))
    (shown,) = session.all(SHOW)
    folder = check_file(Path(shown["uri"].removeprefix("file://")))
    await session.result("shutdown", None)
    assert is_gone(folder)
    assert session.shown == []


async def test_where_no_document_is_shown_it_is_hover_text(inside: StartInside) -> None:
    session = inside(NOTHING)
    uri = session.open(TEXT)
    await explain(session, uri)
    await session.until(lambda: session.shown)
    assert await hover(session, uri, 1) == {"contents": {"kind": "markdown", "value": PROSE}}
    assert await hover(session, uri, 3) is None
    session.change(uri, 2, {"range": at(4, 0), "text": "x"})
    assert await hover(session, uri, 1) is None
    assert session.all(SHOW) == []


async def test_an_editor_that_fails_to_show_it_has_it_as_hover_text(inside: StartInside) -> None:
    for reply in ({"result": {"success": False}}, {"error": {"code": -32603, "message": "no"}}):
        session = inside(EVERYTHING)
        session.replies[SHOW] = reply
        uri = session.open(TEXT)
        await explain(session, uri)
        await session.until(lambda session=session: session.shown)
        assert await hover(session, uri, 1) is not None


async def test_of_a_document_that_has_moved_on_it_is_told_at_once(inside: StartInside) -> None:
    session = inside(NOTHING)
    uri = session.open(TEXT)
    await session.result("workspace/executeCommand", command("devstral.apply", ordered(uri)))
    await session.until(lambda: session.engine.runs)
    session.change(uri, 2, {"range": at(1, 0), "text": "x"})
    session.engine.runs[0].outcome.set_result(RefactorResult(markdown=PROSE, title="Explain"))
    await session.until(lambda: session.shown)
    assert session.shown == [PROSE]


async def test_hover_is_offered_where_it_is_needed(inside: StartInside) -> None:
    registers = copy.deepcopy(EVERYTHING)
    registers["window"] = {}
    registers["textDocument"]["hover"] = {"dynamicRegistration": True}
    for capabilities, static in ((EVERYTHING, False), (NOTHING, True), (registers, False)):
        answer = await inside(capabilities).capabilities
        assert ("hoverProvider" in answer["result"]["capabilities"]) is static

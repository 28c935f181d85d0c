"""`workspace/didChangeConfiguration` and what else brings settings while the server runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from lsprotocol import types

from tests.e2e.conftest import LOCAL_KNOWS, StartEditor
from tests.support.clients import EGLOT, NEOVIM, VSCODE
from tests.support.editor import Editor, Place

pytestmark = pytest.mark.long


async def offered(editor: Editor, place: Place) -> bool:
    return bool(await editor.inline(place))


async def test_pushed_settings_apply_at_once(start: StartEditor) -> None:
    editor = await start(VSCODE)
    place = editor.open(LOCAL_KNOWS)
    for settings in (
        {"devstral": {"completion": {"disabledLanguages": ["python"]}}},
        {"completion": {"disabled_languages": ["python"]}},
        {"completion.enabled": False},
    ):
        editor.push({})
        assert await offered(editor, place)
        editor.push(settings)
        assert not await offered(editor, place)


async def test_the_editor_is_asked_again_when_it_says_that_something_changed(
    start: StartEditor,
) -> None:
    editor = await start(NEOVIM)
    place = editor.open(LOCAL_KNOWS)
    assert await offered(editor, place)
    editor.client.set_configuration({"menu": "sometimes"}, section="devstral.completion")
    editor.push(None)
    await editor.until(lambda: editor.shown_about("completion.menu"))


async def test_settings_of_the_handshake_hold(start: StartEditor) -> None:
    options = {"completion": {"enabled": False}}
    editor = await start(EGLOT, initialization_options=options)
    assert not await offered(editor, editor.open(LOCAL_KNOWS))


async def test_malformed_settings_are_told_once_and_do_no_harm(start: StartEditor) -> None:
    editor = await start(VSCODE)
    place = editor.open(LOCAL_KNOWS)
    for count, settings in enumerate(
        ("on", {"fim": []}, {"completion": {"enbled": False}}), start=1
    ):
        editor.push(settings)
        editor.push(settings)
        told = "until its settings can be read"
        await editor.until(lambda: len(editor.shown_about(told)) == count)  # noqa: B023
        assert await offered(editor, place)
        assert len(editor.shown_about(told)) == count
    assert editor.shown_about('Did you mean "completion.enabled"?')


async def test_a_malformed_user_file_is_told_and_the_server_goes_on(
    start: StartEditor, environ: dict[str, str]
) -> None:
    file = environ["DEVSTRAL_CONFIG"]
    write(Path(file), "= not toml")
    editor = await start(VSCODE, DEVSTRAL_CONFIG=file)
    await editor.until(lambda: editor.shown_about(file))
    assert await offered(editor, editor.open(LOCAL_KNOWS))


def write(path: Path, text: str) -> None:
    path.write_text(text)


def write_project_file(folder: Path, enabled: bool) -> types.FileEvent:
    path = folder / ".devstral.toml"
    write(path, f"[completion]\nenabled = {str(enabled).lower()}\n")
    return types.FileEvent(path.as_uri(), types.FileChangeType.Changed)


async def settled(editor: Editor, place: Place, wanted: bool) -> None:
    """Ask until the answer is the wanted one: nothing tells that a file has been read."""
    for _ in range(200):
        if await offered(editor, place) is wanted:
            return
    raise AssertionError("the settings never applied")


async def test_the_project_file_is_read_again_when_it_changes(
    start: StartEditor, tmp_path: Path
) -> None:
    folder = types.WorkspaceFolder(tmp_path.as_uri(), "project")
    write_project_file(tmp_path, enabled=False)
    editor = await start(VSCODE, workspace_folders=[folder])
    place = editor.open(LOCAL_KNOWS)
    assert not await offered(editor, place)
    event = write_project_file(tmp_path, enabled=True)
    editor.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([event]))
    await settled(editor, place, wanted=True)
    saved = write_project_file(tmp_path, enabled=False)
    document = types.TextDocumentIdentifier(saved.uri)
    editor.client.text_document_did_save(types.DidSaveTextDocumentParams(document))
    await settled(editor, place, wanted=False)


async def test_the_user_file_is_read_again_when_it_changes_or_is_saved(
    start: StartEditor, environ: dict[str, str]
) -> None:
    file = Path(environ["DEVSTRAL_CONFIG"])
    editor = await start(VSCODE, DEVSTRAL_CONFIG=str(file))
    place = editor.open(LOCAL_KNOWS)
    assert await offered(editor, place)
    write(file, "completion.enabled = false\n")
    event = types.FileEvent(file.as_uri(), types.FileChangeType.Created)
    editor.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([event]))
    await settled(editor, place, wanted=False)
    write(file, "completion.enabled = true\n")
    document = types.TextDocumentIdentifier(file.as_uri())
    editor.client.text_document_did_save(types.DidSaveTextDocumentParams(document))
    await settled(editor, place, wanted=True)


async def test_a_folder_that_comes_later_brings_its_project_file(
    start: StartEditor, tmp_path: Path
) -> None:
    write_project_file(tmp_path, enabled=False)
    editor = await start(VSCODE)
    place = editor.open(LOCAL_KNOWS)
    assert await offered(editor, place)
    folder = types.WorkspaceFolder(tmp_path.as_uri(), "project")
    for added, removed, wanted in (([folder], [], False), ([], [folder], True)):
        event = types.WorkspaceFoldersChangeEvent(added, removed)
        change = types.DidChangeWorkspaceFoldersParams(event)
        editor.client.workspace_did_change_workspace_folders(change)
        await settled(editor, place, wanted)

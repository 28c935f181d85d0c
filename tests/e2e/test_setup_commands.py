"""The commands that help to set up, with the settings and keys of a session."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.conftest import StartEditor, key_for
from tests.e2e.test_switch_commands import command
from tests.support.clients import NEOVIM, VSCODE
from tests.support.fake_mistral import FakeMistral
from tests.support.workbench import Workbench

pytestmark = pytest.mark.long

MARKED = "def total(values):\n    result = 0│\n    return result\n"


async def test_the_doctor_asks_with_the_settings_of_the_session(
    start: StartEditor, mistral: FakeMistral
) -> None:
    editor = await start(VSCODE, **key_for(mistral))
    found = await command(editor, "devstral.doctor")
    marks = {each["check"]: each["mark"] for each in found}
    assert marks["completion"] == "ok"
    assert mistral.url in next(each["said"] for each in found if each["check"] == "endpoint")


async def test_a_key_is_checked(start: StartEditor, mistral: FakeMistral) -> None:
    editor = await start(VSCODE, **key_for(mistral))
    found = await command(editor, "devstral.checkKey", {"host": mistral.url})
    assert found["ok"] is True
    assert "codestral-latest completes" in found["message"]
    found = await command(editor, "devstral.checkKey", {"host": "https://other.example"})
    assert found["ok"] is False


async def test_the_models_to_choose_from(start: StartEditor, mistral: FakeMistral) -> None:
    editor = await start(VSCODE, **key_for(mistral))
    found = await command(editor, "devstral.models")
    assert found["failure"] == ""
    first = found["models"][0]
    assert (first["id"], first["suits"]) == ("codestral-latest", True)
    assert first["contextTokens"] > 100_000
    suits = [each["suits"] for each in found["models"]]
    assert suits == sorted(suits, reverse=True), "those that fill gaps come first"
    with pytest.raises(Exception, match="takes"):
        await command(editor, "devstral.models", {"chat": "yes"})


async def test_without_an_endpoint_there_are_no_models(start: StartEditor) -> None:
    editor = await start(VSCODE, DEVSTRAL_LOG_LEVEL="warning")
    found = await command(editor, "devstral.models", {"chat": True})
    assert found["models"] == []
    assert "key" in found["failure"]


async def test_the_status_without_a_key(start: StartEditor) -> None:
    editor = await start(VSCODE, DEVSTRAL_LOG_LEVEL="warning")
    found = await command(editor, "devstral.status")
    assert (found["kind"], found["remedy"]) == ("Normal", "setKey")
    assert "own code only" in found["message"]
    assert "Refactoring needs a model" in found["refactoring"]


async def test_actions_are_offered_as_disabled_without_a_key(start: StartEditor) -> None:
    bench = Workbench(await start(VSCODE, DEVSTRAL_LOG_LEVEL="warning"))
    found = await bench.actions(bench.open(MARKED))
    assert found
    reasons = {each.disabled.reason for each in found if each.disabled}
    assert all(each.disabled and not each.data for each in found)
    assert any("has no key" in reason for reason in reasons)


async def test_an_editor_that_shows_no_reasons_is_told_on_taking_one(start: StartEditor) -> None:
    capabilities: dict[str, Any] = {**NEOVIM}
    actions = {**NEOVIM["textDocument"]["codeAction"]}
    actions.pop("disabledSupport", None)
    capabilities["textDocument"] = {**NEOVIM["textDocument"], "codeAction": actions}
    bench = Workbench(await start(capabilities, DEVSTRAL_LOG_LEVEL="warning"))
    found = await bench.actions(bench.open(MARKED))
    assert found
    assert not any(each.disabled for each in found)

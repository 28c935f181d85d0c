"""The first minutes without a key: what is said, what is offered, and a model of this machine."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.editors.support.waiting import until
from tests.editors.vscode.install import Tools
from tests.editors.vscode.session import REGISTER, Session, running
from tests.support.answers import Answer
from tests.support.fake_ollama import FakeOllama
from tests.support.fake_server import Received

pytestmark = [
    pytest.mark.editors,
    pytest.mark.timeout(300),
    pytest.mark.asyncio(loop_scope="module"),
]

OLLAMA_PORT = 11434
CODE = b"def total(values):\n    result = 0\n    return result\n"


class Ollama(FakeOllama):
    """One that also lists its models as OpenAI does, as the real one."""

    def respond(self, request: Received) -> Answer:
        if request.path == "/v1/models":
            return Answer(body={"object": "list", "data": [{"id": self._model}]})
        return super().respond(request)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def keyless(tools: Tools, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Session]:
    """VS Code with a server that has neither key nor address."""
    folder = tmp_path_factory.mktemp("keyless")
    without = {"devstral.fim.baseUrl": "", "devstral.chat.baseUrl": ""}
    async with running(tools, folder, machine=without) as session:
        await until("the server to start", lambda: session.wire.by_server(REGISTER))
        yield session


async def test_what_to_do_is_on_three_buttons(keyless: Session, pictures: Path) -> None:
    toast = keyless.window.page.locator(".notification-toast", has_text="own code only")
    await toast.wait_for()
    buttons = await toast.locator(".monaco-button").all_inner_texts()
    named = [each for each in buttons if each.strip()]
    assert named == ["Set API key", "Use a local model", "Not now"]
    message = toast.locator(".notification-list-item-message")
    shown, whole = await message.evaluate("each => [each.clientHeight, each.scrollHeight]")
    assert whole <= shown + 1, "nothing of it is cut off"
    await keyless.window.says("own code only")
    item = keyless.window.page.locator(".statusbar-item", has_text="own code only")
    assert await item.count()
    await keyless.window.picture(pictures / "vscode-no-key.png")


async def test_the_menu_says_why_refactoring_is_off(keyless: Session, pictures: Path) -> None:
    await keyless.window.command("Devstral: Show Menu")
    row = keyless.window.entry("Rewrite")
    await row.wait_for()
    assert "Refactoring needs a model" in await row.inner_text()
    await keyless.window.picture(pictures / "vscode-menu-no-key.png")
    await keyless.window.press("Escape")


async def test_actions_are_disabled_with_the_reason(keyless: Session, pictures: Path) -> None:
    await keyless.opened("disabled.py", CODE, "2:5")
    rows = keyless.window.page.locator(".action-widget .monaco-list-row.action")

    async def opens() -> bool:
        await keyless.window.press("Control+Shift+R")
        try:
            await rows.first.wait_for(timeout=3000)
        except Exception:  # noqa: BLE001 - of Playwright, which is loaded late
            await keyless.window.press("Escape")
        return bool(await rows.count())

    await until("the menu of refactorings", opens)
    await keyless.window.picture(pictures / "vscode-disabled.png")
    enabled = keyless.window.page.locator(
        ".action-widget .monaco-list-row.action:not(.option-disabled)"
    )
    assert not await enabled.count()
    await keyless.window.press("Escape")


async def test_a_model_of_this_machine_is_found_when_the_user_wants_one(
    keyless: Session, pictures: Path
) -> None:
    ollama = Ollama([Answer(text=["nearby()"])] * 20)
    try:
        await ollama.start(OLLAMA_PORT)
    except OSError:
        pytest.skip(f"PORT {OLLAMA_PORT} IS TAKEN: a model of this machine is not tested")
    try:
        assert not ollama.received, "nobody is asked unasked"
        wire = keyless.wire.from_now()
        await keyless.window.command("Devstral: Use a Local Model")
        await keyless.window.entry("qwen2.5-coder:7b").wait_for()
        await keyless.window.picture(pictures / "vscode-local-model.png")
        await keyless.window.choose("qwen2.5-coder:7b")
        await until("a server that asks it", lambda: wire.by_server(REGISTER))
        await keyless.window.says("normal\\. $")
        await keyless.opened("local.py")
        await keyless.awake()
        await keyless.opened("asked.py")
        await keyless.window.type("near =")
        await until("Ollama to be asked", lambda: ollama.completions)
        await keyless.window.sees("nearby()")
    finally:
        await ollama.stop()


async def test_install_stays_in_the_menu(tools: Tools, tmp_path: Path, pictures: Path) -> None:
    machine = {"devstral.command": []}
    async with running(tools, tmp_path, machine=machine, path="/usr/bin:/bin") as vscode:
        window = vscode.window
        toast = window.page.locator(".notification-toast", has_text="is not installed")
        await toast.locator(".monaco-button", has_text="Not now").click()
        await window.command("Devstral: Show Menu")
        await window.entry("Install the server").wait_for()
        await window.picture(pictures / "vscode-menu-install.png")
        assert not await window.page.locator(".quick-input-list", has_text="Rewrite").count()

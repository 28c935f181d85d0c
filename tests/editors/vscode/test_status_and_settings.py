"""The extension around the ghost text: the key, the status, the menu, the settings."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.editors.support.model import DEAR, DEAR_USD
from tests.editors.support.waiting import until
from tests.editors.vscode.session import REGISTER, Session
from tests.support.answers import Answer, failure
from tests.support.fake_mistral import KEY

pytestmark = [
    pytest.mark.editors,
    pytest.mark.timeout(300),
    pytest.mark.asyncio(loop_scope="session"),
]

INLINE = "textDocument/inlineCompletion"


async def test_a_key_is_kept_in_the_secret_storage_and_sent_to_its_host(
    vscode: Session, pictures: Path
) -> None:
    wire = vscode.wire.from_now()
    vscode.model.chat = [Answer(text=("Yes",))]
    await vscode.window.command("Devstral: Set API Key")
    await vscode.window.entry(vscode.fake.url).wait_for()
    await vscode.window.picture(pictures / "vscode-key.png", (240, 0, 800, 300))
    await vscode.window.choose(vscode.fake.url)
    await vscode.window.answer("API key for", KEY)
    asked = await until("the server to ask", lambda: wire.by_server("devstral/key"))
    assert asked[0]["params"] == {"host": vscode.fake.url}
    await until("its registrations", lambda: wire.by_server(REGISTER))
    toast = vscode.window.page.locator(".notification-toast", has_text="accepts the key")
    await toast.wait_for()
    assert "codestral-latest completes" in (await toast.inner_text())
    await vscode.window.picture(pictures / "vscode-key-accepted.png")
    vscode.model.knows("kept = known\n")
    await vscode.opened("kept.py")
    await vscode.window.type("kept = ")
    await vscode.window.sees("known")
    assert vscode.fake.completions[-1].headers["authorization"] == f"Bearer {KEY}"
    await vscode.window.saved("kept.py", b"kept = ")
    wire = vscode.wire.from_now()
    await vscode.window.command("Devstral: Remove API Key")
    await vscode.window.choose(vscode.fake.url)
    await until("a server without it", lambda: wire.by_server(REGISTER))
    answer = wire.by_server("devstral/key")[0]
    assert wire.answer_of_editor(answer) == {
        "jsonrpc": "2.0",
        "id": answer["id"],
        "result": {"key": None},
    }


async def test_a_key_that_is_refused_is_told_at_once(vscode: Session, pictures: Path) -> None:
    vscode.model.pace = failure(401, {"detail": "Unauthorized"})
    await vscode.window.command("Devstral: Set API Key")
    await vscode.window.choose(vscode.fake.url)
    await vscode.window.answer("API key for", "of-somebody-else")
    toast = vscode.window.page.locator(".notification-toast", has_text="key")
    await toast.locator(".monaco-button", has_text="Set API key").wait_for()
    await vscode.window.picture(pictures / "vscode-key-refused.png")
    vscode.model.pace = Answer()
    wire = vscode.wire.from_now()
    await vscode.window.command("Devstral: Remove API Key")
    await vscode.window.choose(vscode.fake.url)
    await until("a server without it", lambda: wire.by_server(REGISTER))
    await vscode.window.command("Notifications: Clear All Notifications")


async def test_the_status_and_its_menu_tell_money_and_quota(
    vscode: Session, pictures: Path
) -> None:
    vscode.model.knows("spent = money\n")
    vscode.model.chat = [Answer(text=("Yes",))]
    before = len(vscode.fake.completions)
    wire = vscode.wire.from_now()
    await vscode.window.command("Devstral: Set API Key")
    await vscode.window.choose(vscode.fake.url)
    await vscode.window.answer("API key for", KEY)
    await until("its registrations", lambda: wire.by_server(REGISTER))
    vscode.model.pace = DEAR
    await vscode.opened("spent.py")
    await vscode.window.type("spent = ")
    await vscode.window.sees("money")
    await vscode.window.says(r"normal\. Used: \$0\.\d\d today, \d+ of 600 requests")
    await vscode.window.command("Devstral: Show Menu")
    title = vscode.window.page.locator(".quick-input-title:visible")
    await title.wait_for()
    await vscode.window.picture(pictures / "vscode-quota.png", (240, 0, 800, 360))
    told = await title.inner_text()
    await vscode.window.press("Escape")
    found = re.fullmatch(
        r"Used: \$(\d\.\d\d) today, (\d+) of 600 requests in the last minute\.", told.strip()
    )
    assert found, told
    sent = vscode.fake.completions[before:]
    assert 1 <= int(found[2]) <= len(sent)
    # One that is typed past before its usage is told counts as a request alone.
    amounts = [round(count * DEAR_USD, 2) for count in range(1, len(sent) + 1)]
    assert float(found[1]) in amounts[: int(found[2])]
    wire = vscode.wire.from_now()
    await vscode.window.command("Devstral: Remove API Key")
    await vscode.window.choose(vscode.fake.url)
    await until("a server without it", lambda: wire.by_server(REGISTER))


async def test_a_file_is_switched_off_and_on(vscode: Session) -> None:
    vscode.model.knows("switched_here = and_on\n")
    await vscode.opened("switched.py")
    await vscode.window.command("Devstral: Switch Completions in This File")
    await vscode.window.says("inactive.*in this file")
    await vscode.window.command("Devstral: Switch Completions in This File")
    await vscode.window.says("normal")
    await vscode.window.type("switched_here =")
    await vscode.window.sees(" and_on")


async def test_the_status_says_that_the_model_does_not_answer(
    vscode: Session, pictures: Path
) -> None:
    vscode.model.knows("down = and_up_again\n")
    await vscode.opened("down.py")
    vscode.model.pace = failure(503, {"detail": "Service Unavailable"})
    await vscode.window.type("down = ")
    await vscode.window.says("(?i)devstral, (warning|error)")
    await vscode.window.picture(pictures / "vscode-status.png", (640, 560, 640, 240))
    vscode.model.pace = Answer()
    wire = vscode.wire.from_now()
    await vscode.window.command("Devstral: Restart the Server")
    await until("its registrations", lambda: wire.by_server(REGISTER))
    await vscode.window.says("normal")
    await vscode.window.type("and")
    await vscode.window.sees("_up_again")
    await vscode.window.saved("down.py", b"down = and")


async def test_the_menu_snoozes_and_wakes(vscode: Session, pictures: Path) -> None:
    vscode.model.knows("sleepy = awake\n")
    wire = await vscode.opened("snooze.py")
    await vscode.window.command("Devstral: Show Menu")
    await vscode.window.entry("Snooze").wait_for()
    await vscode.window.picture(pictures / "vscode-menu.png", (240, 0, 800, 360))
    await vscode.window.choose("Snooze")
    await vscode.window.choose("5 minutes")
    await vscode.window.says("snoozed")
    await vscode.window.type("sleepy")
    await vscode.window.saved("snooze.py", b"sleepy")
    assert not wire.by_editor(INLINE)
    await vscode.window.command("Devstral: Snooze")
    await vscode.window.says("normal")
    await vscode.window.type(" =")
    await vscode.window.sees(" awake")


async def test_a_language_is_switched_off_and_on(vscode: Session) -> None:
    vscode.model.knows("off = on\n")
    await vscode.opened("off.py")
    await vscode.window.command("Devstral: Switch Completions for This Language")
    await vscode.window.says("inactive")
    key = "devstral.completion.disabledLanguages"
    await until("the setting", lambda: vscode.server.user_settings().get(key) == ["python"])
    await vscode.window.command("Devstral: Switch Completions for This Language")
    await vscode.window.says("normal")
    await vscode.window.type("off =")
    await vscode.window.sees(" on")


async def test_the_model_is_switched_without_a_restart(vscode: Session, pictures: Path) -> None:
    vscode.model.knows("model = switched\n")
    wire = await vscode.opened("model.py")
    await vscode.window.command("Devstral: Switch Model")
    row = vscode.window.entry("codestral-latest")
    await row.wait_for()
    assert "fills gaps" in await row.inner_text()
    await vscode.window.picture(pictures / "vscode-models.png")
    await vscode.window.choose("Another one")
    await vscode.window.answer("Model id", "codestral-2508")
    await until("the change", lambda: wire.by_editor("workspace/didChangeConfiguration"))
    await vscode.window.type("model = ")
    await vscode.window.sees("switched")
    assert vscode.fake.completions[-1].body["model"] == "codestral-2508"
    assert not wire.by_editor("initialize")
    await vscode.window.command("Devstral: Switch Model")
    await vscode.window.choose("Automatic")
    sent = wire.by_editor("workspace/didChangeConfiguration")
    assert all(each["params"] == {"settings": None} for each in sent), "no defaults are pushed"


async def test_the_doctor_asks_with_the_settings_of_the_editor(vscode: Session) -> None:
    """What it says is not looked at: output channels need a native module, which is not built."""
    before = len(vscode.fake.completions)
    await vscode.window.command("Devstral: Doctor")
    await until("its question", lambda: len(vscode.fake.completions) > before)
    await vscode.window.page.locator(".part.panel", has_text="Devstral Doctor").wait_for()
    await vscode.window.command("View: Hide Panel")


async def test_nothing_beyond_this_machine_was_asked_for(vscode: Session) -> None:
    assert vscode.browser.strayed == []

"""Refactoring in VS Code: from the menu, with a preview, in one's own words, cancelled, undone."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.editors.support.sample import AFTER, CODE, FSUMMED, LOOP, SUMMED, crlf
from tests.editors.support.waiting import until
from tests.editors.vscode.session import Session
from tests.support import replies
from tests.support.answers import Answer

pytestmark = [
    pytest.mark.editors,
    pytest.mark.timeout(300),
    pytest.mark.asyncio(loop_scope="session"),
]

PLAIN = f"import os\n\n\ndef total(values):\n{LOOP}\n\nprint(os.name)\n"
PANEL = ".bulk-edit-panel"


def on_disk(vscode: Session, name: str) -> bytes:
    return (vscode.server.workspace / name).read_bytes()


async def edited(vscode: Session) -> None:
    """Wait for an edit of the document in front."""
    await vscode.window.page.locator(".tab.active.dirty").wait_for()


async def take(vscode: Session, title: str) -> None:
    """Choose an action in the refactoring menu.

    An automatic request for actions that comes after the key closes the menu: then once more.
    """
    row = vscode.window.page.locator(".action-widget .monaco-list-row.action", has_text=title)
    for _ in range(4):
        await asyncio.sleep(0.4)
        await vscode.window.press("Control+Shift+R")
        try:
            await row.first.wait_for(timeout=3000)
            return await row.first.click(timeout=3000)
        except Exception:  # noqa: BLE001 - of Playwright, which is loaded late
            await vscode.window.press("Escape")
    raise AssertionError(f"there is no {title!r} in the menu")


async def test_an_action_changes_its_lines_and_nothing_else(vscode: Session) -> None:
    vscode.model.chat = [replies.code(SUMMED)]
    await vscode.opened("simplify.py", crlf(CODE), "7:5")
    await take(vscode, "Simplify")
    await edited(vscode)
    await vscode.window.saved("simplify.py", crlf(AFTER))


async def test_what_is_extracted_is_named_as_it_is_put_in(vscode: Session) -> None:
    """The first placeholder is selected, and what is typed there stands wherever the name does."""
    start = "def total(values):\n"
    extracted = f"{start}    return added(values)\n\n\ndef added(values):\n{LOOP}"
    vscode.model.chat = [replies.code(extracted)]
    await vscode.opened("extracted.py", crlf(CODE), "7:1")
    for _ in range(4):
        await vscode.window.press("Shift+ArrowDown")
    await take(vscode, "Extract function")
    await edited(vscode)
    for key in "sums":
        await vscode.window.press(key)
    named = extracted.replace("added", "sums")
    await vscode.window.saved("extracted.py", crlf(CODE.replace(start + LOOP, named)))


async def with_preview(vscode: Session, name: str) -> None:
    """Take an action whose edit adds an import, which the user is to confirm."""
    vscode.model.chat = [replies.code(FSUMMED, "from math import fsum")]
    await vscode.opened(name, crlf(PLAIN), "5:5")
    await take(vscode, "Simplify")
    await vscode.window.page.locator(PANEL).wait_for()


async def test_a_preview_is_applied_as_ticked(vscode: Session, pictures: Path) -> None:
    await with_preview(vscode, "preview.py")
    assert on_disk(vscode, "preview.py") == crlf(PLAIN)
    panel = vscode.window.page.locator(PANEL)
    boxes = panel.locator(".monaco-list-row .edit-checkbox")
    await boxes.first.click()
    await vscode.window.picture(pictures / "vscode-refactor.png", (352, 36, 928, 764))
    await panel.locator(".monaco-button", has_text="Apply").click()
    changed = PLAIN.replace(LOOP, "    return fsum(values)\n")
    changed = changed.replace("import os\n", "import os\nfrom math import fsum\n")
    await edited(vscode)
    await panel.wait_for(state="hidden")
    await vscode.window.saved("preview.py", crlf(changed))


def toast(vscode: Session, words: str) -> Any:
    return vscode.window.page.locator(".notification-toast", has_text=words)


@pytest.mark.parametrize("button", ["Discard", "Apply"])
async def test_what_is_discarded_or_not_ticked_is_one_click_away(
    vscode: Session, pictures: Path, button: str
) -> None:
    """VS Code ticks nothing by itself, so that Apply alone would lose the work."""
    name = f"{button.lower()}.py"
    await with_preview(vscode, name)
    panel = vscode.window.page.locator(PANEL)
    await panel.locator(".monaco-button", has_text=button).click()
    await panel.wait_for(state="hidden")
    assert on_disk(vscode, name) == crlf(PLAIN)
    offer = toast(vscode, "nothing of this has been applied")
    await offer.locator(".monaco-button", has_text="Show again").wait_for()
    assert not await toast(vscode, "has not made the edit").count()
    await vscode.window.picture(pictures / f"vscode-{button.lower()}.png")
    await offer.locator(".monaco-button", has_text="Show again").click()
    await panel.wait_for()
    await panel.locator(".monaco-button", has_text="Discard").click()
    offer = toast(vscode, "nothing of this has been applied")
    await offer.locator(".monaco-button", has_text="Apply all").click()
    await edited(vscode)
    changed = PLAIN.replace(LOOP, "    return fsum(values)\n")
    changed = changed.replace("import os\n", "import os\nfrom math import fsum\n")
    await vscode.window.saved(name, crlf(changed))


async def test_an_explanation_is_shown_as_text_and_not_as_its_source(
    vscode: Session, pictures: Path
) -> None:
    vscode.model.chat = [Answer(text=("## The sum\n\nIt adds **all** values.\n",))]
    await vscode.opened("explained.py", crlf(CODE), "7:5")
    await take(vscode, "Explain")
    tab = vscode.window.page.locator(".tab.active", has_text="Preview")
    await tab.wait_for()
    await asyncio.sleep(1)  # for the picture alone: a frame within a frame
    await vscode.window.picture(pictures / "vscode-explained.png")


async def rewrite(vscode: Session, name: str) -> None:
    """Select the function and say what should become of it."""
    await vscode.opened(name, crlf(CODE), "6:1")
    for _ in range(5):
        await vscode.window.press("Shift+ArrowDown")
    await vscode.window.command("Devstral: Rewrite")
    await vscode.window.answer("Rewrite", "Use sum.")


async def test_rewritten_as_said_and_undone(vscode: Session) -> None:
    vscode.model.chat = [replies.code(SUMMED)]
    await rewrite(vscode, "said.py")
    await edited(vscode)
    await vscode.window.saved("said.py", crlf(AFTER))
    assert "Use sum." in str(vscode.fake.completions[-1].body["messages"])
    await vscode.window.command("Devstral: Undo the Last Refactoring")
    await edited(vscode)
    await vscode.window.saved("said.py", crlf(CODE))


async def tick_another(vscode: Session) -> bool:
    """Tick the next box of the preview that is not; True if all are. Some go together."""
    panel = vscode.window.page.locator(PANEL)
    open_boxes = panel.locator(".edit-checkbox[aria-checked='false']")
    await asyncio.sleep(0.2)  # The list is drawn anew after each.
    if not await open_boxes.count():
        return True
    await open_boxes.first.click()
    return False


async def test_a_task_across_the_project_is_shown_before_it_changes_files(
    vscode: Session, pictures: Path
) -> None:
    vscode.file("names.py", crlf("one = 1\n"))
    vscode.file("uses.py", b"from names import one\n\nprint(one)\n")
    vscode.model.chat = [
        replies.call("edit_file", path="names.py", old="one = 1", new="first = 1"),
        replies.call("edit_file", path="uses.py", old="import one", new="import first"),
        replies.call("edit_file", path="uses.py", old="print(one)", new="print(first)"),
        replies.call("create_file", path="added.py", content="second = 2\n"),
        Answer(text=("Renamed one to first.",)),
    ]
    await vscode.opened("looked_at.py", b"import names\n")
    await vscode.window.command("Devstral: Apply across the Project")
    await vscode.window.answer("Apply across the project", "Rename one to first.")
    panel = vscode.window.page.locator(PANEL)
    await panel.wait_for()
    assert on_disk(vscode, "names.py") == b"one = 1\r\n"
    assert not (vscode.server.workspace / "added.py").exists()
    await until("all rows", panel.locator(".edit-checkbox").count)
    await until("all to be ticked", lambda: tick_another(vscode))
    await vscode.window.picture(pictures / "vscode-task.png", (352, 36, 928, 764))
    await panel.locator(".monaco-button", has_text="Apply").click()
    for name in ("added.py", "names.py", "uses.py"):
        tab = vscode.window.page.locator(f".tab.dirty[data-resource-name='{name}']")
        await tab.wait_for(state="attached")
    await vscode.window.command("File: Save All Files")
    wanted = {
        "added.py": b"second = 2\n",
        "names.py": b"first = 1\r\n",
        "uses.py": b"from names import first\n\nprint(first)\n",
    }
    await until("all saved", lambda: {name: on_disk(vscode, name) for name in wanted} == wanted)


async def test_a_refactoring_is_cancelled(vscode: Session, pictures: Path) -> None:
    vscode.model.chat = [replies.endless()]
    before = len(vscode.fake.completions)
    await rewrite(vscode, "cancelled.py")
    await until("the question", lambda: len(vscode.fake.completions) > before)
    upstream = vscode.fake.completions[-1]
    item = vscode.window.page.locator(".statusbar-item", has_text="Use sum.").first
    await item.wait_for()
    await vscode.window.picture(pictures / "vscode-progress.png")
    await item.click()
    toast = vscode.window.page.locator(".notification-list-item .monaco-button", has_text="Cancel")
    await toast.first.click()
    await until("the model to be left alone", upstream.hung_up.is_set)
    await vscode.window.press("Escape")
    assert on_disk(vscode, "cancelled.py") == crlf(CODE)
    assert not await vscode.window.page.locator(".tab.active.dirty").count()

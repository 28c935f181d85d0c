"""VS Code's window in a headless Chromium: what a user can see and do there.

Texts are read from the DOM. Ghost text stands in spans of the cursor's line and, for further lines,
in zones between the lines; blanks are no-break spaces there.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.editors.support.waiting import until, until_on_disk
from tests.editors.vscode.install import Tools

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Locator, Page

CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
_GHOST = """() => {
  const text = (node) => node.textContent.replaceAll("\\u00a0", " ");
  const marked = "[class*='ghost-text-decoration']";
  const spans = [...document.querySelectorAll(`.view-lines ${marked}`)];
  const outer = spans.filter((span) => !span.parentElement.closest(marked));
  const zones = [...document.querySelectorAll(".view-zones .view-line")];
  return [outer.map(text).join(""), ...zones.map(text)].join("\\n").replace(/\\n+$/, "");
}"""

_DRAWN = """() => {
  const text = (node) => getComputedStyle(node, "::after").content;
  const spans = [...document.querySelectorAll(".editor-instance .view-lines span")];
  const drawn = spans.map(text).filter((each) => each.startsWith('"'));
  return drawn.map((each) => JSON.parse(each).replaceAll("\\u00a0", " "));
}"""
_ARROWS = """() => {
  const image = (node) => getComputedStyle(node).backgroundImage;
  const marks = [...document.querySelectorAll(".editor-instance .margin .cgmr")];
  const shown = marks.filter((each) => image(each).includes("next-edit"));
  const lines = [...document.querySelectorAll(".editor-instance .line-numbers")];
  const top = (node) => node.getBoundingClientRect().top;
  const line = (mark) => lines.find((each) => Math.abs(top(each) - top(mark)) < 5);
  return shown.map((each) => Number(line(each)?.textContent));
}"""


class Window:
    """One page with VS Code in it."""

    def __init__(self, page: Page, workspace: Path) -> None:
        self.page = page
        self._workspace = workspace

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.page.keyboard.press(key)

    async def type(self, text: str, delay_ms: float = 30) -> None:
        await self.page.keyboard.type(text, delay=delay_ms)

    async def open(self, name: str, place: str = "") -> None:
        """Open a file of the workspace; `place` is "line:column", its end if there is none."""
        await self.press("Escape")
        # By its whole path: the list of files may not know a new one yet.
        path = f"{self._workspace / name}" + (f":{place}" if place else "")
        await self._quick_input("Control+P", path, name)
        tab = f".tabs-container .tab.active[data-resource-name='{name}']"
        await self.page.locator(tab).wait_for()
        editor = self.page.locator(".editor-instance .monaco-editor.focused").first
        await editor.wait_for(state="attached")
        if not place:
            await self.press("Control+End")

    async def command(self, title: str) -> None:
        """Run a command of the palette."""
        await self._quick_input("F1", f">{title}", title)

    async def choose(self, label: str) -> None:
        """Take an entry of the list that is open."""
        await self.entry(label).click()

    def entry(self, label: str) -> Locator:
        return self.page.locator(".quick-input-list .monaco-list-row", has_text=label).first

    async def answer(self, title: str, text: str) -> None:
        """Write into the input box of that title."""
        await self.page.locator(".quick-input-title:visible", has_text=title).wait_for()
        box = self.page.locator(".quick-input-widget input:visible").first
        await box.fill(text)
        await self.press("Enter")

    async def ghost(self) -> str:
        """The ghost text: the rest of the cursor's line, then its further lines."""
        shown = await self.page.evaluate(_GHOST)
        assert isinstance(shown, str)
        return shown

    async def sees(self, text: str) -> None:
        """Wait for this ghost text, "" for none."""
        seen: list[str] = [""]

        async def look() -> bool:
            seen.append(await self.ghost())
            return seen[-1] == text

        await until(f"the ghost text {text!r}", look, instead=lambda: list(dict.fromkeys(seen)))

    async def drawn(self) -> list[str]:
        """What extensions draw into the text."""
        shown = await self.page.evaluate(_DRAWN)
        assert isinstance(shown, list)
        return shown

    async def arrows(self) -> list[int]:
        """The lines that the arrow of a next edit stands beside, from 1."""
        shown = await self.page.evaluate(_ARROWS)
        assert isinstance(shown, list)
        return shown

    async def saved(self, name: str, content: bytes) -> None:
        """Save, and compare what is on disk byte for byte."""
        await self.press("Control+S")
        await until_on_disk(self._workspace / name, content)

    async def status(self) -> str:
        """What a screen reader says of the item in the status bar."""
        item = self.page.locator("[id='devstral-lsp.devstral-lsp.devstral-lsp.status'] a").first
        if not await item.count():
            item = self.page.locator(".statusbar-item a", has_text="Devstral").first
        return await item.get_attribute("aria-label") or ""

    async def says(self, words: str) -> None:
        """Wait for words in the status bar."""

        async def look() -> bool:
            return re.search(words, await self.status()) is not None

        await until(f"the status to say {words!r}", look)

    async def picture(self, file: Path, clip: tuple[int, int, int, int] | None = None) -> None:
        """Take a picture of x, y, width and height, or of all."""
        file.parent.mkdir(parents=True, exist_ok=True)
        area: dict[str, Any] = {}
        if clip is not None:
            area = {"clip": dict(zip(("x", "y", "width", "height"), clip, strict=True))}
        await self.page.screenshot(path=file, **area)

    async def _quick_input(self, key: str, text: str, row: str) -> None:
        await self.press(key)
        box = self.page.locator(".quick-input-widget input:visible").first
        await box.fill(text)
        await self.entry(row).wait_for()
        await self.press("Enter")


class Browser:
    """Chromium. `strayed` are the addresses beyond this machine that a page asked for."""

    def __init__(self, tools: Tools, folder: Path) -> None:
        self._tools = tools
        self._folder = folder
        self._playwright: Any = None
        self._context: BrowserContext | None = None
        self.strayed: list[str] = []

    async def start(self) -> Page:
        if str(self._tools.playwright) not in sys.path:
            sys.path.append(str(self._tools.playwright))
        from playwright.async_api import async_playwright

        self._playwright = await async_playwright().start()
        self._context = await self._playwright.chromium.launch_persistent_context(
            str(self._folder),
            executable_path=CHROMIUM,
            headless=True,
            viewport={"width": 1280, "height": 800},
            args=list(FLAGS),
        )
        assert self._context is not None
        await self._context.route(re.compile(r"https?://(?!127\.0\.0\.1[:/])"), self._stop)
        self._context.set_default_timeout(20_000)
        return self._context.pages[0]

    async def stop(self) -> None:
        if self._context is not None:
            await self._context.close()
        if self._playwright is not None:
            await self._playwright.stop()

    async def _stop(self, route: Any) -> None:
        self.strayed.append(route.request.url)
        await route.abort()

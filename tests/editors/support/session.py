"""What a test of an editor in a terminal has in its hands, whichever the editor."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tests.editors.support.model import Model
from tests.editors.support.screen import Terminal
from tests.editors.support.waiting import until_on_disk
from tests.editors.support.wiretap import Wiretap
from tests.support.fake_mistral import FakeMistral
from tests.support.fake_server import Received


@dataclass
class TerminalSession:
    """One run of an editor, with our server and a model that knows some texts by heart."""

    terminal: Terminal
    wire: Wiretap
    model: Model
    fake: FakeMistral
    workspace: Path

    def questions(self) -> list[Received]:
        """What the model for refactoring was asked."""
        return [each for each in self.fake.completions if "messages" in each.body]

    async def on_disk(self, name: str, content: bytes) -> None:
        """Wait until a file of the workspace is this, byte for byte."""
        await until_on_disk(self.workspace / name, content, instead=self.terminal.text)

"""`devstral-lsp refactor` in a process of its own, against a fake endpoint that a test scripts."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.answers import Answer
from tests.support.fake_mistral import KEY, FakeMistral

MODEL = "devstral-2512"
CODE = """\
def total(items):
    result = 0
    for item in items:
        result += item
    return result
"""
SUMMED = "def total(items):\n    return sum(items)"


@dataclass(frozen=True, slots=True)
class Done:
    """What a command came to, and what it asked of the endpoint."""

    status: int
    out: str
    err: str
    asked: tuple[Any, ...]


def replying(code: str | None, *files: tuple[str, str]) -> Answer:
    """A reply with new code for the selection, and further files."""
    written = [{"path": path, "code": text} for path, text in files]
    return Answer(text=(json.dumps({"code": code, "imports": [], "files": written}),))


async def refactor(
    folder: Path, environ: Mapping[str, str], reply: Answer | list[Answer], *arguments: str
) -> Done:
    """Run the command in `folder`; the model says `reply`, also when it is asked once more."""
    script = reply if isinstance(reply, list) else [reply, reply]
    async with FakeMistral(script, strict=False) as fake:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "devstral_lsp", "refactor", *arguments,
            cwd=folder, env={**environ, "DEVSTRAL_CHAT_BASE_URL": fake.url,
                             "DEVSTRAL_CHAT_MODEL": MODEL, "MISTRAL_API_KEY": KEY},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        async with asyncio.timeout(60):
            out, err = await process.communicate()
    assert process.returncode is not None
    asked = tuple(each.body for each in fake.completions)
    return Done(process.returncode, out.decode(), err.decode(), asked)


def tree(folder: Path) -> dict[str, bytes]:
    """All files below a folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def chat(fake: FakeMistral) -> dict[str, Any]:
    """The variables that make a server's conversations go to this endpoint."""
    return {
        "DEVSTRAL_CHAT_BASE_URL": fake.url,
        "DEVSTRAL_CHAT_MODEL": MODEL,
        "DEVSTRAL_FIM_PROVIDER": "local",
        "MISTRAL_API_KEY": KEY,
    }

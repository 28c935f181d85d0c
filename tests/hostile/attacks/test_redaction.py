"""Secrets where nobody looks for them, and answers that mishandle what stands for a secret.

The user's document may change only as the user would expect: the real secret stays, or the edit is
refused. No 8 code points of a secret may be among what the endpoint gets.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from tests.hostile.attacks.conftest import StartEditor
from tests.hostile.attacks.test_secrets import assert_kept_back
from tests.support import replies
from tests.support.answers import Answer
from tests.support.clients import NEOVIM
from tests.support.fake_mistral import FakeMistral, Received
from tests.support.secrets_samples import Drawn
from tests.support.workbench import EVERYTHING, Workbench

D = Drawn(97)
LETTERS = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
TOKEN = "gh" + "p_" + D.of(LETTERS, 36)
PASSWORD = D.of(LETTERS, 20)
INVOKED = types.InlineCompletionTriggerKind.Invoked
CODE = (
    f'def connect(host):\n    password = "{PASSWORD}"\n'
    "    result = open(host, password)│\n    return result\n"
)


@pytest.mark.parametrize(
    "marked",
    [
        f'token = "{TOKEN[:-3]}│\n',
        f'token = "{TOKEN}│"\n',
        f"x = │\n\n\ntoken = '{TOKEN}'\n",
        f"# see {TOKEN}\nx = │\n",
        "x" * 20 + " = 1;" * 4000 + f' t = "{TOKEN}";' + " y = 2;" * 3000 + "\nz = │\n",
        f"def f():\n    return │\n{'# filler of the file' * 3000}\npassword = '{PASSWORD}'\n",
    ],
    ids=["half typed", "typed", "suffix", "comment", "long line", "far below"],
)
async def test_a_secret_around_the_cursor(
    start: StartEditor, mistral: FakeMistral, marked: str
) -> None:
    editor = await start(NEOVIM)
    await editor.inline(editor.open(marked, "untitled:a"), INVOKED)
    assert mistral.completions
    assert_kept_back(mistral, TOKEN[:-3], PASSWORD)


@pytest.mark.parametrize("cut", range(900, 964, 7))
async def test_a_prompts_cut_within_a_secret(
    start: StartEditor, mistral: FakeMistral, cut: int
) -> None:
    """One long line, of which the prompt takes the end: it begins anywhere in a token."""
    editor = await start(NEOVIM, DEVSTRAL_FIM_MAX_PROMPT_TOKENS="300")
    line = "a = 1; " * 500 + f'token = "{TOKEN}"; ' + "b = 2; " * (cut // 7) + " " * (cut % 7)
    await editor.inline(editor.open(f"{line}c = │\n", "untitled:a"), INVOKED)
    assert mistral.completions
    assert_kept_back(mistral, TOKEN)


@pytest.mark.parametrize("name", [f"{TOKEN}/app.py", f"{TOKEN}.py", f"a/token={PASSWORD}/b.py"])
async def test_a_secret_in_the_path(
    start: StartEditor, mistral: FakeMistral, tmp_path: Path, name: str
) -> None:
    file = tmp_path / "clone" / name
    file.parent.mkdir(parents=True)
    editor = await start(NEOVIM, root_uri=(tmp_path / "clone").as_uri())
    for number in range(2):
        other = file.with_name(f"o{number}{file.name}").as_uri()
        editor.open(f"def add{number}(a, b):\n    return a + b\n│", other)
    await editor.inline(editor.open("def add(a, b):\n    │\n", file.as_uri()), INVOKED)
    assert mistral.completions
    assert_kept_back(mistral, TOKEN, PASSWORD)


def _same(placeholder: str) -> str:
    return placeholder


def _altered(placeholder: str) -> str:
    return placeholder[:10] + "zz" + placeholder[12:]


def _shortened(placeholder: str) -> str:
    return placeholder[:-2]


@pytest.mark.parametrize(
    ("change", "is_made"),
    [
        (_same, True),
        (lambda placeholder: f'{placeholder}" + "{placeholder}', True),
        (_altered, False),
        (_shortened, False),
        (lambda placeholder: placeholder[::-1], False),
        (lambda placeholder: placeholder.upper(), False),
    ],
    ids=["repeated", "doubled", "altered", "shortened", "reversed", "in capitals"],
)
async def test_a_refactor_that_mishandles_what_stands_for_a_secret(
    start: StartEditor, change: Callable[[str], str], is_made: bool
) -> None:
    """No placeholder, and no part of one, comes into the document in the secret's place."""
    shown: list[str] = []

    def script(request: Received) -> Answer:
        told = json.dumps(request.body["messages"], ensure_ascii=False)
        at = told.index('password = \\"') + len('password = \\"')
        shown.append(told[at : told.index('\\"', at)])
        return replies.code(
            f'def connect(host):\n    password = "{change(shown[0])}"\n'
            "    opened = open(host, password)\n    return opened\n"
        )

    async with FakeMistral(script, key=None) as fake:
        options = {"chat": {"base_url": fake.url, "model": "devstral-2512"}}
        editor = await start(EVERYTHING, initialization_options=options)
        bench = Workbench(editor)
        place = bench.open(CODE, "untitled:a")
        await bench.take(await bench.action(place, "Simplify `connect`"))
        assert_kept_back(fake, PASSWORD)
    changed = bench.texts["untitled:a"]
    pieces = [shown[0][at : at + 8] for at in range(len(shown[0]) - 7)]
    assert not [piece for piece in pieces if piece.lower() in changed.lower()], editor.shown
    assert PASSWORD in changed, editor.shown
    assert ("opened" in changed) is is_made
    bench.end()


async def test_an_instruction_with_a_secret(start: StartEditor, mistral: FakeMistral) -> None:
    def script(_: Received) -> Answer:
        return replies.code("def add(a, b):\n    return b + a\n")

    async with FakeMistral(script, key=None) as fake:
        options = {"chat": {"base_url": fake.url, "model": "devstral-2512"}}
        editor = await start(EVERYTHING, initialization_options=options)
        bench = Workbench(editor)
        place = bench.open(
            f"# TODO use password {PASSWORD} and {TOKEN}\ndef add(a, b):│\n    return a\n",
            "untitled:a",
        )
        diagnostic = types.Diagnostic(
            range=types.Range(types.Position(1, 0), types.Position(1, 3)),
            message=f"'{TOKEN}' is not defined; token={PASSWORD}",
            severity=types.DiagnosticSeverity.Error,
        )
        found = await bench.actions(place, diagnostics=[diagnostic])
        assert found
        for action in found[:4]:
            with suppress(JsonRpcException):  # some are about code that an earlier one changed
                await bench.take(action)
        assert fake.received
        assert_kept_back(fake, PASSWORD, TOKEN)
        bench.end()

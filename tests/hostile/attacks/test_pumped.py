"""Replies, suggestions and files made of one thing again and again: typing goes on beside them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial

import pytest

from devstral_lsp.secrets.scan import drop_secret_lines
from tests.hostile.attacks.conftest import StartEditor
from tests.hostile.attacks.endless import MAX_MB, PROMPT_S, keystroke_s, server_vitals
from tests.support.answers import Answer
from tests.support.clients import NEOVIM
from tests.support.editor import PATIENCE_S
from tests.support.fake_mistral import FakeMistral
from tests.support.pumping import superlinear
from tests.support.readers import SHAPES, readers
from tests.support.workbench import EVERYTHING, Workbench

CODE = "def total(values):\n    result = 0\n    for value in values:\n        result += value│\n"
LARGE = 60_000
"""Code points, as in the attack that was seen."""
SIZES, FLOOR_S = (12_000,), 0.12
"""A text of nothing but errors costs the parser its whole time: 0.07 s for 12,000 code points."""


@pytest.mark.timeout(300)
@pytest.mark.parametrize("shape", SHAPES)
def test_readers_are_linear(shape: str) -> None:
    slow = [
        f"{name}: {found}"
        for name, read in readers("python", "typescript")
        if (found := superlinear(read, partial(pumped, SHAPES[shape]), name, SIZES, FLOOR_S))
    ]
    assert not slow, "\n".join(slow)


def pumped(body: str, size: int) -> str:
    return body * (size // len(body))


def test_what_is_quadratic_is_found() -> None:
    def restarts(text: str) -> int:
        return sum(text.count("ab", at) for at in range(len(text)))

    assert superlinear(restarts, lambda size: "ab" * 2 * size, "restarts", (2_000,), 0.01)


NEAR_SECRETS = (
    *("htpasswd -b ", "net use /user:a ", "echo a|", "auth=('a','b1',", "x:y@tcp(", ":5432:a:b:"),
    *(
        'password {type = "a"\n',
        "token:\n type: b\n",
        "token: >-\n ",
        '"\n + "',
        "jdbc:oracle:a:b/",
    ),
    *("sk-a1-", "ab=", "0a/", "getenv('", "key[a]", "a1%s"),
    *("token=", "password: ", "secret secret", "pass", "key='", "token(", "://", "://a:b@", "x@"),
    *("-----BEGIN RSA PRIVATE KEY-----\n", "-----END RSA PRIVATE KEY-----\n", "-----BEGIN "),
    *("eyJaaaaaaaaa.", "basic ", "bearer abc1 ", "machine a login b password ", "curl -u a:"),
    *("mysql -p", "$6$", "A" * 64 + "\n", "\npassword", "name: token\n value: ", "key: value: "),
    *("Private-Lines: 1\n", "mnemonic: abc ", "abcd1234" * 4 + "-us", "\\", '\\"', "<key>", "\n\n"),
)
"""Beginnings of what is looked for as a secret."""


@pytest.mark.timeout(300)
@pytest.mark.parametrize("piece", NEAR_SECRETS, ids=[repr(each[:16]) for each in NEAR_SECRETS])
def test_secrets_are_looked_for_in_linear_time(piece: str) -> None:
    def make(size: int) -> str:
        return (piece * (size // len(piece) + 1))[:size] + "\0"

    slow = superlinear(drop_secret_lines, make, "drop_secret_lines", (20_000,), 0.03)
    assert slow is None, slow


REPLIES = {
    "a line of comments with dots": pumped("{/*......", LARGE),
    "a fence line of blanks": "```" + " " * LARGE + "x`\n",
    "end tokens": pumped("</s>", LARGE) + "x",
    "file tags": pumped('<file path="a', LARGE),
    "file tags by line": pumped('\n<file path="a">', LARGE),
    "finding tags": pumped("<finding ", LARGE),
    "nested objects": pumped('{"a":', LARGE),
    "nested answers": pumped('{"code":', LARGE),
    "code tags without an end": pumped("<new_code>\n", LARGE),
    "blanks before a closing tag": "<new_code>\n" + " " * LARGE + "</new_code",
    "lines of dots": "<new_code>\n" + pumped("...\n", LARGE) + "</new_code>",
    "rests of the code": "<new_code>\n" + pumped("# ... rest of code\n", LARGE) + "</new_code>",
    "stubs": "<new_code>\n" + pumped("def f():\n    ...\n", LARGE) + "</new_code>",
    "searches without an end": pumped("<<<<<<< SEARCH\n", LARGE),
    "hunks": pumped("@@ @@\n-    result = 0\n+    result = 0\n", LARGE),
    "opened sentinels": "<new_code>\n" + pumped("<PRE>", LARGE) + "\n</new_code>",
    "line numbers": "<new_code>\n1" + "\t" * LARGE + "\n2\t\n</new_code>",
    "numbers of 5,000 digits": "<new_code>\n" + ("9" * 5000 + ": x\n") * 12 + "</new_code>",
    "unmatched brackets": "<new_code>\n" + pumped("(]", LARGE) + "\n</new_code>",
}


@pytest.mark.parametrize("name", REPLIES)
async def test_a_reply_is_read_while_typing_goes_on(
    start: StartEditor, mistral: FakeMistral, name: str
) -> None:
    async with FakeMistral(lambda _: Answer(text=[REPLIES[name]]), key=None) as chat:
        options = {"chat": {"base_url": chat.url, "model": "devstral-2512"}}
        editor = await start(EVERYTHING, initialization_options=options)
        bench = Workbench(editor)
        place = bench.open(CODE)
        span = {"start": {"line": 0, "character": 0}, "end": {"line": 4, "character": 0}}
        told = {"uri": place.uri, "range": span, "instruction": "Use sum."}
        await bench.command("devstral.rewrite", told)
        other = editor.open("def add(a, b):\n    │\n", uri="untitled:other")
        async with asyncio.timeout(40):
            while not (editor.shown or bench.edits):
                assert (await keystroke_s(editor, other))[0] < PROMPT_S
                await asyncio.sleep(0.05)
        assert server_vitals().peak_mb < MAX_MB
        bench.end()


@pytest.mark.parametrize(
    "shape", ["(]", "<PRE>", "# ... rest\n", "f(", "\n", '"', "a-", "{/*......"]
)
async def test_a_suggestion_is_judged_promptly(
    start: StartEditor, mistral: FakeMistral, shape: str
) -> None:
    mistral.answer_always(Answer(text=[pumped(shape, LARGE)]))
    editor = await start(NEOVIM)
    place = editor.open("def add(a, b):\n    return │\n")
    assert (await keystroke_s(editor, place))[0] < PROMPT_S
    mistral.answer_always(Answer(text=["a + b"]))
    other = editor.open("def add(a, b):\n    return │\n", uri="untitled:other")
    items: Sequence[object] = ()
    async with asyncio.timeout(PATIENCE_S):  # an endpoint that answers junk is left alone a moment
        while not items:
            seconds, items = await keystroke_s(editor, other)
            assert seconds < PROMPT_S


@pytest.mark.parametrize(
    ("shape", "language"),
    [
        ("(]", "lua"),
        ("()", "shellscript"),
        ("{/*......\n", "csharp"),
        ("a,", "rust"),
        ("use a::{", "rust"),
        ("import (\n", "go"),
        ("from a import (\n", "python"),
        ("const {", "javascript"),
        ("`", "ruby"),
    ],
)
async def test_a_file_of_nothing_else_is_completed_in(
    start: StartEditor, mistral: FakeMistral, shape: str, language: str
) -> None:
    """Two files of 300,000 code points: one that is typed in, one beside it."""
    editor = await start(NEOVIM)
    text = pumped(shape, 300_000)
    editor.open(f"{text}│", uri="untitled:beside", language=language)
    place = editor.open(f"{text}\nx = │\n{text}", uri="untitled:here", language=language)
    for letter in "abc":
        assert (await keystroke_s(editor, place))[0] < PROMPT_S
        place = editor.type(place, letter)
    assert mistral.completions

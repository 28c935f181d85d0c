"""What is left of placeholders: told from ordinary code, in whatever pieces it comes."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable

import pytest

from devstral_lsp.secrets.placeholders import Placeholders, Restorer
from tests.support.ordinary_code import ordinary_code
from tests.support.secrets_samples import Drawn, samples

KEY = b"k" * 16
D = Drawn(3)
WORD = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
SECRETS = {
    "password": "Tr0ub4dor9Zx",
    "token": "gh" + "p_" + D.of(WORD, 36),
    "hex": D.hexed(32),
    "row of a key": D.of(WORD + "+/", 64),
    "base64": D.base64(32),
    "signs": "aB3!x-Y9_zK#4mQ",
}
CHANGES: dict[str, Callable[[str], str]] = {
    "two literals": lambda p: f'"{p[: len(p) // 2]}" "{p[len(p) // 2 :]}"',
    "joined by a sign": lambda p: f"'{p[:9]}' + '{p[9:]}'",
    "joined over lines": lambda p: f'"{p[:9]}"\n        + "{p[9:]}"',
    "a line continuation": lambda p: f'"{p[:9]}\\\n{p[9:]}"',
    "a line end in a string": lambda p: f'"{p[:9]}\\n{p[9:]}"',
    "pieces of three": lambda p: " + ".join(f'"{p[at : at + 3]}"' for at in range(0, len(p), 3)),
    "indented in the middle": lambda p: f"{p[:9]}\n    {p[9:]}",
    "capitals": str.upper,
    "the other case": str.swapcase,
    "its first half": lambda p: f'"{p[: len(p) // 2 + 4]}"',
    "its second half": lambda p: f'"{p[len(p) // 2 - 2 :]}"',
    "one letter less": lambda p: f'"{p[:-1]}"',
    "another last letter": lambda p: f'"{p[:-1]}!"',
    "a letter in the middle": lambda p: f'"{p[:8]}Q{p[8:]}"',
    "base64": lambda p: b64encode(p.encode()).decode(),
    "base64 with a user": lambda p: b64encode(f"admin:{p}".encode()).decode(),
    "hexadecimal": lambda p: p.encode().hex(),
    "escaped": lambda p: "".join(f"\\x{ord(c):02x}" for c in p),
    "in an address": lambda p: "".join(f"%{ord(c):02X}" for c in p),
    "a template": lambda p: f"`{p[:7]}${{''}}{p[7:]}`",
    "an escape before every sign": lambda p: "".join(c if c.isalnum() else "\\" + c for c in p),
}


def _fed(restorer: Restorer, text: str, size: int) -> str:
    pieces = [text[at : at + size] for at in range(0, len(text), size)]
    return "".join([*map(restorer.feed, pieces), restorer.finish()])


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("kind", SECRETS)
def test_a_placeholder_that_was_changed(kind: str, change: str) -> None:
    secret = SECRETS[kind]
    placeholder = Placeholders(KEY).of(secret)
    changed = CHANGES[change](placeholder)
    if placeholder in changed:
        pytest.skip("it is left as it was")
    before = "def connect(host):\n    token = "
    answer = f"{before}{changed}\n    return open(host, token)\n"
    for size in (1, 3, 7, 500):
        chat = Restorer({placeholder: secret})
        assert _fed(chat, answer, size) == answer
        assert chat.is_broken
        gap = Restorer({placeholder: secret}, ends_when_broken=True)
        shown = _fed(gap, answer, size)
        assert gap.has_ended
        assert answer.startswith(shown)
        assert shown.count("\n") == before.count("\n"), "the line of the key is not whole"


@pytest.mark.parametrize("size", [1, 3, 500])
def test_one_that_was_repeated_as_it_is(size: int) -> None:
    made = Placeholders(KEY)
    for secret in SECRETS.values():
        placeholder = made.of(secret)
        restorer = Restorer({placeholder: secret}, ends_when_broken=True)
        text = 'a = "{0}"\nb = f("{0}{0}", x_{0})\n'
        assert _fed(restorer, text.format(placeholder), size) == text.format(secret)
        assert not restorer.is_broken


@pytest.mark.parametrize("size", [40, 4_000])
def test_ordinary_code_holds_no_part(size: int) -> None:
    """Beside 200 secrets of all kinds: none of their placeholders is seen in what has none."""
    page = Placeholders(KEY).page()
    page.redact([each.text for each in samples(5)[::4]])
    assert len(page.replaced) > 200
    seen = 0
    for _, text in ordinary_code(3, lines=60):
        restorer = Restorer(page.replaced, ends_when_broken=True)
        assert _fed(restorer, text, size) == text
        assert not restorer.is_broken
        seen += len(text)
    assert seen > 30_000


def test_an_answer_that_ends_within_one() -> None:
    placeholder = Placeholders(KEY).of(SECRETS["token"])
    restorer = Restorer({placeholder: SECRETS["token"]}, ends_when_broken=True)
    assert _fed(restorer, f'token = "{placeholder[:9]}', 3) == 'token = "'
    assert restorer.has_ended


def test_a_restored_value_tells_as_well() -> None:
    page = Placeholders(KEY).page()
    (shown,) = page.redact([f'password = "{SECRETS["password"]}"'])
    placeholder = shown[12:-1]
    page.restore_value({"arguments": f'{{"new": "x = \\"{placeholder}\\""}}'})
    assert not page.is_broken
    page.restore_value(
        {"arguments": f'{{"new": "x = \\"{placeholder[:6]}\\" \\"{placeholder[6:]}\\""}}'}
    )
    assert page.is_broken

from __future__ import annotations

import pytest

from devstral_lsp.server.plain_text import label_text, message_text


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("Done.", "Done."),
        ("[run](command:x)", "[run] (command:x)"),
        ('[a](https://a.example "b")', '[a] (https://a.example "b")'),
        ("[a](FILE:///etc)", "[a] (FILE:///etc)"),
        ("call handlers[i](event)", "call handlers[i](event)"),
        ("a\nb\x1b[2J\u202e", "a\nb\\x1b[2J\\u202e"),
    ],
)
def test_a_message_has_no_links_and_hides_nothing(said: str, shown: str) -> None:
    assert message_text(said) == shown


def test_a_label_has_one_line() -> None:
    assert label_text("a\n[b](command:c)") == "a [b] (command:c)"

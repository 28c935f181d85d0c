from __future__ import annotations

import pytest

from devstral_lsp.refactor.removal import asks_to_remove


@pytest.mark.parametrize(
    "words",
    [
        "remove the debug output",
        "Please delete unused branches",
        "simplify this",
        "entferne die Ausgaben",
        "supprime les traces",
        "elimina los comentarios",
        "удали отладочный вывод",
        "删除调试输出",
        "デバッグ出力を削除して",
        "do not rename anything, but remove the prints",
    ],
)
def test_words_that_ask_for_code_to_go(words: str) -> None:
    assert asks_to_remove(words)


@pytest.mark.parametrize(
    "words",
    [
        "add type hints",
        "make it clearer and faster",
        "handle empty input and the deadline",
        "borrow instead of a clone",
        "trim the string and cancel the request",
        "rename x to y",
        "use pathlib, and do not remove anything",
        "ohne etwas zu entfernen, benutze pathlib",
        "make it async without deleting comments",
        "füge Typen hinzu",
        "添加类型",
    ],
)
def test_words_that_do_not(words: str) -> None:
    assert not asks_to_remove(words)

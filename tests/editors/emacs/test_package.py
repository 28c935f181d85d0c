"""The package as Emacs judges it. That it compiles without a warning is seen at its install."""

from __future__ import annotations

import pytest

from tests.editors.emacs.install import SOURCE, Emacs, batch

pytestmark = pytest.mark.editors


def test_its_documentation_is_in_order(emacs: Emacs) -> None:
    check = f'(progn (require (quote checkdoc)) (checkdoc-file "{SOURCE}"))'
    assert batch(emacs, "--eval", check).strip() == ""

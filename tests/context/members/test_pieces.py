"""What fits into a budget."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from devstral_lsp.context.members.facts import Member, MemberKind
from devstral_lsp.context.members.meaning import Found
from devstral_lsp.context.members.pieces import OF_A_NAME, render_piece


@pytest.mark.parametrize("language", ["python", "typescript", "ruby"])
@pytest.mark.parametrize("title", ["", "class Store(Base)"])
def test_a_piece_fits_into_its_room(language: str, title: str) -> None:
    rng = random.Random(7)
    for _ in range(300):
        found = []
        for at in range(rng.randint(1, 60)):
            name = f"name_{at}_{'x' * rng.randint(0, 20)}"
            text = f"def {name}({'y' * rng.randint(0, 80)})"
            found.append(Found(Member(name, MemberKind.METHOD, text), None, Path("a.py")))
        room = rng.randint(60, 1_500)
        piece = render_piece(
            title, found, file=Path("a.py"), language_id=language, room=room, reason=""
        )
        assert piece is None or piece.cost <= room + OF_A_NAME

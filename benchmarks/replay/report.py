"""The report: a table for people, JSON for machines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from benchmarks.replay.figures import Figure

SMALL = 10
"""Figures below this are printed with one decimal."""


def table(columns: dict[str, list[Figure]]) -> str:
    """One row per figure, one column per server."""
    names = list(columns)
    width = max(14, *(len(name) + 2 for name in names))
    lines = [" " * 30 + "".join(f"{name:>{width}}" for name in names)]
    for row in zip(*columns.values(), strict=True):
        values = "".join(f"{_shown(figure):>{width}}" for figure in row)
        lines.append(f"{row[0].name:<30}{values}")
    return "\n".join(lines)


def write_json(path: Path, conditions: dict[str, Any], columns: dict[str, list[Figure]]) -> None:
    servers = {
        name: {figure.name.strip(): figure.value for figure in figures}
        for name, figures in columns.items()
    }
    document = {"conditions": conditions, "servers": servers}
    path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def _shown(figure: Figure) -> str:
    if figure.value is None:
        return "–"
    whole = figure.value >= SMALL or float(figure.value).is_integer()
    number = f"{figure.value:,.0f}" if whole else f"{figure.value:.1f}"
    return f"{number} {figure.unit}".strip()

"""JupyterLab finds the server by an entry point, which has to name a function that there is."""

from __future__ import annotations

import sys
import tomllib
from importlib import import_module
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).parents[3]


def specs_of_entry_point() -> dict[str, Any]:
    """What jupyter-lsp's manager gets from the entry point that pyproject.toml declares."""
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    (target,) = project["entry-points"]["jupyter_lsp_spec_v1"].values()
    module, _, function = target.partition(":")
    made: dict[str, Any] = getattr(import_module(module), function)(None)
    return made


def test_the_entry_point_describes_the_server() -> None:
    (spec,) = specs_of_entry_point().values()
    assert spec["argv"] == [sys.executable, "-P", "-m", "devstral_lsp", "--stdio"]
    assert "python" in spec["languages"]

"""Commands run with no settings, keys or folders but the test's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from devstral_lsp.config.schema import SETTING_SPECS
from tests.support.logs import logging_restored

_UNSET = ("MISTRAL_API_KEY", "CODESTRAL_API_KEY", "NO_COLOR", "FORCE_COLOR")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder with an empty user file; its path is `<home>/config.toml`."""
    folder = tmp_path / "home"
    folder.mkdir()
    (folder / "config.toml").touch()
    for name in (*_UNSET, *(setting.variable for setting in SETTING_SPECS.values())):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder))
    monkeypatch.setenv("DEVSTRAL_CONFIG", str(folder / "config.toml"))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    return folder


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project, as the current folder."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "pyproject.toml").touch()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    """A command sets up logging for its whole process."""
    with logging_restored():
        yield

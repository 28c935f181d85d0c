"""A JupyterLab of our own: a process on a free port, with settings and folders for one run."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.editors.jupyter.install import Tools
from tests.editors.support.web_server import WebServer

_SETTINGS: Mapping[str, Mapping[str, Any]] = {
    # It waits for a second, which a first answer on a busy machine may take.
    "@jupyterlab/completer-extension/manager.jupyterlab-settings": {"providerTimeout": 20_000},
    "@jupyterlab/apputils-extension/notification.jupyterlab-settings": {
        "fetchNews": "false",
        "checkForUpdates": False,
    },
    "@jupyterlab/codemirror-extension/plugin.jupyterlab-settings": {
        "defaultConfig": {"autoClosingBrackets": False},
    },
}


class Lab:
    """One server. `folder` holds all that it writes; `workspace` is what it opens."""

    def __init__(self, tools: Tools, folder: Path) -> None:
        self._tools = tools
        self._folder = folder
        self._web = WebServer(folder / "lab.log")
        self.workspace = folder / "workspace"
        self.workspace.mkdir()
        for name, settings in _SETTINGS.items():
            file = folder / "config" / "lab" / "user-settings" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(settings))

    def notebook(self, name: str, *cells: str) -> None:
        """Write a notebook of Python with these cells of code."""
        made = [
            {
                "cell_type": "code",
                "id": f"cell-{index}",
                "metadata": {},
                "source": source,
                "outputs": [],
                "execution_count": None,
            }
            for index, source in enumerate(cells)
        ]
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        whole = {
            "cells": made,
            "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
            "nbformat": 4,
            "nbformat_minor": 5,
        }
        (self.workspace / name).write_text(json.dumps(whole))

    async def start(self, environ: Mapping[str, str]) -> None:
        """Start, and wait until it answers."""
        await self._web.start(self._serving, {**os.environ, **self._folders(), **environ}, "/api")

    async def stop(self) -> None:
        """End it and all that it has started."""
        await self._web.stop()

    @property
    def url(self) -> str:
        """Where it is, once it has been started."""
        return self._web.url

    def _serving(self, port: int) -> list[str]:
        options = (f"--ServerApp.port={port}", "--no-browser", "--allow-root")
        open_to_all = ("--IdentityProvider.token=", f"--ServerApp.root_dir={self.workspace}")
        return [str(self._tools.python), "-m", "jupyterlab", *options, *open_to_all]

    def _folders(self) -> dict[str, str]:
        return {
            "HOME": str(self._folder),
            "JUPYTER_CONFIG_DIR": str(self._folder / "config"),
            "JUPYTER_DATA_DIR": str(self._folder / "data"),
            "JUPYTER_RUNTIME_DIR": str(self._folder / "runtime"),
            "IPYTHONDIR": str(self._folder / "ipython"),
        }

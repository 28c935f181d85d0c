"""A JupyterLab of our own: a process on a free port, with settings and folders for one run."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from tests.editors.jupyter.install import Tools
from tests.editors.support.waiting import until

_SETTINGS: Mapping[str, Mapping[str, Any]] = {
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
        self._process: subprocess.Popen[bytes] | None = None
        self.workspace = folder / "workspace"
        self.workspace.mkdir()
        self.url = ""
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
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        options = (f"--ServerApp.port={port}", "--no-browser", "--allow-root")
        open_to_all = ("--IdentityProvider.token=", f"--ServerApp.root_dir={self.workspace}")
        with (self._folder / "lab.log").open("ab") as log:
            self._process = subprocess.Popen(  # noqa: ASYNC220
                (str(self._tools.python), "-m", "jupyterlab", *options, *open_to_all),
                env={**os.environ, **self._folders(), **environ},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        await until("JupyterLab to answer", self._answers, 60)

    async def stop(self) -> None:
        """End it and all that it has started."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            await asyncio.to_thread(process.wait, 10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def _folders(self) -> dict[str, str]:
        return {
            "HOME": str(self._folder),
            "JUPYTER_CONFIG_DIR": str(self._folder / "config"),
            "JUPYTER_DATA_DIR": str(self._folder / "data"),
            "JUPYTER_RUNTIME_DIR": str(self._folder / "runtime"),
            "IPYTHONDIR": str(self._folder / "ipython"),
        }

    async def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, f"JupyterLab ended: see {self._folder}"
        return await asyncio.to_thread(_is_well, f"{self.url}/api")


def _is_well(url: str) -> bool:
    try:
        with urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False

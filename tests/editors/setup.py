"""Installs the real editors that the tests drive: `python -m tests.editors.setup [EDITOR...]`.

The tests install what is missing by themselves; this is for doing so beforehand, and tells how long
it took. An editor that cannot be had is told loudly and is no failure: its tests are then skipped.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping

from tests.editors.emacs.install import install as install_emacs
from tests.editors.helix.install import install as install_helix
from tests.editors.jupyter.install import install as install_jupyter
from tests.editors.nvim.install import install_all as install_nvim
from tests.editors.vscode.install import install as install_vscode
from tests.support.installed import prepare

EDITORS: Mapping[str, Callable[[], object]] = {
    "vscode": install_vscode,
    "nvim": install_nvim,
    "helix": install_helix,
    "emacs": install_emacs,
    "jupyter": install_jupyter,
}
"""Each editor by the name of its folder."""


if __name__ == "__main__":
    prepare(EDITORS, sys.argv[1:])

"""Installs the real editors that the tests drive: `python -m tests.editors.setup [EDITOR...]`.

The tests install what is missing by themselves; this is for doing so beforehand, and tells how long
it took. An editor that cannot be had is told loudly and is no failure: its tests are then skipped.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping

from tests.editors.emacs.install import install as install_emacs
from tests.editors.helix.install import install as install_helix
from tests.editors.jupyter.install import install as install_jupyter
from tests.editors.nvim.install import install_all as install_nvim
from tests.editors.support.toolbox import Unavailable, cache
from tests.editors.vscode.install import install as install_vscode

EDITORS: Mapping[str, Callable[[], object]] = {
    "vscode": install_vscode,
    "nvim": install_nvim,
    "helix": install_helix,
    "emacs": install_emacs,
    "jupyter": install_jupyter,
}
"""Each editor by the name of its folder."""


def main(names: list[str]) -> int:
    """Install the editors of these names, or all of them."""
    for name in names or list(EDITORS):
        start = time.monotonic()
        try:
            EDITORS[name]()
        except Unavailable as error:
            sys.stdout.write(f"!!! {name} IS NOT TESTED: {error}\n")
        else:
            sys.stdout.write(f"{name}: ready in {time.monotonic() - start:.0f} s ({cache()})\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

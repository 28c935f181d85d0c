"""Where this program lies, and whether an editor would find it by its name.

An editor looks on its PATH, which may be another one than this shell's: this is a hint, no verdict.
"""

from __future__ import annotations

import shutil
import sysconfig

NAME = "devstral-lsp"


def path_hint() -> str:
    """What to do when no shell would find the program, as a sentence; "" when this one would."""
    if shutil.which(NAME):
        return ""
    own = shutil.which(NAME, path=sysconfig.get_path("scripts"))
    instead = f", or give your editor the whole path, {own}" if own else ""
    return (
        f"`{NAME}` is not on the PATH here: "
        f"run `pipx install .` in a clone of it and `pipx ensurepath`{instead}."
    )

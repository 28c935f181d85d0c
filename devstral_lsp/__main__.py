"""`python -m devstral_lsp` is the command `devstral-lsp`.

For `-m`, Python looks for modules in the current folder first. An editor starts us in the folder
that is open, whose own `json.py` must not be run: that entry goes before anything is imported.
"""

from __future__ import annotations

import sys

if __name__ == "__main__":
    if not sys.flags.safe_path and sys.path:
        import os  # which Python has loaded for itself before it looked at any folder

        try:
            if sys.path[0] in ("", os.getcwd()):
                del sys.path[0]
        except OSError:  # the folder is gone, and Python has not put it there
            pass

    from devstral_lsp.cli.main import main

    sys.exit(main())

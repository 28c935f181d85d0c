"""`python -m devstral_lsp` is the command `devstral-lsp`."""

from __future__ import annotations

import sys

from devstral_lsp.cli.main import main

if __name__ == "__main__":
    sys.exit(main())

"""Takes the pictures of the page of `devstral-lsp stats --html`, in Chromium, of a made-up month.

.venv/bin/python -m editors.pictures.draw_stats
"""

from __future__ import annotations

import subprocess
import tempfile
import time
from pathlib import Path

from devstral_lsp.usage.ledger import reading
from devstral_lsp.usage.page import render_page
from devstral_lsp.usage.statistics import gather_statistics
from tests.editors.vscode.window import CHROMIUM, FLAGS
from tests.support.ledgers import fill

DOCS = Path(__file__).parents[2] / "docs"
SCHEMES = {"dark": 0, "light": 1}
"""As Blink numbers them."""


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fill(folder)
        with reading(folder) as connection:
            assert connection is not None
            since_s = time.time() - 30 * 86_400
            page = render_page(gather_statistics(connection, since_s))
        (folder / "page.html").write_text(page, encoding="utf-8")
        for scheme, number in SCHEMES.items():
            picture = DOCS / f"stats-{scheme}.png"
            options = (
                *("--headless=new", "--hide-scrollbars", "--window-size=1100,1330"),
                f"--blink-settings=preferredColorScheme={number}",
                f"--screenshot={picture}",
                f"--user-data-dir={folder / scheme}",
            )
            subprocess.run(
                [CHROMIUM, *FLAGS, *options, (folder / "page.html").as_uri()],
                check=True,
                capture_output=True,
            )


if __name__ == "__main__":
    main()

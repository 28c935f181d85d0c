"""Everything in this folder takes minutes, and needs Linux to look into the server's process."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.hostile.stage import TIMEOUT_MS, TOTAL_TIMEOUT_MS
from tests.support.editor import environment

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.hostile)
            if not sys.platform.startswith("linux"):
                item.add_marker(pytest.mark.skip(reason="there is no /proc"))


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """Impatient with the endpoint, and as talkative as it can be."""
    home = tmp_path / "home"
    home.mkdir()
    timeouts = {
        "DEVSTRAL_FIM_TIMEOUT_MS": str(TIMEOUT_MS),
        "DEVSTRAL_FIM_TOTAL_TIMEOUT_MS": str(TOTAL_TIMEOUT_MS),
    }
    return environment(home, **timeouts, DEVSTRAL_LOG_LEVEL="debug")

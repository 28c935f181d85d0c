"""What holds for every test."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from devstral_lsp.config.readers import CACHE_VARIABLE, STATE_VARIABLE
from devstral_lsp.local import provider

# A busy machine makes any example slow, and that is no fault of what is tested.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

HERE = Path(__file__).parent
LONG = ("hostile", "models")
"""Folders whose tests all have the marker of that name."""


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Do not even read what the markers leave out: every worker of xdist would read it again."""
    left_out = f"not {collection_path.name} "
    is_long = collection_path.parent == HERE and collection_path.name in LONG
    return True if is_long and left_out in f"{config.option.markexpr} " else None


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """For `-n auto`: tests of processes wait more than they compute."""
    return 3 * (os.cpu_count() or 1) // 2


@pytest.fixture(scope="session", autouse=True)
def patience() -> Iterator[None]:
    """`local` says all that it knows, however busy the machine is."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(provider, "GUESS_MS", 1000.0)
        yield


@pytest.fixture(scope="session", autouse=True)
def own_surroundings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What tests start has no settings of the user's, and remembers nothing in their cache."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [each for each in os.environ if each.startswith("DEVSTRAL_")]:
            patch.delenv(name)
        patch.setenv(CACHE_VARIABLE, str(tmp_path_factory.mktemp("cache")))
        patch.setenv(STATE_VARIABLE, str(tmp_path_factory.mktemp("state")))
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state of the system")))
        yield

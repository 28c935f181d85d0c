"""What holds for every test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from devstral_lsp.config.sources import CACHE_VARIABLE


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Servers that tests start remember nothing in the user's own cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(CACHE_VARIABLE, str(tmp_path_factory.mktemp("cache")))
        yield

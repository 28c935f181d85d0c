"""A real code model fills real gaps, by hand and on no machine of its own accord:

    LARGE_TEST_MODEL=qwen2.5-coder-1.5b-instruct-q4_k_m.gguf pytest -m models_large

Any GGUF file of a model with FIM tokens will do; Qwen's own is 1.1 GB and Apache-2.0. It takes 2 GB
of memory and, on two cores, some seconds for each gap. How good the suggestions are is a question
for `python -m benchmarks.holes`; here each gap has one answer only that makes sense.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from devstral_lsp.providers.base import FimRequest
from tests.models.conftest import Made, installed
from tests.models.servers import LlamaCpp
from tests.support.streams import text_of

pytestmark = [pytest.mark.models_large, pytest.mark.timeout(600)]

VARIABLE = "LARGE_TEST_MODEL"
TIMEOUT_MS = 120_000
GAPS = {
    "* height": "def area(width, height):\n    return width │\n\n\nprint(area(2, 3))  # 6\n",
    "json.load": "import json\n\n\ndef load(file):\n    return │\n\n\nprint(load(open('a')))\n",
    "append(one)": "def push(all, one):\n    all.│\n\n\ndef pop(all):\n    return all.pop()\n",
}
"""What belongs into each gap."""


@pytest.fixture(scope="module")
def large(logs: Path) -> Iterator[LlamaCpp]:
    file = os.environ.get(VARIABLE)
    if not file:
        pytest.skip(f"NO REAL MODEL IS TESTED: {VARIABLE} names no GGUF file.")
    installed("llamacpp")
    with LlamaCpp(Path(file), logs / "large", threads=os.cpu_count() or 1) as server:
        yield server


@pytest.mark.parametrize("wanted", GAPS)
async def test_a_gap_is_filled_with_what_belongs_there(
    large: LlamaCpp, made: Made, wanted: str
) -> None:
    before, after = GAPS[wanted].split("│")
    request = FimRequest(prompt=before, suffix=after, max_tokens=16, stop=("\n",), temperature=0.0)
    provider = made("llamacpp", large.url, timeout_ms=TIMEOUT_MS)
    assert (await text_of(provider.fim(request))).lstrip().startswith(wanted)

"""What the status says of a failure, and what mends it."""

from __future__ import annotations

import pytest

from devstral_lsp.completion.status import NO_KEY, StatusKind, failure_status
from devstral_lsp.errors import (
    ContextLengthExceeded,
    EndpointUnreachable,
    FimNotSupported,
    KeyNotSent,
    ModelNotFound,
    ProviderError,
    QuotaExhausted,
    RateLimited,
    ServerOverloaded,
    Unauthorized,
    WrongHost,
)


@pytest.mark.parametrize(
    ("error", "remedy"),
    [
        (Unauthorized, "setKey"),
        (WrongHost, "setKey"),
        (KeyNotSent, "setKey"),
        (QuotaExhausted, "useLocalModel"),
        (ModelNotFound, "switchModel"),
        (FimNotSupported, "switchModel"),
        (EndpointUnreachable, "doctor"),
        (RateLimited, ""),
        (ServerOverloaded, ""),
        (ContextLengthExceeded, ""),
    ],
)
@pytest.mark.parametrize("has_local", [True, False])
def test_what_mends_a_failure(error: type[ProviderError], remedy: str, has_local: bool) -> None:
    status = failure_status(error("It failed."), has_local=has_local)
    assert status.remedy == remedy
    assert status.kind is (StatusKind.WARNING if has_local else StatusKind.ERROR)
    assert status.message.startswith("It failed.")


def test_without_a_key_the_user_is_helped_to_one() -> None:
    assert (NO_KEY.kind, NO_KEY.remedy) == (StatusKind.NORMAL, "setKey")

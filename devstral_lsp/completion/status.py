"""How completion is doing, in the words that editors show in a status bar.

The four kinds are those of Copilot's language server, so that plugins written for it can show ours.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from devstral_lsp.errors import (
    EndpointUnreachable,
    FimNotSupported,
    KeyNotSent,
    ModelNotFound,
    ProviderError,
    QuotaExhausted,
    Unauthorized,
)


class StatusKind(Enum):
    NORMAL = "Normal"
    WARNING = "Warning"
    """Works, but not as configured: `local` answers because the endpoint does not."""
    ERROR = "Error"
    """Does not work until the user does something: a wrong key, a model that is gone."""
    INACTIVE = "Inactive"
    """Switched off, by a setting or for this language."""


@dataclass(frozen=True, slots=True)
class Status:
    """One line for the user. `busy` while an answer is being waited for.

    `remedy` is what an editor may offer to mend it: "setKey", "useLocalModel", "switchModel",
    "doctor", "wake" (the user has snoozed it); "" where it passes by itself.
    """

    kind: StatusKind
    message: str = ""
    busy: bool = False
    remedy: str = field(default="", compare=False)


OWN_CODE_ONLY = Status(StatusKind.NORMAL, "Completions come from your own code only.")
"""Nothing is asked because the settings want it so."""
NO_KEY = Status(
    StatusKind.NORMAL,
    "Completions come from your own code only: there is no key yet.",
    remedy="setKey",
)

_REMEDIES: tuple[tuple[type[ProviderError], str], ...] = (
    (Unauthorized, "setKey"),
    (KeyNotSent, "setKey"),
    (QuotaExhausted, "useLocalModel"),
    (ModelNotFound, "switchModel"),
    (FimNotSupported, "switchModel"),
    (EndpointUnreachable, "doctor"),
)


def failure_status(error: ProviderError, *, has_local: bool) -> Status:
    """What the status bar says of an endpoint's failure; `has_local`: `local` goes on answering."""
    remedy = next((name for kind, name in _REMEDIES if isinstance(error, kind)), "")
    if not has_local:
        return Status(StatusKind.ERROR, str(error), remedy=remedy)
    said = f"{error} Meanwhile `local` completes from your code."
    return Status(StatusKind.WARNING, said, remedy=remedy)

"""What the replay writes down while it plays; `figures` makes numbers of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Show:
    """A ghost text that came up, this long after the last key, and what accepting it saved.

    `before` and `after` are the document around the cursor, `tier` is empty if the server does not
    tell it.
    """

    after_key_ms: float
    right: bool
    text: str = ""
    before: str = ""
    after: str = ""
    tier: str = ""
    gained_keys: int = 0


@dataclass(frozen=True, slots=True)
class Pause:
    """A pause, whether a ghost text stood when it began, and when the first one came up in it."""

    standing: bool
    ghost_after_ms: float | None


@dataclass(slots=True)
class Record:
    """One trace, as played."""

    trace_keys: int = 0
    typed_keys: int = 0
    backspaces: int = 0
    accepts: int = 0
    gained_keys: int = 0
    accepted_tokens: int = 0
    flickers: int = 0
    withdrawn: int = 0
    failures: int = 0
    requests: int = 0
    shows: list[Show] = field(default_factory=list)
    pauses: list[Pause] = field(default_factory=list)
    tiers: Counter[str] = field(default_factory=Counter)
    """Answers with a text, by where the server says they come from; empty if it does not."""

    @property
    def presses(self) -> int:
        """All keys pressed: typed (slips among them), erased, accepted."""
        return self.typed_keys + self.backspaces + self.accepts


@dataclass(frozen=True, slots=True)
class Cost:
    """What the server process and its children took."""

    cpu_s: float
    peak_rss_mb: float
    wall_s: float


@dataclass(frozen=True, slots=True)
class ModelCall:
    """One request that reached the model (see `model.Call`)."""

    prompt_tokens: int
    cached_tokens: int
    placed: bool
    generated_tokens: int
    complete: bool


@dataclass(frozen=True, slots=True)
class Played:
    """One session, or several that were played side by side."""

    records: list[Record]
    calls: list[ModelCall]
    cost: Cost

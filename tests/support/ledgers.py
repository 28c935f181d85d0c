"""A ledger as a month of typing leaves it: made up, and the same each time."""

from __future__ import annotations

import random
import time
from dataclasses import replace
from pathlib import Path

from devstral_lsp.usage.ledger import Ledger, LedgerRow

DAY_S = 86_400.0
LANGUAGES = {"python": 0.41, "typescript": 0.36, "go": 0.44, "rust": 0.29, "markdown": 0.16}
"""What share of the suggestions is accepted."""
FILTERS = ("drop_repeated_prefix", "cut_beyond_scope", "drop_tiny", "cut_prose", "close_brackets")


def fill(
    folder: Path,
    days: int = 21,
    seed: int = 5,
    now_s: float | None = None,
    is_priced: bool = True,
) -> None:
    """Write the days before `now_s`, some 150 opportunities each."""
    chance = random.Random(seed)
    ledger = Ledger(folder)
    until_s = time.time() if now_s is None else now_s
    number = 1
    for day in range(days):
        began_s = until_s - (days - day) * DAY_S
        if time.localtime(began_s).tm_wday >= 5:
            continue
        for _ in range(chance.randint(90, 200)):
            for row in _opportunity(chance, number, began_s + chance.random() * 8 * 3600):
                if row.table == "requests" and not is_priced:
                    row = replace(row, values={**row.values, "cost_usd": None})
                ledger.append(row)
            number += 1
    ledger.close()


def _opportunity(chance: random.Random, number: int, at_s: float) -> list[LedgerRow]:
    language = chance.choice(list(LANGUAGES))
    outcome = chance.choices(
        ("shown", "continued", "superseded", "filtered", "cancelled", "empty", "error"),
        (40, 90, 30, 5, 12, 6, 1),
    )[0]
    is_shown = outcome in ("shown", "continued")
    tier = chance.choices(("asked", "joined", "remembered", "local"), (50, 20, 20, 10))[0]
    first_ms = chance.lognormvariate(5.3, 0.4)
    values = {
        "id": number,
        "at_s": at_s,
        "work": "completion",
        "kind": "statement",
        "trigger": "automatic",
        "language": language,
        "editor": chance.choice(("Visual Studio Code", "Neovim")),
        "outcome": outcome,
        "detail": chance.choice(FILTERS) if outcome == "filtered" else None,
        "filters": chance.choice(FILTERS) if is_shown and chance.random() < 0.2 else "",
        "provider": "mistral",
        "model": "codestral-latest",
        "tier": ("remembered" if outcome == "continued" else tier) if is_shown else None,
        "length": chance.randint(8, 160) if is_shown else None,
        "debounce_ms": chance.uniform(40, 160),
        "context_ms": chance.lognormvariate(1.9, 0.6),
        "first_text_ms": first_ms,
        "total_ms": first_ms + chance.uniform(80, 260),
    }
    rows = [LedgerRow("opportunities", values, "file:///a.py")]
    if outcome not in ("continued", "superseded") and tier == "asked":
        rows.append(_request(chance, number, at_s))
    if outcome == "shown":
        became = "accepted" if chance.random() < LANGUAGES[language] else "rejected"
        length = values["length"] if became == "accepted" else 0
        common = {"opportunity": number, "at_s": at_s + 2}
        rows.append(LedgerRow("acceptances", {**common, "became": became, "length": length}))
        for after_s in (30, 120, 300) if became == "accepted" else ():
            stands = {"became": "watched", "after_s": after_s, "stands": chance.random() < 0.93}
            rows.append(LedgerRow("acceptances", {**common, **stands}))
    return rows


def _request(chance: random.Random, number: int, at_s: float) -> LedgerRow:
    prompt, said = chance.randint(900, 2600), chance.randint(8, 60)
    cached = prompt // 2 if chance.random() < 0.5 else 0
    cost = ((prompt - cached) * 0.30 + cached * 0.03 + said * 0.90) / 1_000_000
    return LedgerRow(
        "requests",
        {
            "opportunity": number,
            "at_s": at_s,
            "provider": "mistral",
            "model": "codestral-latest",
            "status": 200,
            "finish": "stop",
            "prompt_tokens": prompt,
            "cached_tokens": cached,
            "completion_tokens": said,
            "is_counted": True,
            "is_prefetch": False,
            "cost_usd": cost,
            "took_ms": chance.uniform(200, 700),
        },
    )

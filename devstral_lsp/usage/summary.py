"""How much of the limits is used, in the words of the status and of `doctor`."""

from __future__ import annotations

from collections.abc import Sequence

from devstral_lsp.usage.decision import Spending
from devstral_lsp.usage.plans import Limit, Period, Unit

MIN_TOLD_USD = 0.005
"""Less than a cent would be told as none."""

_THIS = {
    Period.MINUTE: "in the last minute",
    Period.FIVE_MINUTES: "in five minutes",
    Period.DAY: "today",
    Period.MONTH: "this month",
}


def summary_of(
    limits: Sequence[Limit],
    spending: Spending,
    *,
    with_source: bool = False,
    spent_usd: float = 0.0,
) -> str:
    """How much of each limit is used, for the user, money first; "" if there is nothing to tell.

    `spent_usd` is what was spent today, which is told where no limit tells it.
    """
    is_capped = any((each.unit, each.window) == (Unit.USD, Period.DAY) for each in limits)
    parts = [f"${spent_usd:,.2f} today"] if spent_usd >= MIN_TOLD_USD and not is_capped else []
    for limit in sorted(limits, key=lambda each: each.unit is not Unit.USD):
        used, most = spending.used(limit), limit.most
        if limit.window is not Period.SECOND:
            amounts = (
                f"${used:,.2f} of ${most:,.2f}"
                if limit.unit is Unit.USD
                else f"{used:,.0f} of {most:,.0f} {limit.unit.value}"
            )
            source = f" ({limit.source})" if with_source else ""
            parts.append(f"{amounts} {_THIS.get(limit.window, limit.window.word)}{source}")
    return f"Used: {', '.join(parts)}." if parts else ""

"""Reports the limits of the plan, the user's caps and the endpoints, and how much is used."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable
from dataclasses import replace

from devstral_lsp.doctor.result import CheckResult, CheckStatus
from devstral_lsp.endpoints.resolve import ResolvedProvider
from devstral_lsp.providers.base import Endpoint
from devstral_lsp.usage.governor import Governor


def metered(chosen: ResolvedProvider, governor: Governor) -> ResolvedProvider:
    """The provider with metered endpoints: the requests of `doctor` count towards the budget."""

    def with_meter(endpoint: Endpoint) -> Endpoint:
        return replace(endpoint, meter=governor.meter(chosen.provider, endpoint))

    return replace(
        chosen,
        endpoint=with_meter(chosen.endpoint) if chosen.endpoint is not None else None,
        replicas=tuple(map(with_meter, chosen.replicas)),
    )


async def check_budget(
    providers: Iterable[ResolvedProvider], governor: Governor
) -> AsyncGenerator[CheckResult, None]:
    """What has been spent, and for each endpoint how much of its limits is used."""
    pairs = ((chosen.provider, each) for chosen in providers for each in chosen.endpoints)
    accounts = {governor.meter(name, endpoint): name for name, endpoint in pairs}
    accounts.pop(None, None)
    if accounts:
        today, month = await governor.spent()
        yield CheckResult("budget", CheckStatus.OK, f"today {today}; this month {month}")
    for account, name in accounts.items():
        if account is not None and (standing := await account.standing()):
            yield CheckResult("budget", CheckStatus.OK, f"{name}: {standing}")

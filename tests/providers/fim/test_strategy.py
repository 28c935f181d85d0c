"""Which way is gone, what is remembered of it, and when it is left."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AsyncExitStack

import pytest

from devstral_lsp import errors
from devstral_lsp.providers.base import Chunk, Endpoint, FimRequest, FinishReason
from devstral_lsp.providers.endpoint_client import EndpointClient
from devstral_lsp.providers.fim.strategy import FimStrategy, FimStrategySelector
from tests.providers.conftest import Jump
from tests.support.streams import collect, text_of
from tests.support.verdicts import Verdicts

REQUEST = FimRequest(prompt="a", max_tokens=9)
URL = "http://127.0.0.1:9"

Failure = errors.ProviderError | None
Make = Callable[..., FimStrategySelector]


class Scripted:
    """A way that fits or not, and fails in turn as it is told, then answers with its name."""

    evidence = "it was scripted"

    def __init__(
        self,
        name: str,
        *failures: Failure,
        fits: bool = True,
        finish: FinishReason = FinishReason.STOP,
    ) -> None:
        self.name = name
        self.text = name
        self.finish = finish
        self.asked = 0
        self.probed = 0
        self.reached = asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()
        self._failures = list(failures)
        self._fits = fits

    async def is_supported(self) -> bool:
        self.probed += 1
        self.reached.set()
        await self.gate.wait()
        return self._fits

    async def fim(self, request: FimRequest) -> AsyncGenerator[Chunk, None]:
        self.asked += 1
        if self._failures and (failure := self._failures.pop(0)) is not None:
            raise failure
        if self.text:
            yield Chunk(self.text)
        yield Chunk(finish=self.finish)


@pytest.fixture
async def ladder() -> AsyncIterator[Make]:
    async with AsyncExitStack() as stack:

        def make(*ways: FimStrategy, remembered: Verdicts | None = None) -> FimStrategySelector:
            endpoint = Endpoint(base_url=URL, model="m", strategy_cache=remembered)
            caller = EndpointClient("openai_compatible", endpoint)
            made = FimStrategySelector(caller, ways)
            stack.push_async_callback(caller.close)
            stack.push_async_callback(made.close)
            return made

        yield make


def closed(status: int = 501) -> errors.FimNotSupported:
    return errors.FimNotSupported("none", status=status)


async def test_the_first_way_that_fits_is_gone_and_remembered(ladder: Make) -> None:
    verdicts = Verdicts()
    first, second, third = Scripted("1", fits=False), Scripted("2"), Scripted("3")
    made = ladder(first, second, third, remembered=verdicts)
    for _ in range(2):
        assert await text_of(made.fim(REQUEST)) == "2"
    assert (first.probed, second.probed, third.probed) == (1, 1, 0)
    assert verdicts.known == {(URL, "m"): "2"}
    assert verdicts.how == "it was scripted"


async def test_who_has_waited_long_enough_for_the_search_leaves_it_to_the_next(
    ladder: Make, jump: Jump
) -> None:
    slow = Scripted("1")
    slow.gate.clear()
    made = ladder(slow)
    asking = asyncio.ensure_future(collect(made.fim(REQUEST)))
    await slow.reached.wait()
    jump(10.1)
    with pytest.raises(errors.EndpointUnreachable, match="said nothing for 10 s"):
        await asking
    slow.gate.set()
    assert await text_of(made.fim(REQUEST)) == "1"
    assert slow.probed == 1


@pytest.mark.parametrize(
    ("text", "finish", "known"),
    [
        ("", FinishReason.INCOMPLETE, {}),
        ("", FinishReason.STOP, {(URL, "m"): "1"}),
        ("x", FinishReason.INCOMPLETE, {(URL, "m"): "1"}),
    ],
)
async def test_an_empty_reply_that_tells_no_end_proves_nothing(
    ladder: Make, text: str, finish: FinishReason, known: dict[tuple[str, str], str]
) -> None:
    """Such as a proxy's 200 without a body."""
    verdicts, way = Verdicts(), Scripted("1", finish=finish)
    way.text = text
    assert await text_of(ladder(way, remembered=verdicts).fim(REQUEST)) == text
    assert verdicts.known == known


async def test_what_is_remembered_is_not_looked_for_again(ladder: Make) -> None:
    first, second = Scripted("1"), Scripted("2")
    made = ladder(first, second, remembered=Verdicts(m="2"))
    assert await text_of(made.fim(REQUEST)) == "2"
    assert (first.probed, second.probed) == (0, 0)


async def test_a_name_that_means_nothing_is_not_heeded(ladder: Make) -> None:
    verdicts = Verdicts(m="by carrier pigeon")
    assert await text_of(ladder(Scripted("1"), remembered=verdicts).fim(REQUEST)) == "1"
    assert verdicts.known == {(URL, "m"): "1"}


CLOSING = [
    closed(501),
    closed(400),
    closed(422),
    errors.EndpointUnreachable("no such path", status=404),
    errors.EndpointUnreachable("no such method", status=405),
    errors.InvalidRequest("what is a suffix?", status=400),
    errors.InvalidRequest("what is a suffix?", status=422),
]


@pytest.mark.parametrize("failure", CLOSING, ids=lambda error: f"{type(error).__name__}")
async def test_a_way_that_turns_out_to_be_none_is_left_for_good(
    ladder: Make, failure: errors.ProviderError
) -> None:
    verdicts = Verdicts(m="1")
    first, second = Scripted("1", failure), Scripted("2")
    made = ladder(first, second, remembered=verdicts)
    for _ in range(2):
        assert await text_of(made.fim(REQUEST)) == "2"
    assert (first.asked, second.asked) == (1, 2)
    assert verdicts.paths == ["2"]


PASSING = [
    errors.ServerOverloaded("later", status=503),
    errors.RateLimited("later", status=429),
    errors.Unauthorized("who?", status=401),
    errors.EndpointUnreachable("no network"),
    errors.EndpointUnreachable("a login page", status=200),
    errors.EndpointUnreachable("a login page", status=403),
    errors.EndpointUnreachable("elsewhere", status=307),
    errors.ContextLengthExceeded("long", status=400),
    errors.ModelNotFound("whom?", status=404),
]


@pytest.mark.parametrize("failure", PASSING, ids=lambda error: f"{type(error).__name__}")
async def test_a_failure_of_another_kind_closes_no_way(
    ladder: Make, failure: errors.ProviderError
) -> None:
    first, second = Scripted("1", failure), Scripted("2")
    made = ladder(first, second, remembered=Verdicts(m="1"))
    with pytest.raises(type(failure)):
        await collect(made.fim(REQUEST))
    assert await text_of(made.fim(REQUEST)) == "1"
    assert second.asked == 0


async def test_a_way_that_has_worked_survives_a_request_that_is_refused(ladder: Make) -> None:
    first = Scripted("1", None, errors.InvalidRequest("odd", status=400), None, closed())
    second = Scripted("2")
    made = ladder(first, second)
    assert await text_of(made.fim(REQUEST)) == "1"
    with pytest.raises(errors.InvalidRequest):
        await collect(made.fim(REQUEST))
    assert await text_of(made.fim(REQUEST)) == "1"
    assert await text_of(made.fim(REQUEST)) == "2"


async def test_where_every_way_is_closed_the_last_refusal_is_told_and_all_is_open(
    ladder: Make,
) -> None:
    first = Scripted("1", closed())
    second = Scripted("2", errors.EndpointUnreachable("no such path", status=404))
    made = ladder(first, second)
    with pytest.raises(errors.EndpointUnreachable):
        await collect(made.fim(REQUEST))
    assert await text_of(made.fim(REQUEST)) == "1"


async def test_where_nothing_fits_it_is_said(ladder: Make) -> None:
    with pytest.raises(errors.FimNotSupported, match="model m"):
        await collect(ladder(Scripted("1", fits=False)).fim(REQUEST))


async def test_keystrokes_share_the_search_and_do_not_end_it(ladder: Make) -> None:
    way = Scripted("1")
    way.gate.clear()
    made = ladder(way)
    asking = [asyncio.ensure_future(text_of(made.fim(REQUEST))) for _ in range(3)]
    await way.reached.wait()
    asking[0].cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking[0]
    way.gate.set()
    assert await asyncio.gather(*asking[1:]) == ["1", "1"]
    assert way.probed == 1

"""How fresh an answer is, by what its caller wants and by what has become of the source."""

import pytest

from adapters.errors import (
    CircuitOpenError,
    InvalidPositionError,
    UnreachableError,
    UpstreamTimeoutError,
)
from tests.clock import VirtualClock
from tests.gateway.federation.freshness.asking import (
    FRESH_FOR,
    GONE,
    JUST_STALE,
    LONG_STALE,
    Gated,
    Numbers,
    ask,
    federated,
    just_stale,
    running,
    told,
)
from unified.analytics.v1.freshness_pb2 import (
    FRESHNESS_CACHED,
    FRESHNESS_FRESH,
    FRESHNESS_STALE_IF_ERROR,
    FRESHNESS_UNSPECIFIED,
    Freshness,
)


@pytest.mark.parametrize(
    ("freshness", "max_age", "at", "answer"),
    [
        (FRESHNESS_UNSPECIFIED, None, FRESH_FOR - 1, "ANSWERED 1"),
        (FRESHNESS_UNSPECIFIED, None, LONG_STALE, "ANSWERED 2"),
        (FRESHNESS_UNSPECIFIED, 10, 10, "ANSWERED 1"),
        (FRESHNESS_UNSPECIFIED, 10, 11, "ANSWERED 2"),
        (FRESHNESS_UNSPECIFIED, 1000, LONG_STALE, "ANSWERED 1"),
        (FRESHNESS_FRESH, None, 0, "ANSWERED 2"),
        (FRESHNESS_CACHED, None, FRESH_FOR - 1, "ANSWERED 1"),
        (FRESHNESS_CACHED, None, LONG_STALE, "STALE 1 UPSTREAM_NOT_ASKED"),
        (FRESHNESS_CACHED, None, GONE, "FAILED CACHE_MISS"),
        (FRESHNESS_CACHED, 10, 11, "FAILED CACHE_MISS"),
        (FRESHNESS_STALE_IF_ERROR, None, FRESH_FOR - 1, "ANSWERED 1"),
        (FRESHNESS_STALE_IF_ERROR, None, JUST_STALE, "ANSWERED 2"),
        (FRESHNESS_STALE_IF_ERROR, 10, 11, "ANSWERED 2"),
    ],
)
async def test_the_second_of_two_callers(freshness: Freshness, max_age: float | None, at: float, answer: str) -> None:
    """The source counts how often it is asked; what it told first is as old as the seconds between the callers."""
    clock = VirtualClock()
    asked = federated(Numbers(), clock=clock)
    await ask(asked)
    await clock.advance(at)

    assert told(await ask(asked, freshness, max_age=max_age)) == answer


@pytest.mark.parametrize(
    ("freshness", "max_age", "at", "answer"),
    [
        (FRESHNESS_UNSPECIFIED, None, LONG_STALE, "FAILED UPSTREAM_UNREACHABLE"),
        (FRESHNESS_UNSPECIFIED, 10, 11, "FAILED UPSTREAM_UNREACHABLE"),
        (FRESHNESS_FRESH, None, 1, "FAILED UPSTREAM_UNREACHABLE"),
        (FRESHNESS_CACHED, None, LONG_STALE, "STALE 1 UPSTREAM_NOT_ASKED"),
        (FRESHNESS_STALE_IF_ERROR, None, FRESH_FOR - 1, "ANSWERED 1"),
        (FRESHNESS_STALE_IF_ERROR, None, JUST_STALE, "STALE 1 UPSTREAM_UNREACHABLE"),
        (FRESHNESS_STALE_IF_ERROR, None, GONE, "FAILED UPSTREAM_UNREACHABLE"),
        (FRESHNESS_STALE_IF_ERROR, 1000, 1000, "STALE 1 UPSTREAM_UNREACHABLE"),
        (FRESHNESS_STALE_IF_ERROR, 1000, 1001, "FAILED UPSTREAM_UNREACHABLE"),
        (FRESHNESS_STALE_IF_ERROR, 10, 11, "FAILED UPSTREAM_UNREACHABLE"),
    ],
)
async def test_the_second_of_two_callers_when_the_source_has_died(
    freshness: Freshness, max_age: float | None, at: float, answer: str
) -> None:
    clock, source = VirtualClock(), Numbers()
    asked = federated(source, clock=clock)
    await ask(asked)
    source.error = UnreachableError("No connection.")
    await clock.advance(at)

    assert told(await ask(asked, freshness, max_age=max_age)) == answer


@pytest.mark.parametrize(
    ("error", "answer"),
    [
        (UpstreamTimeoutError("Late."), "STALE 1 UPSTREAM_TIMEOUT"),
        (CircuitOpenError("Not asked."), "STALE 1 CIRCUIT_OPEN"),
        (KeyError("a fault"), "STALE 1 INTERNAL"),
        (InvalidPositionError(), "FAILED INTERNAL"),
    ],
)
async def test_what_stands_in_says_why(error: Exception, answer: str) -> None:
    clock, source = VirtualClock(), Numbers()
    asked = federated(source, clock=clock)
    await ask(asked)
    source.error = error
    await clock.advance(JUST_STALE)

    assert told(await ask(asked, FRESHNESS_STALE_IF_ERROR)) == answer


async def test_what_is_at_hand_stands_in_when_the_time_is_up() -> None:
    clock, source = VirtualClock(), Gated()
    asked = await just_stale(source, clock)

    async with running(ask(asked, FRESHNESS_STALE_IF_ERROR)) as answering:
        await source.begun.wait()
        await clock.advance(10)

        assert told(await answering) == "STALE 1 UPSTREAM_TIMEOUT"

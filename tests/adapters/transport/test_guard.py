"""What stands between the questions and an upstream, all together."""

import asyncio
from asyncio import StreamReader, StreamWriter
from datetime import datetime, timedelta

import pytest

from adapters.errors import (
    BulkheadFullError,
    CircuitOpenError,
    RateLimitReachedError,
    SourceError,
    UpstreamFailedError,
    UpstreamTimeoutError,
)
from adapters.transport import FixedAddress
from tests.adapters.transport.guarded import Upstreams, played, serving
from tests.adapters.transport.playing import GET, an_inquiry, as_sent, playing_raw, request_of
from tests.clock import START, settle

BREAKER = {"least_requests": 4, "pause": 5}


async def test_an_upstream_that_fails_is_left_alone_and_then_probed_once() -> None:
    server = Upstreams(503)
    async with serving(server) as base, played(base, breaker=BREAKER) as source:
        reasons = await source.failures(6)
        assert reasons == ["UPSTREAM_FAILED"] * 4 + ["CIRCUIT_OPEN"] * 2
        assert (server.asked, source.noted.attempts) == (4, ["upstream_failed"] * 4)
        assert (source.protection.circuit, source.protection.failure_ratio) == ("open", 1.0)
        probe_time = source.protection.probe_time
        assert isinstance(probe_time, datetime)
        assert timedelta(seconds=4) <= probe_time - START <= timedelta(seconds=5)

        await source.clock.advance(5)
        server.status = 200
        assert await source.ask() == b"{}"

        assert (source.protection.circuit, source.protection.probe_time) == ("closed", None)
    assert source.noted.circuits == ["open", "half_open", "closed"]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 421, 429])
async def test_an_upstream_that_refuses_is_not_down(status: int) -> None:
    server = Upstreams(status)
    async with serving(server) as base, played(base, breaker=BREAKER) as source:
        for _ in range(8):
            with pytest.raises(SourceError):
                await source.ask()

            # A 429 has lowered the rate.
            await source.clock.advance(20)
        assert (source.protection.circuit, server.asked) == ("closed", 8)


async def test_a_port_where_nobody_listens_is_left_alone() -> None:
    async def hang_up(reader: StreamReader, _: StreamWriter) -> None:
        await request_of(reader)

    async with playing_raw(hang_up) as base:
        pass
    async with played(base, breaker=BREAKER) as source:
        reasons = await source.failures(5)

    assert reasons == ["UPSTREAM_UNREACHABLE"] * 4 + ["CIRCUIT_OPEN"]


@pytest.mark.parametrize(("seconds", "circuit"), [(3.9, "closed"), (4, "open")])
async def test_only_an_attempt_with_enough_time_proves_that_an_upstream_is_too_slow(
    seconds: float, circuit: str
) -> None:
    server = Upstreams()
    server.held = True
    async with serving(server) as base, played(base, flowing=False, breaker=BREAKER) as source:
        for _ in range(4):
            server.comes.clear()
            asking = asyncio.create_task(source.ask(seconds=seconds))
            await server.comes.wait()
            await source.clock.advance(seconds)
            with pytest.raises(UpstreamTimeoutError):
                await asking

        assert source.protection.circuit == circuit


async def test_an_attempt_that_had_all_the_time_there_is_has_enough() -> None:
    server = Upstreams()
    server.held = True
    one = {"least_requests": 1}
    async with serving(server) as base, played(base, flowing=False, breaker=one, attempt_timeout=1) as source:
        asking = asyncio.create_task(source.ask())
        await server.comes.wait()
        await source.clock.advance(1)
        with pytest.raises(UpstreamTimeoutError, match="within 1 s"):
            await asking

        assert source.protection.circuit == "open"


async def test_a_probe_whose_caller_leaves_is_sent_by_the_next() -> None:
    server = Upstreams(503)
    async with serving(server) as base, played(base, breaker=BREAKER) as source:
        await source.failures(4)
        await source.clock.advance(5)
        server.status, server.held = 200, True
        server.comes.clear()
        probing = asyncio.create_task(source.ask())
        await server.comes.wait()
        with pytest.raises(CircuitOpenError):
            await source.ask()
        probing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await probing

        server.held = False
        assert await source.ask() == b"{}"

    assert source.noted.attempts == ["upstream_failed"] * 4 + ["cancelled", "ok"]


async def test_no_retry_waits_for_an_upstream_that_is_left_alone() -> None:
    server = Upstreams(503)
    one = {"least_requests": 1}
    async with serving(server) as base, played(base, breaker=one, retry={"attempts": 3}) as source:
        assert await source.failures(1) == ["UPSTREAM_FAILED"]

    assert (server.asked, source.clock.slept, source.noted.retries) == (1, [], [])


async def test_an_outage_costs_the_upstream_a_fifth_more_at_most() -> None:
    server = Upstreams(503)
    retry = {"attempts": 3, "budget": 0.2, "budget_floor": 0, "first_wait": 0.001}
    closed = {"least_requests": 10_000}
    async with serving(server) as base, played(base, breaker=closed, retry=retry) as source:
        await source.failures(100)

    assert server.asked == 120
    assert source.noted.retries.count(True) == 20
    assert source.noted.retries.count(False) == 100


async def test_at_most_so_many_questions_are_asked_at_once_and_the_next_is_refused() -> None:
    server = Upstreams()
    server.held = True
    limits = {"concurrency": 1, "queue": 1}
    async with serving(server) as base, played(base, limits=limits) as source:
        first = asyncio.create_task(source.ask())
        await server.comes.wait()
        second = asyncio.create_task(source.ask())
        await settle()
        with pytest.raises(BulkheadFullError):
            await source.ask()
        assert (source.protection.in_flight, source.protection.waiting, server.asked) == (1, 1, 1)

        server.goes_on.set()

        assert (await first, await second) == (b"{}", b"{}")
        assert (source.protection.in_flight, source.protection.waiting, server.asked) == (0, 0, 2)
    assert source.noted.refusals == ["bulkhead"]


async def test_a_place_is_held_while_a_question_waits_for_its_next_attempt() -> None:
    server = Upstreams(503)
    server.headers = {"Retry-After": "3"}
    async with serving(server) as base, played(base, flowing=False, retry={"attempts": 2}) as source:
        inquiry = an_inquiry(source.clock)
        asking = asyncio.create_task(source.upstream.ask(GET, as_sent, inquiry))
        await source.clock.sleeps.wait()
        assert source.protection.in_flight == 1

        server.status = 200
        await source.clock.advance(3)

        assert await asking == b"{}"
        assert (source.protection.in_flight, inquiry.waited) == (0, 3)


async def test_the_rate_is_kept_by_retries_too() -> None:
    server = Upstreams(503)
    limits = {"rate": 0.1, "burst": 1}
    async with serving(server) as base, played(base, limits=limits, retry={"attempts": 3}) as source:
        with pytest.raises(RateLimitReachedError):
            await source.ask(seconds=5)

    assert (server.asked, source.noted.refusals, source.protection.rate) == (1, ["rate_limit"], 0.1)


async def test_a_429_is_heard_and_lowers_the_rate() -> None:
    server = Upstreams(429)
    async with serving(server) as base, played(base, limits={"rate": 100, "burst": 10}) as source:
        await source.failures(1)

        assert source.protection.is_rate_lowered
        assert (source.protection.rate or 0) < 100


async def test_what_a_question_waits_for_while_it_is_asked_needs_no_place_and_is_no_fault_of_its_source() -> None:
    server = Upstreams()
    server.held = True
    limits = {"concurrency": 1, "queue": 0}
    async with serving(server) as base, played(base, limits=limits, breaker={"least_requests": 1}) as source:
        sign_in = source.transport.upstream(FixedAddress(base), guarded=False)
        asking = asyncio.create_task(source.ask())
        await server.comes.wait()
        server.held, server.status = False, 503

        with pytest.raises(UpstreamFailedError):
            await source.ask(upstream=sign_in)

        assert sign_in.connection.protection is None
        server.status = 200
        server.goes_on.set()
        await asking
        assert source.protection.circuit == "closed"
    assert source.noted.attempts == ["ok"]

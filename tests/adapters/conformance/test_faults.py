"""Every fault that a simulator can commit becomes the right kind of error, for every question, in time."""

import asyncio
import re

import pytest

from adapters import errors
from adapters.simulation import Fault
from tests.adapters.conformance.credentials import secrets_of
from tests.adapters.conformance.questions import Ask, questions
from tests.clock import VirtualClock
from tests.running import Running, inquire

ONCE = {"attempts": 1}
NEVER_OPEN = {"least_requests": 10_000}

REFUSALS = [
    (400, errors.RequestRefusedError),
    (401, errors.CredentialRefusedError),
    (403, errors.PermissionRefusedError),
    (404, errors.UpstreamNotFoundError),
    (405, errors.UpstreamNotFoundError),
    (408, errors.UpstreamFailedError),
    (415, errors.RequestRefusedError),
    (421, errors.MisdirectedError),
    (429, errors.RateLimitedError),
    (500, errors.UpstreamFailedError),
    (502, errors.UpstreamFailedError),
    (503, errors.UpstreamFailedError),
    (302, errors.RedirectedError),
    (307, errors.RedirectedError),
]

BREAKAGES: list[tuple[str, tuple[type[errors.SourceError], ...]]] = [
    ("cut", (errors.UnreachableError,)),
    ("truncate", (errors.UnreachableError,)),
    ("invalid-json", (errors.InvalidResponseError,)),
    ("not-json", (errors.InvalidResponseError,)),
    ("empty", (errors.InvalidResponseError,)),
    ("null", (errors.InvalidResponseError, errors.ReportedFailureError)),
    ("endless", (errors.ResponseTooLargeError,)),
    ("redirect", (errors.RedirectedError,)),
    ("hang", (errors.UpstreamTimeoutError,)),
    ("stall", (errors.UpstreamTimeoutError,)),
]


async def failure(running: Running, question: str | None = None) -> errors.SourceError:
    """How a question fails, or else every question, and each in the same way. Time passes as fast as it can."""
    async with running.open() as source:
        wanted = list(questions(source)) if question is None else [question]
    failures = {name: await failure_of(running, name) for name in wanted}
    first, *_rest = failures.values()
    assert {type(first)} == {type(failure) for failure in failures.values()}, failures
    return first


async def failure_of(running: Running, question: str) -> errors.SourceError:
    """How it fails, of a source that knows of no failure yet, and that no number of them keeps from asking."""
    clock = VirtualClock()
    async with running.open(clock, retry=ONCE, breaker=NEVER_OPEN, max_body_bytes=4_000_000) as source:
        return await in_a_hurry(running, questions(source)[question], clock)


async def in_a_hurry(running: Running, ask: Ask, clock: VirtualClock) -> errors.SourceError:
    """The error that the question ends with, when nobody waits for the clock."""
    asked = running.control.asked
    inquiry = inquire(running.adapter.kind, clock, seconds=5)
    asking = asyncio.ensure_future(ask(inquiry))
    await running.control.until(lambda control: control.asked > asked)
    while not asking.done():
        if is_waiting_for_the_clock(running):
            await clock.advance(1)
        await asyncio.sleep(0)
    error = asking.exception()
    assert isinstance(error, errors.SourceError)
    assert inquiry.remaining() >= 0
    return error


def is_waiting_for_the_clock(running: Running) -> bool:
    return any(fault.mode in {"hang", "stall"} for fault in running.control.faults)


@pytest.mark.parametrize(("status", "expected"), REFUSALS)
async def test_a_status_is_the_error_that_it_means(
    running: Running, status: int, expected: type[errors.SourceError]
) -> None:
    running.control.faults.append(Fault(status=status))
    error = await failure(running)
    assert expected is type(error)
    assert "<html>" not in str(error)


@pytest.mark.parametrize(("mode", "expected"), BREAKAGES)
async def test_a_broken_answer_is_the_error_that_it_means(
    running: Running, mode: str, expected: tuple[type[errors.SourceError], ...]
) -> None:
    running.control.faults.append(Fault(mode=mode))  # type: ignore[arg-type]  # the parameters are modes
    assert type(await failure(running)) in expected


@pytest.mark.parametrize("mode", ["hang", "stall"])
async def test_giving_up_closes_the_connection(running: Running, mode: str) -> None:
    running.control.faults.append(Fault(mode=mode))  # type: ignore[arg-type]  # the parameters are modes
    await failure(running, "check")
    await running.control.until(lambda control: control.closed_early == control.asked)


async def test_leaving_closes_the_connection(running: Running) -> None:
    running.control.faults.append(Fault(mode="hang"))
    async with running.open() as source:
        asking = asyncio.create_task(source.check(inquire(running.adapter.kind)))
        await running.control.until(lambda control: control.asked == 1)
        asking.cancel()
        await running.control.until(lambda control: control.closed_early == 1)


@pytest.mark.parametrize("fault", [Fault(times=2, status=503), Fault(times=2, mode="cut"), Fault(times=1, status=429)])
async def test_what_passes_is_asked_again_and_counted(running: Running, fault: Fault) -> None:
    running.control.faults.append(fault)
    inquiry = inquire(running.adapter.kind, VirtualClock(flowing=True))
    async with running.open() as source:
        await source.check(inquiry)
    assert running.control.asked == inquiry.attempts == 1 + (fault.times or 0)


async def test_the_upstreams_own_word_on_when_to_come_back_is_heeded(running: Running) -> None:
    running.control.faults.append(Fault(times=1, status=429, retry_after="3"))
    clock = VirtualClock(flowing=True)
    async with running.open(clock) as source:
        await source.check(inquire(running.adapter.kind, clock))
    assert [3] == clock.slept


async def test_it_does_not_wait_longer_than_the_call_lasts(running: Running) -> None:
    running.control.faults.append(Fault(status=429, retry_after="3600"))
    clock = VirtualClock(flowing=True)
    async with running.open(clock) as source:
        with pytest.raises(errors.RateLimitedError) as refused:
            await source.check(inquire(running.adapter.kind, clock))
    assert [] == clock.slept
    assert refused.value.retry_after is not None
    assert 3600 == refused.value.retry_after.total_seconds()


async def test_where_nobody_listens_it_is_unreachable(running: Running) -> None:
    nowhere = re.sub(r":\d+", ":9", running.base_url, count=1)
    async with running.open(base_url=nowhere, retry=ONCE) as source:
        with pytest.raises(errors.UnreachableError):
            await source.check(inquire(running.adapter.kind))


async def test_no_error_tells_a_secret(running: Running) -> None:
    secrets = secrets_of(running.simulator)
    for status, _expected in REFUSALS:
        running.control.reset()
        running.control.faults.append(Fault(status=status))
        told = repr(await failure(running, "check"))
        assert not [secret for secret in secrets if secret in told]

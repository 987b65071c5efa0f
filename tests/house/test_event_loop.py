"""All tests, whether they are coroutines or not, share the one event loop on which the gateway serves."""

import asyncio

import pytest
import uvloop


@pytest.fixture
async def loop_of_fixtures() -> asyncio.AbstractEventLoop:
    """Made anew for each test, so that none takes over what another has seen."""
    return asyncio.get_running_loop()


async def test_a_test_that_is_a_coroutine_runs_on_uvloop(loop_of_fixtures: asyncio.AbstractEventLoop) -> None:
    assert type(loop_of_fixtures) is uvloop.Loop
    assert asyncio.get_running_loop() is loop_of_fixtures


def test_a_test_that_is_none_has_its_fixtures_from_uvloop_too(loop_of_fixtures: asyncio.AbstractEventLoop) -> None:
    assert type(loop_of_fixtures) is uvloop.Loop

"""Schemathesis calls REST as the OpenAPI document allows, and as it does not, and finds nothing.

The same requests every time, and few of them; `make fuzz` sends others, and many.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping

import pytest
from prometheus_client.parser import text_string_to_metric_families
from structlog.testing import capture_logs

from gateway.rest.bindings import read_bindings
from tests.end_to_end.serving import CONTRACT, Gateway
from tests.fuzz.running import schemathesis, target

SAME = ("--generation-deterministic", "--max-examples", "6", "--phases", "examples,fuzzing,stateful")
"""Without the phase `coverage`: it tries every edge of every field, which takes longer than the others together."""


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    with capture_logs():  # thousands of calls, whose lines would bury what is found
        async with target() as gateway:
            yield gateway


async def codes(gateway: Gateway) -> Mapping[str, set[str]]:
    """How calls ended, by the name of the method."""
    async with gateway.session.get(f"{gateway.url}/metrics") as response:
        families = text_string_to_metric_families(await response.text())
    found = defaultdict[str, set[str]](set)
    for sample in (each for family in families for each in family.samples):
        if sample.name == "analytics_gateway_calls_total":
            found[sample.labels["method"]].add(sample.labels["code"])
    return found


@pytest.mark.timeout(300)  # it computes for ten seconds, and for longer where others compute, too
async def test_schemathesis_finds_nothing(gateway: Gateway) -> None:
    async with schemathesis(gateway, *SAME, output=asyncio.subprocess.PIPE) as process:
        written, complaint = await process.communicate()

    assert 0 == process.returncode, (written + complaint).decode()
    ended = await codes(gateway)
    assert {each.method.name for each in read_bindings(CONTRACT)} == set(ended)
    # Nothing found means nothing unless the calls reached the services, and the refusals were put to the test.
    assert [] == [name for name, found in ended.items() if not {"OK", "INVALID_ARGUMENT"} <= found]

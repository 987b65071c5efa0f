"""Two gateways that share a Redis server: what one has asked, the other knows. No time passes here."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import pytest

from tests.clock import VirtualClock
from tests.end_to_end.outcomes import ANSWERED, FAILED, outcomes, reason
from tests.end_to_end.serving import IDS, Gateway, Json, serving, tables, to_json
from tests.gateway.shared.running import asking
from tests.redis_process import RedisProcess, running_redis
from tests.running import Upstreams
from unified.analytics.v1.analytics_service_pb2 import ListMetricsRequest
from unified.analytics.v1.freshness_pb2 import FRESHNESS_FRESH


@dataclass(frozen=True, slots=True, kw_only=True)
class Replicas:
    """Gateways that share a server, and the upstreams behind all of them."""

    redis: RedisProcess
    upstreams: Upstreams
    stack: AsyncExitStack

    async def another(self, **changes: Json) -> Gateway:
        """One more, with changes to the tables of its sources."""
        sources = {id_: {**table, **changes.get(id_, {})} for id_, table in (await tables(self.upstreams)).items()}
        environ = {"ANALYTICS_GATEWAY_CACHE__REDIS_URL": self.redis.url}
        return await self.stack.enter_async_context(serving(sources, environ, VirtualClock()))

    async def asked(self) -> dict[str, int]:
        """How often each upstream has been asked."""
        return {id_: (await self.upstreams.get(kind)).control.asked for id_, kind in IDS.items()}

    async def have_shared(self, values: int) -> None:
        """Return once so many observations are shared: they are put there behind the answer."""
        async with asking(self.redis.url) as server:
            found: object = []
            while not isinstance(found, list) or len(found) < values:
                found = await server.run("KEYS", "*:value:*")


@asynccontextmanager
async def sharing(upstreams: Upstreams) -> AsyncIterator[Replicas]:
    async with running_redis() as redis, AsyncExitStack() as stack:
        yield Replicas(redis=redis, upstreams=upstreams, stack=stack)


@pytest.fixture
async def replicas(upstreams: Upstreams) -> AsyncIterator[Replicas]:
    async with sharing(upstreams) as replicas:
        yield replicas


async def test_the_second_answers_without_asking_what_the_first_has_asked(replicas: Replicas) -> None:
    """And says the very same, on either front, so that a client may be sent to another one at any time."""
    one, other = await replicas.another(), await replicas.another()
    first = await one.unary(ListMetricsRequest())
    first_over_rest = await one.rest(ListMetricsRequest())
    await replicas.have_shared(len(IDS))
    before = await replicas.asked()

    second = await other.unary(ListMetricsRequest())
    second_over_rest = await other.rest(ListMetricsRequest(), If_None_Match=first_over_rest.headers["ETag"])

    assert to_json(first) == to_json(second)
    assert (second_over_rest.status, second_over_rest.body) == (304, b"")
    assert {ANSWERED} == {outcome.state for outcome in second.outcomes}
    assert await replicas.asked() == before


async def test_with_another_credential_nothing_is_shared(replicas: Replicas) -> None:
    """Whoever it belongs to may see other numbers, or, as here, none."""
    one = await replicas.another()
    other = await replicas.another(crm={"auth": {"scheme": "bearer", "token": "of-somebody-else"}})
    await one.unary(ListMetricsRequest())
    await replicas.have_shared(len(IDS))

    answer = await other.unary(ListMetricsRequest())

    assert {"crm": FAILED, "docs": ANSWERED, "ai": ANSWERED} == {
        id_: outcome.state for id_, outcome in outcomes(answer).items()
    }
    assert "UPSTREAM_CREDENTIAL_REFUSED" == reason(outcomes(answer)["crm"].status)


async def test_without_the_server_each_asks_for_itself(replicas: Replicas) -> None:
    one, other = await replicas.another(), await replicas.another()
    await one.unary(ListMetricsRequest())
    await replicas.have_shared(len(IDS))
    await replicas.redis.kill()
    before = await replicas.asked()

    answers = [
        await other.unary(ListMetricsRequest()),
        await one.unary(ListMetricsRequest(freshness=FRESHNESS_FRESH)),
    ]

    assert {ANSWERED} == {outcome.state for answer in answers for outcome in answer.outcomes}
    assert all(count > before[id_] for id_, count in (await replicas.asked()).items())

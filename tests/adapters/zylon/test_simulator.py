"""The simulated Zylon checks what the real one checks, and errs as it errs."""

import aiohttp
import pytest

from adapters.simulation import World, serve
from adapters.zylon.simulator import ORG, TOKEN, create_simulator
from tests.running import Running

HEADERS = {"Authorization": f"Bearer {TOKEN}", "x-org": ORG}
ANALYTICS = "/api/v1/app/organization/analytics"


async def get(zylon: Running, path: str, headers: dict[str, str] = HEADERS) -> tuple[int, object]:
    async with aiohttp.request("GET", zylon.base_url + path, headers=headers) as response:
        return response.status, await response.json() if response.content_type == "application/json" else None


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"x-org": ORG}, 401),
        ({**HEADERS, "Authorization": "Bearer wrong"}, 401),
        ({"Authorization": HEADERS["Authorization"]}, 400),
        ({**HEADERS, "x-org": "elsewhere"}, 403),
        (HEADERS, 200),
    ],
)
async def test_the_token_and_the_organisation_are_checked(zylon: Running, headers: dict[str, str], status: int) -> None:
    assert status == (await get(zylon, f"{ANALYTICS}/totals", headers))[0]


@pytest.mark.parametrize(
    "query",
    [
        "",
        "type=interactions",
        "type=interactions&start_date=1773000000",
        "type=interactions&end_date=1773000000",
        "start_date=1773000000&end_date=1773800000",
        "type=projects&start_date=1773000000&end_date=1773800000",
        "type=interactions&start_date=1773800000&end_date=1773000000",
        "type=interactions&start_date=2026-03-01&end_date=2026-03-02",
        "type=interactions&start_date=-1&end_date=1773000000",
    ],
)
async def test_a_series_needs_a_type_and_both_dates_in_order(zylon: Running, query: str) -> None:
    assert (400, None) == await get(zylon, f"{ANALYTICS}/timeseries?{query}")


@pytest.mark.parametrize("limit", ["0", "-1", "many"])
async def test_a_ranking_needs_a_limit_that_is_a_number_from_1(zylon: Running, limit: str) -> None:
    assert (400, None) == await get(zylon, f"{ANALYTICS}/ranking/active-users?limit={limit}")


async def test_a_ranking_without_parameters_has_five_rows(zylon: Running) -> None:
    _status, rows = await get(zylon, f"{ANALYTICS}/ranking/active-projects")
    assert isinstance(rows, list)
    assert 5 == len(rows)


@pytest.mark.parametrize("unit", ["seconds", "milliseconds"])
async def test_the_wrong_unit_is_a_window_without_data(zylon: Running, unit: str) -> None:
    zylon.control.switches["unit"] = unit
    seconds = await get(zylon, f"{ANALYTICS}/timeseries?type=thread&start_date=1773000000&end_date=1773800000")
    millis = await get(zylon, f"{ANALYTICS}/timeseries?type=thread&start_date=1773000000000&end_date=1773800000000")
    right, wrong = (seconds, millis) if unit == "seconds" else (millis, seconds)
    assert right[1]
    assert (200, []) == wrong


async def test_health_needs_no_token_and_me_does(zylon: Running) -> None:
    assert 200 == (await get(zylon, "/api/health", {}))[0]
    assert 401 == (await get(zylon, "/api/v1/app/me", {}))[0]
    assert 200 == (await get(zylon, "/api/v1/app/me"))[0]


async def test_two_simulators_of_one_world_answer_the_same(zylon: Running, world: World) -> None:
    path = f"{ANALYTICS}/ranking/active-users?limit=3"
    simulator = create_simulator(world)
    async with serve(simulator) as base_url:
        other = Running(adapter=zylon.adapter, simulator=simulator, base_url=base_url)
        assert await get(zylon, path) == await get(other, path)

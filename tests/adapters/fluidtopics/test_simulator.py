"""The simulated portal, asked directly over HTTP: it checks what the real one checks, and its events are plausible."""

import json
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from time import process_time
from typing import Any

import pytest
from aiohttp import ClientResponse, ClientSession

from adapters.fluidtopics.simulated.inspection import EventsAsked, Filters
from adapters.fluidtopics.simulated.portal import Portal
from adapters.fluidtopics.simulated.scenes import NAMES, SERVER_SIDE
from adapters.fluidtopics.simulated.shapes import SWITCHES
from adapters.fluidtopics.simulated.timeline import Timeline
from adapters.fluidtopics.simulator import TOKEN
from adapters.simulation import World, create_world
from tests.clock import START
from tests.running import Running, StoppedClock

EVENTS, COUNTS = "/analytics/api/v1/events", "/analytics/api/v1/traffic/event-counts"
ASKED: dict[str, Any] = {"startDate": "2026-03-01", "endDate": "2026-03-15", "paging": {"page": 1, "perPage": 500}}
COUNTED: dict[str, Any] = {"startDate": "2026-03-01", "endDate": "2026-03-15", "groupByPeriod": "day"}


def milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


class Asker:
    """Posts to the portal."""

    def __init__(self, session: ClientSession, base_url: str) -> None:
        self._session = session
        self._base_url = base_url

    async def post(self, path: str, body: object, **headers: str) -> ClientResponse:
        sent = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        data = body if isinstance(body, str) else json.dumps(body)
        async with self._session.post(self._base_url + path, data=data, headers=sent) as response:
            await response.read()
            return response

    async def told(self, path: str, **changes: object) -> dict[str, Any]:
        response = await self.post(path, (ASKED if path == EVENTS else COUNTED) | changes)
        assert 200 == response.status, await response.text()
        answer: dict[str, Any] = await response.json()
        return answer

    async def results(self, **changes: object) -> list[dict[str, Any]]:
        results: list[dict[str, Any]] = (await self.told(EVENTS, **changes))["results"]
        return results


@pytest.fixture
async def asker(running: Running) -> AsyncIterator[Asker]:
    async with ClientSession() as session:
        yield Asker(session, running.base_url)


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (401, {"Authorization": ""}),
        (401, {"Authorization": "Bearer wrong"}),
        (415, {"Content_Type": "text/plain"}),
        (200, {"Content_Type": "application/json; charset=utf-8"}),
    ],
)
@pytest.mark.parametrize("path", [EVENTS, COUNTS])
async def test_it_checks_the_headers(asker: Asker, path: str, status: int, headers: dict[str, str]) -> None:
    assert status == (await asker.post(path, ASKED | COUNTED, **headers)).status


@pytest.mark.parametrize(
    "change",
    [
        {"startDate": None},
        {"startDate": "2026-03-01T00:00:00Z"},
        {"startDate": "2026-03-01T00:00:00.000"},
        {"startDate": "2026-03-01T00:00:00+01:00"},
        {"startDate": "2026-3-1"},
        {"startDate": "2026-02-30"},
        {"startDate": 1772323200000},
        {"startDate": "2026-03-15"},
        {"startDate": "2025-03-17T23:59:59"},
        {"endDate": "soon"},
        {"paging": {"page": 1}},
        {"paging": {"page": 0, "perPage": 10}},
        {"paging": {"page": 1, "perPage": 0}},
        {"paging": {"page": "1", "perPage": 10}},
        {"sortOrder": "newest"},
        {"filters": {"name": "khub.search"}},
        {"filters": {"user": {"id": [1]}}},
    ],
)
async def test_it_refuses_what_the_reference_does_not_allow(asker: Asker, change: dict[str, object]) -> None:
    assert 400 == (await asker.post(EVENTS, ASKED | change)).status


@pytest.mark.parametrize("body", ["", "{", "[]", "null"])
async def test_it_refuses_what_is_not_a_json_object(asker: Asker, body: str) -> None:
    assert 400 == (await asker.post(EVENTS, body)).status


@pytest.mark.parametrize("change", [{"endDate": None}, {"groupByPeriod": None}, {"groupByPeriod": "year"}])
async def test_counts_need_an_end_and_a_period(asker: Asker, change: dict[str, object]) -> None:
    assert 400 == (await asker.post(COUNTS, COUNTED | change)).status


async def test_dates_may_have_minutes_or_seconds_and_the_echo_has_both(asker: Asker) -> None:
    answer = await asker.told(EVENTS, startDate="2026-03-01T06:30", endDate="2026-03-02T00:00:01")
    assert ("2026-03-01T06:30:00", "2026-03-02T00:00:01") == (answer["startDate"], answer["endDate"])


async def test_end_paging_order_and_filters_may_be_left_out(asker: Asker) -> None:
    response = await asker.post(EVENTS, {"startDate": "2026-03-17"})
    answer = await response.json()
    assert "2026-03-18T12:00:00" == answer["endDate"]
    assert (1, 10, False) == tuple(answer["paging"][name] for name in ("page", "perPage", "lastPage"))
    assert answer["results"][0]["datetime"] > answer["results"][-1]["datetime"]


async def test_both_orders_are_each_others_reverse_and_each_page_a_part(asker: Asker) -> None:
    oldest = await asker.results(sortOrder="oldestFirst", paging={"page": 1, "perPage": 10_000})
    newest = await asker.results(sortOrder="LatestFirst", paging={"page": 1, "perPage": 10_000})
    assert oldest == newest[::-1]
    assert sorted(event["datetime"] for event in oldest) == [event["datetime"] for event in oldest]
    assert oldest[100:150] == await asker.results(sortOrder="oldestFirst", paging={"page": 3, "perPage": 50})
    assert newest[100:150] == await asker.results(sortOrder="latestFirst", paging={"page": 3, "perPage": 50})


async def test_the_window_is_half_open(asker: Asker) -> None:
    first, second = (await asker.results(sortOrder="oldestFirst"))[100:102]
    starts = [
        datetime.fromtimestamp(event["datetime"] // 1000, UTC).replace(tzinfo=None).isoformat()
        for event in (first, second)
    ]
    assert starts[0] != starts[1]
    inner = await asker.results(startDate=starts[0], endDate=starts[1])
    assert first["id"] in [event["id"] for event in inner]
    assert second["id"] not in [event["id"] for event in inner]


async def test_filters_take_any_value_of_each_list_and_all_lists(asker: Asker) -> None:
    everything = await asker.results(paging={"page": 1, "perPage": 10_000})
    wanted = {
        "name": ["khub.search", "topic.display"],
        "user": {"group": ["Support", "Developers"], "role": ["PRINT_USER"]},
    }
    expected = [
        event
        for event in everything
        if event["name"] in wanted["name"]
        and {"Support", "Developers"} & set(event.get("user", {}).get("groups", ()))
        and "PRINT_USER" in event["user"]["roles"]
    ]
    assert expected
    assert expected == await asker.results(filters=wanted, paging={"page": 1, "perPage": 10_000})


async def test_counts_agree_with_events(asker: Asker) -> None:
    events = await asker.results(paging={"page": 1, "perPage": 10_000})
    expected = Counter(
        (event["name"], datetime.fromtimestamp(event["datetime"] / 1000, UTC).date().isoformat()) for event in events
    )
    told = {
        (result["name"], period["periodStartDate"]): period["eventCount"]
        for result in (await asker.told(COUNTS))["results"]
        for period in result["periods"]
    }
    assert expected == told


async def test_events_have_all_documented_fields_and_server_events_no_browser(asker: Asker) -> None:
    documented = {"appName", "appVersion", "contentLocale", "datetime", "id", "name", "offline", "parameters"}
    documented |= {"sessionId", "tenantId", "uiLocale", "user", "userAgent", "userIp"}
    events = await asker.results(paging={"page": 1, "perPage": 10_000})
    assert documented == set().union(*events)
    assert len(NAMES) - 3 <= len({event["name"] for event in events})
    for event in events:
        assert documented - {"user", "userAgent", "userIp"} <= event.keys()
        assert (event["name"] in SERVER_SIDE) == ("userAgent" not in event)


async def test_the_people_are_the_companys_and_work_there(asker: Asker, world: World) -> None:
    people = {person.id: person for person in world.company.people}
    users = Counter(event["user"]["id"] for event in await asker.results() if "user" in event)
    assert all(people[user].is_active(START.date()) or people[user].left for user in users)
    assert len(users) > 30


async def test_nothing_lies_in_the_future(asker: Asker) -> None:
    (newest,) = await asker.results(endDate="2026-04-01", paging={"page": 1, "perPage": 1})
    assert newest["datetime"] <= START.timestamp() * 1000


async def test_the_firewall_answers_in_html_after_so_many_requests_until_it_is_reset(
    asker: Asker, running: Running
) -> None:
    running.control.switches["limiter"] = "tight"
    statuses = [(await asker.post(COUNTS, COUNTED)).status for _ in range(11)]
    assert [200] * 10 + [429] == statuses
    assert "text/html" == (await asker.post(COUNTS, COUNTED)).content_type
    running.control.reset()
    assert 200 == (await asker.post(COUNTS, COUNTED)).status


def test_a_year_has_about_as_many_events_as_the_world_and_the_last_page_is_as_quick_as_the_first() -> None:
    world = create_world(seed=2, clock=StoppedClock(), events=2_000_000)
    portal = Portal(world)
    switches = {name: values[0] for name, values in SWITCHES.items()}
    start = START - timedelta(days=365)

    def page(number: int) -> dict[str, Any]:
        asked = EventsAsked(start=start, end=START, filters=Filters(), page=number, per_page=100, is_latest_first=False)
        answer: dict[str, Any] = json.loads(portal.events(asked, switches))
        return answer

    began = process_time()
    total = page(1)["paging"]["totalCount"]
    assert 1_900_000 < total < 2_100_000
    last = page(-(-total // 100))
    assert last["paging"]["lastPage"]
    assert last["results"]
    # Some milliseconds of work, whatever else the machine does; to make a list of all events would take half a minute.
    assert process_time() - began < 5


@pytest.mark.parametrize("events", [0, 1000, 10_000_000, 50_000_000])
def test_a_year_holds_as_many_events_as_it_should_however_many(events: int) -> None:
    timeline = Timeline(create_world(seed=2, clock=StoppedClock(), events=events))
    end = START.replace(hour=0)
    days = timeline.days(milliseconds(end - timedelta(days=365)), milliseconds(end))
    assert pytest.approx(events, rel=0.02, abs=100) == sum(last - first for _, first, last in days)


def test_the_same_seed_tells_the_same_events_and_another_one_others() -> None:
    def first(seed: int) -> bytes:
        portal = Portal(create_world(seed=seed, clock=StoppedClock(), events=1000))
        switches = {name: values[0] for name, values in SWITCHES.items()}
        window = {"start": START - timedelta(days=30), "end": START}
        return portal.events(
            EventsAsked(**window, filters=Filters(), page=1, per_page=9, is_latest_first=True), switches
        )

    assert first(3) == first(3) != first(4)

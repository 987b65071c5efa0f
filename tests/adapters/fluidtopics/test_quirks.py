"""Fluid Topics' quirks, one by one, met over HTTP."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from adapters.errors import (
    BeyondHorizonError,
    PermissionRefusedError,
    RateLimitedError,
    RequestRefusedError,
    UpstreamFailedError,
)
from adapters.query import EventOrder, Window
from adapters.simulation import Fault
from tests.adapters.fluidtopics.portal import TODAY, WEEK, Portal, between, portal
from tests.clock import START, VirtualClock
from tests.running import Running

NEWEST, OLDEST = EventOrder.NEWEST_FIRST, EventOrder.OLDEST_FIRST


async def test_quirk_1_the_sort_order_is_spelled_as_the_example_says(docs: Portal) -> None:
    await docs.page(order=NEWEST)
    assert "latestFirst" == docs.asked()["sortOrder"]
    await docs.page(order=OLDEST)
    assert "oldestFirst" == docs.asked()["sortOrder"]


async def test_quirk_1_a_refused_spelling_is_followed_by_the_other_one_once_and_for_all(docs: Portal) -> None:
    docs.control.switches["sort_order"] = "pascal"
    expected = await docs.page(order=NEWEST)
    assert expected
    assert ["latestFirst", "LatestFirst"] == [docs.asked(back)["sortOrder"] for back in (2, 1)]
    assert 2 == docs.inquiry.attempts
    assert expected == await docs.page(order=NEWEST)
    assert 3 == docs.inquiry.attempts


async def test_quirk_1_the_spelling_is_a_setting(running: Running) -> None:
    running.control.switches["sort_order"] = "pascal"
    async with running.open(sort_order_spelling="pascal") as source:
        assert await portal(source, running.control).page(order=NEWEST)
    assert 1 == running.control.asked


async def test_quirk_1_once_a_spelling_was_taken_a_refusal_is_about_something_else(docs: Portal) -> None:
    await docs.page()
    docs.control.faults.append(Fault(status=400))
    with pytest.raises(RequestRefusedError):
        await docs.page()
    assert 2 == docs.control.asked


async def test_quirk_1_when_neither_spelling_is_taken_the_first_refusal_counts(docs: Portal) -> None:
    docs.control.faults.append(Fault(status=400))
    with pytest.raises(RequestRefusedError):
        await docs.page()
    docs.control.faults.clear()
    await docs.page()
    assert ["oldestFirst", "OldestFirst", "oldestFirst"] == [docs.asked(back)["sortOrder"] for back in (3, 2, 1)]


@pytest.mark.parametrize("form", ["iso", "string", "seconds"])
async def test_quirk_2_the_time_of_an_event_comes_in_many_forms(docs: Portal, form: str) -> None:
    plain = await docs.page()
    docs.control.switches["datetime"] = form
    if form == "seconds":
        for event in plain:
            event.event_time.nanos = 0
    assert plain == await docs.page()
    assert [] == docs.drift()


@pytest.mark.parametrize("shape", ["list", "flat"])
async def test_quirk_3_a_user_is_an_object_a_list_or_flat(docs: Portal, shape: str) -> None:
    plain = await docs.page()
    assert any(event.user.groups for event in plain)
    docs.control.switches["user"] = shape
    assert plain == await docs.page()
    assert [] == docs.drift()


async def test_quirk_3_an_event_of_nobody_has_no_user(docs: Portal) -> None:
    docs.control.switches["user"] = "absent"
    assert not any(event.HasField("user") for event in await docs.page())
    assert [] == docs.drift()


async def test_quirk_4_a_realm_is_always_a_list_outward(docs: Portal) -> None:
    docs.control.switches["realm"] = "string"
    events = [event for event in await docs.page() if event.HasField("user")]
    assert {1} == {len(event.user.realms) for event in events}
    docs.control.switches["realm"] = "absent"
    events = [event for event in await docs.page() if event.HasField("user")]
    assert {("realms",)} == {tuple(event.user.unset_fields) for event in events}
    assert [] == docs.drift()


async def test_quirk_5_without_a_total_pages_still_come_to_their_end(docs: Portal) -> None:
    plain = await docs.walk()
    docs.control.switches.update(total_count="off", last_page="off")
    assert plain == await docs.walk()
    assert await docs.count(user_realms=("Keycloak",)) is None


async def test_quirk_5_without_last_page_a_full_last_page_is_followed_by_an_empty_one(running: Running) -> None:
    async with running.open() as source:
        total = await portal(source, running.control).count()
    assert total is not None
    running.control.reset()
    running.control.switches["last_page"] = "off"
    async with running.open(per_page=total) as source:
        assert total == len(await portal(source, running.control).walk())
    assert [1, 2] == [json.loads(request.body)["paging"]["page"] for request in running.control.requests]


async def test_quirk_6_paging_is_always_sent(docs: Portal) -> None:
    await docs.page(size=7)
    assert {"page": 1, "perPage": 7} == docs.asked()["paging"]
    await docs.walk()
    assert {"page": 1, "perPage": 1000} == docs.asked()["paging"]
    await docs.source.check(docs.inquiry)
    assert {"page": 1, "perPage": 1} == docs.asked()["paging"]


async def test_quirk_7_events_that_are_pushed_onto_the_next_page_come_once(running: Running) -> None:
    async with running.open(per_page=10) as source:
        docs = portal(source, running.control)
        plain = await docs.walk()
        docs.control.switches["pages"] = "shift"
        assert plain == await docs.walk()
    assert {"oldestFirst"} == {json.loads(request.body)["sortOrder"] for request in running.control.requests}


async def test_quirk_8_the_end_is_always_told_and_cut_at_now(docs: Portal) -> None:
    await docs.page(WEEK)
    assert ("2026-03-12T00:00:00", "2026-03-18T12:00:00") == (docs.asked()["startDate"], docs.asked()["endDate"])
    await docs.source.check(docs.inquiry)
    assert "2026-03-18T12:00:00" == docs.asked()["endDate"]


@pytest.mark.parametrize("end", [START + timedelta(days=2), datetime.max.replace(tzinfo=UTC)])
async def test_quirk_8_a_window_that_is_yet_to_come_is_not_asked_for(docs: Portal, end: datetime) -> None:
    future = Window(start=START + timedelta(hours=1), end=end)
    assert [] == list(await docs.page(future))
    assert [] == await docs.walk(future)
    assert 0 == await docs.count(future, user_ids=("sasha-patel",))
    assert 0 == docs.control.asked


async def test_quirk_9_dates_are_naive_gmt_in_whole_seconds_and_fractions_are_sorted_out_here(docs: Portal) -> None:
    everything = await docs.walk()
    first, last = everything[10].event_time.ToDatetime(), everything[20].event_time.ToDatetime()
    window = between(first.isoformat(), last.isoformat())
    assert window.start.microsecond
    assert window.end.microsecond
    assert everything[10:20] == await docs.walk(window)
    assert first.replace(microsecond=0).isoformat() == docs.asked()["startDate"]
    assert (last.replace(microsecond=0) + timedelta(seconds=1)).isoformat() == docs.asked()["endDate"]


async def test_quirk_10_a_window_beyond_the_horizon_is_refused_before_asking(docs: Portal) -> None:
    too_old = Window(start=START - timedelta(days=365, seconds=1), end=START)
    with pytest.raises(BeyondHorizonError, match="must start on or after 2025-03-18T12:00:00"):
        await docs.page(too_old)
    with pytest.raises(BeyondHorizonError):
        await docs.walk(too_old)
    with pytest.raises(BeyondHorizonError):
        await docs.count(too_old)
    assert 0 == docs.control.asked
    assert await docs.page(Window(start=START - timedelta(days=365), end=START))


async def test_quirk_10_the_horizon_is_a_setting(running: Running) -> None:
    async with running.open(horizon_days=7) as source:
        docs = portal(source, running.control)
        assert await docs.page(Window(start=START - timedelta(days=7), end=START))
        with pytest.raises(BeyondHorizonError):
            await docs.page(Window(start=START - timedelta(days=8), end=START))


async def test_quirk_11_filters_are_named_in_the_singular(docs: Portal) -> None:
    await docs.page(
        names=("khub.search",),
        user_ids=("petra-vance",),
        user_realms=("r",),
        user_groups=("g", "h"),
        user_roles=("x",),
    )
    user = {"id": ["petra-vance"], "realm": ["r"], "group": ["g", "h"], "role": ["x"]}
    assert {"name": ["khub.search"], "user": user} == docs.asked()["filters"]


async def test_quirk_11_what_is_not_filtered_by_is_left_out(docs: Portal) -> None:
    await docs.page(user_roles=("ADMIN",))
    assert {"user": {"role": ["ADMIN"]}} == docs.asked()["filters"]
    await docs.page()
    assert "filters" not in docs.asked()


async def test_quirk_12_parameters_keep_every_digit(docs: Portal) -> None:
    text = '{"n":12345678901234567890123,"x":1.10,"e":"\\u00e9\\n","nested":{"a":[1,null]}}'
    docs.plays({"parameters": "HERE"})
    rewrite = docs.control.rewrite
    assert rewrite is not None
    docs.control.rewrite = lambda body: rewrite(body).replace(b'"HERE"', text.encode())
    (event,) = await docs.page()
    assert text == event.attributes_json
    assert [] == docs.drift()


async def test_quirk_13_ratings_and_outcomes_pass_as_they_are(docs: Portal) -> None:
    docs.plays({"parameters": {"rating": {"type": "stars", "value": "5"}, "outcome": 401}})
    (event,) = await docs.page()
    assert {"rating": {"type": "stars", "value": "5"}, "outcome": 401} == json.loads(event.attributes_json)


async def test_quirk_14_errors_and_drift_hold_no_personal_data(docs: Portal) -> None:
    docs.plays({"userIp": ["10.1.2.3"], "userAgent": 17, "user": {"id": "petra-vance", "groups": "all of them"}})
    await docs.page()
    assert ["results[].user.groups", "results[].userAgent", "results[].userIp"] == [path for path, *_ in docs.drift()]


async def test_quirk_15_the_calling_app_is_a_header(running: Running) -> None:
    async with running.open(calling_app="bi-nightly") as source:
        await source.check(portal(source, running.control).inquiry)
    request = running.control.requests[-1]
    assert "bi-nightly" == request.headers["ft-calling-app"]
    assert request.headers["ft-calling-app-version"]
    assert "application/json" == request.headers["content-type"]
    assert {} == request.query


async def test_quirk_16_the_firewalls_refusal_is_a_rate_limit(running: Running) -> None:
    running.control.switches["limiter"] = "tight"
    clock = VirtualClock(flowing=True)
    async with running.open(clock) as source:
        docs = portal(source, running.control)
        for _ in range(10):
            await docs.page()
        with pytest.raises(RateLimitedError):
            await docs.page()


@pytest.mark.parametrize(("status", "error"), [(403, PermissionRefusedError), (502, UpstreamFailedError)])
async def test_quirks_17_and_19_errors_need_not_be_json_nor_documented(
    running: Running, status: int, error: type[Exception]
) -> None:
    running.control.faults.append(Fault(status=status))
    async with running.open(VirtualClock(flowing=True)) as source:
        with pytest.raises(error):
            await portal(source, running.control).page()


async def test_quirk_18_cookies_of_the_load_balancer_are_not_kept(docs: Portal) -> None:
    await docs.page()
    await docs.page()
    assert not any("cookie" in request.headers for request in docs.control.requests)


async def test_the_counts_ask_for_whole_days_and_today(docs: Portal) -> None:
    await docs.count(Window(start=TODAY - timedelta(days=1), end=TODAY + timedelta(days=30)))
    assert {"startDate": "2026-03-17", "endDate": "2026-03-19", "groupByPeriod": "day"} == docs.asked()

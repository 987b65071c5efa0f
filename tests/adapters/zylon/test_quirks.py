"""Zylon's quirks, one by one, met over HTTP."""

from datetime import timedelta
from typing import cast

import pytest

from adapters.drift import DriftKind
from adapters.errors import (
    InvalidResponseError,
    RequestRefusedError,
    UpstreamFailedError,
)
from adapters.query import RankingQuestion, SeriesQuestion, Window
from adapters.simulation import Fault
from adapters.zylon.client import ZylonSource
from tests.adapters.zylon.asking import (
    ALL_SERIES,
    PATH,
    TODAY,
    WEEK,
    answer_with,
    ask,
    interactions,
    queries,
    ranked,
    totals,
)
from tests.clock import VirtualClock
from tests.running import Running


@pytest.mark.parametrize("unit", ["seconds", "milliseconds"])
async def test_quirk_1_the_time_unit_is_found_out_once(zylon: Running, unit: str) -> None:
    zylon.control.switches["unit"] = unit
    async with zylon.open(VirtualClock(flowing=True)) as opened:
        source = cast("ZylonSource", opened)
        assert all(await interactions(source))
        assert (await ranked(source)).entries
    # Two to find out, one series, one ranking.
    assert 4 == zylon.control.asked
    assert (10 if unit == "seconds" else 13) == len(queries(zylon, "/active-users")[0]["start_date"])


@pytest.mark.parametrize(("unit", "wrong"), [("seconds", "milliseconds"), ("milliseconds", "seconds")])
async def test_quirk_1_a_configured_unit_is_used_as_it_is(zylon: Running, unit: str, wrong: str) -> None:
    zylon.control.switches["unit"] = unit
    async with zylon.open(time_unit=unit) as right, zylon.open(time_unit=wrong) as mistaken:
        assert all(await interactions(cast("ZylonSource", right)))
        assert not any(await interactions(cast("ZylonSource", mistaken)))
    assert 2 == zylon.control.asked


async def test_quirk_1_an_empty_answer_is_never_asked_again_in_the_other_unit(zylon: Running) -> None:
    async with zylon.open(VirtualClock(flowing=True)) as opened:
        source = cast("ZylonSource", opened)
        assert await interactions(source)
        answer_with(zylon, [])
        asked = zylon.control.asked
        assert [0] * 7 == await interactions(source)
    assert asked + 1 == zylon.control.asked


async def test_quirk_1_an_empty_organisation_decides_nothing_and_is_nothing_wrong(zylon: Running) -> None:
    answer_with(zylon, [])
    async with zylon.open(VirtualClock(flowing=True)) as opened:
        source = cast("ZylonSource", opened)
        assert [0] * 7 == await interactions(source)
        zylon.control.rewrite = None
        assert all(await interactions(source))
    assert {10, 13} == {len(query["start_date"]) for query in queries(zylon, "/timeseries")}


async def test_quirk_1_without_interactions_the_other_series_tell_the_unit(zylon: Running) -> None:
    def without_the_first_two(body: bytes) -> bytes:
        return b"[]" if zylon.control.asked <= 2 else body

    zylon.control.rewrite = without_the_first_two
    async with zylon.open(VirtualClock(flowing=True)) as opened:
        assert all(await interactions(cast("ZylonSource", opened)))
    assert {"interactions": 3, "thread": 2, "artifact_agent_flow": 2, "artifact_document": 2} == {
        kind: sum(query["type"] == kind for query in queries(zylon, "/timeseries"))
        for kind in ("interactions", "thread", "artifact_agent_flow", "artifact_document")
    }


async def test_quirk_1_a_zero_is_no_proof_of_a_unit(zylon: Running) -> None:
    answer_with(zylon, [{"date": "2026-03-17", "value": 0}])
    async with zylon.open(VirtualClock(flowing=True)) as opened:
        source = cast("ZylonSource", opened)
        await interactions(source)
        zylon.control.rewrite = None
        assert all(await interactions(source))


async def test_quirk_1_a_failure_to_find_out_is_not_remembered(zylon: Running) -> None:
    zylon.control.faults.append(Fault(status=500))
    async with zylon.open(VirtualClock(flowing=True)) as opened:
        source = cast("ZylonSource", opened)
        with pytest.raises(UpstreamFailedError):
            await interactions(source)
        zylon.control.faults.clear()
        assert all(await interactions(source))


async def test_quirk_2_both_dates_are_always_sent_as_plain_digits(zylon: Running, source: ZylonSource) -> None:
    await interactions(source)
    await ranked(source, "active-users")
    await ranked(source, "active-projects")
    first, last = str(int(WEEK.start.timestamp())), str(int(WEEK.end.timestamp()) - 1)
    asked = [queries(zylon, path)[0] for path in ("/timeseries", "/active-users", "/active-projects")]
    assert [(first, last)] * 3 == [(query["start_date"], query["end_date"]) for query in asked]


async def test_quirk_3_the_limit_is_always_sent(zylon: Running, source: ZylonSource) -> None:
    assert 8 == len((await ranked(source, limit=8)).entries)
    assert "8" == queries(zylon, "/active-users")[0]["limit"]


async def test_quirk_4_the_types_are_spelt_as_the_upstream_spells_them(zylon: Running, source: ZylonSource) -> None:
    await source.series(SeriesQuestion(window=WEEK, metrics=ALL_SERIES), ask())
    assert {"thread", "interactions", "artifact_agent_flow", "artifact_document"} == {
        query["type"] for query in queries(zylon, "/timeseries")
    }
    assert ALL_SERIES == source.series_metrics


async def test_quirk_4_a_type_that_the_upstream_refuses_is_a_request_refused(
    zylon: Running, source: ZylonSource
) -> None:
    zylon.control.faults.append(Fault(status=400))
    with pytest.raises(RequestRefusedError):
        await interactions(source)


async def test_quirk_5_an_empty_array_is_an_ordinary_answer(zylon: Running, source: ZylonSource) -> None:
    answer_with(zylon, [])
    assert [] == list((await ranked(source)).entries)
    assert [0] * 7 == await interactions(source)


async def test_quirk_5_an_envelope_is_not_taken_for_an_empty_array(zylon: Running, source: ZylonSource) -> None:
    answer_with(zylon, {"data": [], "total_count": 0})
    with pytest.raises(InvalidResponseError):
        await ranked(source)


@pytest.mark.parametrize("optional", ["absent", "null"])
async def test_quirk_6_optional_fields_may_be_absent_or_null(
    zylon: Running, source: ZylonSource, optional: str
) -> None:
    zylon.control.switches["optional"] = optional
    inquiry = ask()
    question = RankingQuestion(ranking="active-projects", window=WEEK, limit=1)
    project = (await source.ranking(question, inquiry)).entries[0].project
    assert project.HasField("name")
    for field in ("goal", "deadline", "deadline_text", "member_count", "project_context", "is_pinned", "members_json"):
        assert not project.HasField(field)
    assert not inquiry.drift


async def test_quirk_6_words_that_nobody_has_documented_are_passed_on(zylon: Running, source: ZylonSource) -> None:
    user = {"id": "u", "state": "OnLeave", "roles": ["Wizard"], "shoe_size": 44}
    answer_with(zylon, [{"user": user, "interactions_created": 1, "agent_flows_created": 0}])
    inquiry = ask()
    ranking = await source.ranking(RankingQuestion(ranking="active-users", window=WEEK, limit=1), inquiry)
    assert ("OnLeave", ["Wizard"]) == (ranking.entries[0].user.state, list(ranking.entries[0].user.roles))
    assert ("[].user.shoe_size", DriftKind.UNKNOWN, 1) in list(inquiry.drift)
    assert ("[].user.email", DriftKind.MISSING, 1) in list(inquiry.drift)


async def test_quirk_7_every_request_names_the_organisation(zylon: Running, source: ZylonSource) -> None:
    await totals(source, "zylon.projects")
    await interactions(source)
    await ranked(source)
    assert ["auroralabs"] * 3 == [request.headers["x-org"] for request in zylon.control.requests]


@pytest.mark.parametrize("ending", ["", "/", "/api", "/api/"])
async def test_quirk_8_api_is_never_doubled(zylon: Running, ending: str) -> None:
    async with zylon.open(base_url=zylon.base_url + ending) as opened:
        await totals(cast("ZylonSource", opened), "zylon.projects")
    assert f"{PATH}/totals" == zylon.control.requests[-1].path


async def test_quirk_9_a_date_is_the_label_of_a_utc_day(zylon: Running, source: ZylonSource) -> None:
    answer_with(zylon, [{"date": "2026-03-17", "value": 7}])
    assert [0, 0, 0, 0, 0, 7, 0] == await interactions(source)


@pytest.mark.parametrize("days", ["gaps", "fill"])
async def test_quirk_10_a_day_that_is_left_out_is_zero(zylon: Running, source: ZylonSource, days: str) -> None:
    zylon.control.switches["days"] = days
    adopted = TODAY - timedelta(days=330)
    window = Window(start=adopted - timedelta(days=2), end=adopted + timedelta(days=1))
    first, second, third = await interactions(source, window)
    assert (0, 0) == (first, second)
    assert third


async def test_quirk_11_personal_data_stays_in_the_message(
    zylon: Running, source: ZylonSource, capsys: pytest.CaptureFixture[str]
) -> None:
    inquiry = ask()
    user = (
        (await source.ranking(RankingQuestion(ranking="active-users", window=WEEK, limit=1), inquiry)).entries[0].user
    )
    assert user.email.endswith("@auroralabs.example")
    zylon.control.faults.append(Fault(mode="invalid-json"))
    with pytest.raises(InvalidResponseError) as failure:
        await source.ranking(RankingQuestion(ranking="active-users", window=WEEK, limit=1), inquiry)
    told = f"{capsys.readouterr()}{failure.value!r}{inquiry!r}{source!r}{list(inquiry.drift)}"
    assert user.email not in told
    assert user.name not in told


async def test_quirk_12_an_error_need_not_be_json(zylon: Running, source: ZylonSource) -> None:
    zylon.control.faults.append(Fault(times=1, status=502))
    inquiry = ask()
    await source.check(inquiry)
    assert 2 == inquiry.attempts

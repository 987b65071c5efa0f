"""What Zylon's answers tell, and what they may lack."""

from datetime import timedelta
from typing import cast

import msgspec
import pytest

from adapters.drift import DriftKind
from adapters.errors import AnswerIncompleteError, InvalidResponseError
from adapters.query import RankingQuestion, Window
from adapters.zylon.client import ZylonSource
from tests.adapters.zylon.asking import WEEK, answer_with, ask, interactions, missed, ranked, totals
from tests.clock import VirtualClock
from tests.running import Running


async def test_a_null_total_has_a_row_without_a_value(zylon: Running, source: ZylonSource) -> None:
    answer_with(zylon, {"projects_total": None, "threads_total": 3})
    assert {"zylon.projects": None, "zylon.threads": 3} == await totals(source, "zylon.projects", "zylon.threads")


async def test_an_answer_without_a_single_total_is_no_answer(zylon: Running, source: ZylonSource) -> None:
    answer_with(zylon, {"status": "ok"})
    with pytest.raises(InvalidResponseError):
        await totals(source, "zylon.projects")


async def test_rows_of_which_none_can_be_read_are_not_nobody(zylon: Running, source: ZylonSource) -> None:
    answer_with(zylon, ["Sasha", "Robin"])
    with pytest.raises(InvalidResponseError):
        await ranked(source)


async def test_a_mistyped_value_costs_its_own_day_only(zylon: Running, source: ZylonSource) -> None:
    answer_with(zylon, [{"date": "2026-03-16", "value": "many"}, {"date": "2026-03-17", "value": 7}])
    assert [0, 0, 0, 0, None, 7, 0] == await interactions(source)


async def test_a_mistyped_row_leaves_open_which_day_it_was_about(zylon: Running, source: ZylonSource) -> None:
    answer_with(zylon, [{"date": "2026-03-17", "value": 7}, "2026-03-16: 5"])
    assert [None, None, None, None, None, 7, None] == await interactions(source)


@pytest.mark.parametrize(
    "row",
    [{"date": "2026-03-16", "value": "7"}, {"date": "2026-03-16", "value": None}, {"date": "soon", "value": 7}, "7"],
    ids=["mistyped value", "null", "no day", "no row"],
)
async def test_a_day_that_cannot_be_read_makes_its_series_incomplete(
    zylon: Running, source: ZylonSource, row: object
) -> None:
    answer_with(zylon, [{"date": "2026-03-17", "value": 7}, row])
    assert ["zylon.interactions"] == await missed(source, WEEK)


@pytest.mark.parametrize("odd", ["2026-03-19", "2025-03-01", "2026-03-10"], ids=["future", "not kept", "not asked"])
async def test_a_day_that_nobody_can_know_or_wants_to_is_nothing_missing(
    zylon: Running, source: ZylonSource, odd: str
) -> None:
    answer_with(zylon, [{"date": "2026-03-17", "value": 7}, {"date": odd, "value": "many"}])
    assert [] == await missed(source, Window(start=WEEK.start, end=WEEK.end + timedelta(days=3)))


async def test_days_that_are_no_longer_kept_are_nothing_missing(zylon: Running, source: ZylonSource) -> None:
    answer_with(zylon, [{"date": "2025-03-01", "value": None}, {"date": "2026-03-17", "value": 7}])
    assert [] == await missed(source, Window(start=WEEK.start - timedelta(days=400), end=WEEK.end))


async def test_what_was_asked_to_find_the_unit_out_makes_no_series_incomplete(zylon: Running) -> None:
    answer_with(zylon, [{"date": "2026-02-01", "value": None}, {"date": "2026-03-17", "value": 7}])
    async with zylon.open(VirtualClock(flowing=True)) as source:
        assert [] == await missed(cast("ZylonSource", source), WEEK)


async def test_a_row_that_was_lost_makes_its_ranking_incomplete(zylon: Running, source: ZylonSource) -> None:
    answer_with(zylon, [{"user": None, "interactions_created": 1, "agent_flows_created": 0}, "Sasha"])
    inquiry = ask()
    ranking = await source.ranking(RankingQuestion(ranking="active-users", window=WEEK, limit=5), inquiry)
    assert 1 == len(ranking.entries)
    assert isinstance(inquiry.missing["active-users"], AnswerIncompleteError)


async def test_a_user_of_whom_all_is_told_is_told_whole(zylon: Running, source: ZylonSource) -> None:
    sent = {
        "id": "user_1",
        "org_id": "org_1",
        "account_id": "acct_1",
        "name": "Robin Vale",
        "email": "robin@example.org",
        "state": "Active",
        "roles": ["AppAdmin", "Basic"],
        "created_at": "2026-02-08T14:12:45Z",
        "profile_picture": "/p/1",
        "job_position_name": "Analyst",
        "job_position_description": "Counts",
    }
    answer_with(zylon, [{"user": sent, "interactions_created": 46, "agent_flows_created": 4}])
    (entry,) = (await ranked(source)).entries
    user = entry.user
    assert sent == {
        **{name: getattr(user, name) for name in sent if name not in {"created_at", "roles"}},
        "roles": list(user.roles),
        "created_at": user.create_time.ToJsonString(),
    }
    assert [46, 4] == [measure.value for measure in entry.measures]
    assert [] == list(user.unset_fields)


async def test_a_project_of_which_all_is_told_is_told_whole(zylon: Running, source: ZylonSource) -> None:
    sent = {
        "id": "proj_1",
        "name": "Insights",
        "goal": "Summarise.",
        "deadline": "2026-03-01T00:00:00Z",
        "visibility": "Private",
        "member_count": 2**60 + 1,
        "default_member_role": "Editor",
        "default_role_enabled": True,
        "project_context": "Q1",
        "answer_context": "Templates",
        "is_pinned": False,
    }
    body = msgspec.json.encode([{"project": sent, "interactions_created": 112, "agent_flows_created": 12}])
    members = '[{"user": "u1", "big": 12345678901234567890.10},  null]'
    zylon.control.rewrite = lambda _body: body.replace(b'"goal"', f'"members":{members},"goal"'.encode())
    (entry,) = (await ranked(source, "active-projects")).entries
    assert sent == {
        **{name: getattr(entry.project, name) for name in sent if name != "deadline"},
        "deadline": entry.project.deadline.ToJsonString(),
    }
    assert '[{"user": "u1", "big": 12345678901234567890.10},null]' == entry.project.members_json
    assert sent["deadline"] == entry.project.deadline_text


@pytest.mark.parametrize(("sent", "text"), [(1709337600, "1709337600"), ("next spring", "next spring")])
async def test_a_deadline_that_is_no_date_is_kept_as_it_was_written(
    zylon: Running, source: ZylonSource, sent: object, text: str
) -> None:
    answer_with(
        zylon, [{"project": {"id": "p", "deadline": sent}, "interactions_created": 1, "agent_flows_created": 0}]
    )
    project = (await ranked(source, "active-projects")).entries[0].project
    assert text == project.deadline_text
    assert not project.HasField("deadline")


async def test_members_that_are_no_list_are_absent_and_a_departure(zylon: Running, source: ZylonSource) -> None:
    answer_with(
        zylon,
        [{"project": {"id": "p", "members": {"u1": "Owner"}}, "interactions_created": 1, "agent_flows_created": 0}],
    )
    inquiry = ask()
    ranking = await source.ranking(RankingQuestion(ranking="active-projects", window=WEEK, limit=1), inquiry)
    assert not ranking.entries[0].project.HasField("members_json")
    assert ("[].project.members", DriftKind.MISTYPED, 1) in list(inquiry.drift)


async def test_roles_that_are_null_are_named_and_an_empty_list_is_not(zylon: Running, source: ZylonSource) -> None:
    lists: list[list[str] | None] = [None, []]
    rows = [{"user": {"roles": roles}, "interactions_created": 1, "agent_flows_created": 0} for roles in lists]
    answer_with(zylon, rows)
    assert [["roles"], []] == [list(entry.user.unset_fields) for entry in (await ranked(source)).entries]

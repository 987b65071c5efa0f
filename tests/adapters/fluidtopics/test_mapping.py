"""What becomes of one event, met over HTTP."""

import pytest
from msgspec import Raw, json

from adapters.drift import DriftKind, DriftLog
from adapters.errors import InvalidResponseError
from adapters.fluidtopics.people import LONGEST_KEPT, People
from adapters.fluidtopics.wire import Event
from adapters.query import EventsQuestion
from tests.adapters.fluidtopics.portal import WEEK, Portal

DOCUMENTED = {
    "appName": "ft/turnkey-portal",
    "appVersion": "4.3.32",
    "contentLocale": "en-US",
    "datetime": 1773800000947,
    "id": "f0c7a781",
    "name": "khub.search",
    "offline": False,
    "parameters": {"searchQuery": {"terms": "semantic search"}},
    "sessionId": "s1",
    "tenantId": "t1",
    "uiLocale": "fr-FR",
    "user": {"realm": ["internal", "Keycloak"], "groups": ["g1", "g2"], "id": "u1", "roles": ["ADMIN"]},
    "userAgent": "Mozilla/5.0",
    "userIp": "10.60.1.38",
}


async def test_every_documented_field_has_its_place(docs: Portal) -> None:
    docs.plays(DOCUMENTED, totalCount=4329)
    page = await docs.page()
    (event,) = page
    told = {field.name: value for field, value in event.ListFields() if field.name not in {"event_time", "user"}}
    assert told == {
        "source": "fluidtopics",
        "id": "f0c7a781",
        "name": "khub.search",
        "app_name": "ft/turnkey-portal",
        "app_version": "4.3.32",
        "content_locale": "en-US",
        "ui_locale": "fr-FR",
        "offline": False,
        "attributes_json": '{"searchQuery": {"terms": "semantic search"}}',
        "session_id": "s1",
        "tenant_id": "t1",
        "user_agent": "Mozilla/5.0",
        "user_ip": "10.60.1.38",
    }
    assert 1773800000947 == event.event_time.ToMilliseconds()
    assert ("u1", ["internal", "Keycloak"]) == (event.user.id, list(event.user.realms))
    assert (["g1", "g2"], ["ADMIN"]) == (list(event.user.groups), list(event.user.roles))
    assert [] == list(event.user.unset_fields)
    assert [] == docs.drift()


async def test_what_newer_releases_send_has_its_place(docs: Portal) -> None:
    docs.control.switches["release"] = "newer"
    for event in await docs.page():
        assert ("3", True, False) == (event.version, event.internal, event.bot)
        assert f"a-{event.session_id}" == event.analytics_session_id
    assert [] == docs.drift()


async def test_what_an_event_does_not_say_is_absent(docs: Portal) -> None:
    docs.plays({"offline": None, "parameters": None, "user": None, "userIp": None})
    (event,) = await docs.page()
    assert {"source", "id", "name", "event_time"} == {field.name for field, _ in event.ListFields()}
    assert [] == docs.drift()


async def test_flat_fields_fill_what_a_nested_user_leaves_open(docs: Portal) -> None:
    docs.plays({"user": {"id": "u1"}, "userId": "other", "userGroups": ["g1"]})
    (event,) = await docs.page()
    assert ("u1", ["g1"]) == (event.user.id, list(event.user.groups))
    assert ["realms", "roles"] == list(event.user.unset_fields)


async def test_an_empty_list_is_not_an_unset_one(docs: Portal) -> None:
    docs.plays({"user": {"id": "u1", "realm": [], "groups": [], "roles": None}})
    (event,) = await docs.page()
    assert ["roles"] == list(event.user.unset_fields)


async def test_of_several_users_the_first_one_is_told_and_the_others_are_noted(docs: Portal) -> None:
    docs.plays({"user": [{"id": "u1"}, {"id": "u2"}]})
    (event,) = await docs.page()
    assert "u1" == event.user.id
    assert [("results[].user[1]", DriftKind.UNKNOWN, 1)] == docs.drift()


async def test_departures_of_a_user_count_each_time_that_it_occurs(docs: Portal) -> None:
    odd = {"user": {"id": "u1", "groups": "g1", "mood": "good"}}
    docs.plays(odd, odd | {"id": "e2"})
    assert ["u1", "u1"] == [event.user.id for event in await docs.page()]
    assert docs.drift() == [
        ("results[].user.groups", DriftKind.MISTYPED, 2),
        ("results[].user.mood", DriftKind.UNKNOWN, 2),
    ]


def test_a_user_whose_text_is_very_long_is_read_and_not_kept() -> None:
    people, drift = People(), DriftLog()
    for groups in (["g"], ["g" * LONGEST_KEPT]):
        user = people.of(Event(id="e1", name="x", datetime=0, user=Raw(json.encode({"groups": groups}))), drift)
        assert user is not None
        assert groups == list(user.groups)
    assert 1 == len(people._known)  # noqa: SLF001 - the bound is the point


@pytest.mark.parametrize("user", [17, "u1", True])
async def test_a_user_that_is_none_costs_only_itself(docs: Portal, user: object) -> None:
    docs.plays({"user": user})
    (event,) = await docs.page()
    assert not event.HasField("user")
    assert [("results[].user", DriftKind.MISTYPED, 1)] == docs.drift()


@pytest.mark.parametrize("moment", ["soon", "", 1e300, 10**18, 10**30, -(10**30), [1773800000947]])
async def test_a_time_that_is_none_costs_only_itself(docs: Portal, moment: object) -> None:
    docs.plays({"datetime": moment})
    (event,) = await docs.page()
    assert not event.HasField("event_time")
    assert "e1" == event.id
    assert [("results[].datetime", DriftKind.MISTYPED, 1)] == docs.drift()


@pytest.mark.parametrize("parameters", [[1], "text", 7])
async def test_parameters_that_are_no_object_are_absent(docs: Portal, parameters: object) -> None:
    docs.plays({"parameters": parameters})
    (event,) = await docs.page()
    assert not event.HasField("attributes_json")
    assert [("results[].parameters", DriftKind.MISTYPED, 1)] == docs.drift()


async def test_parameters_are_one_line(docs: Portal) -> None:
    docs.plays({})
    rewrite = docs.control.rewrite
    assert rewrite is not None
    docs.control.rewrite = lambda body: rewrite(body).replace(b'"id"', b'"parameters": {"a":\r\n 1,\n"b":"\\n"}, "id"')
    (event,) = await docs.page()
    assert '{"a":   1, "b":"\\n"}' == event.attributes_json


async def test_the_echoed_window_and_total_are_told(docs: Portal) -> None:
    docs.plays({}, totalCount=4329)
    window = (await docs.source.events(EventsQuestion(window=WEEK), docs.inquiry)).window
    assert ("2026-03-12T00:00:00Z", "2026-03-19T00:00:00Z") == (
        window.start_time.ToJsonString(),
        window.end_time.ToJsonString(),
    )
    assert ("fluidtopics", 4329) == (window.source, window.total_size)


@pytest.mark.parametrize("body", ["null", "[]", "{}", '{"results":null}', '{"results":{}}', "17", "<html>", ""])
async def test_an_answer_without_a_list_of_events_is_none(docs: Portal, body: str) -> None:
    docs.answers(body)
    with pytest.raises(InvalidResponseError):
        await docs.page()


@pytest.mark.parametrize("total", [-1, 10**13, 1e300, 10**30, "many"])
async def test_a_total_that_is_none_costs_only_itself(docs: Portal, total: object) -> None:
    docs.plays({}, totalCount=total)
    page = await docs.source.events(EventsQuestion(window=WEEK), docs.inquiry)
    assert 1 == len(page.events)
    assert not page.window.HasField("total_size")
    assert await docs.count(user_ids=("u1",)) is None
    assert ("paging.totalCount", DriftKind.MISTYPED, 2) in docs.drift()


async def test_an_unknown_field_is_noted_and_costs_nothing(docs: Portal) -> None:
    docs.plays({"mood": "good"})
    assert ["e1"] == [event.id for event in await docs.page()]
    assert [("results[].mood", DriftKind.UNKNOWN, 1)] == docs.drift()

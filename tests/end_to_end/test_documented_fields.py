"""Nothing that an upstream documents is dropped: each field is in an answer, with the value that the upstream sent."""

import json
from collections.abc import Mapping
from datetime import UTC
from typing import Any

import pytest
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from tests.end_to_end.documented_fields import (
    DOCUMENTED,
    FLUID_TOPICS,
    SUPEROFFICE,
    SUPEROFFICE_LICENCE,
    ZYLON,
    ZYLON_SERIES,
)
from tests.end_to_end.fields_told import READ, ROWS, Answers, moment
from tests.end_to_end.serving import Gateway, days_before_today, from_json, method_of
from tests.end_to_end.upstreams_asked import ask_fluid_topics, ask_superoffice, ask_zylon
from tests.running import Upstreams
from unified.analytics.v1 import metric_pb2
from unified.analytics.v1.analytics_service_pb2 import (
    ListAccountsRequest,
    ListEventsRequest,
    ListMetricDescriptorsRequest,
    ListMetricsRequest,
    QueryRankingRequest,
    QueryTimeSeriesRequest,
)

START, END = days_before_today(21), days_before_today(1)
SEARCHES = ListEventsRequest(
    page_size=1, event_names=["khub.search"], user_realms=["internal"], start_time=START, end_time=END
)
SERIES = QueryTimeSeriesRequest(sources=["ai"], start_time=START, end_time=END)
ASKED: tuple[Message, ...] = (
    ListMetricsRequest(),
    ListMetricDescriptorsRequest(),
    ListAccountsRequest(),
    SEARCHES,
    QueryRankingRequest(ranking="active-users", sources=["ai"], start_time=START, end_time=END),
    QueryRankingRequest(ranking="active-projects", sources=["ai"], start_time=START, end_time=END),
    SERIES,
)


@pytest.fixture(scope="module", params=["grpc", "rest"])
async def told(running_gateway: Gateway, request: pytest.FixtureRequest) -> Answers:
    """The gateway's answers, by either way."""
    ask = _over_grpc if request.param == "grpc" else _over_rest
    metrics, catalogue, accounts, events, users, projects, series = [
        await ask(running_gateway, question) for question in ASKED
    ]
    return Answers(
        metrics={row.metric: row.value if row.HasField("value") else None for row in metrics.metrics},
        descriptors={found.upstream_field: found for found in catalogue.metric_descriptors},
        account=accounts.accounts[0],
        event=events.events[0],
        window=events.windows[0],
        next_page_token=events.next_page_token,
        users=list(users.rankings[0].entries),
        projects=list(projects.rankings[0].entries),
        series={found.metric: found for found in series.time_series},
    )


async def _over_grpc(gateway: Gateway, question: Message) -> Any:  # noqa: ANN401 - the answer to any question
    return await gateway.unary(question)


async def _over_rest(gateway: Gateway, question: Message) -> Any:  # noqa: ANN401 - the answer to any question
    reply = await gateway.rest(question)
    return from_json(reply.json(), method_of(question).response_class)


@pytest.fixture(scope="module")
async def sent(running_upstreams: Upstreams) -> Mapping[str, Any]:
    """What the upstreams say to whoever asks them without the gateway."""
    zylon = await running_upstreams.get("zylon")
    window = {"start_date": int(START.timestamp()), "end_date": int(END.timestamp()) - 1}
    series = {kind: await ask_zylon(zylon, "timeseries", type=kind, **window) for kind in ZYLON_SERIES}
    return {
        **await ask_superoffice(await running_upstreams.get("superoffice")),
        **await ask_fluid_topics(await running_upstreams.get("fluidtopics"), START, END),
        "totals": await ask_zylon(zylon, "totals"),
        "active-users": await ask_zylon(zylon, "ranking/active-users", limit=10, **window),
        "active-projects": await ask_zylon(zylon, "ranking/active-projects", limit=10, **window),
        "timeseries": series["interactions"],
        "series": series,
    }


CONSUMED = {"paging.page", "paging.perPage"}
"""What is not told but used: the page token goes on where they left off, as a test of its own shows."""


def find(sent: Any, path: str) -> tuple[Any, int]:  # noqa: ANN401 - JSON
    """The value at a path, and the number of its item: of a list, the first item that has such a value."""
    head, is_list, tail = path.partition("[].")
    if not is_list:
        return _at(sent, path), 0
    values = [_at(item, tail) for item in sent[head]]
    return next((value, place) for place, value in enumerate(values) if value is not None)


def _at(sent: Any, path: str) -> Any:  # noqa: ANN401 - JSON
    for name in path.split("."):
        sent = sent.get(name)
    return sent


def plain(value: Any) -> object:  # noqa: ANN401 - of any field
    """A field's value, without protobuf."""
    if isinstance(value, Timestamp):
        return value.ToDatetime(UTC)
    if hasattr(value, "items"):
        return dict(value.items())
    return list(value) if hasattr(value, "append") else value


@pytest.mark.parametrize("field", [field for field in DOCUMENTED if field not in CONSUMED])
def test_a_documented_field_is_in_an_answer_with_the_value_that_was_sent(
    field: str, told: Answers, sent: Mapping[str, Any]
) -> None:
    value, place = find(sent, field)

    assert value is not None, "the simulator sends nothing that could be found"
    assert READ.get(field, plain)(value) == plain(ROWS[field](told, place))


def test_every_row_is_of_a_documented_field() -> None:
    assert set(ROWS) | CONSUMED == set(DOCUMENTED)
    assert (51, 6, 23, 30) == tuple(map(len, (SUPEROFFICE, SUPEROFFICE_LICENCE, FLUID_TOPICS, ZYLON)))


def test_the_simulator_sends_all_that_is_documented_and_nothing_else(sent: Mapping[str, Any]) -> None:
    """Otherwise its author read other documents than the authors of the lists."""
    licence = {f"LicenseStatus.{name}" for name in sent["LicenseStatus"]}
    event = {f"results[].{name}" for name in sent["results"][0]} - {"results[].user"}
    visitor = {f"results[].user.{name}" for name in sent["results"][0]["user"]}
    paging = {f"paging.{name}" for name in sent["paging"]}

    assert set(SUPEROFFICE) <= sent.keys()
    assert set(SUPEROFFICE_LICENCE) == licence
    assert set(FLUID_TOPICS) == {"startDate", "endDate"} | paging | event | visitor


@pytest.mark.parametrize("field", [field for field in SUPEROFFICE if field.startswith(("Num", "Tot"))])
def test_a_counter_of_the_user_is_not_taken_for_one_of_the_system(field: str, told: Answers) -> None:
    scope = metric_pb2.METRIC_SCOPE_USER if field.startswith("Num") else metric_pb2.METRIC_SCOPE_SYSTEM

    assert scope == told.descriptors[field].scope


@pytest.mark.parametrize(
    ("kind", "metric"),
    [
        ("thread", "zylon.threads"),
        ("interactions", "zylon.interactions"),
        ("artifact_agent_flow", "zylon.agent_flows"),
        ("artifact_document", "zylon.uploaded_artifacts"),
    ],
)
def test_every_day_of_every_kind_of_series_is_told(
    kind: str, metric: str, told: Answers, sent: Mapping[str, Any]
) -> None:
    assert [(moment(day["date"]), day["value"]) for day in sent["series"][kind]] == told.busy_days(metric)


async def test_the_page_token_goes_on_where_the_page_left_off(
    gateway: Gateway, upstreams: Upstreams, sent: Mapping[str, Any]
) -> None:
    """`page` and `perPage` are not told; the token holds them."""
    control = (await upstreams.get("fluidtopics")).control
    first = await gateway.unary(SEARCHES)
    request = ListEventsRequest()
    request.CopyFrom(SEARCHES)
    request.page_token = first.next_page_token

    await gateway.unary(request)

    paging = json.loads(control.requests[-1].body)["paging"]
    assert {"page": sent["paging"]["page"] + 1, "perPage": sent["paging"]["perPage"]} == paging

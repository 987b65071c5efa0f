"""Requests that are read and checked once: the same is asked each time, and a wrong one is wrong each time."""

import pytest

from gateway.pipeline import Call, Failure
from gateway.pipeline.answers import LONGEST_SPELLING
from gateway.pipeline.known import KnownRequests
from tests.gateway.pipeline.fakes import ANSWER, LIST_METRICS, Fixture, fixture
from unified.analytics.v1.analytics_service_pb2 import ListMetricsRequest, ListMetricsResponse

PATH = LIST_METRICS.path


class Front:
    """Counts how often a request had to be read."""

    def __init__(self, request: ListMetricsRequest) -> None:
        self.request = request
        self.read_so_often = 0

    def read(self) -> ListMetricsRequest:
        self.read_so_often += 1
        copy = ListMetricsRequest()
        copy.CopyFrom(self.request)
        return copy


class Changing:
    """A service that changes its requests, as it may."""

    def __init__(self) -> None:
        self.asked: list[ListMetricsRequest] = []

    async def __call__(self, request: ListMetricsRequest, _call: Call) -> ListMetricsResponse:
        copy = ListMetricsRequest()
        copy.CopyFrom(request)
        self.asked.append(copy)
        request.Clear()
        return ANSWER


async def ask(under_test: Fixture, front: Front, spelling: bytes | str) -> None:
    call = under_test.pipeline.call(LIST_METRICS, transport="rest", request_id="id-1")
    await under_test.pipeline.spelled(LIST_METRICS, spelling, front.read, call)


async def test_what_was_found_valid_is_read_once_and_asked_the_same_each_time() -> None:
    service, front = Changing(), Front(ListMetricsRequest(sources=["ai"], metrics=["users.total"]))
    under_test = fixture(list_metrics=service)
    for _ in range(3):
        await ask(under_test, front, "/v1/metrics?sources=ai")

    assert 1 == front.read_so_often
    assert [front.request] * 3 == service.asked


async def test_what_is_not_valid_is_read_and_refused_each_time() -> None:
    service, front = Changing(), Front(ListMetricsRequest(sources=["Not An Id"]))
    under_test = fixture(list_metrics=service)
    for _ in range(2):
        with pytest.raises(Failure, match="INVALID_ARGUMENT"):
            await ask(under_test, front, "/v1/metrics?sources=Not+An+Id")

    assert 2 == front.read_so_often
    assert [] == service.asked
    assert ["REQUEST_INVALID"] * 2 == [line["reason"] for line in under_test.logged("call")]


async def test_an_unlikely_spelling_is_read_each_time() -> None:
    service, front = Changing(), Front(ListMetricsRequest())
    under_test = fixture(list_metrics=service)
    for _ in range(2):
        await ask(under_test, front, "/v1/metrics?".ljust(LONGEST_SPELLING + 1, "&"))

    assert 2 == front.read_so_often


def test_what_nobody_has_asked_for_longest_is_forgotten() -> None:
    known = KnownRequests(most=2)
    known.add(PATH, "one", b"1")
    known.add(PATH, "two", b"2")
    assert b"1" == known.get(PATH, "one")
    known.add(PATH, "three", b"3")

    assert [b"1", None, b"3"] == [known.get(PATH, spelling) for spelling in ("one", "two", "three")]


def test_no_text_is_taken_for_bytes_nor_one_method_for_another() -> None:
    known = KnownRequests()
    known.add(PATH, "", b"text")

    assert known.get(PATH, b"") is None
    assert known.get("/another.Service/Method", "") is None

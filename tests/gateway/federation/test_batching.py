"""Pages of events cut into batches."""

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.federation.batching import BATCH_BYTES, MOST_EVENTS, batches
from unified.analytics.v1.event_pb2 import Event


def events(*weights: int) -> list[Event]:
    return [Event(source="docs", id=str(number), user_agent="x" * weight) for number, weight in enumerate(weights)]


def test_a_page_that_fits_is_one_batch() -> None:
    page = events(*[100] * MOST_EVENTS)

    ((response, delivered),) = batches(page)

    assert list(response.batch.events) == page
    assert delivered == MOST_EVENTS


def test_no_events_are_no_batch() -> None:
    assert list(batches([])) == []


def test_a_batch_has_at_most_a_thousand_events() -> None:
    assert [delivered for _, delivered in batches(events(*[0] * 2500))] == [1000, 2000, 2500]


def test_an_event_larger_than_a_batch_has_one_of_its_own() -> None:
    assert [delivered for _, delivered in batches(events(10, BATCH_BYTES + 1, 10))] == [1, 2, 3]


@settings(deadline=None)
@given(st.lists(st.integers(0, 300_000), max_size=12))
def test_batches_hold_every_event_once_in_order_and_stay_small(weights: list[int]) -> None:
    page = events(*weights)

    cut = list(batches(page))

    assert [event for response, _ in cut for event in response.batch.events] == page
    for response, _ in cut:
        assert response.ByteSize() <= BATCH_BYTES + 100 or len(response.batch.events) == 1

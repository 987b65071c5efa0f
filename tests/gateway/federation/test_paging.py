"""One page of the pages of several sources."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.ports import EventsPage
from adapters.query import EventOrder
from gateway.federation.paging import PAGE_BYTES, MergedPage, merge_pages
from tests.clock import START
from unified.analytics.v1.event_pb2 import Event
from unified.analytics.v1.outcome_pb2 import SourceWindow

NEWEST, OLDEST = EventOrder.NEWEST_FIRST, EventOrder.OLDEST_FIRST


def event(source: str, second: int | None, weight: int = 0) -> Event:
    time = None if second is None else START + timedelta(seconds=second)
    return Event(source=source, id=f"{source}{second}", event_time=time, user_agent="x" * weight)


def page(*events: Event, start: int = 0, more: bool = False) -> EventsPage:
    """A page whose positions count events; `more` follow behind it."""

    def position_after(read: int) -> str | None:
        return str(start + read) if more or read < len(events) else None

    return EventsPage(events=events, window=SourceWindow(), position_after=position_after)


def ids(merged: MergedPage) -> list[str]:
    return [event.id for event in merged.events]


def test_events_of_several_sources_come_in_one_order() -> None:
    pages = {"b": page(event("b", 1), event("b", 4)), "a": page(event("a", 2), event("a", 3))}
    asked = {"a": None, "b": None}

    assert ids(merge_pages(pages, asked, OLDEST, 10)) == ["b1", "a2", "a3", "b4"]


def test_newest_first_is_the_other_way_round() -> None:
    pages = {"a": page(event("a", 4), event("a", 1)), "b": page(event("b", 3), event("b", 2))}

    merged = merge_pages(pages, {"a": None, "b": None}, NEWEST, 10)

    assert ids(merged) == ["a4", "b3", "b2", "a1"]
    assert merged.positions == {}


def test_events_of_one_moment_come_by_source() -> None:
    pages = {"b": page(event("b", 1)), "a": page(event("a", 1))}

    assert ids(merge_pages(pages, {"a": None, "b": None}, NEWEST, 10)) == ["a1", "b1"]


def test_a_full_page_goes_on_where_each_source_was_left() -> None:
    pages = {"a": page(event("a", 1), event("a", 2), start=7), "b": page(event("b", 5), start=3)}

    merged = merge_pages(pages, {"a": "7", "b": "3"}, OLDEST, 1)

    assert merged.positions == {"a": "8", "b": "3"}


def test_a_source_of_which_nothing_was_taken_begins_again_at_the_beginning() -> None:
    pages = {"a": page(event("a", 1)), "b": page(event("b", 5))}

    assert merge_pages(pages, {"a": None, "b": None}, OLDEST, 1).positions == {"b": None}


def test_where_a_source_has_more_that_is_not_here_yet_the_page_ends() -> None:
    """The source's next event may be older than all others'."""
    pages = {"a": page(event("a", 1), more=True), "b": page(event("b", 5), event("b", 6))}

    merged = merge_pages(pages, {"a": None, "b": None}, OLDEST, 10)

    assert ids(merged) == ["a1"]
    assert merged.positions == {"a": "1", "b": None}


def test_a_source_without_events_is_finished() -> None:
    merged = merge_pages({"a": page(), "b": page(event("b", 1))}, {"a": None, "b": None}, OLDEST, 10)

    assert (ids(merged), merged.positions) == (["b1"], {})


def test_an_event_without_a_time_keeps_its_place_among_its_sources() -> None:
    pages = {"a": page(event("a", 1), event("a", None), event("a", 3)), "b": page(event("b", 2))}

    assert ids(merge_pages(pages, {"a": None, "b": None}, OLDEST, 10)) == ["a1", "aNone", "b2", "a3"]


def test_a_page_stays_below_a_mebibyte_and_goes_on_behind_it() -> None:
    heavy = [event("a", second, weight=10_000) for second in range(200)]

    merged = merge_pages({"a": page(*heavy)}, {"a": None}, OLDEST, 200)

    assert sum(event.ByteSize() for event in merged.events) <= PAGE_BYTES
    assert 70 < len(merged.events) < 200
    assert merged.positions == {"a": str(len(merged.events))}


def test_an_event_too_large_for_a_page_has_one_of_its_own() -> None:
    pages = {"a": page(event("a", 1, weight=PAGE_BYTES), event("a", 2))}

    merged = merge_pages(pages, {"a": None}, OLDEST, 10)

    assert (ids(merged), merged.positions) == (["a1"], {"a": "1"})


@settings(deadline=None)
@given(
    seconds=st.lists(st.lists(st.integers(0, 20), max_size=12), min_size=1, max_size=4),
    size=st.integers(1, 5),
    upstream=st.integers(1, 4),
)
def test_page_by_page_every_event_comes_once_and_in_order(seconds: list[list[int]], size: int, upstream: int) -> None:
    """However many each source gives at once."""
    sources = {f"s{n}": [event(f"s{n}", second) for second in sorted(found)] for n, found in enumerate(seconds)}
    places: dict[str, str | None] = dict.fromkeys(sources)
    found: list[Event] = []

    while places:
        pages = {}
        for source, position in places.items():
            start = int(position or 0)
            events = sources[source][start : start + min(size, upstream)]
            pages[source] = page(*events, start=start, more=start + len(events) < len(sources[source]))
        merged = merge_pages(pages, places, OLDEST, size)
        assert len(merged.events) <= size
        found += merged.events
        places = dict(merged.positions)

    everything = [event for events in sources.values() for event in events]
    assert found == sorted(everything, key=lambda e: (e.event_time.ToNanoseconds(), e.source))

"""Judges pages of events: what is new in one, whether it is the last one, and whether they make sense together."""

from collections import deque
from collections.abc import Hashable, Sequence

from adapters.errors import InconsistentPagesError
from adapters.fluidtopics.wire import Event, EventsAnswer

_PAGES_REMEMBERED = 4


def is_last(answer: EventsAnswer, asked: int) -> bool:
    """Whether nothing follows an answer to a request for `asked` events.

    `lastPage` says so, and so does an empty page (Fluid Topics API reference, "Paginate web services"). Where
    `lastPage` is missing, a page shorter than asked is the last one as well; the upstream may have asked itself for
    less than we did, and then says so. That holds because pages are whole: the client leaves out no event.
    """
    results = answer.results or ()
    paging = answer.paging
    if not results or paging is None or paging.last_page is None:
        served = (
            asked if paging is None or paging.per_page is None or paging.per_page < 1 else min(asked, paging.per_page)
        )
        return len(results) < served
    return paging.last_page


class PageJudge:
    """Tells new events from repeated ones, and a walk that gets on from one that goes in circles.

    Remembers the ids of a few pages: events that are indexed late push others onto the next page, where they come a
    second time. A page without anything new is no such push but a repeated page. A circle of pages longer than that
    memory is found by Brent's method, which keeps one fingerprint however long the walk gets, and needs at most three
    times the steps.
    """

    def __init__(self, max_pages: int) -> None:
        """Begin a walk of at most so many pages."""
        self._max_pages = max_pages
        self._pages = 0
        self._recent: deque[set[str]] = deque(maxlen=_PAGES_REMEMBERED)
        self._saved: Hashable = None
        self._saved_at = 0

    def new(self, events: Sequence[Event]) -> list[int]:
        """The places of the events that did not come before, in order. Call it with each page, once.

        Raises:
            InconsistentPagesError: the page repeats an earlier one, or there are too many of them.
        """
        self._pages += 1
        if self._pages > self._max_pages:
            raise InconsistentPagesError(
                f"The events did not come to an end within {self._max_pages} pages; "
                "if there are so many, raise max_pages in the source's configuration, or ask for a shorter window."
            )
        places = self._places_of_new(events)
        if events and (not places or self._closes_circle(events)):
            raise InconsistentPagesError(f"Page {self._pages} of the events repeats an earlier page.")
        return places

    def _places_of_new(self, events: Sequence[Event]) -> list[int]:
        ids = {event.id for event in events if event.id is not None}
        fresh = len(ids) == len(events) and all(map(ids.isdisjoint, self._recent))
        places = list(range(len(events))) if fresh else self._places_one_by_one(events)
        self._recent.append(ids)
        return places

    def _places_one_by_one(self, events: Sequence[Event]) -> list[int]:
        seen = set().union(*self._recent)
        places = []
        for place, event in enumerate(events):
            # What has no id cannot be recognised.
            if event.id is None or event.id not in seen:
                places.append(place)
                seen.add(event.id or "")
        return places

    def _closes_circle(self, events: Sequence[Event]) -> bool:
        fingerprint = hash(tuple([event.id or (event.datetime, event.name) for event in events]))
        if fingerprint == self._saved:
            return True
        if self._pages >= 2 * self._saved_at:
            self._saved, self._saved_at = fingerprint, self._pages
        return False

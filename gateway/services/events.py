"""Events, page by page and as a stream."""

from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

from gateway.federation import Federation, merge
from gateway.federation.batching import batches
from gateway.federation.events import EventsPlan, plan_events
from gateway.federation.paging import merge_pages
from gateway.federation.tokens import EventsQuery, write_token
from gateway.federation.walking import Arrival
from gateway.pipeline.call import Call
from unified.analytics.v1.analytics_service_pb2 import (
    ListEventsRequest,
    ListEventsResponse,
    StreamEnd,
    StreamEventsRequest,
    StreamEventsResponse,
)
from unified.analytics.v1.outcome_pb2 import SourceOutcome, SourceWindow


async def list_events(federation: Federation, request: ListEventsRequest, call: Call) -> ListEventsResponse:
    """One page: whole, or the call fails and its token is still good."""
    planned = plan_events(federation.sources, request, federation.clock.now())
    answer = await federation.ask(planned.plan, call)
    page = merge_pages(answer.pages(), planned.positions, planned.query.order, planned.size)
    return ListEventsResponse(
        events=page.events,
        next_page_token=write_token(planned.query, page.positions) if page.positions else "",
        windows=merge.windows(found.window for found in answer.pages().values()),
        outcomes=answer.outcomes,
    )


async def stream_events(
    federation: Federation, request: StreamEventsRequest, call: Call
) -> AsyncGenerator[StreamEventsResponse]:
    """All events in batches as they come, and the end. It goes on only as fast as it is read."""
    planned = plan_events(federation.sources, request, federation.clock.now())
    stream = _Stream.beginning(planned)
    async with aclosing(federation.walk(planned.plan, call)) as arrivals:
        async for arrival in arrivals:
            if isinstance(arrival, Arrival):
                for batch in stream.cut(arrival):
                    yield batch
            else:
                stream.positions.pop(arrival.source, None)
    yield stream.end(call.outcomes)


@dataclass(slots=True, kw_only=True)
class _Stream:
    """How far a stream has come."""

    query: EventsQuery
    positions: dict[str, str | None]
    count: int = 0
    windows: dict[str, SourceWindow] = field(default_factory=dict)

    @classmethod
    def beginning(cls, planned: EventsPlan) -> "_Stream":
        return cls(query=planned.query, positions=dict(planned.positions))

    def cut(self, arrival: Arrival) -> Iterator[StreamEventsResponse]:
        """The batches of a page, each with the token that goes on behind it."""
        self.windows[arrival.source] = arrival.page.window
        before = self.count
        for response, delivered in batches(arrival.page.events):
            self.count = before + delivered
            self._move(arrival.source, arrival.page.position_after(delivered))
            response.batch.resume_token = write_token(self.query, self.positions)
            yield response

    def end(self, outcomes: Sequence[SourceOutcome]) -> StreamEventsResponse:
        """The end, whose token says that there is nothing more."""
        end = StreamEnd(
            event_count=self.count,
            windows=merge.windows(self.windows.values()),
            outcomes=merge.outcomes(outcomes),
            resume_token=write_token(self.query, {}),
        )
        return StreamEventsResponse(end=end)

    def _move(self, source: str, position: str | None) -> None:
        if position is None:
            self.positions.pop(source, None)
        else:
            self.positions[source] = position

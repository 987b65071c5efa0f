"""From Fluid Topics' spelling to the contract's. Does no I/O."""

from collections.abc import Iterable, Sequence

from msgspec import DecodeError, Raw, json

from adapters.drift import DriftKind, DriftLog
from adapters.fluidtopics import dates, wire
from adapters.fluidtopics.people import People
from unified.analytics.v1.analytics_service_pb2 import EventBatch
from unified.analytics.v1.event_pb2 import Event
from unified.analytics.v1.outcome_pb2 import SourceWindow

_search_parameters = json.Decoder(wire.SearchParameters)


class EventMapper:
    """Makes the contract's events of Fluid Topics'. Serves one reader, for as long as that reads."""

    def __init__(self, source: str) -> None:
        """Make events of a source."""
        self._source = source
        self._people = People()

    def events(self, events: Iterable[wire.Event], drift: DriftLog) -> Sequence[Event]:
        """The events in the same order. What cannot be read is noted in `drift`."""
        # Events within one message share its memory, which makes them cheaper to build, and to copy from.
        batch = EventBatch()
        for event in events:
            self._add(batch, event, drift)
        return batch.events

    def _add(self, batch: EventBatch, event: wire.Event, drift: DriftLog) -> None:
        # All in one call is the fastest way to build a message from Python.
        made = batch.events.add(
            source=self._source,
            id=event.id,
            name=event.name,
            app_name=event.app_name,
            app_version=event.app_version,
            content_locale=event.content_locale,
            ui_locale=event.ui_locale,
            offline=event.offline,
            attributes_json=attributes_json(event.parameters, drift),
            session_id=event.session_id,
            tenant_id=event.tenant_id,
            user=self._people.of(event, drift),
            user_agent=event.user_agent,
            user_ip=event.user_ip,
            version=None if event.version is None else str(event.version),
            bot=event.bot,
            analytics_session_id=event.analytics_session_id,
            internal=event.internal,
        )
        moment = event.datetime
        if type(moment) is not int or moment not in dates.PLAIN_MILLISECONDS:
            moment = milliseconds(event, drift)
        if moment is not None:
            stamp = made.event_time
            stamp.seconds = moment // 1000
            stamp.nanos = moment % 1000 * 1_000_000


def milliseconds(event: wire.Event, drift: DriftLog) -> int | None:
    """When it happened, in milliseconds since 1970. None if that cannot be told."""
    moment = dates.read_datetime(event.datetime)
    if moment is None and event.datetime is not None:
        drift.note("results[].datetime", DriftKind.MISTYPED)
    return moment


def attributes_json(parameters: Raw, drift: DriftLog) -> str | None:
    """The parameters' own text, which must be an object, so that no digit is lost. None if there are none."""
    text = str(parameters, "utf-8")
    if text[:1] == "{":
        # Line breaks can only stand between tokens, where a space does as well, and would break formats made of lines.
        return text.replace("\r", " ").replace("\n", " ") if "\n" in text or "\r" in text else text
    if text not in {"", "null"}:
        drift.note("results[].parameters", DriftKind.MISTYPED)
    return None


def search_terms(event: wire.Event, drift: DriftLog) -> str | None:
    """What was searched for, without outer white space. None if the event does not say, or nothing was typed.

    Terms that cannot be read are noted in `drift`.
    """
    if bytes(event.parameters) in {b"", b"null"}:
        return None
    try:
        parameters = _search_parameters.decode(event.parameters)
    except (DecodeError, RecursionError):
        drift.note("results[].parameters.searchQuery.terms", DriftKind.MISTYPED)
        return None
    terms = parameters.search_query.terms if parameters.search_query is not None else None
    return (terms or "").strip() or None


def source_window(source: str, answer: wire.EventsAnswer) -> SourceWindow:
    """What Fluid Topics says it answered for."""
    return SourceWindow(
        source=source,
        start_time=dates.stamp(answer.start_date),
        end_time=dates.stamp(answer.end_date),
        total_size=None if answer.paging is None else answer.paging.total_count,
    )

"""A configured source as the federation sees it: what it can be asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from adapters.ports import AccountsSource, EventsSource, MetricsSource, RankingsSource, SeriesSource, Source
from unified.analytics.v1 import outcome_pb2
from unified.analytics.v1.metric_pb2 import MetricDescriptor
from unified.analytics.v1.outcome_pb2 import Part

_PORTS: tuple[tuple[Part, type], ...] = (
    (outcome_pb2.PART_METRICS, MetricsSource),
    (outcome_pb2.PART_TIME_SERIES, SeriesSource),
    (outcome_pb2.PART_RANKINGS, RankingsSource),
    (outcome_pb2.PART_ACCOUNTS, AccountsSource),
    (outcome_pb2.PART_EVENTS, EventsSource),
)


@dataclass(frozen=True, kw_only=True)
class OpenSource:
    """A source that is open, and what the configuration says of it.

    What it can be asked for does not change while it is open, and to find out takes longer than to plan a call: each
    property is found out once. That is why there are no slots.
    """

    id: str
    kind: str
    display_name: str
    source: Source

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """The parts of an answer that it can give, in the order of `Part`."""
        return tuple(part for part, port in _PORTS if isinstance(self.source, port))

    @cached_property
    def metric_descriptors(self) -> Sequence[MetricDescriptor]:
        """What its metrics mean."""
        return self.source.metric_descriptors if isinstance(self.source, MetricsSource) else ()

    @cached_property
    def metrics(self) -> frozenset[str]:
        """Ids of the metrics that it tells."""
        return frozenset(descriptor.metric for descriptor in self.metric_descriptors)

    @cached_property
    def series_metrics(self) -> frozenset[str]:
        """Ids of the metrics that it tells period by period."""
        return self.source.series_metrics if isinstance(self.source, SeriesSource) else frozenset()

    @cached_property
    def rankings(self) -> frozenset[str]:
        """Ids of its rankings."""
        return self.source.rankings if isinstance(self.source, RankingsSource) else frozenset()

    @cached_property
    def overview_rankings(self) -> frozenset[str]:
        """Ids of its rankings that an overview shows unasked."""
        return self.source.overview_rankings if isinstance(self.source, RankingsSource) else frozenset()

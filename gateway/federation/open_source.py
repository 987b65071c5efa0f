"""A configured source as the federation sees it: what it can be asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from adapters.ports import AccountsSource, EventsSource, MetricsSource, RankingsSource, SeriesSource, Source
from adapters.settings import SourceSettings
from adapters.settings.freshness import FreshnessSettings
from unified.analytics.v1 import metric_pb2, outcome_pb2
from unified.analytics.v1.metric_pb2 import MetricDescriptor
from unified.analytics.v1.outcome_pb2 import Part

_LEVELS = frozenset({metric_pb2.METRIC_KIND_GAUGE, metric_pb2.METRIC_KIND_CUMULATIVE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """One source as each port that it may offer. None: it does not offer that."""

    metrics: MetricsSource | None
    series: SeriesSource | None
    rankings: RankingsSource | None
    accounts: AccountsSource | None
    events: EventsSource | None


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
    settings: SourceSettings | None = None
    """What its table in the configuration says, secrets included; None: nothing."""

    @cached_property
    def freshness(self) -> FreshnessSettings:
        """For how long what it said is used again."""
        return FreshnessSettings() if self.settings is None else self.settings.cache

    @cached_property
    def ports(self) -> Ports:
        """What it offers."""
        source = self.source
        return Ports(
            metrics=source if isinstance(source, MetricsSource) else None,
            series=source if isinstance(source, SeriesSource) else None,
            rankings=source if isinstance(source, RankingsSource) else None,
            accounts=source if isinstance(source, AccountsSource) else None,
            events=source if isinstance(source, EventsSource) else None,
        )

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """The parts of an answer that it can give, in the order of `Part`."""
        offered = {
            outcome_pb2.PART_METRICS: self.ports.metrics,
            outcome_pb2.PART_TIME_SERIES: self.ports.series,
            outcome_pb2.PART_RANKINGS: self.ports.rankings,
            outcome_pb2.PART_ACCOUNTS: self.ports.accounts,
            outcome_pb2.PART_EVENTS: self.ports.events,
        }
        return tuple(part for part, port in offered.items() if port is not None)

    @cached_property
    def metric_descriptors(self) -> Sequence[MetricDescriptor]:
        """What its metrics mean."""
        return self.ports.metrics.metric_descriptors if self.ports.metrics is not None else ()

    @cached_property
    def metrics(self) -> frozenset[str]:
        """Ids of the metrics that it tells."""
        return frozenset(descriptor.metric for descriptor in self.metric_descriptors)

    @cached_property
    def level_metrics(self) -> frozenset[str]:
        """Ids of the metrics that tell how things are, whatever window is asked for."""
        return frozenset(each.metric for each in self.metric_descriptors if each.value_kind in _LEVELS)

    @cached_property
    def series_metrics(self) -> frozenset[str]:
        """Ids of the metrics that it tells period by period."""
        return self.ports.series.series_metrics if self.ports.series is not None else frozenset()

    @cached_property
    def rankings(self) -> frozenset[str]:
        """Ids of its rankings."""
        return self.ports.rankings.rankings if self.ports.rankings is not None else frozenset()

    @cached_property
    def overview_rankings(self) -> frozenset[str]:
        """Ids of its rankings that an overview shows unasked."""
        return self.ports.rankings.overview_rankings if self.ports.rankings is not None else frozenset()

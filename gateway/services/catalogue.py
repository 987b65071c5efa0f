"""What the metrics of the configured sources mean. Asks no upstream."""

from collections import defaultdict
from collections.abc import Mapping

from gateway.federation import OpenSource
from gateway.federation.choice import named
from unified.analytics.v1.analytics_service_pb2 import ListMetricDescriptorsRequest
from unified.analytics.v1.metric_pb2 import MetricDescriptor


def descriptors(sources: Mapping[str, OpenSource], request: ListMetricDescriptorsRequest) -> list[MetricDescriptor]:
    """One descriptor per metric that the sources named tell, sorted by metric, each with all sources that tell it.

    Raises:
        UnknownSourceError: a source named is not configured.
    """
    telling: dict[str, list[str]] = defaultdict(list)
    for source in sources.values():
        for metric in source.metrics:
            telling[metric].append(source.id)
    told = {found.metric: found for source in named(sources, request) for found in source.metric_descriptors}
    return [_with_sources(told[metric], telling[metric]) for metric in sorted(told)]


def _with_sources(descriptor: MetricDescriptor, ids: list[str]) -> MetricDescriptor:
    """A copy, since the source's own descriptor is not ours to change."""
    copy = MetricDescriptor()
    copy.CopyFrom(descriptor)
    copy.sources.extend(sorted(ids))
    return copy

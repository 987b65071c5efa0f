"""The RPCs: a request message in, a response message out, no transport."""

from gateway.services.analytics import AnalyticsService
from gateway.services.sources import SourceService

__all__ = ["AnalyticsService", "SourceService"]

"""What every source's table in the configuration has in common."""

from adapters.settings.freshness import FreshnessSettings
from adapters.settings.proxy import ProxySettings
from adapters.settings.resilience import BreakerSettings, LimitSettings, RetrySettings
from adapters.settings.source import BaseUrl, SourceSettings
from adapters.settings.tls import TlsSettings

__all__ = [
    "BaseUrl",
    "BreakerSettings",
    "FreshnessSettings",
    "LimitSettings",
    "ProxySettings",
    "RetrySettings",
    "SourceSettings",
    "TlsSettings",
]

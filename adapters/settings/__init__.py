"""What every source's table in the configuration has in common."""

from adapters.settings.proxy import ProxySettings
from adapters.settings.source import BaseUrl, RetrySettings, SourceSettings
from adapters.settings.tls import TlsSettings

__all__ = ["BaseUrl", "ProxySettings", "RetrySettings", "SourceSettings", "TlsSettings"]

"""Asks several sources as one: plan, fan out, merge, tell what became of each."""

from gateway.federation.federation import Answer, Federation
from gateway.federation.open_source import OpenSource

__all__ = ["Answer", "Federation", "OpenSource"]

"""Asks several sources as one: plan, fan out, merge, tell what became of each."""

from gateway.federation.federation import Answer, Federation
from gateway.federation.sources import OpenSource

__all__ = ["Answer", "Federation", "OpenSource"]

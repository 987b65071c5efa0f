"""Entries of a size and a life of one's choice."""

from gateway.federation.freshness.entry import Entry
from gateway.federation.observation import Observation
from tests.gateway.federation.freshness.asking import ASK


def an_entry(size: int, *, gone_at: float = 1000.0, observed: float = 0.0) -> Entry:
    """One that is fresh until it is gone."""
    return Entry(
        seen=Observation(ask=ASK),
        observed=observed,
        fresh_until=gone_at,
        revalidate_until=gone_at,
        gone_at=gone_at,
        size=size,
    )

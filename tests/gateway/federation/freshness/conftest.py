"""Two replicas for each test."""

import pytest

from tests.gateway.federation.freshness.asking import Gated
from tests.gateway.federation.freshness.replicated import Two


@pytest.fixture
def two() -> Two:
    both = Two()
    for source in (both.here, both.there):
        assert isinstance(source, Gated)
        source.gate.set()
    return both

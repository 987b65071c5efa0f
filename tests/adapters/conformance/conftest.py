"""Every installed kind of source, one after the other."""

import pytest

from adapters import installed
from tests.running import Running, Upstreams


@pytest.fixture(params=sorted(installed()))
async def running(request: pytest.FixtureRequest, upstreams: Upstreams) -> Running:
    """The simulator of a kind, at work and without faults. A test of one port says so: `offering(SeriesSource)`."""
    return await upstreams.get(request.param)

"""When a call's answer leaves."""

import pytest

from gateway.pipeline import Call
from tests.clock import VirtualClock


@pytest.mark.parametrize(("allowed", "left"), [(0.1, 0.01), (1, 0.1), (2.5, 0.25), (10, 0.25), (3600, 0.25)])
def test_what_there_is_leaves_at_nine_tenths_of_the_time_or_a_quarter_of_a_second_before_its_end(
    allowed: float, left: float
) -> None:
    call = Call(
        method="ListMetrics", transport="grpc", request_id="id-1", clock=VirtualClock(), started=5, deadline=5 + allowed
    )

    assert left == pytest.approx(call.deadline - call.leave_at())

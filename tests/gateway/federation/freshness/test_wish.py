"""What an observation at hand is to a caller, by its age and by what the caller wants."""

import pytest

from gateway.federation.freshness.entry import Entry
from gateway.federation.freshness.wish import Use, Wish, good_until, stands_in, use_of
from gateway.federation.observation import Observation
from tests.gateway.federation.freshness.asking import ASK
from unified.analytics.v1.freshness_pb2 import (
    FRESHNESS_CACHED,
    FRESHNESS_FRESH,
    FRESHNESS_STALE_IF_ERROR,
    FRESHNESS_UNSPECIFIED,
)

ENTRY = Entry(seen=Observation(ask=ASK), observed=0.0, fresh_until=10.0, revalidate_until=20.0, gone_at=100.0, size=1)
"""Observed at 0, fresh until 10, good for who gets a new one in the background until 20, and gone at 100."""

NONE, GOOD, MEANWHILE, STALE = Use.NONE, Use.GOOD, Use.MEANWHILE, Use.STALE


@pytest.mark.parametrize(
    ("wish", "at", "use"),
    [
        # The source's policy decides.
        (Wish(), 0, GOOD),
        (Wish(), 9.9, GOOD),
        (Wish(), 10, MEANWHILE),
        (Wish(), 19.9, MEANWHILE),
        (Wish(), 20, NONE),
        # The caller's own limit takes its place, whichever is longer.
        (Wish(FRESHNESS_UNSPECIFIED, 5), 5, GOOD),
        (Wish(FRESHNESS_UNSPECIFIED, 5), 5.1, NONE),
        (Wish(FRESHNESS_UNSPECIFIED, 50), 50, GOOD),
        (Wish(FRESHNESS_UNSPECIFIED, 50), 50.1, NONE),
        (Wish(FRESHNESS_UNSPECIFIED, 500), 99.9, GOOD),
        (Wish(FRESHNESS_UNSPECIFIED, 500), 100, NONE),
        (Wish(FRESHNESS_UNSPECIFIED, 0), 0, NONE),
        # Nothing that was observed before will do.
        (Wish(FRESHNESS_FRESH), 0, NONE),
        (Wish(FRESHNESS_FRESH, 50), 0, NONE),
        # Whatever is at hand.
        (Wish(FRESHNESS_CACHED), 9.9, GOOD),
        (Wish(FRESHNESS_CACHED), 10, STALE),
        (Wish(FRESHNESS_CACHED), 99.9, STALE),
        (Wish(FRESHNESS_CACHED), 100, NONE),
        (Wish(FRESHNESS_CACHED, 0), 0, GOOD),
        (Wish(FRESHNESS_CACHED, 5), 5, GOOD),
        (Wish(FRESHNESS_CACHED, 5), 5.1, NONE),
        (Wish(FRESHNESS_CACHED, 50), 50, STALE),
        (Wish(FRESHNESS_CACHED, 50), 50.1, NONE),
        # What is fresh, or else asking comes first.
        (Wish(FRESHNESS_STALE_IF_ERROR), 9.9, GOOD),
        (Wish(FRESHNESS_STALE_IF_ERROR), 10, NONE),
        (Wish(FRESHNESS_STALE_IF_ERROR, 5), 5, GOOD),
        (Wish(FRESHNESS_STALE_IF_ERROR, 5), 5.1, NONE),
        (Wish(FRESHNESS_STALE_IF_ERROR, 50), 10, NONE),
    ],
)
def test_what_is_at_hand_is_used_as_the_caller_wishes(wish: Wish, at: float, use: Use) -> None:
    assert use_of(ENTRY, wish, at) is use


@pytest.mark.parametrize(
    ("wish", "at", "does"),
    [
        (Wish(FRESHNESS_STALE_IF_ERROR), 10, True),
        (Wish(FRESHNESS_STALE_IF_ERROR), 99.9, True),
        (Wish(FRESHNESS_STALE_IF_ERROR), 100, False),
        (Wish(FRESHNESS_STALE_IF_ERROR, 50), 50, True),
        (Wish(FRESHNESS_STALE_IF_ERROR, 50), 50.1, False),
        (Wish(FRESHNESS_STALE_IF_ERROR, 5), 6, False),
        (Wish(), 10, False),
        (Wish(FRESHNESS_UNSPECIFIED, 50), 10, False),
        (Wish(FRESHNESS_FRESH), 1, False),
    ],
)
def test_it_stands_in_for_a_failure_where_the_caller_allows_it(wish: Wish, at: float, does: bool) -> None:  # noqa: FBT001 - a column
    assert stands_in(ENTRY, wish, at) is does


@pytest.mark.parametrize(
    ("wish", "until"),
    [
        (Wish(), 10),
        (Wish(FRESHNESS_UNSPECIFIED, 5), 5),
        (Wish(FRESHNESS_UNSPECIFIED, 50), 10),
        (Wish(FRESHNESS_FRESH), 10),
    ],
)
def test_it_is_good_for_as_long_as_both_policy_and_caller_say(wish: Wish, until: float) -> None:
    assert good_until(ENTRY, wish) == until

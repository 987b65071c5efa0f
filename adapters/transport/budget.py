"""How many retries a source may be sent. Decides only: moments are handed in."""

from adapters.settings import RetrySettings
from adapters.transport.lately import Lately

SPAN = 10.0
"""Seconds that the budget looks back: long enough for a share of what is asked to be a whole number, and short enough
that a good hour saves up nothing for a bad minute."""


class RetryBudget:
    """Retries within the latest ten seconds are at most a share of what was asked in them, or a small number.

    One question in trouble is worth repeating. When many are, the upstream is, and retries would multiply its load when
    it can bear it least.
    """

    def __init__(self, policy: RetrySettings) -> None:
        """Allow what the policy says."""
        self._policy = policy
        self._asked = Lately(SPAN)
        self._repeated = Lately(SPAN)

    def asked(self, now: float) -> None:
        """A question was sent for the first time."""
        self._asked.note(now)

    def spend(self, now: float) -> bool:
        """Whether one retry is allowed. If so, it is taken."""
        allowed = max(self._policy.budget * self._asked.count(now), self._policy.budget_floor)
        if self._repeated.count(now) + 1 > allowed:
            return False
        self._repeated.note(now)
        return True

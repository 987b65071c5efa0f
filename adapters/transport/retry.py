"""Whether to ask again, and when. It sends nothing itself, and time and chance are handed in."""

import re
from collections.abc import Awaitable, Callable, Coroutine
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from random import Random
from typing import Any, TypeVar

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception

from adapters.clock import Clock
from adapters.errors import RefusedError, SourceError
from adapters.inquiry import Inquiry
from adapters.meter import SourceMeter
from adapters.settings import RetrySettings
from adapters.transport.budget import RetryBudget

T = TypeVar("T")

# At most nine digits: no wait of more than 31 years, and no overflow in the arithmetic behind.
_SECONDS = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")


def wait_before(attempt: int, *, hint: timedelta | None, policy: RetrySettings, random: Random) -> timedelta:
    """How long to wait before `attempt` (the second attempt is 2).

    The upstream's own hint wins over the backoff. Without one the wait lies anywhere between zero and a bound, which
    doubles with each attempt up to `policy.longest_wait` ("full jitter"): those who failed together come back apart.
    """
    if hint is not None:
        return hint
    bound = min(policy.longest_wait, policy.first_wait * 2.0 ** (attempt - 2))
    return timedelta(seconds=random.uniform(0.0, bound))


def is_worth_waiting(wait: timedelta, *, policy: RetrySettings, remaining: timedelta) -> bool:
    """Whether an attempt after `wait` is allowed, and still has time to do something."""
    return wait <= timedelta(seconds=policy.longest_wait) and wait < remaining


def parse_retry_after(text: str | None, now: datetime) -> timedelta | None:
    """The wait that a `Retry-After` header asks for, in seconds or as an HTTP date (RFC 9110, section 10.2.3).

    Never negative: a date that has passed means now. None if there is no header, or one that makes no sense.
    """
    if text is None:
        return None
    if _SECONDS.fullmatch(text):
        return timedelta(seconds=float(text))
    try:
        moment = parsedate_to_datetime(text)
        # A date without a zone, as the two obsolete forms may have it, is in GMT.
        return max(timedelta(0), (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now)
    except (ValueError, OverflowError):
        return None


class Retry:
    """Repeats what failed in a way that may pass, within the policy, the budget and the question's time."""

    def __init__(  # noqa: PLR0913 - each is one promise of its own, by name
        self,
        policy: RetrySettings,
        *,
        budget: RetryBudget,
        clock: Clock,
        random: Random,
        meter: SourceMeter,
        is_in_vain: Callable[[], bool],
    ) -> None:
        """Repeat as `policy` and `budget` allow, unless it `is_in_vain`: then another request would not be sent."""
        self._policy = policy
        self._budget = budget
        self._clock = clock
        self._random = random
        self._meter = meter
        self._is_in_vain = is_in_vain

    async def __call__(self, attempt: Callable[[], Awaitable[T]], inquiry: Inquiry) -> T:
        """What the first attempt that succeeds comes to.

        Raises:
            SourceError: of the last attempt, as it is.
        """
        try:
            answer = await attempt()
        except SourceError as error:
            if not isinstance(error, RefusedError):
                self._budget.asked(self._clock.monotonic())
            if not error.retryable:
                raise
            failure = error
        else:
            self._budget.asked(self._clock.monotonic())
            return answer
        # tenacity's loop costs as much as all else that we do about a request: only those enter it who need it.
        try:
            answer = await self._loop(inquiry)(_failed_once(failure, attempt))
        finally:
            # Its traceback leads back here.
            del failure
        return answer

    def _loop(self, inquiry: Inquiry) -> AsyncRetrying:
        """Another for each question: it holds state."""

        def wait(state: RetryCallState) -> float:
            hint = _error(state).retry_after
            number = state.attempt_number + 1
            return wait_before(number, hint=hint, policy=self._policy, random=self._random).total_seconds()

        def stop(state: RetryCallState) -> bool:
            return not self._may_follow(state.attempt_number, state.upcoming_sleep, inquiry)

        async def sleep(seconds: float) -> None:
            with inquiry.waiting():
                await inquiry.clock.sleep(seconds)

        # Retrying all but certain errors would retry asyncio.CancelledError too: name what is retried, not what isn't.
        return AsyncRetrying(sleep=sleep, retry=retry_if_exception(_is_retryable), wait=wait, stop=stop, reraise=True)

    def _may_follow(self, attempts: int, wait: float, inquiry: Inquiry) -> bool:
        """Whether another attempt may follow so many, after a wait. If so, the budget has paid for it."""
        remaining = timedelta(seconds=inquiry.remaining())
        if (
            attempts >= self._policy.attempts
            or not is_worth_waiting(timedelta(seconds=wait), policy=self._policy, remaining=remaining)
            or self._is_in_vain()
        ):
            return False
        allowed = self._budget.spend(self._clock.monotonic())
        self._meter.retried(allowed=allowed)
        return allowed


def _failed_once(failure: SourceError, attempt: Callable[[], Awaitable[T]]) -> Callable[[], Coroutine[Any, Any, T]]:
    """The attempts of a question whose first one has failed so."""
    failures = [failure]

    async def next_attempt() -> T:
        if failures:
            raise failures.pop()
        return await attempt()

    return next_attempt


def _is_retryable(error: BaseException) -> bool:
    return isinstance(error, SourceError) and error.retryable


def _error(state: RetryCallState) -> SourceError:
    """What the attempt failed with: one of ours, as `_is_retryable` has let it through."""
    error = state.outcome.exception() if state.outcome else None
    if not isinstance(error, SourceError):
        raise TypeError(type(error))
    return error

"""Whether to ask again, and when. Decides only: it sends nothing, and time and chance are handed in."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from random import Random

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception

from adapters.errors import SourceError
from adapters.inquiry import Inquiry
from adapters.settings import RetrySettings

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


def retrying(policy: RetrySettings, inquiry: Inquiry, random: Random) -> AsyncRetrying:
    """What repeats an attempt that failed with a retryable `SourceError`, within the policy and the inquiry's time.

    It raises the last attempt's error as it is.
    """

    def wait(state: RetryCallState) -> float:
        hint = _error(state).retry_after
        return wait_before(state.attempt_number + 1, hint=hint, policy=policy, random=random).total_seconds()

    def stop(state: RetryCallState) -> bool:
        remaining = timedelta(seconds=inquiry.remaining())
        return state.attempt_number >= policy.attempts or not is_worth_waiting(
            timedelta(seconds=state.upcoming_sleep), policy=policy, remaining=remaining
        )

    # Retrying all but certain errors would retry asyncio.CancelledError too: name what is retried, never what is not.
    return AsyncRetrying(
        sleep=inquiry.clock.sleep, retry=retry_if_exception(_is_retryable), wait=wait, stop=stop, reraise=True
    )


def _is_retryable(error: BaseException) -> bool:
    return isinstance(error, SourceError) and error.retryable


def _error(state: RetryCallState) -> SourceError:
    """What the attempt failed with: one of ours, as `_is_retryable` has let it through."""
    error = state.outcome.exception() if state.outcome else None
    if not isinstance(error, SourceError):
        raise TypeError(type(error))
    return error

"""What stands between the questions and an upstream, and in which order."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol, TypeVar

from adapters.errors import SourceError
from adapters.inquiry import Inquiry
from adapters.meter import Unmetered
from adapters.outside import Outside
from adapters.ports import Protection
from adapters.settings import SourceSettings
from adapters.transport.attempts import Attempts, check_time_left
from adapters.transport.breaker import Breaker, Verdict, verdict_on
from adapters.transport.budget import RetryBudget
from adapters.transport.bulkhead import Bulkhead
from adapters.transport.limiter import RateLimiter
from adapters.transport.retry import Retry

T = TypeVar("T")


class Guarding(Protocol):
    """Puts questions to an upstream, and sends the requests that each takes."""

    async def ask(self, attempt: Callable[[], Awaitable[T]], inquiry: Inquiry) -> T:
        """What `attempt` comes to, repeated where that may help. It sends its requests by `send`.

        Raises:
            SourceError: of the last attempt, or a refusal of our own.
        """
        ...

    async def send(self, exchange: Callable[[], Awaitable[T]], inquiry: Inquiry) -> T:
        """What `exchange` comes to, which sends one request.

        Raises:
            SourceError: what `exchange` has raised, or a refusal of our own.
        """
        ...

    def heard(self, status: int, headers: Mapping[str, str]) -> None:
        """A response has come. `headers` finds a name in any case."""
        ...

    @property
    def protection(self) -> Protection | None:
        """What is done at present to spare the upstream."""
        ...


class Guard:
    """All that spares one source, and us: one for each, whatever it is asked.

    Outer to inner: bulkhead ► total time left ► retry (budget) ► breaker ► rate limit ► attempt timeout ► HTTP.

    A place in the bulkhead is held over all attempts, and while the credential or the address is found out, which
    happens between the two methods. Breaker and rate limit are asked for each request.
    """

    def __init__(  # noqa: PLR0913 - one for each layer, by name
        self,
        *,
        bulkhead: Bulkhead,
        retry: Retry,
        breaker: Breaker,
        limiter: RateLimiter,
        attempts: Attempts,
        least_timeout: float,
    ) -> None:
        """Guard with these. A timeout tells the breaker something from `least_timeout` seconds on."""
        self._bulkhead = bulkhead
        self._retry = retry
        self._breaker = breaker
        self._limiter = limiter
        self._attempts = attempts
        self._least_timeout = least_timeout

    @property
    def protection(self) -> Protection:
        """What is done at present to spare the upstream."""
        return Protection(
            circuit=self._breaker.state,
            probe_time=self._breaker.probe_time,
            failure_ratio=self._breaker.failure_ratio,
            in_flight=self._bulkhead.taken,
            waiting=self._bulkhead.waiting,
            rate=self._limiter.rate,
            is_rate_lowered=self._limiter.is_lowered,
        )

    async def ask(self, attempt: Callable[[], Awaitable[T]], inquiry: Inquiry) -> T:
        """What `attempt` comes to, repeated where that may help."""
        await self._bulkhead.enter(inquiry)
        try:
            check_time_left(inquiry)
            return await self._retry(attempt, inquiry)
        finally:
            self._bulkhead.leave()

    async def send(self, exchange: Callable[[], Awaitable[T]], inquiry: Inquiry) -> T:
        """What `exchange` comes to, which sends one request."""
        era = self._breaker.enter()
        verdict: Verdict = "unknown"
        try:
            await self._limiter.turn(inquiry)
            answer = await self._attempts.send(exchange, inquiry)
            verdict = "answered"
        except SourceError as error:
            verdict = verdict_on(error, least_timeout=self._least_timeout)
            raise
        finally:
            self._breaker.settle(era, verdict)
        return answer

    def heard(self, status: int, headers: Mapping[str, str]) -> None:
        """A response has come, which may say how often we may ask."""
        self._limiter.heard(status, headers)


class Unguarded:
    """For what has single flight and a pause of its own: signing in, and asking where a tenant is.

    Those who wait for it hold places in the bulkhead; it must never need one. And that it fails is no failure of the
    source's own upstream.
    """

    protection = None

    def __init__(self, *, retry: Retry, attempts: Attempts) -> None:
        """Repeat and bound with these."""
        self._retry = retry
        self._attempts = attempts

    async def ask(self, attempt: Callable[[], Awaitable[T]], inquiry: Inquiry) -> T:
        """What `attempt` comes to, repeated where that may help."""
        return await self._retry(attempt, inquiry)

    async def send(self, exchange: Callable[[], Awaitable[T]], inquiry: Inquiry) -> T:
        """What `exchange` comes to, which sends one request."""
        return await self._attempts.send(exchange, inquiry)

    def heard(self, status: int, headers: Mapping[str, str]) -> None:
        """Nothing comes of it."""


def guard_of(source: str, settings: SourceSettings, outside: Outside) -> Guard:
    """The guard of a source, with all that its settings say."""
    meter, clock, random = outside.meter.of(source), outside.clock, outside.random
    breaker = Breaker(settings.breaker, clock=clock, random=random, meter=meter)
    return Guard(
        bulkhead=Bulkhead(settings.limits, meter=meter),
        retry=Retry(
            settings.retry,
            budget=RetryBudget(settings.retry),
            clock=clock,
            random=random,
            meter=meter,
            is_in_vain=lambda: breaker.state != "closed",
        ),
        breaker=breaker,
        limiter=RateLimiter(settings.limits, clock=clock, meter=meter, shared=outside.limits, key=source),
        attempts=Attempts(settings.attempt_timeout, meter),
        # An attempt that had all the time there is has proven enough.
        least_timeout=min(settings.breaker.least_timeout, settings.attempt_timeout),
    )


def unguarded(settings: SourceSettings, outside: Outside) -> Unguarded:
    """What stands before the services that a source needs besides: they are not counted as the source's."""
    retry = Retry(
        settings.retry,
        budget=RetryBudget(settings.retry),
        clock=outside.clock,
        random=outside.random,
        meter=Unmetered(),
        is_in_vain=lambda: False,
    )
    return Unguarded(retry=retry, attempts=Attempts(settings.attempt_timeout, Unmetered()))

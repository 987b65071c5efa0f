"""A tenant of SuperOffice Online, found by its customer, and the simulator that plays it."""

import json
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest

from adapters.clock import Clock
from adapters.errors import SourceError
from adapters.ports import Source
from adapters.simulation import Control
from tests.clock import VirtualClock
from tests.running import Running, inquire

CUSTOMER = "Cust12345"
STATES = "/api/state/*"
"""The path of the state API, as faults name it."""
DATA = "*/GetAnalyticsData"


@dataclass(frozen=True, slots=True, kw_only=True)
class Online:
    """What the tests hold of it."""

    running: Running

    @property
    def control(self) -> Control:
        return self.running.control

    @property
    def origin(self) -> str:
        """Where the simulator is, without a path."""
        there = urlsplit(self.running.base_url)
        return f"{there.scheme}://{there.netloc}"

    def open(self, clock: Clock | None = None, **changes: object) -> AbstractAsyncContextManager[Source]:
        """A source that knows its customer only."""
        table: dict[str, object] = {
            "base_url": None,
            "customer": CUSTOMER,
            "online_url": self.origin,
            "allowed_domain": "127.0.0.1",
            "retry": {"attempts": 1},
        }
        return self.running.open(clock or VirtualClock(), **{**table, **changes})

    @property
    def asked_states(self) -> int:
        """How often the state API was asked."""
        return sum(request.path.startswith("/api/state/") for request in self.control.requests)

    @property
    def calls(self) -> list[str]:
        """The paths of all other requests."""
        return [request.path for request in self.control.requests if not request.path.startswith("/api/state/")]

    def says(self, **members: object) -> None:
        """From now on, the state API's answer has these members besides its own, or in their place."""

        def rewritten(body: bytes) -> bytes:
            answer = json.loads(body)
            return json.dumps(answer | members).encode() if "ValidUntil" in answer else body

        self.control.rewrite = rewritten


async def check(source: Source, clock: Clock | None = None) -> int:
    """Ask for the cheapest there is: how many attempts that took."""
    inquiry = inquire("superoffice", clock or VirtualClock())
    await source.check(inquiry)
    return inquiry.attempts


async def failure(online: Online, **changes: object) -> SourceError:
    """How the first call of a source fails."""
    async with online.open(VirtualClock(), **changes) as source:
        with pytest.raises(SourceError) as caught:
            await check(source)
    return caught.value

"""The simulator with its clock in hand, and sources that sign in to it in every way there is."""

import random
from collections.abc import AsyncGenerator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs

from adapters.outside import Outside
from adapters.simulation import Control, Simulator, World, create_world, serve
from adapters.superoffice.auth import open_credential
from adapters.superoffice.client import SuperOfficeSource, open_source
from adapters.superoffice.settings import SuperOfficeSettings
from adapters.superoffice.simulated.sources import source_tables
from adapters.superoffice.simulator import create_simulator
from adapters.transport import Credential, open_transport
from tests.clock import VirtualClock
from tests.running import inquire

SCHEMES = ("basic", "bearer", "ticket", "xsrf", "oauth", "system-user")
RENEWED = ("oauth", "system-user")
SIGN_INS = ("/login/common/oauth/tokens", "/Login/api/PartnerSystemUser/Authenticate")
KEYS = "/login/.well-known/jwks"

ONCE = {"attempts": 1}


@dataclass(slots=True, kw_only=True)
class Entrance:
    """What a test asks, and what the simulator was asked. One clock is everybody's."""

    simulator: Simulator
    base_url: str
    clock: VirtualClock = field(default_factory=VirtualClock)

    @property
    def control(self) -> Control:
        return self.simulator.control

    def settings(
        self, scheme: str, auth: Mapping[str, str | None] | None = None, **changes: object
    ) -> SuperOfficeSettings:
        """The settings that point a source at the simulator, with changes; what is None in `auth` is left out."""
        table = source_tables(self.base_url)[scheme] | {"retry": ONCE} | changes
        if scheme == "basic":
            self.control.switches["environment"] = "onsite"
        told = {**_table(table["auth"]), **(auth or {})}
        table["auth"] = {key: value for key, value in told.items() if value is not None}
        return SuperOfficeSettings.model_validate(table)

    @asynccontextmanager
    async def source(
        self,
        scheme: str,
        auth: Mapping[str, str | None] | None = None,
        clock: VirtualClock | None = None,
        **changes: object,
    ) -> AsyncGenerator[SuperOfficeSource]:
        """A source that signs in so. Its clock is the simulator's, if no other is given."""
        async with self.opened(self.settings(scheme, auth, **changes), clock) as source:
            yield source

    def opened(
        self, settings: SuperOfficeSettings, clock: VirtualClock | None = None
    ) -> AbstractAsyncContextManager[SuperOfficeSource]:
        """A source with these settings, of which several may be opened: to read a private key takes a while."""
        return open_source("crm", settings, self.outside(clock))

    @asynccontextmanager
    async def credential(self, settings: SuperOfficeSettings) -> AsyncGenerator[Credential]:
        """The credential of such a source alone."""
        async with open_transport("crm", settings, self.outside()) as transport:
            yield open_credential(settings, transport, self.outside())

    def outside(self, clock: VirtualClock | None = None) -> Outside:
        return Outside(clock=clock or self.clock, random=random.Random(1))

    async def check(self, source: SuperOfficeSource, clock: VirtualClock | None = None) -> int:
        """Ask for the cheapest there is: how many requests for data that took."""
        inquiry = inquire("crm", clock or self.clock)
        await source.check(inquiry)
        return inquiry.attempts

    def asked(self, *paths: str) -> int:
        """How often it was asked for one of these."""
        return sum(request.path in paths for request in self.control.requests)

    @property
    def sign_ins(self) -> int:
        """How often somebody signed in."""
        return self.asked(*SIGN_INS)

    @property
    def data_requests(self) -> int:
        """How often data was asked for, those included that were refused."""
        return self.control.asked - self.asked(*SIGN_INS, KEYS)

    def forms(self) -> list[dict[str, str]]:
        """What the token endpoint was sent."""
        bodies = [request.body.decode() for request in self.control.requests if request.path == SIGN_INS[0]]
        return [{name: values[0] for name, values in parse_qs(body).items()} for body in bodies]


def _table(value: object) -> Mapping[str, str | None]:
    assert isinstance(value, dict)
    return value


@asynccontextmanager
async def entrance() -> AsyncGenerator[Entrance]:
    """A simulator of its own, whose clock stands still until the test moves it."""
    clock = VirtualClock()
    world: World = create_world(seed=1, clock=clock, events=1)
    simulator = create_simulator(world)
    async with serve(simulator) as base_url:
        yield Entrance(simulator=simulator, base_url=base_url, clock=clock)

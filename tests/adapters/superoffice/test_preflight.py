"""A method that is not there is told from a server that is not there."""

import asyncio
import json
from contextlib import AbstractAsyncContextManager

import pytest

from adapters.clock import Clock
from adapters.drift import DriftLog
from adapters.errors import UpstreamNotFoundError
from adapters.ports import Source
from adapters.simulation import Fault
from adapters.superoffice.preflight import KEPT, Listing, read_listing
from adapters.superoffice.simulated.sources import source_tables
from tests.adapters.superoffice.online import DATA, Online, check
from tests.clock import VirtualClock
from tests.running import Upstreams

LISTING, VERSION = "*/api/v1", "*/api"
WRONG = "There is no SuperOffice web API at this address"
LACKING = "lacks GetAnalyticsData: upgrade it"
AMBIGUOUS = "whether its release is too old"


class Server(Online):
    """An installation whose address is configured."""

    def open(self, clock: Clock | None = None, **changes: object) -> AbstractAsyncContextManager[Source]:
        """A source that knows its address."""
        return self.running.open(clock or VirtualClock(), **{"retry": {"attempts": 1}, **changes})


@pytest.fixture(params=[Server, Online])
async def server(request: pytest.FixtureRequest, upstreams: Upstreams) -> Online:
    """A fixed address, then one that is asked for."""
    kind: type[Online] = request.param
    return kind(running=await upstreams.get("superoffice"))


@pytest.fixture
async def fixed(upstreams: Upstreams) -> Server:
    return Server(running=await upstreams.get("superoffice"))


def looked(server: Online) -> list[str]:
    """What was asked for besides the data."""
    return [path.rpartition("Cust12345")[2] for path in server.calls if not path.endswith("GetAnalyticsData")]


async def told(server: Online, **changes: object) -> str:
    """How a source's first call fails."""
    clock = VirtualClock()
    async with server.open(clock, **changes) as source:
        return await failure(source, clock)


async def failure(source: Source, clock: VirtualClock) -> str:
    with pytest.raises(UpstreamNotFoundError) as caught:
        await check(source, clock)
    return str(caught.value)


async def test_an_old_release_is_told_with_its_version(server: Online) -> None:
    server.control.switches["method"] = "missing"
    assert "this release (NetServer 10.2.9.0) lacks GetAnalyticsData: upgrade it" in await told(server)
    assert ["/api/v1", "/api"] == looked(server)


async def test_a_server_that_answers_nothing_anywhere_is_at_a_wrong_address(server: Online) -> None:
    server.control.faults.append(Fault(path="/Cust12345/*", status=404))
    assert WRONG in await told(server)
    assert ["/api/v1"] == looked(server)


async def test_a_wrong_address_names_the_setting(fixed: Server) -> None:
    assert f"{WRONG}: correct base_url." == await told(fixed, base_url=f"{fixed.origin}/crm")


async def test_a_wrong_address_that_was_answered_names_what_it_was_asked_by(upstreams: Upstreams) -> None:
    online = Online(running=await upstreams.get("superoffice"))
    online.says(Api=f"{online.origin}/crm/api")
    assert f"{WRONG}: check customer and environment" in await told(online)


async def test_a_listing_in_html_is_read_too(fixed: Server) -> None:
    fixed.control.switches["method"] = "missing"
    fixed.control.rewrite = lambda body: b"<html>" + body.replace(b"/", rb"\/")
    # So the version cannot be read.
    assert "SuperOffice is there, but this release lacks GetAnalyticsData" in await told(fixed)


async def test_a_method_that_is_listed_and_not_there_is_told_as_that(server: Online) -> None:
    server.control.faults.append(Fault(path=DATA, status=405))
    assert "SuperOffice lists GetAnalyticsData, and yet" in await told(server)


@pytest.mark.parametrize(
    "fault",
    [Fault(path=LISTING, status=503), Fault(path=LISTING, status=401), Fault(path=LISTING, status=302)],
)
async def test_where_nothing_can_be_found_out_both_are_told(server: Online, fault: Fault) -> None:
    server.control.switches["method"] = "missing"
    server.control.faults.append(fault)
    assert AMBIGUOUS in await told(server)


async def test_a_sign_in_that_is_not_there_is_not_taken_for_the_method(fixed: Server) -> None:
    fixed.control.faults.append(Fault(path="/login/*", status=404))
    oauth = source_tables(fixed.running.base_url)["oauth"]
    assert "Signing in at" in await told(fixed, **oauth)
    assert ["/login/common/oauth/tokens"] == [request.path for request in fixed.control.requests]


async def test_json_of_something_else_proves_nothing(fixed: Server) -> None:
    fixed.control.switches["method"] = "missing"
    fixed.control.rewrite = lambda _: b'{"status": "up"}'
    assert AMBIGUOUS in await told(fixed)


@pytest.mark.parametrize("version", ["12", "<b>", "1.2.3 ada.berg", "1." * 40 + "1", None, 12.4])
async def test_a_version_that_is_none_is_not_repeated(fixed: Server, version: object) -> None:
    fixed.control.switches["method"] = "missing"
    fixed.control.rewrite = lambda body: (
        json.dumps({"NetServerVersion": version}).encode() if b"NetServerVersion" in body else body
    )
    assert "this release lacks" in await told(fixed)


async def test_a_version_that_cannot_be_asked_for_is_not_needed(fixed: Server) -> None:
    fixed.control.switches["method"] = "missing"
    fixed.control.faults.append(Fault(path=VERSION, status=500))
    assert "this release lacks" in await told(fixed)


async def test_a_finding_is_used_again_for_some_minutes(server: Online) -> None:
    clock = VirtualClock()
    server.control.switches["method"] = "missing"
    async with server.open(clock) as source:
        for wait in (0, 60, KEPT.total_seconds() - 61):
            await clock.advance(wait)
            assert LACKING in await failure(source, clock)
        assert ["/api/v1", "/api"] == looked(server)
        await clock.advance(1)
        assert LACKING in await failure(source, clock)
    assert 4 == len(looked(server))


async def test_a_hundred_failures_look_once(fixed: Server) -> None:
    clock = VirtualClock()
    fixed.control.switches["method"] = "missing"
    async with fixed.open(clock) as source:
        await asyncio.gather(*(failure(source, clock) for _ in range(100)))
    assert ["/api/v1", "/api"] == looked(fixed)


async def test_an_upgrade_is_noticed_at_once(server: Online) -> None:
    clock = VirtualClock()
    server.control.switches["method"] = "missing"
    async with server.open(clock) as source:
        await failure(source, clock)
        server.control.switches["method"] = "present"
        await check(source, clock)


async def test_nothing_is_looked_at_while_all_is_well(server: Online) -> None:
    async with server.open() as source:
        await check(source)
    assert [] == looked(server)


async def test_looking_has_an_end(fixed: Server) -> None:
    clock = VirtualClock()
    fixed.control.switches["method"] = "missing"
    fixed.control.faults.append(Fault(path=LISTING, mode="hang"))
    async with fixed.open(clock) as source:
        asking = asyncio.create_task(failure(source, clock))
        await fixed.control.until(lambda _: bool(looked(fixed)))
        await clock.advance(5)
        assert AMBIGUOUS in await asking


@pytest.mark.parametrize(
    ("body", "listing"),
    [
        (b'{"http://h/WebApi/api/v1/Agents/Diagnostics/GetAnalyticsData": {"POST": "x"}}', Listing.WITH_METHOD),
        (b'[{"http:\\/\\/h\\/api\\/v1\\/agents\\/diagnostics\\/getanalyticsdata": {}}]', Listing.WITH_METHOD),
        (b'{"http://h/api/v1/Agents/Contact/GetContact": {"POST": "x"}}', Listing.WITHOUT_METHOD),
        (b"{}", Listing.OF_SOMETHING_ELSE),
        (b"<html>Welcome</html>", Listing.NONE),
        (b"", Listing.NONE),
        (b"\xff\xfe", Listing.NONE),
    ],
)
def test_a_listing_is_known_by_what_it_lists(body: bytes, listing: Listing) -> None:
    assert listing is read_listing(body, DriftLog())

"""The server that plays an upstream, its faults, and its control endpoint, met over HTTP."""

import asyncio
from collections.abc import AsyncIterator
from email.utils import parsedate_to_datetime

import aiohttp
import pytest
from aiohttp import web

from adapters.simulation import Control, Fault, Received, Simulator, serve, simulator

BODY = '{"total": 12, "name": "Aurora", "on": true, "days": [1, 2.5, null]}'


async def answer(_request: web.Request) -> web.Response:
    return web.Response(text=BODY, content_type="application/json")


def make() -> Simulator:
    control = Control({"unit": ("seconds", "milliseconds")})
    source = {"kind": "example", "auth": {"scheme": "bearer", "token": "t"}}
    return simulator("example", [web.get("/api/totals", answer)], control=control, source=source, path="/api")


@pytest.fixture
def played() -> Simulator:
    return make()


@pytest.fixture
async def client(played: Simulator) -> AsyncIterator[aiohttp.ClientSession]:
    async with serve(played) as base_url:
        address = base_url.removesuffix("/api")
        async with aiohttp.ClientSession(address) as session:
            yield session


async def test_the_base_url_has_the_path_that_the_upstream_needs() -> None:
    async with serve(make()) as base_url, aiohttp.request("GET", f"{base_url}/totals") as response:
        assert BODY == await response.text()


async def test_without_faults_the_answer_is_the_upstreams_own(client: aiohttp.ClientSession) -> None:
    async with client.get("/api/totals") as response:
        assert (200, BODY) == (response.status, await response.text())


async def test_a_status_comes_with_a_page_that_is_not_json(played: Simulator, client: aiohttp.ClientSession) -> None:
    played.control.faults.append(Fault(status=429, retry_after="7"))
    async with client.get("/api/totals") as response:
        assert (429, "7", "text/html") == (response.status, response.headers["Retry-After"], response.content_type)


async def test_retry_after_can_be_a_date_ahead(played: Simulator, client: aiohttp.ClientSession) -> None:
    played.control.faults.append(Fault(status=503, retry_after="+60"))
    async with client.get("/api/totals") as response:
        ahead = parsedate_to_datetime(response.headers["Retry-After"]) - parsedate_to_datetime(response.headers["Date"])
    assert 59 <= ahead.total_seconds() <= 61


async def test_a_fault_is_gone_after_as_many_times_as_it_says(played: Simulator, client: aiohttp.ClientSession) -> None:
    played.control.faults += [Fault(path="*/elsewhere", status=500), Fault(path="*/totals", times=2, status=500)]
    seen = []
    for _ in range(3):
        async with client.get("/api/totals") as response:
            seen.append(response.status)
    assert [500, 500, 200] == seen


async def test_a_cut_connection_has_no_answer_at_all(played: Simulator, client: aiohttp.ClientSession) -> None:
    played.control.faults.append(Fault(mode="cut"))
    with pytest.raises(aiohttp.ClientConnectionError):
        await client.get("/api/totals")


async def test_a_truncated_answer_promises_more_than_it_sends(played: Simulator, client: aiohttp.ClientSession) -> None:
    played.control.faults.append(Fault(mode="truncate"))
    async with client.get("/api/totals") as response:
        assert len(BODY) == response.content_length
        with pytest.raises(aiohttp.ClientError):
            await response.read()


@pytest.mark.parametrize(
    ("mode", "body"),
    [
        ("invalid-json", BODY[: len(BODY) // 2]),
        ("wrong-types", '{"total":"about 12","name":6,"on":[true],"days":["about 1","about 2.5",null]}'),
        ("null", "null"),
        ("empty", ""),
        ("not-json", "<html><h1>200 OK</h1></html>\n"),
    ],
)
async def test_a_spoiled_body_comes_whole(
    played: Simulator, client: aiohttp.ClientSession, mode: str, body: str
) -> None:
    async with client.put("/_simulator", json={"faults": [{"mode": mode}]}) as response:
        assert 200 == response.status
    async with client.get("/api/totals") as response:
        assert (200, body) == (response.status, await response.text())
    assert 1 == played.control.asked


async def test_a_redirect_leads_to_another_host(played: Simulator, client: aiohttp.ClientSession) -> None:
    played.control.faults.append(Fault(mode="redirect"))
    async with client.get("/api/totals", allow_redirects=False) as response:
        assert (302, "https://elsewhere.example/login") == (response.status, response.headers["Location"])


async def test_an_endless_body_goes_on_until_the_client_has_enough(
    played: Simulator, client: aiohttp.ClientSession
) -> None:
    played.control.faults.append(Fault(mode="endless"))
    async with client.get("/api/totals") as response:
        assert 1_000_000 == len(await response.content.readexactly(1_000_000))
    await played.control.until(lambda control: control.closed_early == 1)


@pytest.mark.parametrize("mode", ["hang", "stall"])
async def test_a_client_that_gives_up_is_noticed(played: Simulator, client: aiohttp.ClientSession, mode: str) -> None:
    async with client.put("/_simulator", json={"faults": [{"mode": mode}]}) as response:
        assert 200 == response.status
    asking = asyncio.create_task(_read(client))
    await played.control.until(lambda control: control.asked == 1)
    asking.cancel()
    await played.control.until(lambda control: control.closed_early == 1)


async def _read(client: aiohttp.ClientSession) -> bytes:
    async with client.get("/api/totals") as response:
        return await response.read()


async def test_a_client_that_leaves_after_a_reset_is_not_counted(played: Simulator) -> None:
    """It would be taken for one of those that have come since."""
    received = Received(method="GET", path="/api/totals", query={}, headers={}, body=b"")
    before = played.control.note_request(received)
    played.control.reset()
    since = played.control.note_request(received)
    played.control.note_closed_early(before)
    assert 0 == played.control.closed_early
    played.control.note_closed_early(since)
    assert 1 == played.control.closed_early


async def test_a_server_stops_at_once_though_a_request_hangs() -> None:
    played = make()
    played.control.faults.append(Fault(mode="hang"))
    async with aiohttp.ClientSession() as session:
        async with serve(played) as base_url:
            asking = asyncio.create_task(session.get(f"{base_url}/totals"))
            await played.control.until(lambda control: control.asked == 1)
        with pytest.raises(aiohttp.ClientConnectionError):
            await asking
    assert 0 == played.control.closed_early


async def test_what_was_asked_is_remembered_without_the_credential(
    played: Simulator, client: aiohttp.ClientSession
) -> None:
    headers = {"Authorization": "Bearer secret", "X-Org": "auroralabs", "Cookie": "secret"}
    async with client.get("/api/totals?a=1&b=two", headers=headers):
        pass
    received = played.control.requests[-1]
    assert ("GET", "/api/totals", {"a": "1", "b": "two"}, b"") == (
        received.method,
        received.path,
        received.query,
        received.body,
    )
    assert "auroralabs" == received.headers["x-org"]
    assert "secret" not in repr(received)


async def test_the_control_endpoint_tells_and_takes_back(client: aiohttp.ClientSession) -> None:
    change = {"faults": [{"mode": "cut", "times": 3}], "switches": {"unit": "milliseconds"}}
    async with client.put("/_simulator", json=change) as response:
        changed = await response.json()
    async with client.delete("/_simulator") as response:
        fresh = await response.json()
    assert ("cut", 3, "milliseconds") == (
        changed["faults"][0]["mode"],
        changed["faults"][0]["times"],
        changed["switches"]["unit"],
    )
    assert ([], "seconds") == (fresh["faults"], fresh["switches"]["unit"])


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"switches": {"unit": "hours"}}, "switches.unit"),
        ({"switches": {"speed": "fast"}}, "switches.speed"),
        ({"faults": [{"mode": "explode"}]}, "$.faults[0].mode"),
        ({"faults": [{"times": 0}]}, "$.faults[0].times"),
        ({"faults": [{"status": 200}]}, "$.faults[0].status"),
        ({"faults": [{"retry_after": "+soon"}]}, "$.faults[0].retry_after"),
        ({"faults": [{"retry_after": "7\n"}]}, "$.faults[0].retry_after"),
        ({"fault": []}, "fault"),
    ],
)
async def test_a_wrong_change_is_refused_by_name_and_changes_nothing(
    played: Simulator, client: aiohttp.ClientSession, change: dict[str, object], named: str
) -> None:
    change = {"faults": [{"mode": "cut"}], **change}
    async with client.put("/_simulator", json=change) as response:
        assert 400 == response.status
        assert named in (await response.json())["error"]
    assert [] == played.control.faults
    assert {"unit": "seconds"} == played.control.switches


async def test_a_body_can_be_rewritten_in_process(played: Simulator, client: aiohttp.ClientSession) -> None:
    played.control.rewrite = bytes.upper
    async with client.get("/api/totals") as response:
        assert BODY.upper() == await response.text()

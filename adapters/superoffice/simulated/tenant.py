"""The tenant, played: the state API, a host that may move or be down, and what tells which methods it has."""

from collections.abc import Iterable, Mapping
from datetime import timedelta

from aiohttp import web
from aiohttp.typedefs import Handler

from adapters.clock import Clock
from adapters.simulation import Control

SWITCHES = {
    "state": (
        "Running",
        "OnlineMaintenance",
        "OfflineMaintenance",
        "Suspended",
        "MigrationPending",
        "Provisioning",
        "ProvisioningFailed",
        "Deleting",
        "DeleteFailed",
        "Deleted",
        "Unknown",
    ),
    "host": ("home", "moved"),
    "method": ("present", "missing"),
}
"""How the tenant stands, where it is, and whether its release is new enough; the README says what each value does."""

HOSTS: Mapping[str, str] = {"home": "", "moved": "/online3"}
"""What stands before the tenant's path, by the switch `host`.

One name and port must do for all hosts, since a machine need not have more than `127.0.0.1` to itself.
"""

VALID = timedelta(minutes=5)
"""How long an answer of the state API says that it holds."""

_SERVED = frozenset({"Running", "OnlineMaintenance"})
_METHODS = ("Diagnostics/GetEntityCountsForCurrentUser", "Diagnostics/GetEntityCountsForAllUsers", "Contact/GetContact")
_METHOD = "Diagnostics/GetAnalyticsData"
_VERSIONS: Mapping[str, Mapping[str, str]] = {
    "present": {"NetServerVersion": "12.4.1514.0", "NetServerLabel": "Release_12.4_2026.09.17-05"},
    "missing": {"NetServerVersion": "10.2.9.0", "NetServerLabel": "Release_10.2_2023.05.08-01"},
}


def state_api(control: Control, clock: Clock, path: str) -> list[web.RouteDef]:
    """What tells everybody where the tenant is, whose path is `path`, such as `/Cust12345`. Wants no credential."""
    customer = path.strip("/")

    async def tell(request: web.Request) -> web.Response:
        asked = request.match_info["customer"]
        state = control.switches["state"] if asked.casefold() == customer.casefold() else "Unknown"
        endpoint = f"{request.url.origin()}{HOSTS[control.switches['host']]}{path}" if state != "Unknown" else None
        return web.json_response(
            {
                "ContextIdentifier": asked,
                "Endpoint": endpoint,
                "State": state,
                "IsRunning": state in _SERVED,
                # Seven fraction digits, as .NET writes them.
                "ValidUntil": f"{clock.now() + VALID:%Y-%m-%dT%H:%M:%S.%f}7Z",
                "Api": endpoint and f"{endpoint}/api",
                "Version": _VERSIONS[control.switches["method"]]["NetServerLabel"],
            }
        )

    return [web.get("/api/state/{customer}", tell)]


def hosted(control: Control, path: str, routes: Iterable[web.RouteDef]) -> list[web.RouteDef]:
    """The routes of the tenant, and those that list them, on each host; only its present one serves it."""
    everything = [*routes, *_listings(control, path)]
    return [
        web.route(route.method, f"{prefix}{route.path}", _at(host, control, route.handler))
        for host, prefix in HOSTS.items()
        for route in everything
    ]


def _at(host: str, control: Control, handler: Handler) -> Handler:
    async def answer(request: web.Request) -> web.StreamResponse:
        if control.switches["host"] != host:
            return web.Response(status=421, text="Wrong subdomain used to access tenant")
        if control.switches["state"] not in _SERVED:
            return web.Response(status=503, text="<html><h1>Maintenance</h1></html>", content_type="text/html")
        if control.switches["method"] == "missing" and request.path.endswith(_METHOD):
            return web.Response(status=404, text="<html><h1>404</h1></html>", content_type="text/html")
        return await handler(request)

    return answer


def _listings(control: Control, path: str) -> list[web.RouteDef]:
    async def methods(request: web.Request) -> web.Response:
        names = [*_METHODS, *([_METHOD] if control.switches["method"] == "present" else [])]
        return web.json_response({f"{request.url}/Agents/{name}": {"POST": f"Calls {name}."} for name in names})

    async def versions(request: web.Request) -> web.Response:
        return web.json_response({"v1": f"{request.url}/v1/", **_VERSIONS[control.switches["method"]], "Version": "v1"})

    return [web.get(f"{path}/api/v1", methods), web.get(f"{path}/api", versions)]

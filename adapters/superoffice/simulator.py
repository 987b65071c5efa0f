"""SuperOffice, played: what its documentation says of `GetAnalyticsData`, of tenants, and of signing in.

Where the documentation is silent something had to be chosen; the README of this folder says what.
"""

from aiohttp import web

from adapters.simulation import Control, Simulator, World, simulator
from adapters.superoffice.simulated import answers, credentials, system_users, tenant, token_endpoint
from adapters.superoffice.simulated.credentials import PASSWORD, TOKEN, USERNAME, Credentials
from adapters.superoffice.simulated.sources import source_tables

__all__ = ["CUSTOMER", "PASSWORD", "SWITCHES", "TOKEN", "USERNAME", "create_simulator"]

CUSTOMER = "/Cust12345"

SWITCHES = {
    **answers.SWITCHES,
    **credentials.SWITCHES,
    **token_endpoint.SWITCHES,
    **system_users.SWITCHES,
    **tenant.SWITCHES,
}
"""What an operator of the sandbox can turn, default first; the README says what each value does."""

_METHOD = f"{CUSTOMER}/api/v1/Agents/Diagnostics/GetAnalyticsData"


def create_simulator(world: World) -> Simulator:
    """The installation of the world's company: an Online tenant, or one on site, which takes Basic."""
    control = Control(SWITCHES)
    accepted = Credentials(world.clock, control)

    async def describe(request: web.Request) -> web.Response:
        accepted.require(request)
        return web.json_response(
            {str(request.url): {"POST": "Retrieve analytics properties to be included in usage tracking."}}
        )

    async def answer(request: web.Request) -> web.Response:
        accepted.require(request)
        return answers.answer_to(request, world, control.switches)

    return simulator(
        "superoffice",
        [
            *tenant.state_api(control, world.clock, CUSTOMER),
            *token_endpoint.token_endpoint(accepted, control),
            *system_users.system_users(accepted, control, world.clock, CUSTOMER),
            *tenant.hosted(control, CUSTOMER, [web.get(_METHOD, describe), web.post(_METHOD, answer)]),
        ],
        control=control,
        source={"kind": "superoffice", "auth": {"scheme": "bearer", "token": TOKEN}},
        path=CUSTOMER,
        sources=source_tables,
    )

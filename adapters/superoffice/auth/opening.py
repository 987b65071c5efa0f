"""From the table `auth` to the credential that it stands for."""

from typing import assert_never

from adapters.clock import Clock
from adapters.outside import Outside
from adapters.superoffice.auth.headers import session_headers, ticket_headers
from adapters.superoffice.auth.oauth import TokenEndpoint
from adapters.superoffice.auth.renewed import RenewedCredential
from adapters.superoffice.auth.sliding_ticket import SlidingTicket
from adapters.superoffice.auth.system_user import SystemUserEndpoint
from adapters.superoffice.schemes import OAuthAuth, SystemUserAuth, TicketAuth, XsrfAuth
from adapters.superoffice.settings import SuperOfficeSettings
from adapters.transport import BasicAuth, BearerAuth, Credential, FixedAddress, FixedCredential, Transport, Upstream


def open_credential(settings: SuperOfficeSettings, transport: Transport, outside: Outside) -> Credential:
    """The credential of a source. Sends nothing yet; what it sends later goes over `transport`."""
    auth, clock = settings.auth, outside.clock
    match auth:
        case BasicAuth() | BearerAuth():
            return auth.credential()
        case XsrfAuth():
            return FixedCredential(scheme=auth.scheme, fixed=session_headers(auth))
        case TicketAuth():
            fixed = ticket_headers(auth.ticket, auth.app_token)
            if settings.is_online:
                return SlidingTicket(scheme=auth.scheme, fixed=fixed, clock=clock)
            return FixedCredential(scheme=auth.scheme, fixed=fixed)
        case OAuthAuth() | SystemUserAuth():
            # The settings have checked that what a scheme needs is there.
            host, customer = settings.online_host or "", settings.tenant or ""
            fetch = _endpoint(auth, customer, transport.upstream(FixedAddress(host), guarded=False), clock).fetch
            return RenewedCredential(auth.scheme, fetch, source=transport.source, clock=clock, host=host)
        case _:
            assert_never(auth)


def _endpoint(
    auth: OAuthAuth | SystemUserAuth, customer: str, online: Upstream, clock: Clock
) -> TokenEndpoint | SystemUserEndpoint:
    if isinstance(auth, OAuthAuth):
        return TokenEndpoint(auth, online, clock)
    return SystemUserEndpoint(auth, customer, online, clock)

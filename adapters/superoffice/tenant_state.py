"""Reads what the state API says of a tenant: whether it is served, where, and until when that holds.

Decides only. Facts are from SuperOffice docs, "Check tenant status", unless they say otherwise.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from yarl import URL

from adapters.drift import DriftLog
from adapters.errors import InvalidResponseError, TenantUnavailableError
from adapters.superoffice import wire
from adapters.times import parse_moment
from adapters.transport import TolerantDecoder

SHORTEST = timedelta(minutes=1)
"""How long an answer holds at least. A `ValidUntil` that has passed, by their clock or by ours, makes no storm."""

LONGEST = timedelta(hours=24)
"""How long an answer holds at most, so that no `ValidUntil` pins a tenant for ever. Tenants move "routinely"."""

LONGEST_UNAVAILABLE = timedelta(minutes=15)
"""The same of a tenant that is not served. Maintenance "usually takes minutes", and its end should be noticed soon."""

_NAMES: Mapping[int, str] = {
    0: "Unknown",
    1: "Provisioning",
    2: "Running",
    3: "Deleted",
    4: "Suspended",
    5: "OnlineMaintenance",
    6: "OfflineMaintenance",
    8: "ProvisioningFailed",
    10: "Deleting",
    11: "DeleteFailed",
    12: "MigrationPending",
}
"""The example answer has the name, and the documentation a number beside it."""

_SERVED = frozenset({"Running", "OnlineMaintenance"})

_PASSING: Mapping[str, str] = {
    "OfflineMaintenance": "It is usually over within minutes.",
    "Provisioning": "It should be ready in a short time.",
    "MigrationPending": "Its move to SuperOffice Online is not completed, which may take days or weeks.",
}
"""The states that end by themselves, and what there is to say of them."""

_LASTING: Mapping[str, str] = {
    "Suspended": "The subscription is being terminated: ask SuperOffice to reactivate it.",
    "Unknown": "Check customer and environment; if both are right, SuperOffice has an incident: ask its support.",
    "Deleted": "Remove the source, or correct customer and environment.",
    "Deleting": "Remove the source, or correct customer and environment.",
    "DeleteFailed": "Remove the source, or correct customer and environment.",
    "ProvisioningFailed": "Ask SuperOffice's support.",
}

# Of an address. What is longer, servers refuse, and we would carry it about and show it.
_LONGEST = 2000

_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ]{0,39}")
_HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*")
_NUMERIC = re.compile(r"[0-9.]+")
# Hosts without a number only sign users in and tell states ("Online API authentication"); old answers name them still.
_AUTHENTICATION_ONLY = frozenset(f"{name}.superoffice.com" for name in ("sod", "stage", "qaonline", "online"))

_STATE = TolerantDecoder(wire.TenantState)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """Whom the state API is asked about, and where its answer may send us."""

    online_url: URL
    """The environment's own host, where the state API is."""
    customer: str
    """The context identifier, such as `Cust12345`."""
    allowed_domain: str
    """The domain in which the tenant must be, or the one host."""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """How a tenant stands."""

    name: str
    base: URL | None
    """Where its web API is, `/v1` included; None while it is not served."""
    until: datetime
    """When to ask again, UTC."""

    def serving(self, now: datetime) -> URL:
        """Where its web API is.

        Raises:
            TenantUnavailableError: it is not served at present.
        """
        if self.base is not None:
            return self.base
        wait = max(timedelta(0), self.until - now) if self.name in _PASSING else None
        help_ = _PASSING.get(self.name) or _LASTING.get(self.name) or "SuperOffice's support knows more."
        raise TenantUnavailableError(
            f"SuperOffice does not serve the tenant at present, its state is {self.name}. {help_}", retry_after=wait
        )


def read_state(body: bytes, drift: DriftLog, *, tenant: Tenant, now: datetime) -> State:
    """What an answer of the state API means.

    `IsRunning` decides where it is told, being made for it; else the state's name does.

    Raises:
        InvalidResponseError: the answer is of another tenant, says nothing of how this one stands, or names no address
            that the settings allow.
    """
    answer = _STATE(body, drift)
    if answer.context_identifier and answer.context_identifier.casefold() != tenant.customer.casefold():
        raise InvalidResponseError("It told of another tenant than was asked for: check customer.")
    name = _name(answer.state)
    is_served = answer.is_running if answer.is_running is not None else name in _SERVED
    if answer.is_running is None and answer.state is None:
        raise InvalidResponseError("It told neither State nor IsRunning: check online_url.")
    return State(
        name=name,
        base=_base(answer.api, tenant) if is_served else None,
        until=_until(answer.valid_until, now, LONGEST if is_served else LONGEST_UNAVAILABLE),
    )


def _name(state: str | int | None) -> str:
    """The state as its name, in our own words where it is not of the kind that a name is."""
    name = _NAMES.get(state, str(state)) if isinstance(state, int) else (state or "").strip()
    if name.isdecimal() and name.isascii() and len(name) <= len("12"):
        name = _NAMES.get(int(name), name)
    return name if _PLAIN.fullmatch(name) else "one that has no name"


def _until(text: str | None, now: datetime, longest: timedelta) -> datetime:
    return min(max(parse_moment(text) or now, now + SHORTEST), now + longest)


def _base(api: str | None, tenant: Tenant) -> URL:
    """The address of the web API that `Api`, such as `https://online2.superoffice.com/Cust12345/api`, names."""
    text = (api or "").rstrip("/")
    try:
        url = URL(text if len(text) <= _LONGEST else "")
    except ValueError:
        url = URL()
    if not _is_allowed(url, tenant):
        online = tenant.online_url
        raise InvalidResponseError(
            f"It named no address that is allowed: {online.scheme}, port {online.port}, and a host in allowed_domain "
            f"({tenant.allowed_domain}) that is not for signing in only. Nothing was sent there."
        )
    return url / "v1"


def _is_allowed(url: URL, tenant: Tenant) -> bool:
    """Whether requests with our credential may go there: as safely as to the state API, and to the domain allowed."""
    host = (url.raw_host or "").removesuffix(".")
    parts = (url.raw_user, url.raw_password, url.raw_query_string, url.raw_fragment)
    return (
        (url.scheme, url.port) == (tenant.online_url.scheme, tenant.online_url.port)
        and not any(parts)
        and _lies_in(host, tenant.allowed_domain)
        and host not in _AUTHENTICATION_ONLY
    )


def _lies_in(host: str, domain: str) -> bool:
    """Whether a host is the domain or below it. Below an IP address there is nothing."""
    domain = domain.casefold().removesuffix(".").removeprefix("[").removesuffix("]")
    if host == domain:
        return True
    return bool(_HOST.fullmatch(host)) and not _NUMERIC.fullmatch(domain) and host.endswith(f".{domain}")

"""Finds an Online tenant, which SuperOffice moves from host to host, by asking the state API."""

from datetime import timedelta
from functools import partial

from yarl import URL

from adapters.errors import (
    CredentialRefusedError,
    InvalidResponseError,
    MisdirectedError,
    PermissionRefusedError,
    RateLimitedError,
    RequestRefusedError,
    SourceError,
    TenantUnavailableError,
    UpstreamNotFoundError,
)
from adapters.inquiry import Inquiry
from adapters.outside import Outside
from adapters.superoffice.online_host import told_of_online_host
from adapters.superoffice.tenant_state import State, Tenant, read_state
from adapters.transport import FixedAddress, Lease, Renewal, Request, Transport

KEPT = timedelta(hours=24)
"""How long an address is used on while the state API does not answer. If the tenant has moved, its host says so."""

PAUSE = 10.0
"""Seconds without another look at the state API after one that was in vain, because it failed or told nothing new."""

PATIENCE = 3.0
"""Seconds that explaining a failure may take of a call which has failed anyway."""

_NOT_EXPLAINED = (TenantUnavailableError, RateLimitedError, RequestRefusedError)
"""Failures whose cause is known, or is not the tenant's state."""

_REFUSALS = (CredentialRefusedError, PermissionRefusedError, MisdirectedError, RequestRefusedError)
"""What the state API has no reason to say."""


class TenantAddress:
    """An Online tenant's address.

    It is asked for when it is first wanted, again when `ValidUntil` has passed, and again when it is doubted: because
    its host does not serve the tenant any more, or failed in a way that maintenance would explain.
    """

    def __init__(self, tenant: Tenant, transport: Transport, outside: Outside) -> None:
        """Ask over `transport`, without a credential."""
        self._tenant = tenant
        self._transport = transport
        self._clock = outside.clock
        self._state_api = transport.upstream(FixedAddress(str(tenant.online_url)), guarded=False)
        self._present = self._unasked()
        self._doubting = self._unasked()
        self._in_vain_until = 0.0

    @property
    def shown(self) -> str:
        """The tenant's present address; empty before it was asked for, and while the tenant is not served."""
        lease = self._present.lease
        return "" if lease is None or lease.value.base is None else str(lease.value.base)

    async def base(self, inquiry: Inquiry) -> URL:
        """Where the tenant's web API is.

        Raises:
            TenantUnavailableError: the state API says that the tenant is not served.
            SourceError: the state API could not tell, and no address of the last day is at hand.
        """
        return (await self._present.get(inquiry)).serving(self._clock.now())

    async def moved(self, left: URL, inquiry: Inquiry) -> bool:
        """Ask again, unless another address is at hand already.

        Raises:
            TenantUnavailableError: the state API says that the tenant is not served.
            SourceError: it could not tell.
        """
        if await self.base(inquiry) == left:
            await self._ask_again(inquiry)
        return await self.base(inquiry) != left

    async def explain(self, error: SourceError, inquiry: Inquiry) -> SourceError | None:
        """What the tenant's state has to say of a failed call; None if it explains nothing.

        What it finds out is told of the next call before anything is sent.
        """
        if isinstance(error, MisdirectedError):
            return MisdirectedError(
                "The host that SuperOffice's state API names does not serve the tenant (421): it is probably being "
                "moved at this moment. Ask again later."
            )
        if self._present.lease is None or isinstance(error, _NOT_EXPLAINED):
            return None
        hurried = inquiry.hurried(PATIENCE)
        try:
            await self._ask_again(hurried)
            await self.base(hurried)
        except TenantUnavailableError as why:
            return why
        except SourceError:
            return None
        return None

    async def _ask_again(self, inquiry: Inquiry) -> None:
        """See whether the present answer still holds, once for all who doubt it; until then, it does."""
        if self._clock.monotonic() < self._in_vain_until:
            return
        doubting = self._doubting
        state = await doubting.get(inquiry)
        if self._doubting is not doubting:
            return
        if self._present.lease is not None and self._present.lease.value.base == state.base:
            self._in_vain_until = self._clock.monotonic() + PAUSE
        self._present, self._doubting = doubting, self._unasked()

    def _unasked(self) -> Renewal[State]:
        settings = self._transport.settings
        return Renewal(
            self._fetch,
            source=self._transport.source,
            clock=self._clock,
            allowed=settings.attempt_timeout,
            pause=PAUSE,
            what="tenant's address",
        )

    async def _fetch(self, inquiry: Inquiry) -> Lease[State]:
        now = self._clock.now()
        read = partial(read_state, tenant=self._tenant, now=now)
        # It is public: no credential goes there.
        request = Request(method="GET", path=f"api/state/{self._tenant.customer}")
        try:
            state = await self._state_api.ask(request, read, inquiry)
        except SourceError as error:
            raise _told_of_the_state_api(error) from error
        return Lease(
            value=state,
            renew_time=state.until,
            # That the tenant was not served is no news to keep.
            expire_time=state.until if state.base is None else max(state.until, now + KEPT),
        )


def _told_of_the_state_api(error: SourceError) -> SourceError:
    """The same failure, in words that do not let it be taken for one of the tenant's own web API."""
    if isinstance(error, UpstreamNotFoundError):
        return UpstreamNotFoundError(
            "SuperOffice's state API does not know the tenant: check customer and environment."
        )
    if not isinstance(error, _REFUSALS):
        return told_of_online_host(error, "SuperOffice's state API did not tell where the tenant is.")
    # No credential was sent, so that none can have been refused.
    return InvalidResponseError("SuperOffice's state API refused to tell where the tenant is: check online_url.")

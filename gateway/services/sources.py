"""`SourceService`: the upstreams that are configured, how they have been doing, and whether they can be reached."""

from adapters.meter import Circuit
from adapters.ports import Protection
from gateway.federation import Federation, OpenSource
from gateway.federation.asks import Ask, CheckQuestion, Plan
from gateway.pipeline.call import Call
from gateway.pipeline.errors import SourceNotFoundError
from gateway.services.advice import advice_on
from unified.analytics.v1.source_pb2 import Source, SourceConnection, SourceProtection
from unified.analytics.v1.source_service_pb2 import (
    CheckSourceRequest,
    CheckSourceResponse,
    GetSourceRequest,
    GetSourceResponse,
    ListSourcesRequest,
    ListSourcesResponse,
)

_CIRCUITS: dict[Circuit, SourceProtection.Circuit] = {
    "closed": SourceProtection.CIRCUIT_CLOSED,
    "open": SourceProtection.CIRCUIT_OPEN,
    "half_open": SourceProtection.CIRCUIT_HALF_OPEN,
}


class SourceService:
    """The contract's `SourceService`. Its methods raise only `CallError`."""

    def __init__(self, federation: Federation) -> None:
        """Tell of the sources of this federation."""
        self._federation = federation

    async def list_sources(self, request: ListSourcesRequest, call: Call) -> ListSourcesResponse:
        """List the configured sources by id; asks no upstream."""
        del request, call
        return ListSourcesResponse(sources=map(self._describe, self._federation.sources.values()))

    async def get_source(self, request: GetSourceRequest, call: Call) -> GetSourceResponse:
        """Tell one configured source; asks no upstream."""
        del call
        return GetSourceResponse(source=self._describe(self._find(request.source)))

    async def check_source(self, request: CheckSourceRequest, call: Call) -> CheckSourceResponse:
        """Ask one upstream a cheap live question. That it fails is an answer, too, with advice."""
        source = self._find(request.source)
        answer = await self._federation.observe(Plan(asks=(Ask(source=source, question=CheckQuestion()),)), call)
        (outcome,) = answer.outcomes
        return CheckSourceResponse(outcome=outcome, connection=_connection(source), advice=advice_on(outcome.status))

    def _find(self, source: str) -> OpenSource:
        """Raise SourceNotFoundError if there is none."""
        sources = self._federation.sources
        if source not in sources:
            raise SourceNotFoundError(f'"{source}" is not configured; there are: {", ".join(sources)}')
        return sources[source]

    def _describe(self, source: OpenSource) -> Source:
        return Source(
            source=source.id,
            kind=source.kind,
            display_name=source.display_name,
            parts=source.parts,
            metrics=sorted(source.metrics),
            time_series=sorted(source.series_metrics),
            rankings=sorted(source.rankings),
            connection=_connection(source),
            history=self._federation.history(source.id),
            protection=_protection(source.source.connection.protection),
        )


def _connection(source: OpenSource) -> SourceConnection:
    """How a source is connected at present; an address that is not known is absent."""
    connection = source.source.connection
    return SourceConnection(
        address=connection.address or None,
        credential_scheme=connection.credential_scheme,
        credential_expire_time=connection.credential_expire_time,
    )


def _protection(protection: Protection | None) -> SourceProtection | None:
    """What is done at present to spare a source; absent where its adapter does not tell."""
    if protection is None:
        return None
    return SourceProtection(
        circuit=_CIRCUITS[protection.circuit],
        probe_time=protection.probe_time,
        failure_ratio=protection.failure_ratio,
        in_flight=protection.in_flight,
        waiting=protection.waiting,
        rate=protection.rate,
        rate_lowered=protection.is_rate_lowered,
    )

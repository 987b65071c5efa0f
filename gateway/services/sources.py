"""`SourceService`: the upstreams that are configured, and whether they can be reached."""

from gateway.federation import Federation, OpenSource
from gateway.federation.asks import Ask, CheckQuestion, Plan
from gateway.pipeline.call import Call
from gateway.pipeline.errors import SourceNotFoundError
from gateway.services import catalogue
from unified.analytics.v1.source_service_pb2 import (
    CheckSourceRequest,
    CheckSourceResponse,
    GetSourceRequest,
    GetSourceResponse,
    ListSourcesRequest,
    ListSourcesResponse,
)


class SourceService:
    """The contract's `SourceService`. Its methods raise only `CallError`."""

    def __init__(self, federation: Federation) -> None:
        """Tell of the sources of this federation."""
        self._federation = federation

    async def list_sources(self, request: ListSourcesRequest, call: Call) -> ListSourcesResponse:
        """List the configured sources by id; asks no upstream."""
        del request, call
        return ListSourcesResponse(sources=map(catalogue.describe, self._federation.sources.values()))

    async def get_source(self, request: GetSourceRequest, call: Call) -> GetSourceResponse:
        """Tell one configured source; asks no upstream."""
        del call
        return GetSourceResponse(source=catalogue.describe(self._find(request.source)))

    async def check_source(self, request: CheckSourceRequest, call: Call) -> CheckSourceResponse:
        """Ask one upstream a cheap live question. That it fails is an answer, too."""
        ask = Ask(source=self._find(request.source), question=CheckQuestion())
        answer = await self._federation.observe(Plan(asks=(ask,)), call)
        return CheckSourceResponse(outcome=answer.outcomes[0])

    def _find(self, source: str) -> OpenSource:
        """Raise SourceNotFoundError if there is none."""
        sources = self._federation.sources
        if source not in sources:
            raise SourceNotFoundError(f'"{source}" is not configured; there are: {", ".join(sources)}')
        return sources[source]

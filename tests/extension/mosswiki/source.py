"""One space of a wiki as a source: what its table holds, what the wiki sends, and what becomes of that."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated, Literal

from msgspec import Struct
from pydantic import Field

from adapters.inquiry import Inquiry
from adapters.outside import Outside
from adapters.ports import Connection
from adapters.query import MetricsQuestion, RankingQuestion
from adapters.settings import BaseUrl, SourceSettings
from adapters.transport import BearerAuth, FixedAddress, Request, RowsReader, TolerantDecoder, Upstream, open_transport
from unified.analytics.v1.metric_pb2 import METRIC_KIND_CUMULATIVE, METRIC_SCOPE_SYSTEM, Metric, MetricDescriptor
from unified.analytics.v1.ranking_pb2 import Measure, Ranking
from unified.analytics.v1.user_pb2 import User


class MosswikiSettings(SourceSettings):
    """What the source's table in the configuration holds."""

    kind: Literal["mosswiki"]
    base_url: BaseUrl
    auth: BearerAuth
    space: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,50}$")] = "main"
    """The part of the wiki that is counted."""


class Counters(Struct):
    """What the wiki tells of a space, in its own spelling. Any field may be null."""

    edit_cnt: float | None


class Editor(Struct):
    """Somebody who wrote within a window, and how often."""

    login: str | None
    edit_cnt: float | None


EDITS = "mosswiki.edits"
DESCRIPTOR = MetricDescriptor(
    metric=EDITS,
    display_name="Wiki edits",
    description="Changes ever made to the pages of the space.",
    unit="1",
    scope=METRIC_SCOPE_SYSTEM,
    value_kind=METRIC_KIND_CUMULATIVE,
    upstream_field="edit_cnt",
)

_COUNTERS = Request(method="GET", path="counters")
_read_counters = TolerantDecoder(Counters)
_read_editors = RowsReader(list[Editor])


@dataclass(frozen=True, slots=True, kw_only=True)
class MosswikiSource:
    """Has metrics and a ranking, and so the methods of these two ports and of no other."""

    id: str
    upstream: Upstream
    metric_descriptors = (DESCRIPTOR,)
    rankings = overview_rankings = frozenset({"active-users"})

    @property
    def connection(self) -> Connection:
        """How the wiki is reached."""
        return self.upstream.connection

    async def check(self, inquiry: Inquiry) -> None:
        """Ask for the counters, which takes the same right as the rest."""
        await self.upstream.ask(_COUNTERS, _read_counters, inquiry)

    async def metrics(self, question: MetricsQuestion, inquiry: Inquiry) -> Sequence[Metric]:
        """The counters as they are now, whatever the window."""
        edits = (await self.upstream.ask(_COUNTERS, _read_counters, inquiry)).edit_cnt
        now = inquiry.observed()
        return [Metric(metric=metric, source=self.id, value=edits, observe_time=now) for metric in question.metrics]

    async def ranking(self, question: RankingQuestion, inquiry: Inquiry) -> Ranking:
        """Those who wrote most come first; those of whom that is not known, last."""
        start, end = question.window.start, question.window.end
        request = Request(method="GET", path="editors", query={"from": start.isoformat(), "to": end.isoformat()})
        editors = await self.upstream.ask(request, _read_editors, inquiry)
        editors.miss_lost(question.ranking, inquiry)
        ranking = Ranking(ranking=question.ranking, source=self.id, ranked_by=EDITS, start_time=start, end_time=end)
        best = sorted(editors.rows, key=lambda editor: editor.edit_cnt or 0, reverse=True)[: question.limit]
        for rank, editor in enumerate(best, start=1):
            measures = [Measure(metric=EDITS, value=editor.edit_cnt)]
            ranking.entries.add(rank=rank, user=User(id=editor.login), measures=measures)
        return ranking


@asynccontextmanager
async def open_source(source: str, settings: MosswikiSettings, outside: Outside) -> AsyncGenerator[MosswikiSource]:
    """Open a source of the given id, and close it in the end. Sends nothing yet."""
    address = FixedAddress(f"{str(settings.base_url).rstrip('/')}/api/{settings.space}")
    async with open_transport(source, settings, outside) as transport:
        yield MosswikiSource(id=source, upstream=transport.upstream(address, settings.auth.credential()))

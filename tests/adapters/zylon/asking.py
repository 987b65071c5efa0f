"""What the tests ask a Zylon source, and look at on its simulator."""

from datetime import timedelta

import msgspec

from adapters.errors import AnswerIncompleteError
from adapters.inquiry import Inquiry
from adapters.query import MetricsQuestion, Period, RankingQuestion, SeriesQuestion, Window
from adapters.zylon.client import ZylonSource
from tests.clock import START, VirtualClock
from tests.running import Running, inquire
from unified.analytics.v1.ranking_pb2 import Ranking

TODAY = START.replace(hour=0)
WEEK = Window(start=TODAY - timedelta(days=6), end=TODAY + timedelta(days=1))
PATH = "/api/v1/app/organization/analytics"
ALL_SERIES = frozenset({"zylon.threads", "zylon.interactions", "zylon.agent_flows", "zylon.uploaded_artifacts"})


def ask() -> Inquiry:
    return inquire("zylon", VirtualClock(flowing=True))


def answer_with(zylon: Running, body: object) -> None:
    """Make every answer of the simulator this one."""
    zylon.control.rewrite = lambda _body: msgspec.json.encode(body)


async def totals(source: ZylonSource, *metrics: str) -> dict[str, float | None]:
    question = MetricsQuestion(window=WEEK, metrics=frozenset(metrics))
    rows = await source.metrics(question, ask())
    return {row.metric: row.value if row.HasField("value") else None for row in rows}


async def interactions(source: ZylonSource, window: Window = WEEK, period: Period = Period.DAY) -> list[float | None]:
    question = SeriesQuestion(window=window, metrics=frozenset({"zylon.interactions"}), period=period)
    (series,) = await source.series(question, ask())
    return [point.value if point.HasField("value") else None for point in series.points]


async def missed(source: ZylonSource, window: Window) -> list[str]:
    """What the answer to a question for interactions is told to lack."""
    inquiry = ask()
    await source.series(SeriesQuestion(window=window, metrics=frozenset({"zylon.interactions"})), inquiry)
    assert all(isinstance(error, AnswerIncompleteError) for error in inquiry.missing.values())
    return sorted(inquiry.missing)


async def ranked(source: ZylonSource, ranking: str = "active-users", limit: int = 10) -> Ranking:
    return await source.ranking(RankingQuestion(ranking=ranking, window=WEEK, limit=limit), ask())


def queries(zylon: Running, end_of_path: str) -> list[dict[str, str]]:
    return [dict(request.query) for request in zylon.control.requests if request.path.endswith(end_of_path)]

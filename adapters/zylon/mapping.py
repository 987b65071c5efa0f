"""From Zylon's words to the contract's. Null and missing stay absent."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from msgspec import Raw

from adapters.errors import InvalidResponseError
from adapters.metrics import observed_metrics
from adapters.query import RankingQuestion, SeriesQuestion
from adapters.series import SeriesForm
from adapters.times import parse_moment, timestamp
from adapters.zylon import wire
from adapters.zylon.catalogue import AGENT_FLOWS, INTERACTIONS, TOTALS
from adapters.zylon.days import DailyCounts
from unified.analytics.v1.metric_pb2 import Metric
from unified.analytics.v1.project_pb2 import Project
from unified.analytics.v1.ranking_pb2 import Measure, Ranking, RankingEntry
from unified.analytics.v1.time_series_pb2 import TimeSeries
from unified.analytics.v1.user_pb2 import User


def metrics(totals: wire.AnalyticsTotals, wanted: frozenset[str], source: str, observed: datetime) -> list[Metric]:
    """A row for each total wanted.

    Raises:
        InvalidResponseError: not one of the totals is there.
    """
    values = {total.metric: getattr(totals, total.field) for total in TOTALS}
    if set(values.values()) == {None}:
        raise InvalidResponseError("The upstream's answer has none of the documented totals.")
    return observed_metrics(source, observed, [(metric, value) for metric, value in values.items() if metric in wanted])


def time_series(counts: Mapping[str, DailyCounts], question: SeriesQuestion, source: str) -> list[TimeSeries]:
    """The series of each metric that was counted, in their order; weeks and months are summed of their days."""
    form = SeriesForm(question.window, question.period, source)
    return [form.filled(metric, map(days.within, form.spans)) for metric, days in counts.items()]


def ranking(rows: Sequence[wire.ActiveUser | wire.ActiveProject], question: RankingQuestion, source: str) -> Ranking:
    """The rows by interactions, most first, which the upstream's order is presumed to be; ties stay in its order."""
    ordered = sorted(rows, key=_interactions, reverse=True)[: question.limit]
    return Ranking(
        ranking=question.ranking,
        source=source,
        ranked_by=INTERACTIONS,
        start_time=timestamp(question.window.start),
        end_time=timestamp(question.window.end),
        entries=_entries(ordered),
    )


def user(sent: wire.User | None) -> User | None:
    """The whole user."""
    if sent is None:
        return None
    return User(
        id=sent.id,
        org_id=sent.org_id,
        account_id=sent.account_id,
        name=sent.name,
        email=sent.email,
        state=sent.state,
        roles=sent.roles,
        create_time=timestamp(parse_moment(sent.created_at)),
        profile_picture=sent.profile_picture,
        job_position_name=sent.job_position_name,
        job_position_description=sent.job_position_description,
        unset_fields=["roles"] if sent.roles is None else None,
    )


def project(sent: wire.Project | None) -> Project | None:
    """The whole project."""
    if sent is None:
        return None
    return Project(
        id=sent.id,
        name=sent.name,
        goal=sent.goal,
        deadline=timestamp(parse_moment(sent.deadline)) if isinstance(sent.deadline, str) else None,
        deadline_text=None if sent.deadline is None else str(sent.deadline),
        visibility=sent.visibility,
        member_count=sent.member_count,
        default_member_role=sent.default_member_role,
        default_role_enabled=sent.default_role_enabled,
        project_context=sent.project_context,
        answer_context=sent.answer_context,
        is_pinned=sent.is_pinned,
        members_json=_array(sent.members),
    )


def _entries(rows: Iterable[wire.ActiveUser | wire.ActiveProject]) -> Iterable[RankingEntry]:
    for rank, row in enumerate(rows, start=1):
        measures = [
            Measure(metric=INTERACTIONS, value=row.interactions_created),
            Measure(metric=AGENT_FLOWS, value=row.agent_flows_created),
        ]
        match row:
            case wire.ActiveUser():
                yield RankingEntry(rank=rank, user=user(row.user), measures=measures)
            case wire.ActiveProject():
                yield RankingEntry(rank=rank, project=project(row.project), measures=measures)


def _interactions(row: wire.ActiveUser | wire.ActiveProject) -> float:
    """Those whose number is not known come last."""
    return -1.0 if row.interactions_created is None else row.interactions_created


def _array(items: list[Raw] | None) -> str | None:
    """A JSON array of items as they were sent, to the last digit."""
    return None if items is None else f"[{','.join(str(item, 'utf-8') for item in items)}]"

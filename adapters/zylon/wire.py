"""What Zylon sends, in its own spelling.

Zylon's Workspace API reference, Organization analytics: `AnalyticsTotalsDTO`, `RankingActiveUsersDTO`,
`RankingActiveProjectDTO`, `TimeseriesDTO`, `UserDTO`, `ProjectDTO`. A field without a default is one that the reference
promises; one with a default may be missing without anything being wrong. Any field may be null.
"""

from typing import Annotated

from msgspec import Meta, Raw, Struct

Int64 = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]


class AnalyticsTotals(Struct):
    """What there is in the organisation, since its beginning."""

    projects_total: float | None
    threads_total: float | None
    interactions_total: float | None
    agent_flows_total: float | None
    uploaded_artifacts_total: float | None


class User(Struct):
    """A member of the organisation."""

    id: str | None
    org_id: str | None
    account_id: str | None
    name: str | None
    email: str | None
    state: str | None
    roles: list[str] | None
    created_at: str | None
    profile_picture: str | None = None
    job_position_name: str | None = None
    job_position_description: str | None = None


class Project(Struct):
    """A shared workspace for conversations and documents."""

    id: str | None
    name: str | None
    visibility: str | None
    default_member_role: str | None
    default_role_enabled: bool | None
    goal: str | None = None
    deadline: str | int | float | None = None
    """ISO 8601 in answers; the reference's create request has a Unix timestamp, so that a number is no surprise."""
    member_count: Int64 | None = None
    members: list[Raw] | None = None
    project_context: str | None = None
    answer_context: str | None = None
    is_pinned: bool | None = None


class ActiveUser(Struct):
    """One place in the ranking of users."""

    user: User | None
    interactions_created: float | None
    agent_flows_created: float | None


class ActiveProject(Struct):
    """One place in the ranking of projects."""

    project: Project | None
    interactions_created: float | None
    agent_flows_created: float | None


class TimeseriesPoint(Struct):
    """One day's count. Days without any may be left out."""

    date: str | None
    value: float | None

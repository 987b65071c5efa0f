"""The metrics and rankings that Zylon tells, and what they are called on either side."""

from dataclasses import dataclass

from unified.analytics.v1.metric_pb2 import METRIC_KIND_CUMULATIVE, METRIC_SCOPE_SYSTEM, MetricDescriptor

INTERACTIONS = "zylon.interactions"
AGENT_FLOWS = "zylon.agent_flows"


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """One number of the organisation."""

    metric: str
    field: str
    """Its member of `AnalyticsTotalsDTO`."""
    series_type: str | None
    """The `type` of its series, whose spelling is irregular (sic); None: there is no series."""
    display_name: str
    description: str
    not_additive_with: str = ""


TOTALS = (
    Total(
        metric="zylon.projects",
        field="projects_total",
        series_type=None,
        display_name="Zylon projects",
        description="Projects of the organisation: shared workspaces for conversations and documents.",
        not_additive_with="superoffice.projects, superoffice.user.projects: a CRM project is not a Zylon project.",
    ),
    Total(
        metric="zylon.threads",
        field="threads_total",
        series_type="thread",
        display_name="Threads",
        description="Conversations of users with the assistant.",
        not_additive_with="zylon.interactions: each happens within a thread.",
    ),
    Total(
        metric=INTERACTIONS,
        field="interactions_total",
        series_type="interactions",
        display_name="Interactions",
        description="Interactions of users with the assistant; Zylon does not define them more closely.",
        not_additive_with="zylon.threads: each interaction happens within one.",
    ),
    Total(
        metric=AGENT_FLOWS,
        field="agent_flows_total",
        series_type="artifact_agent_flow",
        display_name="Agent flows",
        description="Flows of agents that users have created.",
    ),
    Total(
        metric="zylon.uploaded_artifacts",
        field="uploaded_artifacts_total",
        series_type="artifact_document",
        display_name="Uploaded artifacts",
        description="Documents that users have uploaded.",
        not_additive_with="superoffice.documents, superoffice.user.documents: they are other documents.",
    ),
)

SERIES_TYPES = {total.metric: total.series_type for total in TOTALS if total.series_type is not None}
"""The upstream's `type` of each metric that has a series."""

ACTIVE_USERS = "active-users"
ACTIVE_PROJECTS = "active-projects"

DESCRIPTORS = tuple(
    MetricDescriptor(
        metric=total.metric,
        display_name=total.display_name,
        description=f"{total.description} The total counts from the beginning of the organisation.",
        unit="1",
        scope=METRIC_SCOPE_SYSTEM,
        value_kind=METRIC_KIND_CUMULATIVE,
        upstream_field=total.field,
        not_additive_with=total.not_additive_with,
        has_time_series=total.series_type is not None,
    )
    for total in TOTALS
)

"""The catalogue: which of SuperOffice's counters each metric is, and what it means."""

from collections.abc import Iterator
from dataclasses import dataclass

from unified.analytics.v1 import metric_pb2
from unified.analytics.v1.metric_pb2 import MetricDescriptor, MetricScope

_OWNER = "the user who owns the source's credential"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """One number of the answer, as a metric."""

    metric: str
    field: str
    """SuperOffice's own name of it."""
    display_name: str
    description: str
    scope: MetricScope
    unit: str = "1"
    not_additive_with: str

    def descriptor(self) -> MetricDescriptor:
        """What the contract says about it, as a new message."""
        return MetricDescriptor(
            metric=self.metric,
            display_name=self.display_name,
            description=self.description,
            unit=self.unit,
            scope=self.scope,
            value_kind=metric_pb2.METRIC_KIND_GAUGE,
            upstream_field=self.field,
            not_additive_with=self.not_additive_with,
        )


@dataclass(frozen=True, slots=True)
class _Entity:
    """Something that SuperOffice counts twice: for the user (`Num…`) and for the whole system (`Tot…`)."""

    name: str
    """In metric ids, plural."""
    stem: str
    """In SuperOffice's names, singular."""
    relation: str
    """How one of them belongs to the user, in the words of SuperOffice's documentation."""
    confusion: str = ""
    """What it is easily taken for elsewhere."""

    @property
    def words(self) -> str:
        return self.name.replace("_", " ").replace("email", "e-mail")


_ENTITIES = (
    _Entity("contacts", "Contact", "associated with"),
    _Entity("persons", "Person", "associated with"),
    _Entity("appointments", "Appointment", "for"),
    _Entity("sales", "Sale", "associated with"),
    _Entity(
        "projects",
        "Project",
        "associated with",
        "zylon.projects: a CRM project is work tracked for customers, a Zylon project is a workspace.",
    ),
    _Entity("selections", "Selection", "made by"),
    _Entity("email_items", "EmailItem", "associated with"),
    _Entity("ticket_log_actions", "TicketLogAction", "performed by"),
    _Entity("dashboards", "Dashboard", "available to"),
    _Entity("quotes", "Quote", "created by"),
    _Entity("quote_lines", "QuoteLine", "associated with", "superoffice.quotes: the lines are parts of the quotes."),
    _Entity(
        "documents",
        "Document",
        "associated with",
        "zylon.uploaded_artifacts: the same file may have been put into both.",
    ),
    _Entity("target_assignment_infos", "TargetAssignmentInfo", "associated with"),
    _Entity("mailings", "Mailing", "sent by"),
    _Entity("forms", "Form", "created by"),
    _Entity(
        "workflows",
        "Workflow",
        "associated with",
        "zylon.agent_flows: the workflows of a CRM are not the agent flows of conversations.",
    ),
)


def _counters() -> Iterator[Counter]:
    for entity in _ENTITIES:
        yield _of_user(entity)
        yield _of_system(entity)
    yield Counter(
        metric="superoffice.web_users",
        field="TotWebUsers",
        display_name="Web users in the system",
        description="Total number of web users in the system.",
        scope=metric_pb2.METRIC_SCOPE_SYSTEM,
        not_additive_with="superoffice.persons: SuperOffice does not say whether web users are among them.",
    )
    yield Counter(
        metric="superoffice.user.registered_age_days",
        field="UserRegisteredAgeDays",
        display_name="Age of the user's registration",
        description=f"Number of days since {_OWNER} registered.",
        scope=metric_pb2.METRIC_SCOPE_USER,
        unit="d",
        not_additive_with="Anything: an age is not a count.",
    )
    yield Counter(
        metric="superoffice.group.registered_age_days",
        field="GroupRegisteredAgeDays",
        display_name="Age of the group's registration",
        description=f"Number of days since the user group of {_OWNER} was registered.",
        scope=metric_pb2.METRIC_SCOPE_GROUP,
        unit="d",
        not_additive_with="Anything: an age is not a count.",
    )


def _of_user(entity: _Entity) -> Counter:
    return Counter(
        metric=f"superoffice.user.{entity.name}",
        field=f"Num{entity.stem}",
        display_name=f"{entity.words.capitalize()} of the user",
        description=f"Number of {entity.words} {entity.relation} {_OWNER}.",
        scope=metric_pb2.METRIC_SCOPE_USER,
        not_additive_with=f"superoffice.{entity.name}: the system's number holds the user's.",
    )


def _of_system(entity: _Entity) -> Counter:
    own = f"superoffice.user.{entity.name}: the user's are among these."
    return Counter(
        metric=f"superoffice.{entity.name}",
        field=f"Tot{entity.stem}",
        display_name=f"{entity.words.capitalize()} in the system",
        description=f"Total number of {entity.words} in the system.",
        scope=metric_pb2.METRIC_SCOPE_SYSTEM,
        not_additive_with=f"{own} {entity.confusion}".rstrip(),
    )


COUNTERS = {counter.metric: counter for counter in sorted(_counters(), key=lambda counter: counter.metric)}
"""All 35 by metric id, sorted."""

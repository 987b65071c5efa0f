"""Where the gateway's answers tell the fields that its upstreams document, and in which form."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tests.end_to_end.documented_fields import SUPEROFFICE, SUPEROFFICE_LICENCE
from unified.analytics.v1.account_pb2 import Account
from unified.analytics.v1.event_pb2 import Event
from unified.analytics.v1.metric_pb2 import MetricDescriptor
from unified.analytics.v1.outcome_pb2 import SourceWindow
from unified.analytics.v1.ranking_pb2 import RankingEntry
from unified.analytics.v1.time_series_pb2 import TimeSeries


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What the gateway told, field by field of the upstreams."""

    metrics: Mapping[str, float | None]
    descriptors: Mapping[str, MetricDescriptor]
    """By the upstream's own name of the field."""
    account: Account
    event: Event
    window: SourceWindow
    next_page_token: str
    users: list[RankingEntry]
    projects: list[RankingEntry]
    series: Mapping[str, TimeSeries]

    def metric(self, upstream_field: str) -> float | None:
        """The one row of the metric that comes from a field."""
        return self.metrics[self.descriptors[upstream_field].metric]

    def busy_days(self, metric: str) -> list[tuple[datetime, float]]:
        """The days of a series on which something happened."""
        return [(point.start_time.ToDatetime(UTC), point.value) for point in self.series[metric].points if point.value]


def moment(text: str) -> datetime:
    """A time as upstreams write it, in UTC where they do not say; more digits than microseconds have are cut."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def milliseconds(number: int) -> datetime:
    """A time as Fluid Topics counts it, since 1970."""
    return datetime.fromtimestamp(number / 1000, UTC)


READ: Mapping[str, Callable[[Any], object]] = {
    "LicenseStatus": sorted,
    "UserSignedUpAt": moment,
    "GroupRegisteredDate": moment,
    "LicenseStatus.AdminWarningDate": moment,
    "LicenseStatus.ExpiryDate": moment,
    "LicenseStatus.GraceDate": moment,
    "startDate": moment,
    "endDate": moment,
    "results[].datetime": milliseconds,
    "active-users[].user.created_at": moment,
    "active-projects[].project.deadline": moment,
    "timeseries[].date": moment,
}
"""How the fields are read that an answer tells in another form."""

Row = Callable[[Answers, int], object]
"""Where an answer tells a field; of a field of list items, that of the item with this number."""


def _account(name: str) -> Row:
    return lambda told, _: getattr(told.account, name)


def _license(name: str) -> Row:
    return lambda told, _: getattr(told.account.license, name)


def _counter(field: str) -> Row:
    return lambda told, _: told.metric(field)


def _event(name: str) -> Row:
    return lambda told, _: getattr(told.event, name)


def _visitor(name: str) -> Row:
    return lambda told, _: getattr(told.event.user, name)


def _user(name: str) -> Row:
    return lambda told, place: getattr(told.users[place].user, name)


def _project(name: str) -> Row:
    return lambda told, place: getattr(told.projects[place].project, name)


def _measure(subject: str, metric: str) -> Row:
    def find(told: Answers, place: int) -> object:
        entry: RankingEntry = getattr(told, subject)[place]
        return {measure.metric: measure.value for measure in entry.measures}[metric]

    return find


# The members of the licence have rows of their own; the object is there as a whole, with what it holds.
_LICENSE_MEMBERS = sorted(name.partition(".")[2] for name in SUPEROFFICE_LICENCE)

ROWS: Mapping[str, Row] = {
    **{
        field: _counter(field) for field in SUPEROFFICE if field.startswith(("Num", "Tot")) or field.endswith("AgeDays")
    },
    "Name": _account("name"),
    "Email": _account("email"),
    "Company": _account("company"),
    "LicenseStatus": lambda told, _: _LICENSE_MEMBERS if told.account.HasField("license") else [],
    "HasLicensce": _account("licenses_held"),
    "SystemLicenseNames": _account("system_license_names"),
    "UserSignedUpAt": _account("sign_up_time"),
    "UserCountryName": _account("country_name"),
    "UserCountryCode": _account("country_code"),
    "Preferences": _account("preferences"),
    "GroupCountryName": _account("group_country_name"),
    "GroupCountryCode": _account("group_country_code"),
    "GroupRegisteredDate": _account("group_registration_time"),
    "FeatureToggles": _account("feature_toggles"),
    "FileVersion": _account("file_version"),
    "FileVersionNumber": _account("file_version_number"),
    "LicenseStatus.AdminWarningDate": _license("admin_warning_time"),
    "LicenseStatus.ExpiryDate": _license("expiry_time"),
    "LicenseStatus.GraceDate": _license("grace_time"),
    "LicenseStatus.CompanyName": _license("company_name"),
    "LicenseStatus.SerialNr": _license("serial_number"),
    "LicenseStatus.UserLicenses": _license("user_licenses"),
    "startDate": lambda told, _: told.window.start_time,
    "endDate": lambda told, _: told.window.end_time,
    "paging.totalCount": lambda told, _: told.window.total_size,
    "paging.lastPage": lambda told, _: not told.next_page_token,
    "results[].appName": _event("app_name"),
    "results[].appVersion": _event("app_version"),
    "results[].contentLocale": _event("content_locale"),
    "results[].datetime": _event("event_time"),
    "results[].id": _event("id"),
    "results[].name": _event("name"),
    "results[].offline": _event("offline"),
    "results[].parameters": lambda told, _: json.loads(told.event.attributes_json),
    "results[].sessionId": _event("session_id"),
    "results[].tenantId": _event("tenant_id"),
    "results[].uiLocale": _event("ui_locale"),
    "results[].user.id": _visitor("id"),
    "results[].user.realm": _visitor("realms"),
    "results[].user.groups": _visitor("groups"),
    "results[].user.roles": _visitor("roles"),
    "results[].userAgent": _event("user_agent"),
    "results[].userIp": _event("user_ip"),
    "totals.projects_total": _counter("projects_total"),
    "totals.threads_total": _counter("threads_total"),
    "totals.interactions_total": _counter("interactions_total"),
    "totals.agent_flows_total": _counter("agent_flows_total"),
    "totals.uploaded_artifacts_total": _counter("uploaded_artifacts_total"),
    "active-users[].user.id": _user("id"),
    "active-users[].user.org_id": _user("org_id"),
    "active-users[].user.account_id": _user("account_id"),
    "active-users[].user.name": _user("name"),
    "active-users[].user.email": _user("email"),
    "active-users[].user.state": _user("state"),
    "active-users[].user.roles": _user("roles"),
    "active-users[].user.created_at": _user("create_time"),
    "active-users[].interactions_created": _measure("users", "zylon.interactions"),
    "active-users[].agent_flows_created": _measure("users", "zylon.agent_flows"),
    "active-projects[].project.id": _project("id"),
    "active-projects[].project.name": _project("name"),
    "active-projects[].project.goal": _project("goal"),
    "active-projects[].project.deadline": _project("deadline"),
    "active-projects[].project.visibility": _project("visibility"),
    "active-projects[].project.member_count": _project("member_count"),
    "active-projects[].project.default_member_role": _project("default_member_role"),
    "active-projects[].project.default_role_enabled": _project("default_role_enabled"),
    "active-projects[].project.project_context": _project("project_context"),
    "active-projects[].project.answer_context": _project("answer_context"),
    "active-projects[].project.is_pinned": _project("is_pinned"),
    "active-projects[].interactions_created": _measure("projects", "zylon.interactions"),
    "active-projects[].agent_flows_created": _measure("projects", "zylon.agent_flows"),
    "timeseries[].date": lambda told, place: told.busy_days("zylon.interactions")[place][0],
    "timeseries[].value": lambda told, place: told.busy_days("zylon.interactions")[place][1],
}

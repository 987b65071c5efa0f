"""What SuperOffice sends, in its own spelling: `AnalyticsData` with what it holds, and where a tenant is."""

from typing import Annotated

from msgspec import Meta, Struct

Int64 = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
"""Documented as int32. Counters of a large system outgrow that, but nothing real outgrows this."""


class StringBoolKeyValuePair(Struct, rename="pascal"):
    """One entry of a `StringBoolDictionary` in its form as a list."""

    key: str | None
    value: bool | None


StringBoolDictionary = dict[str, bool | None] | list[StringBoolKeyValuePair]
"""An object in SuperOffice's JSON. A list of pairs, as in its XML, is read too: the documentation says "array"."""


Date = str | float | bool
"""A text by the documentation. What else may come is read too, so as to tell a date that makes no sense from none."""


class UserAndInstallationLicenceStatus(Struct, rename="pascal"):
    """The licence of the user and of the installation. Not an enum, despite its name: its dates say how it stands."""

    admin_warning_date: Date | None = None
    expiry_date: Date | None = None
    grace_date: Date | None = None
    company_name: str | None = None
    serial_nr: str | None = None
    user_licenses: list[str | None] | None = None


class AnalyticsData(Struct, rename="pascal"):
    """The answer of `GetAnalyticsData`.

    Every field may be null or absent: `$select` nulls what was not asked for. So none is required here, and
    `adapters.superoffice.answer` notes what is missing of that which was asked for.

    The SOAP twin of this answer also has `AmplitudeApiKey` and `UserflowToken`. They are secrets, and not read.
    """

    name: str | None = None
    email: str | None = None
    company: str | None = None
    license_status: UserAndInstallationLicenceStatus | None = None
    has_licensce: StringBoolDictionary | None = None  # sic: their spelling
    system_license_names: list[str | None] | None = None
    # Typed as text, not as a date, in every binding that SuperOffice publishes. So is `group_registered_date`.
    user_signed_up_at: str | None = None
    num_contact: Int64 | None = None
    num_person: Int64 | None = None
    num_appointment: Int64 | None = None
    num_sale: Int64 | None = None
    num_project: Int64 | None = None
    num_selection: Int64 | None = None
    num_email_item: Int64 | None = None
    num_ticket_log_action: Int64 | None = None
    num_dashboard: Int64 | None = None
    num_quote: Int64 | None = None
    num_quote_line: Int64 | None = None
    num_document: Int64 | None = None
    num_target_assignment_info: Int64 | None = None
    num_mailing: Int64 | None = None
    num_form: Int64 | None = None
    num_workflow: Int64 | None = None
    tot_contact: Int64 | None = None
    tot_person: Int64 | None = None
    tot_appointment: Int64 | None = None
    tot_sale: Int64 | None = None
    tot_project: Int64 | None = None
    tot_selection: Int64 | None = None
    tot_email_item: Int64 | None = None
    tot_ticket_log_action: Int64 | None = None
    tot_dashboard: Int64 | None = None
    tot_quote: Int64 | None = None
    tot_quote_line: Int64 | None = None
    tot_document: Int64 | None = None
    tot_target_assignment_info: Int64 | None = None
    tot_mailing: Int64 | None = None
    tot_form: Int64 | None = None
    tot_workflow: Int64 | None = None
    user_registered_age_days: Int64 | None = None
    user_country_name: str | None = None
    user_country_code: str | None = None
    preferences: StringBoolDictionary | None = None
    tot_web_users: Int64 | None = None
    group_country_name: str | None = None
    group_country_code: str | None = None
    group_registered_date: str | None = None
    group_registered_age_days: Int64 | None = None
    feature_toggles: StringBoolDictionary | None = None
    file_version: str | None = None
    file_version_number: Int64 | None = None


class TenantState(Struct, rename="pascal"):
    """The answer of the state API: how an Online tenant stands, and where it is ("Check tenant status")."""

    context_identifier: str | None = None
    endpoint: str | None = None
    # A name in the documentation's example, beside which each has a number.
    state: str | Int64 | None = None
    is_running: bool | None = None
    valid_until: str | None = None
    api: str | None = None
    version: str | None = None


class ApiRoot(Struct, rename="pascal"):
    """The part read of what `GET /api` tells about a server ("How to get the API version")."""

    net_server_version: str | None = None

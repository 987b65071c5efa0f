"""From SuperOffice's answer to the contract. The only reader of the wire structs' values; does no I/O."""

from collections.abc import Container, Iterable, Sized
from datetime import datetime

from google.protobuf.field_mask_pb2 import FieldMask
from msgspec.structs import fields

from adapters.metrics import observed_metrics
from adapters.superoffice import wire
from adapters.superoffice.metrics import COUNTERS
from adapters.superoffice.wire import AnalyticsData, StringBoolDictionary, UserAndInstallationLicenceStatus
from adapters.times import parse_moment, timestamp
from unified.analytics.v1.account_pb2 import Account, License
from unified.analytics.v1.metric_pb2 import Metric

_NAMES = {field.encode_name: field.name for field in fields(AnalyticsData)}
_ATTRIBUTES = [(metric, _NAMES[counter.field]) for metric, counter in COUNTERS.items()]
"""What the wire struct calls each metric, sorted by metric."""
_ALWAYS = ("source", "observe_time")
_DERIVED = {"unset_fields", "license.unset_fields"}
_LARGEST_EXACT = 2**53
_UNSET_YEARS = ("0001-", "9999-")


def to_metrics(source: str, data: AnalyticsData, wanted: Container[str], observe_time: datetime) -> list[Metric]:
    """One row per metric wanted, sorted; without a value where SuperOffice told none, or none that can be exact."""
    values = [(metric, _exact(getattr(data, attribute))) for metric, attribute in _ATTRIBUTES if metric in wanted]
    return observed_metrics(source, observe_time, values)


def to_account(source: str, data: AnalyticsData, paths: Iterable[str], observe_time: datetime) -> Account:
    """The account, as far as `paths` ask for it; no paths are all.

    Source, time of observation and the names of unset fields are always there: without them the rest could not be read.
    """
    account = _account(source, data, observe_time)
    masked = frozenset(paths)
    return _only(account, masked) if masked else account


def license_state(
    admin_warning: datetime | None, expiry: datetime | None, grace: datetime | None, now: datetime
) -> License.State:
    """How far a licence has run out: each date counts from its moment on, and one that is unset never comes."""
    if grace is not None and now >= grace:
        return License.STATE_LAPSED
    if expiry is not None and now >= expiry:
        return License.STATE_GRACE
    if admin_warning is not None and now >= admin_warning:
        return License.STATE_WARNING
    if admin_warning is None and expiry is None and grace is None:
        return License.STATE_UNSPECIFIED
    return License.STATE_ACTIVE


def _exact(number: int | None) -> int | None:
    """The counter, or None where it is null or too large to be told exactly. Null is never 0."""
    return number if number is not None and -_LARGEST_EXACT <= number <= _LARGEST_EXACT else None


def is_unreadable(date: wire.Date | None) -> bool:
    """Whether something stands where a date should, and is neither a date nor SuperOffice's way of writing none."""
    return date is not None and not str(date).startswith(_UNSET_YEARS) and _moment(date) is None


def _moment(date: wire.Date | None) -> datetime | None:
    return parse_moment(date) if isinstance(date, str) else None


def _account(source: str, data: AnalyticsData, observe_time: datetime) -> Account:
    account = Account(
        source=source,
        name=data.name,
        email=data.email,
        company=data.company,
        license=None if data.license_status is None else _license(data.license_status, observe_time),
        licenses_held=_flags(data.has_licensce),
        system_license_names=_texts(data.system_license_names),
        sign_up_time=timestamp(parse_moment(data.user_signed_up_at)),
        sign_up_text=data.user_signed_up_at,
        country_name=data.user_country_name,
        country_code=data.user_country_code,
        preferences=_flags(data.preferences),
        group_country_name=data.group_country_name,
        group_country_code=data.group_country_code,
        group_registration_time=timestamp(parse_moment(data.group_registered_date)),
        group_registration_text=data.group_registered_date,
        feature_toggles=_flags(data.feature_toggles),
        file_version=data.file_version,
        file_version_number=data.file_version_number,
        observe_time=timestamp(observe_time),
    )
    account.unset_fields[:] = _unset(
        feature_toggles=(data.feature_toggles, account.feature_toggles),
        licenses_held=(data.has_licensce, account.licenses_held),
        preferences=(data.preferences, account.preferences),
        system_license_names=(data.system_license_names, account.system_license_names),
    )
    return account


def _license(status: UserAndInstallationLicenceStatus, observe_time: datetime) -> License:
    dates = (status.admin_warning_date, status.expiry_date, status.grace_date)
    admin_warning, expiry, grace = map(_moment, dates)
    # A date that cannot be read may have come or not: no state can be told.
    is_told = not any(map(is_unreadable, dates))
    names = _texts(status.user_licenses)
    return License(
        state=license_state(admin_warning, expiry, grace, observe_time) if is_told else License.STATE_UNSPECIFIED,
        admin_warning_time=timestamp(admin_warning),
        expiry_time=timestamp(expiry),
        grace_time=timestamp(grace),
        company_name=status.company_name,
        serial_number=status.serial_nr,
        user_licenses=names,
        unset_fields=_unset(user_licenses=(status.user_licenses, names)),
    )


def _flags(flags: StringBoolDictionary | None) -> dict[str, bool]:
    """The flags that are on or off; one that is null is neither."""
    pairs = flags.items() if isinstance(flags, dict) else ((pair.key, pair.value) for pair in flags or ())
    return {name: is_on for name, is_on in pairs if name is not None and is_on is not None}


def _texts(texts: list[str | None] | None) -> list[str]:
    return [text for text in texts or () if text is not None]


def _unset(**fields: tuple[Sized | None, Sized]) -> list[str]:
    """Which of the fields, each as it was sent and as it is kept, were null, or held nothing but nulls."""
    return sorted(name for name, (sent, kept) in fields.items() if sent is None or (sent and not kept))


def _only(account: Account, paths: frozenset[str]) -> Account:
    """The account without what was not asked for, which includes the names of unset fields that were not."""
    masked = Account()
    FieldMask(paths=[*(paths - _DERIVED), *_ALWAYS]).MergeMessage(account, masked)
    masked.unset_fields[:] = [name for name in account.unset_fields if name in paths]
    if account.HasField("license") and "license.user_licenses" in paths:
        masked.license.unset_fields[:] = account.license.unset_fields
    return masked

"""From SuperOffice's answer to the contract."""

from datetime import UTC, datetime, timedelta

import pytest
from google.protobuf.json_format import MessageToDict
from msgspec.structs import replace

from adapters.superoffice import wire
from adapters.superoffice.mapping import license_state, to_account, to_metrics
from adapters.superoffice.metrics import COUNTERS
from adapters.superoffice.wire import AnalyticsData, StringBoolKeyValuePair
from adapters.superoffice.wire import UserAndInstallationLicenceStatus as LicenceStatus
from unified.analytics.v1.account_pb2 import Account, License

NOW = datetime(2026, 3, 18, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def account(data: AnalyticsData, *paths: str) -> Account:
    return to_account("crm", data, paths, NOW)


def licensed(**members: wire.Date) -> AnalyticsData:
    return AnalyticsData(license_status=replace(LicenceStatus(), **members))


def test_rows_are_sorted_and_tell_when_they_were_observed() -> None:
    rows = to_metrics(
        "crm", AnalyticsData(tot_sale=4, num_sale=1), ["superoffice.user.sales", "superoffice.sales"], NOW
    )
    assert [("superoffice.sales", 4.0), ("superoffice.user.sales", 1.0)] == [(row.metric, row.value) for row in rows]
    assert all(row.source == "crm" and row.observe_time.ToDatetime(UTC) == NOW for row in rows)


def test_quirk_5_a_null_counter_is_a_row_without_a_value() -> None:
    (row,) = to_metrics("crm", AnalyticsData(tot_sale=None), ["superoffice.sales"], NOW)
    assert not row.HasField("value")


def test_a_counter_of_zero_has_the_value_zero() -> None:
    (row,) = to_metrics("crm", AnalyticsData(tot_sale=0), ["superoffice.sales"], NOW)
    assert row.HasField("value")
    assert 0 == row.value


def test_quirk_18_a_counter_beyond_int32_is_exact() -> None:
    (row,) = to_metrics("crm", AnalyticsData(tot_email_item=2**53 - 1), ["superoffice.email_items"], NOW)
    assert 2**53 - 1 == row.value


def test_a_counter_that_a_double_cannot_tell_exactly_is_not_told() -> None:
    (row,) = to_metrics("crm", AnalyticsData(tot_email_item=2**53 + 1), ["superoffice.email_items"], NOW)
    assert not row.HasField("value")


def test_every_metric_can_be_told_of_an_empty_answer() -> None:
    assert list(COUNTERS) == [row.metric for row in to_metrics("crm", AnalyticsData(), COUNTERS, NOW)]


@pytest.mark.parametrize(
    ("now", "state"),
    [
        (datetime(2026, 10, 31, 23, 59, 59, tzinfo=UTC), License.STATE_ACTIVE),
        (datetime(2026, 11, 1, tzinfo=UTC), License.STATE_WARNING),
        (datetime(2026, 12, 31, tzinfo=UTC), License.STATE_GRACE),
        (datetime(2027, 1, 31, tzinfo=UTC), License.STATE_LAPSED),
    ],
)
def test_quirk_2_the_state_of_a_licence_is_derived_from_its_dates(now: datetime, state: License.State) -> None:
    data = licensed(
        admin_warning_date="2026-11-01T00:00:00Z", expiry_date="2026-12-31T00:00:00Z", grace_date="2027-01-31"
    )
    assert state == to_account("crm", data, (), now).license.state


def test_a_date_that_is_unset_never_comes() -> None:
    assert License.STATE_ACTIVE == license_state(None, NOW + DAY, None, NOW)
    assert License.STATE_GRACE == license_state(None, NOW - DAY, None, NOW)
    assert License.STATE_UNSPECIFIED == license_state(None, None, None, NOW)


def test_null_and_absent_texts_are_absent_and_empty_ones_are_empty() -> None:
    seen = account(AnalyticsData(name="", email=None))
    assert seen.HasField("name")
    assert not seen.HasField("email")
    assert not seen.HasField("license")
    assert not seen.HasField("file_version_number")


def test_lists_and_maps_that_are_null_are_named() -> None:
    assert ["feature_toggles", "licenses_held", "preferences", "system_license_names"] == account(
        AnalyticsData()
    ).unset_fields
    assert ["user_licenses"] == account(licensed()).license.unset_fields


def test_lists_and_maps_that_are_empty_are_not_named() -> None:
    data = AnalyticsData(
        feature_toggles={},
        has_licensce=[],
        preferences={},
        system_license_names=[],
        license_status=LicenceStatus(user_licenses=[]),
    )
    assert [] == account(data).unset_fields
    assert [] == account(data).license.unset_fields


def test_nulls_within_lists_and_maps_are_left_out() -> None:
    seen = account(AnalyticsData(system_license_names=["a", None, "b"], preferences={"on": True, "unknown": None}))
    assert ["a", "b"] == seen.system_license_names
    assert {"on": True} == seen.preferences


def test_lists_and_maps_of_nothing_but_nulls_are_unset() -> None:
    seen = account(
        AnalyticsData(system_license_names=[None], preferences={"unknown": None}, feature_toggles={}, has_licensce=[])
    )
    assert ["preferences", "system_license_names"] == seen.unset_fields


@pytest.mark.parametrize("unreadable", ["soon", "", 12345, True])
def test_a_licence_with_a_date_that_cannot_be_read_has_no_state(unreadable: str | float) -> None:
    seen = account(licensed(admin_warning_date="2099-11-01T00:00:00Z", expiry_date=unreadable)).license
    assert License.STATE_UNSPECIFIED == seen.state
    assert seen.HasField("admin_warning_time")
    assert not seen.HasField("expiry_time")


def test_quirk_4_maps_may_be_lists_of_pairs() -> None:
    pairs = [StringBoolKeyValuePair(key="A", value=True), StringBoolKeyValuePair(key="B", value=False)]
    pairs += [StringBoolKeyValuePair(key=None, value=True), StringBoolKeyValuePair(key="C", value=None)]
    seen = account(AnalyticsData(has_licensce=pairs, preferences=pairs, feature_toggles=pairs))
    assert {"A": True, "B": False} == seen.licenses_held == seen.preferences == seen.feature_toggles


@pytest.mark.parametrize("text", ["", "last spring", "13/02/2019"])
def test_quirk_7_free_text_dates_are_kept_as_they_are(text: str) -> None:
    seen = account(AnalyticsData(user_signed_up_at=text, group_registered_date=text))
    assert text == seen.sign_up_text == seen.group_registration_text
    assert seen.HasField("sign_up_text")
    assert not seen.HasField("sign_up_time")
    assert not seen.HasField("group_registration_time")


def test_quirk_7_free_texts_that_are_dates_are_also_read() -> None:
    seen = account(AnalyticsData(user_signed_up_at="2019-08-12T09:12:44-0500", group_registered_date="2011-03-04"))
    assert datetime(2019, 8, 12, 14, 12, 44, tzinfo=UTC) == seen.sign_up_time.ToDatetime(UTC)
    assert datetime(2011, 3, 4, tzinfo=UTC) == seen.group_registration_time.ToDatetime(UTC)


def test_quirk_8_dates_without_an_offset_are_utc() -> None:
    """They were asked for in UTC, and with their offset; without one they will still be in UTC."""
    seen = account(licensed(expiry_date="2026-12-31T10:00:00"))
    assert datetime(2026, 12, 31, 10, tzinfo=UTC) == seen.license.expiry_time.ToDatetime(UTC)


@pytest.mark.parametrize("offset", ["", "Z", "+01:00", "+02:00", "-05:00", "-0500"])
def test_quirk_9_unset_dates_are_absent_in_every_offset(offset: str) -> None:
    unset = f"0001-01-01T00:00:00{offset}"
    seen = account(licensed(admin_warning_date=unset, expiry_date=unset, grace_date=unset)).license
    assert {"unsetFields": ["user_licenses"]} == MessageToDict(seen)


def test_quirk_10_seven_fraction_digits_are_cut_to_microseconds() -> None:
    seen = account(licensed(expiry_date="2026-12-31T10:00:00.1234567Z"))
    assert 123456000 == seen.license.expiry_time.nanos


def test_only_the_fields_asked_for_are_there() -> None:
    data = AnalyticsData(name="Ines Berg", file_version="12.4", user_country_code="NO")
    assert {"source", "observe_time", "file_version"} == {f.name for f, _ in account(data, "file_version").ListFields()}


def test_a_member_of_the_licence_comes_alone() -> None:
    data = licensed(expiry_date="2026-12-31T00:00:00Z", serial_nr="1", grace_date="2027-01-31T00:00:00Z")
    seen = account(data, "license.expiry_time").license
    assert {"expiryTime": "2026-12-31T00:00:00Z"} == MessageToDict(seen)


def test_only_what_was_asked_for_can_be_unset() -> None:
    assert ["preferences"] == account(AnalyticsData(), "preferences", "name").unset_fields
    assert [] == account(licensed(), "license.serial_number", "license.unset_fields").license.unset_fields
    assert ["user_licenses"] == account(licensed(), "license.user_licenses").license.unset_fields
    assert ["user_licenses"] == account(licensed(), "license").license.unset_fields

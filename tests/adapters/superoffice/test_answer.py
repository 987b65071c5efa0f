"""Telling SuperOffice's answers from its failures, and noting where answers depart from the documentation."""

import json

import pytest

from adapters.drift import DriftKind, DriftLog
from adapters.errors import InvalidResponseError, ReportedFailureError
from adapters.superoffice.answer import read_answer
from adapters.superoffice.selection import EVERYTHING, PROPERTIES
from adapters.superoffice.wire import AnalyticsData
from tests.adapters.superoffice.golden import golden_body


def read(body: bytes | object, selected: tuple[str, ...] = EVERYTHING) -> tuple[AnalyticsData, dict[str, DriftKind]]:
    drift = DriftLog()
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    data = read_answer(body, drift, selected=selected)
    return data, {field: kind for field, kind, _ in drift}


def test_a_whole_answer_departs_in_nothing() -> None:
    _, drift = read(golden_body())
    assert {} == drift


@pytest.mark.parametrize(
    "body",
    [
        None,
        {"Message": "An error has occurred.", "MessageDetail": "Row 4711"},
        {"message": "An error has occurred."},
        {"Error": True, "ErrorType": "SoNotFoundException", "ErrorMessage": "Row 4711", "ErrorSource": "x"},
        {"error": True},
        {"error": "access_denied"},
        {"Error": True, "TotContact": 12},
        {"Message": "An error has occurred.", "TotContact": None, "Name": None},
    ],
    ids=json.dumps,
)
def test_quirk_1_failures_that_come_with_200_are_errors(body: object) -> None:
    with pytest.raises(ReportedFailureError) as caught:
        read(body)
    assert "4711" not in str(caught.value)


def test_quirk_1_null_may_have_white_space_around_it() -> None:
    with pytest.raises(ReportedFailureError, match="`null`"):
        read(b" null\r\n")


@pytest.mark.parametrize("body", [{}, {"status": "fine"}, {"totcontact": 12}, {"AmplitudeApiKey": "x"}], ids=json.dumps)
def test_an_object_without_a_single_known_property_is_no_answer(body: object) -> None:
    with pytest.raises(InvalidResponseError):
        read(body)


def test_an_empty_object_is_no_answer_even_where_nothing_is_promised() -> None:
    with pytest.raises(InvalidResponseError):
        read({}, ("Name",))


@pytest.mark.parametrize("body", [b"", b"[]", b'"fine"', b"12", b"<html></html>", b'{"TotContact": 1', b"[" * 100_000])
def test_what_is_no_json_object_is_no_answer(body: bytes) -> None:
    with pytest.raises(InvalidResponseError):
        read(body)


def test_a_property_that_is_called_like_an_error_does_not_make_the_answer_one() -> None:
    data, drift = read({"TotContact": 12, "Message": "", "Error": False}, ("TotContact",))
    assert 12 == data.tot_contact
    assert {"Message": DriftKind.UNKNOWN, "Error": DriftKind.UNKNOWN} == drift


def test_what_was_not_asked_for_may_be_absent() -> None:
    data, drift = read({"TotContact": 12}, ("TotContact",))
    assert 12 == data.tot_contact
    assert {} == drift


def test_what_was_asked_for_and_is_absent_is_noted() -> None:
    _, drift = read({"TotContact": 12}, ("TotContact", "TotSale", "LicenseStatus/ExpiryDate"))
    assert {"TotSale": DriftKind.MISSING, "LicenseStatus": DriftKind.MISSING} == drift


def test_a_member_that_was_asked_for_and_is_absent_is_noted() -> None:
    _, drift = read({"LicenseStatus": {"GraceDate": None}}, ("LicenseStatus/ExpiryDate", "LicenseStatus/GraceDate"))
    assert {"LicenseStatus.ExpiryDate": DriftKind.MISSING} == drift


@pytest.mark.parametrize("name", [name for name in PROPERTIES if name not in {"Name", "Email", "Company"}])
def test_each_property_that_a_whole_answer_lacks_is_noted(name: str) -> None:
    _, drift = read(golden_body(without=name))
    assert {name: DriftKind.MISSING} == drift


@pytest.mark.parametrize("name", PROPERTIES)
def test_null_is_never_a_departure(name: str) -> None:
    _, drift = read(golden_body({name: None}))
    assert {} == drift


def test_members_that_a_whole_licence_lacks_are_noted() -> None:
    _, drift = read(golden_body({"LicenseStatus": {"SerialNr": "1", "CompanyName": None, "UserLicenses": []}}))
    dates = ("AdminWarningDate", "ExpiryDate", "GraceDate")
    assert {f"LicenseStatus.{date}": DriftKind.MISSING for date in dates} == drift


@pytest.mark.parametrize("name", ["Name", "Email", "Company"])
def test_quirk_6_what_only_development_environments_tell_may_be_absent(name: str) -> None:
    data, drift = read(golden_body(without=name))
    assert {} == drift
    assert getattr(data, name.lower()) is None


@pytest.mark.parametrize("name", PROPERTIES)
def test_a_mistyped_property_costs_only_itself(name: str) -> None:
    data, drift = read(golden_body({name: [[[1.5]]]}))
    whole, _ = read(golden_body())
    assert all(kind is DriftKind.MISTYPED for kind in drift.values())
    assert {name} == {field.partition("[")[0].partition(".")[0] for field in drift}
    changed = {field for field in whole.__struct_fields__ if getattr(data, field) != getattr(whole, field)}
    assert 1 == len(changed)


@pytest.mark.parametrize("text", ["soon", "31.12.2026", "2026-13-01T00:00:00Z", ""])
def test_a_licence_date_that_is_none_is_mistyped(text: str) -> None:
    _, drift = read({"LicenseStatus": {"GraceDate": text}}, ("LicenseStatus/GraceDate",))
    assert {"LicenseStatus.GraceDate": DriftKind.MISTYPED} == drift


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00", "0001-01-01T00:00:00+02:00", "9999-12-31T23:59:59.9999999Z"])
def test_quirk_9_an_unset_licence_date_is_no_departure(text: str) -> None:
    _, drift = read({"LicenseStatus": {"GraceDate": text}}, ("LicenseStatus/GraceDate",))
    assert {} == drift


def test_quirk_16_secrets_that_come_along_are_named_but_not_kept() -> None:
    data, drift = read(golden_body({"AmplitudeApiKey": "amplitude-secret", "UserflowToken": "userflow-secret"}))
    assert {"AmplitudeApiKey": DriftKind.UNKNOWN, "UserflowToken": DriftKind.UNKNOWN} == drift
    assert "secret" not in repr(data)


@pytest.mark.parametrize("number", [2**31, 2**53, 2**63 - 1])
def test_quirk_18_counters_may_outgrow_int32(number: int) -> None:
    data, drift = read(golden_body({"TotEmailItem": number}))
    assert number == data.tot_email_item
    assert {} == drift


@pytest.mark.parametrize("number", [2**63, 10**30, 1e300, 0.5, "12", True])
def test_what_is_no_int64_is_no_counter(number: object) -> None:
    data, drift = read(golden_body({"TotEmailItem": number}))
    assert data.tot_email_item is None
    assert {"TotEmailItem": DriftKind.MISTYPED} == drift

"""Tells an answer from a failure that comes dressed as one, and reads it."""

from collections.abc import Iterable, Iterator, Mapping

import msgspec
from msgspec import Raw

from adapters.drift import DriftKind, DriftLog
from adapters.errors import InvalidResponseError, ReportedFailureError
from adapters.superoffice.mapping import is_unreadable
from adapters.superoffice.selection import LICENSE_MEMBERS, PROPERTIES, Selection
from adapters.superoffice.wire import AnalyticsData, UserAndInstallationLicenceStatus
from adapters.transport import TolerantDecoder

# SuperOffice docs, "Agents web API" ({Message, MessageDetail} with 200) and "REST web API" ({Error, ErrorType, …}).
_FAILURE_WORDS = frozenset({"message", "messagedetail", "error", "errortype", "errormessage", "errorsource"})
# "Only included in Sod", the development environment: their absence is no departure.
_DEVELOPMENT_ONLY = frozenset({"Name", "Email", "Company"})

_KNOWN = frozenset(PROPERTIES)

_PROPERTIES = TolerantDecoder(dict[str, Raw])
_DATA = TolerantDecoder(AnalyticsData)


def read_answer(body: bytes, drift: DriftLog, *, selected: Selection) -> AnalyticsData:
    """The answer to a question for `selected`, noting what of it is missing or has another form than documented.

    Raises:
        ReportedFailureError: the body says that the call failed, although the status said 200.
        InvalidResponseError: the body is no JSON object, or one without a single known property.
    """
    properties = _properties(body)
    _raise_reported_failure(properties)
    data = _DATA(body, drift)
    for name in _missing(properties, selected):
        drift.note(name, DriftKind.MISSING)
    for name in _undatable(data.license_status):
        drift.note(name, DriftKind.MISTYPED)
    return data


def _properties(body: bytes) -> dict[str, Raw]:
    """The properties of the answer, unread. What departs in them is noted when they are read."""
    if body.strip() == b"null":
        raise ReportedFailureError(
            "SuperOffice answered `null`, its way of saying that the call failed inside. Its own log says why."
        )
    return _PROPERTIES(body, DriftLog())


def _raise_reported_failure(properties: Mapping[str, Raw]) -> None:
    known = properties.keys() & _KNOWN
    # None of AnalyticsData's own properties has a failure's name.
    said = {name.casefold(): bytes(properties[name]) for name in properties.keys() - known}
    if said.get("error") == b"true" or (not _FAILURE_WORDS.isdisjoint(said) and _tells_nothing(properties, known)):
        raise ReportedFailureError(
            "SuperOffice answered with an error message in place of the data. Its own log says why."
        )
    if not known:
        raise InvalidResponseError("SuperOffice answered an object without a single property of AnalyticsData.")


def _tells_nothing(properties: Mapping[str, Raw], known: Iterable[str]) -> bool:
    return all(bytes(properties[name]) == b"null" for name in known)


def _missing(properties: Mapping[str, Raw], selected: Selection) -> Iterator[str]:
    """What was asked for and is not there, not even as null, in the spelling of drift."""
    asked = selected or PROPERTIES
    wholes = dict.fromkeys(name.partition("/")[0] for name in asked)
    yield from (name for name in wholes if name not in properties and name not in _DEVELOPMENT_ONLY)
    members = LICENSE_MEMBERS if "LicenseStatus" in asked else [name for name in asked if "/" in name]
    there = _license_members(properties)
    yield from (name.replace("/", ".") for name in members if name not in there)


def _license_members(properties: Mapping[str, Raw]) -> set[str]:
    """Which members the licence has. One that is absent, null or no object lacks none: that is told of the whole."""
    try:
        members = msgspec.json.decode(properties.get("LicenseStatus", b"null"), type=dict[str, Raw])
    except msgspec.DecodeError:
        return set(LICENSE_MEMBERS)
    return {f"LicenseStatus/{name}" for name in members}


def _undatable(status: UserAndInstallationLicenceStatus | None) -> Iterator[str]:
    """The licence's dates that are neither unset nor dates, in the spelling of drift."""
    if status is None:
        return
    dates = {
        "LicenseStatus.AdminWarningDate": status.admin_warning_date,
        "LicenseStatus.ExpiryDate": status.expiry_date,
        "LicenseStatus.GraceDate": status.grace_date,
    }
    for name, text in dates.items():
        if is_unreadable(text):
            yield name

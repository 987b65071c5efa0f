"""Tells an answer from a failure that comes dressed as one, and reads it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

import msgspec
from msgspec import Raw
from msgspec.structs import fields

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
_ATTRIBUTES = {field.encode_name: field.name for field in fields(AnalyticsData)} | {
    f"LicenseStatus/{field.encode_name}": field.name for field in fields(UserAndInstallationLicenceStatus)
}

_PROPERTIES = TolerantDecoder(dict[str, Raw])
_DATA = TolerantDecoder(AnalyticsData)

_SELECTIONS_KEPT = 64


def read_answer(body: bytes, drift: DriftLog, *, selected: Selection) -> AnalyticsData:
    """The answer to a question for `selected`, noting what of it is missing or has another form than documented.

    Raises:
        ReportedFailureError: the body says that the call failed, although the status said 200.
        InvalidResponseError: the body is no JSON object, or one without a single known property.
    """
    data = _DATA.exact(body)
    # Nearly always: nothing else is there, so that no failure is told, and nothing of what was asked for is missing.
    if data is None or not _tells(data, selected):
        data = _read_closely(body, drift, selected)
    for name in _undatable(data.license_status):
        drift.note(name, DriftKind.MISTYPED)
    return data


def _tells(data: AnalyticsData, selected: Selection) -> bool:
    """Whether all that an answer must have is there, and not null. Not so where it need not have anything."""
    promised, status = _promised(selected), data.license_status
    if not promised.properties or None in [getattr(data, name) for name in promised.properties.values()]:
        return False
    return None not in [getattr(status, name) for name in promised.members.values()]


def _read_closely(body: bytes, drift: DriftLog, selected: Selection) -> AnalyticsData:
    properties = _properties(body)
    _raise_reported_failure(properties)
    data = _DATA(body, drift)
    for name in _missing(properties, selected):
        drift.note(name, DriftKind.MISSING)
    return data


@dataclass(frozen=True, slots=True, kw_only=True)
class _Promised:
    """What an answer must have, at least as null, and what the wire structs call it."""

    properties: Mapping[str, str]
    members: Mapping[str, str]
    """Of the licence, as `LicenseStatus/ExpiryDate`."""


@lru_cache(maxsize=_SELECTIONS_KEPT)
def _promised(selected: Selection) -> _Promised:
    asked = selected or PROPERTIES
    wholes = dict.fromkeys(name.partition("/")[0] for name in asked)
    members = LICENSE_MEMBERS if "LicenseStatus" in asked else [name for name in asked if "/" in name]
    return _Promised(
        properties={name: _ATTRIBUTES[name] for name in wholes if name not in _DEVELOPMENT_ONLY},
        members={name: _ATTRIBUTES[name] for name in members},
    )


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
    promised = _promised(selected)
    yield from (name for name in promised.properties if name not in properties)
    there = _license_members(properties)
    yield from (name.replace("/", ".") for name in promised.members if name not in there)


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

"""What to ask SuperOffice for: the properties that a question needs, as `$select` takes them."""

from functools import lru_cache

from msgspec.structs import fields

from adapters.superoffice.metrics import COUNTERS
from adapters.superoffice.wire import AnalyticsData, UserAndInstallationLicenceStatus

Selection = tuple[str, ...]
"""Properties in SuperOffice's order and spelling, members as `LicenseStatus/ExpiryDate`. Empty: everything."""

EVERYTHING: Selection = ()

CHEAPEST: Selection = ("FileVersion",)
"""Costs nothing to count, and is there for every user."""

PROPERTIES = tuple(field.encode_name for field in fields(AnalyticsData))
"""All 51, in the documentation's order."""

LICENSE_MEMBERS = tuple(f"LicenseStatus/{field.encode_name}" for field in fields(UserAndInstallationLicenceStatus))

_LICENSE_DATES = ("LicenseStatus/AdminWarningDate", "LicenseStatus/ExpiryDate", "LicenseStatus/GraceDate")

_BY_ACCOUNT_PATH = {
    "source": (),
    "name": ("Name",),
    "email": ("Email",),
    "company": ("Company",),
    "license": ("LicenseStatus",),
    "license.state": _LICENSE_DATES,
    "license.admin_warning_time": ("LicenseStatus/AdminWarningDate",),
    "license.expiry_time": ("LicenseStatus/ExpiryDate",),
    "license.grace_time": ("LicenseStatus/GraceDate",),
    "license.company_name": ("LicenseStatus/CompanyName",),
    "license.serial_number": ("LicenseStatus/SerialNr",),
    "license.user_licenses": ("LicenseStatus/UserLicenses",),
    "license.unset_fields": (),
    "licenses_held": ("HasLicensce",),
    "system_license_names": ("SystemLicenseNames",),
    "sign_up_time": ("UserSignedUpAt",),
    "sign_up_text": ("UserSignedUpAt",),
    "country_name": ("UserCountryName",),
    "country_code": ("UserCountryCode",),
    "preferences": ("Preferences",),
    "group_country_name": ("GroupCountryName",),
    "group_country_code": ("GroupCountryCode",),
    "group_registration_time": ("GroupRegisteredDate",),
    "group_registration_text": ("GroupRegisteredDate",),
    "feature_toggles": ("FeatureToggles",),
    "file_version": ("FileVersion",),
    "file_version_number": ("FileVersionNumber",),
    "observe_time": (),
    "unset_fields": (),
}


_COUNTERS = frozenset(COUNTERS)
_SELECTIONS_KEPT = 64


@lru_cache(maxsize=_SELECTIONS_KEPT)
def for_metrics(metrics: frozenset[str]) -> Selection:
    """The counters of these metrics. All of them select everything: the whole account is then the same request."""
    if metrics >= _COUNTERS:
        return EVERYTHING
    return _ordered({COUNTERS[metric].field for metric in metrics})


def for_account(paths: frozenset[str]) -> Selection:
    """The properties behind these paths of an `Account`, which are valid; no paths are all of them.

    Paths that need nothing of SuperOffice, such as `source`, still ask for something: an account is an observation.
    """
    if not paths:
        return EVERYTHING
    wanted = {name for path in paths for name in _behind(path)}
    return _ordered(wanted) or CHEAPEST


def _behind(path: str) -> tuple[str, ...]:
    """What a path needs; below a leaf of ours, such as the seconds of a time, what the leaf needs."""
    whole, _, rest = path.partition(".")
    member = f"{whole}.{rest.partition('.')[0]}"
    return _BY_ACCOUNT_PATH.get(member, _BY_ACCOUNT_PATH[whole])


def _ordered(wanted: set[str]) -> Selection:
    """In the documentation's order, so that equal questions are equal requests; no member beside its whole."""
    names = [name for name in PROPERTIES if name in wanted]
    if "LicenseStatus" not in wanted:
        names += [name for name in LICENSE_MEMBERS if name in wanted]
    return tuple(names)

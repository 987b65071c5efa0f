"""What the simulated SuperOffice knows: a snapshot of the fictional company, seen by one of its people."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from adapters.simulation import Company, Person

# How many there were a year ago, and how many an ordinary working day adds, by the upstream's name of them.
_GROWTH = {
    "Contact": (4_200, 6.0),
    "Person": (11_800, 17.0),
    "Appointment": (92_000, 260.0),
    "Sale": (2_900, 5.5),
    "Project": (310, 0.4),
    "Selection": (1_450, 2.5),
    "EmailItem": (148_000, 410.0),
    "TicketLogAction": (231_000, 690.0),
    "Dashboard": (64, 0.1),
    "Quote": (1_900, 3.5),
    "QuoteLine": (8_700, 16.0),
    "Document": (37_500, 74.0),
    "TargetAssignmentInfo": (240, 0.5),
    "Mailing": (520, 1.2),
    "Form": (85, 0.2),
    "Workflow": (36, 0.1),
}
_WEB_USERS = (1_100, 3.0)
_LICENSES = ("Sales Premium", "Service Premium", "Marketing Essentials", "Development Tools")
_TOGGLES = ("AiSummaries", "NewCalendar", "DarkMode", "BetaForms")
_PREFERENCES = ("ShowTips", "WeekNumbers", "EmailTracking", "CompactLists")


@dataclass(frozen=True, slots=True)
class Translated:
    """A text in several languages, by the code of the language."""

    texts: dict[str, str]


_NORWAY = Translated({"no": "Norge", "us": "Norway", "ge": "Norwegen"})


def snapshot(company: Company, now: datetime) -> dict[str, object]:
    """All 51 properties in the documentation's order. Moments are aware datetimes, names of countries `Translated`."""
    user, founded = _user(company), company.people[0].hired
    signed_up = datetime.combine(user.hired, datetime.min.time(), UTC).replace(
        hour=9, minute=12, second=44, microsecond=123456
    )
    totals = {stem: _total(company, now, *growth) for stem, growth in _GROWTH.items()}
    return {
        "Name": user.name,
        "Email": user.email,
        "Company": company.name,
        "LicenseStatus": _license(company, now.year),
        "HasLicensce": {name: place < 3 for place, name in enumerate(_LICENSES)},  # noqa: PLR2004 - all but the last
        "SystemLicenseNames": ["Expander Services", "Customer Service"],
        "UserSignedUpAt": signed_up,
        **{f"Num{stem}": int(total * _share(company, stem)) for stem, total in totals.items()},
        **{f"Tot{stem}": total for stem, total in totals.items()},
        "UserRegisteredAgeDays": (now.date() - user.hired).days,
        "UserCountryName": _NORWAY,
        "UserCountryCode": "NO",
        "Preferences": {name: company.fraction("preference", name) < 0.5 for name in _PREFERENCES},  # noqa: PLR2004 - a coin
        "TotWebUsers": _total(company, now, *_WEB_USERS),
        "GroupCountryName": _NORWAY,
        "GroupCountryCode": "NO",
        "GroupRegisteredDate": founded.isoformat(),
        "GroupRegisteredAgeDays": (now.date() - founded).days,
        "FeatureToggles": {name: company.fraction("toggle", name) < 0.5 for name in _TOGGLES},  # noqa: PLR2004 - a coin
        "FileVersion": "12.4.1514.0",
        "FileVersionNumber": 1514,
    }


def _user(company: Company) -> Person:
    """Whose credential it is: the first of the sales people still there."""
    staff = company.employees(company.today)
    return next((person for person in staff if person.department == "Sales"), staff[0])


def _license(company: Company, year: int) -> dict[str, object]:
    """A licence that runs to the end of the year."""
    expiry = datetime(year, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)
    return {
        "AdminWarningDate": expiry - timedelta(days=60),
        "ExpiryDate": expiry,
        "GraceDate": expiry + timedelta(days=30),
        "CompanyName": company.name,
        "SerialNr": "1000012345",
        "UserLicenses": list(_LICENSES[:3]),
    }


def _total(company: Company, now: datetime, a_year_ago: int, per_day: float) -> int:
    return a_year_ago + int(per_day * (_worked_before(company, now.date()) + _worked_on(company, now)))


def _share(company: Company, stem: str) -> float:
    """The user's part of the system's: some percent."""
    return 0.01 + 0.05 * company.fraction("share", stem)


@lru_cache(maxsize=16)
def _worked_before(company: Company, day: date) -> float:
    """Ordinary working days' worth of work, from a year before the company's today to the beginning of `day`."""
    start = company.today - timedelta(days=365)
    return sum(company.activity(start + timedelta(days=number)) for number in range((day - start).days))


def _worked_on(company: Company, now: datetime) -> float:
    """The same for the part of the day that has passed."""
    past = sum(company.hour_weights[: now.hour]) + company.hour_weights[now.hour] * now.minute / 60
    return company.activity(now.date()) * past

"""Writes simulated events as JSON, from fragments that are made once."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

import msgspec

from adapters.fluidtopics.simulated.scenes import NAMES, SERVER_SIDE, Stock, parameters
from adapters.fluidtopics.simulated.timeline import ANONYMOUS, Day
from adapters.simulation import Company, Person

_VARIANTS = 128
"""Forms of the parameters of each name."""
_LOCALES = ("en-US", "en-US", "en-US", "fr-FR", "de-DE", "ja-JP")
_BROWSERS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/146.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Safari/605.1.15",
    "Mozilla/5.0 (X11; Linux x86_64; rv:148.0) Gecko/20100101 Firefox/148.0",
)
_EVERYBODY = ("ft:authenticated",)
_GROUPS = {"Documentation": ("TechWriter", "ft:administrator"), "Support": ("Support",), "Engineering": ("Developers",)}
_ROLES = ("PERSONAL_BOOK_USER", "PRINT_USER", "RATING_USER", "FEEDBACK_USER", "SAVED_SEARCH_USER", "COLLECTION_USER")


def profile(person: Person | None) -> Mapping[str, object] | None:
    """How the portal knows a person. None for nobody: what the reference does not show, and here is no `user`."""
    if person is None:
        return None
    is_writer = person.department == "Documentation"
    return {
        "realm": ["internal", "Keycloak"] if is_writer else ["Keycloak"],
        "groups": [*_GROUPS.get(person.department, ()), *_EVERYBODY],
        "id": person.id,
        "roles": [*_ROLES, "ADMIN", "ANALYTICS_USER"] if is_writer else list(_ROLES),
    }


class Script:
    """Tells events as the reference's example does. A page of a thousand costs a few milliseconds."""

    def __init__(self, company: Company) -> None:
        """Tell events of a company's people."""
        self._company = company
        self._stock = Stock(company)
        self._action = lru_cache(maxsize=None)(self._write_action)
        self._actor = lru_cache(maxsize=None)(self._write_actor)

    def lines(self, day: Day, places: Sequence[int]) -> list[str]:
        """Some of a day's events in a row, each as one JSON object."""
        first, names, visits, visitors = day.visits[0] if day.count else 0, day.names, day.visits, day.visitors
        lines = []
        for place, moment in zip(places, day.moments(places), strict=True):
            name, visit = names[place], visits[place]
            # Odd numbers mix without ever mapping two events to one id.
            mixed = ((day.number << 20 | place) * 0x9E37_79B9_7F4A_7C15) & 0xFFFF_FFFF_FFFF_FFFF
            hexed = f"{mixed:016x}"
            lines.append(
                f'{{"appName":"ft/turnkey-portal","appVersion":"5.2.14","contentLocale":"en-US","datetime":{moment},'
                f'"id":"{hexed[:8]}-{hexed[8:12]}-4000-8000-00000000{hexed[12:]}",'
                f"{self._action(name, mixed >> 20 & _VARIANTS - 1)},"
                f'"sessionId":"{day.number:08x}-{visit:08x}",'
                f'"tenantId":"aurora-docs",{self._actor(visitors[visit - first], NAMES[name] in SERVER_SIDE)}}}'
            )
        return lines

    def _write_action(self, name: int, variant: int) -> str:
        details = parameters(self._stock, NAMES[name], variant)
        return _members({"name": NAMES[name], "offline": False, "parameters": details})

    def _write_actor(self, number: int, is_server_side: bool) -> str:  # noqa: FBT001 - lru_cache has no other way
        draw = self._company.rng("browser", number)
        members: dict[str, object] = {"uiLocale": draw.choice(_LOCALES)}
        user = profile(None if number == ANONYMOUS else self._company.people[number])
        if user is not None:
            members["user"] = user
        if not is_server_side:
            members |= {
                "userAgent": draw.choice(_BROWSERS),
                "userIp": f"10.60.{draw.randrange(256)}.{draw.randrange(256)}",
            }
        return _members(members)


def _members(fields: Mapping[str, object]) -> str:
    return msgspec.json.encode(fields).decode()[1:-1]

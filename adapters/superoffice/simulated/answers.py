"""The answer of `GetAnalyticsData`, played: what was selected of the snapshot, written as the request wants it."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone

import msgspec
from aiohttp import web

from adapters.simulation import World
from adapters.superoffice.simulated.data import Translated, snapshot

SWITCHES = {
    "result": ("ok", "null", "message", "error"),
    "dates": ("asked", "offset", "naive", "zulu", "unset"),
    "maps": ("object", "list"),
    "select": ("null", "omit"),
    "secrets": ("off", "on"),
}
"""The shapes of the answer, default first; the README says what each value does."""

_FAILURES: Mapping[str, object] = {
    "null": None,
    "message": {"Message": "An error has occurred.", "MessageDetail": "Database row 4711 of ada.berg is locked."},
    "error": {
        "Error": True,
        "ErrorType": "SoException",
        "ErrorMessage": "No user ada.berg",
        "ErrorSource": "NetServer",
    },
}
_DEVELOPMENT_ONLY = ("Name", "Email", "Company")
_SECRETS = {"AmplitudeApiKey": "amplitude-secret", "UserflowToken": "userflow-secret"}
# The base time zone of the tenant, and what `SO-TimeZone` may name here.
_TENANT_ZONE = timezone(timedelta(hours=1))
_ZONES = {"UTC": UTC, "NO": _TENANT_ZONE}
_LANGUAGES = {"en": "us", "us": "us", "no": "no", "nb": "no", "de": "ge", "ge": "ge"}


def answer_to(request: web.Request, world: World, switches: Mapping[str, str]) -> web.Response:
    """What a request for the method is answered, once its sender is known."""
    _require_json(request)
    if switches["result"] != "ok":
        return _json(_FAILURES[switches["result"]])
    data = _data(world, switches)
    data = _select(data, request.query.get("$select", ""), omit=switches["select"] == "omit")
    return _json(_Rendering(request, switches).of(data))


def _require_json(request: web.Request) -> None:
    """Refuse whoever does not take JSON: XML, which the real one also serves, is not played."""
    kinds = [kind.partition(";")[0].strip() for kind in request.headers.get("Accept", "*/*").split(",")]
    if not {"application/json", "text/json", "application/*", "*/*"}.intersection(kinds):
        raise web.HTTPNotAcceptable


def _data(world: World, switches: Mapping[str, str]) -> dict[str, object]:
    data = snapshot(world.company, world.clock.now())
    if switches["environment"] != "sod":
        data |= dict.fromkeys(_DEVELOPMENT_ONLY)
    return data if switches["secrets"] == "off" else {**_SECRETS, **data}


def _select(data: dict[str, object], names: str, *, omit: bool) -> dict[str, object]:
    """The named properties in any case, members with a slash; what was not named is null, or not there at all."""
    wanted = {name.strip().casefold() for name in names.split(",") if name.strip()}
    if not wanted:
        return data
    chosen = {name: _choose(name.casefold(), value, wanted, omit=omit) for name, value in data.items()}
    named = {name.partition("/")[0] for name in wanted}
    return {name: value for name, value in chosen.items() if not omit or name.casefold() in named}


def _choose(name: str, value: object, wanted: set[str], *, omit: bool) -> object:
    if name in wanted:
        return value
    members = [path.removeprefix(f"{name}/") for path in wanted if path.startswith(f"{name}/")]
    return _select(value, ",".join(members), omit=omit) if members and isinstance(value, dict) else None


class _Rendering:
    """How one request wants its values written."""

    def __init__(self, request: web.Request, switches: Mapping[str, str]) -> None:
        self._language = _language(request.headers)
        self._zone, with_offset = _zone(request.headers.get("SO-TimeZone", ""))
        self._dates = switches["dates"]
        if self._dates == "asked":
            self._dates = "naive" if not with_offset else "zulu" if self._zone is UTC else "offset"
        self._maps = switches["maps"]

    def of(self, value: object) -> object:
        """The value as it goes into JSON."""
        match value:
            case datetime():
                return self._date(value)
            case Translated():
                return self._text(value)
            case dict() if self._maps == "list" and all(isinstance(flag, bool) for flag in value.values()):
                return [{"Key": key, "Value": flag} for key, flag in value.items()]
            case dict():
                return {name: self.of(member) for name, member in value.items()}
            case _:
                return value

    def _text(self, text: Translated) -> str:
        if self._language is None:
            return ";".join(f'{language.upper()}:"{word}"' for language, word in text.texts.items())
        return text.texts[self._language]

    def _date(self, moment: datetime) -> str:
        match self._dates:
            case "unset":
                return "0001-01-01T00:00:00+02:00"
            case "offset":
                return _digits(moment.astimezone(_TENANT_ZONE)) + "+01:00"
            case "zulu":
                return _digits(moment.astimezone(UTC)) + "Z"
            case _:
                return _digits(moment.astimezone(self._zone))


def _digits(moment: datetime) -> str:
    """The time of day with the seven fraction digits of .NET, or none."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}" + (f".{moment.microsecond:06d}7" if moment.microsecond else "")


def _language(headers: Mapping[str, str]) -> str | None:
    """The language of texts; None leaves them in all languages. `SO-Language` overrides `Accept-Language`."""
    asked = headers.get("SO-Language") or headers.get("Accept-Language", "").partition(",")[0]
    code = asked.partition(";")[0].strip()[:2].casefold()
    return None if code in {"", "x", "*"} else _LANGUAGES.get(code, "us")


def _zone(asked: str) -> tuple[timezone, bool]:
    """The zone of dates, and whether they tell it."""
    code, _, option = (part.strip() for part in asked.partition(","))
    if code.upper() not in {*_ZONES, ""}:
        raise web.HTTPBadRequest(text="unknown time zone")
    return _ZONES.get(code.upper(), _TENANT_ZONE), option.casefold() == "includetzoffset"


def _json(answer: object) -> web.Response:
    return web.Response(body=msgspec.json.encode(answer), content_type="application/json", charset="utf-8")

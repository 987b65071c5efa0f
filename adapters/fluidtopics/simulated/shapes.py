"""Other shapes that events are known, or suspected, to have, and other ways in which pages may follow each other."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

SWITCHES = {
    "user": ("object", "list", "flat", "absent"),
    "realm": ("list", "string", "absent"),
    "datetime": ("ms", "iso", "seconds", "string"),
    "total_count": ("on", "off"),
    "last_page": ("on", "off"),
    "release": ("documented", "newer"),
    "sort_order": ("both", "camel", "pascal"),
    "pages": ("ordered", "repeat", "circle", "duplicate", "shift"),
    "limiter": ("on", "tight", "off"),
}
"""Shapes of events and pages; spellings of the sort order taken; how pages follow each other; the rate limiter."""

_AS_DOCUMENTED = {"user": "object", "realm": "list", "datetime": "ms", "release": "documented"}
_SHIFTED_BY = 2


def reshaped(events: list[str], switches: Mapping[str, str]) -> str:
    """The events as one JSON array in the shape that the switches choose."""
    array = f"[{','.join(events)}]"
    if all(switches[name] == value for name, value in _AS_DOCUMENTED.items()):
        return array
    changed = [_reshaped(event, switches) for event in msgspec.json.decode(array)]
    return msgspec.json.encode(changed).decode()


def page_bounds(mode: str, page: int, per_page: int, total: int) -> tuple[int, int, bool]:
    """Number of a page's first event, the number behind its last one, and whether it claims to be the last page."""
    pages = max(1, -(-total // per_page))
    if mode == "shift":
        # As though two events were indexed late before each page.
        first = (page - 1) * max(1, per_page - _SHIFTED_BY)
        return first, first + per_page, first + per_page >= total
    shown = {"repeat": 1, "circle": (page - 1) % pages + 1, "duplicate": page // 2 + 1}.get(mode, page)
    is_last = mode not in {"repeat", "circle"} and shown >= pages
    return (shown - 1) * per_page, shown * per_page, is_last


def _reshaped(event: dict[str, Any], switches: Mapping[str, str]) -> dict[str, Any]:
    _reshape_datetime(event, switches["datetime"])
    if switches["release"] == "newer":
        event |= {"version": "3", "bot": False, "analyticsSessionId": f"a-{event['sessionId']}", "internal": True}
    user = event.pop("user", None)
    if user is None or switches["user"] == "absent":
        return event
    _reshape_realm(user, switches["realm"])
    match switches["user"]:
        case "flat":
            flat = {"id": "userId", "realm": "userRealm", "groups": "userGroups", "roles": "userRoles"}
            return event | {flat[name]: value for name, value in user.items()}
        case "list":
            return event | {"user": [user]}
        case _:
            return event | {"user": user}


def _reshape_realm(user: dict[str, Any], shape: str) -> None:
    realm = user.pop("realm")
    if shape != "absent":
        user["realm"] = realm if shape == "list" else realm[0]


def _reshape_datetime(event: dict[str, Any], shape: str) -> None:
    milliseconds = event["datetime"]
    match shape:
        case "iso":
            moment = datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="milliseconds")
            event["datetime"] = moment.replace("+00:00", "Z")
        case "seconds":
            event["datetime"] = milliseconds // 1000
        case "string":
            event["datetime"] = str(milliseconds)
        case _:
            pass

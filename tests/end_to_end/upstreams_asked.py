"""Asks the upstreams without the gateway, as their own documents say."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import aiohttp

from tests.running import Running


async def ask_superoffice(upstream: Running) -> Any:  # noqa: ANN401 - JSON
    """`GetAnalyticsData`, with all properties."""
    headers = {"SO-TimeZone": "UTC, includeTZOffset", "Accept-Language": "en", "Accept": "application/json"}
    path = "/api/v1/Agents/Diagnostics/GetAnalyticsData"
    return await _ask(upstream, "POST", path, headers=headers)


async def ask_fluid_topics(upstream: Running, start: datetime, end: datetime) -> Any:  # noqa: ANN401 - JSON
    """The newest search of a window by someone of the realm `internal`."""
    body = {
        "startDate": f"{start:%Y-%m-%dT%H:%M:%S}",
        "endDate": f"{end:%Y-%m-%dT%H:%M:%S}",
        "filters": {"name": ["khub.search"], "user": {"realm": ["internal"]}},
        "paging": {"page": 1, "perPage": 1},
        "sortOrder": "latestFirst",
    }
    return await _ask(upstream, "POST", "/analytics/api/v1/events", json=body)


async def ask_zylon(upstream: Running, path: str, **query: object) -> Any:  # noqa: ANN401 - JSON
    """One of the analytics of the organisation."""
    headers = {"x-org": str(upstream.simulator.source["org"])}
    path = f"/api/v1/app/organization/analytics/{path}"
    return await _ask(upstream, "GET", path, headers=headers, params={key: str(value) for key, value in query.items()})


async def _ask(upstream: Running, verb: str, path: str, headers: Mapping[str, str] | None = None, **more: Any) -> Any:  # noqa: ANN401 - JSON
    auth = upstream.simulator.source["auth"]
    assert isinstance(auth, dict)
    headers = {**(headers or {}), "Authorization": f"Bearer {auth['token']}"}
    async with aiohttp.request(verb, upstream.base_url + path, headers=headers, **more) as response:
        assert 200 == response.status
        return await response.json()

"""What a source may be configured with."""

from typing import Any

import pytest
from pydantic import ValidationError

from adapters.fluidtopics.settings import FluidTopicsSettings
from adapters.simulation import Control
from tests.adapters.fluidtopics.portal import portal
from tests.running import Running

GOOD: dict[str, Any] = {
    "kind": "fluidtopics",
    "base_url": "https://docs.example.com",
    "auth": {"scheme": "bearer", "token": "key"},
}


def test_little_is_enough() -> None:
    settings = FluidTopicsSettings.model_validate(GOOD)
    assert ("analytics-gateway", 365, "camel", 1000) == (
        settings.calling_app,
        settings.horizon_days,
        settings.sort_order_spelling,
        settings.per_page,
    )


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("per_page", 0),
        ("per_page", 5001),
        ("prefetch_pages", -1),
        ("prefetch_pages", 9),
        ("scan_pages", 0),
        ("max_pages", 0),
        ("horizon_days", 0),
        ("calling_app", ""),
        ("calling_app", "two words"),
        ("calling_app", "line\nbreak"),
        ("sort_order_spelling", "upper"),
        ("auth", {"scheme": "ticket", "token": "key"}),
        ("auth", {"scheme": "bearer"}),
        ("tokn", "key"),
    ],
)
def test_what_is_not_right_is_named(key: str, value: object) -> None:
    with pytest.raises(ValidationError) as caught:
        FluidTopicsSettings.model_validate(GOOD | {key: value})
    assert {key} == {error["loc"][0] for error in caught.value.errors()}


def test_the_credential_is_not_shown() -> None:
    settings = FluidTopicsSettings.model_validate(GOOD | {"auth": {"scheme": "bearer", "token": "hunter-2"}})
    assert "hunter-2" not in repr(settings)


async def test_basic_authentication_does_as_well(running: Running) -> None:
    auth = {"scheme": "basic", "username": "analyst", "password": "simulated-password"}
    async with running.open(auth=auth) as source:
        assert await portal(source, Control()).page()


async def test_a_base_url_may_end_in_a_slash(running: Running) -> None:
    async with running.open(base_url=f"{running.base_url}/") as source:
        assert await portal(source, Control()).page()


def test_no_five_minutes_of_a_gateway_reach_the_upstreams_limit() -> None:
    """5,000 requests in five minutes from one address, whoever sends them (API reference, "Return codes")."""
    limits = FluidTopicsSettings.model_validate(GOOD).limits
    assert limits.rate is not None
    assert limits.burst + 300 * limits.rate <= 0.95 * 5000


def test_who_sets_one_limit_keeps_the_others() -> None:
    settings = FluidTopicsSettings.model_validate({**GOOD, "limits": {"concurrency": 8}})
    assert (settings.limits.concurrency, settings.limits.rate, settings.limits.burst) == (8, 15, 50)

"""The table that configures a Zylon source."""

import pytest
from pydantic import ValidationError

from adapters.zylon import ADAPTER
from adapters.zylon.settings import ZylonSettings

TABLE = {
    "kind": "zylon",
    "base_url": "https://zylon.example.com",
    "org": "auroralabs",
    "auth": {"scheme": "bearer", "token": "s3cret-token"},
}


@pytest.mark.parametrize(
    ("base_url", "api_url"),
    [
        ("https://zylon.example.com", "https://zylon.example.com/api"),
        ("https://zylon.example.com/api", "https://zylon.example.com/api"),
        ("https://zylon.example.com/api/", "https://zylon.example.com/api"),
        ("https://zylon.example.com//api//", "https://zylon.example.com/api"),
        ("http://10.0.0.7:8080/tools/zylon/", "http://10.0.0.7:8080/tools/zylon/api"),
        ("https://zylon.example.com/my-api", "https://zylon.example.com/my-api/api"),
    ],
)
def test_the_address_may_or_may_not_end_in_api(base_url: str, api_url: str) -> None:
    assert api_url == ZylonSettings.model_validate({**TABLE, "base_url": base_url}).api_url


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("org", ""),
        ("org", "aurora labs"),
        ("org", "a\r\nAuthorization: x"),
        ("time_unit", "minutes"),
        ("horizon_days", 0),
        ("orgg", "auroralabs"),
        ("kind", "zilon"),
    ],
)
def test_a_wrong_key_or_value_is_named(key: str, value: object) -> None:
    with pytest.raises(ValidationError) as refused:
        ZylonSettings.model_validate({**TABLE, key: value})
    assert (key,) == refused.value.errors()[0]["loc"]


def test_the_token_appears_in_no_repr() -> None:
    assert "s3cret-token" not in repr(ZylonSettings.model_validate(TABLE))


def test_the_unit_is_found_out_unless_it_is_set() -> None:
    assert "auto" == ZylonSettings.model_validate(TABLE).time_unit


def test_the_adapter_says_what_it_is() -> None:
    assert ("zylon", "Zylon", ZylonSettings) == (ADAPTER.kind, ADAPTER.display_name, ADAPTER.settings)

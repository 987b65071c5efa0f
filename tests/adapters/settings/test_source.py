"""What the tables of all kinds of source have in common in the configuration."""

import pytest
from pydantic import TypeAdapter, ValidationError

from adapters import installed
from adapters.settings import BaseUrl, SourceSettings

KINDS = {kind: adapter.settings for kind, adapter in installed().items()}


def refusals(model: type[SourceSettings], base_url: str) -> list[str]:
    """What is said against an address."""
    with pytest.raises(ValidationError) as refused:
        model.model_validate({"kind": "example", "base_url": base_url})
    assert "s3cret" not in str(refused.value)
    return [error["msg"] for error in refused.value.errors() if error["loc"] == ("base_url",)]


@pytest.mark.parametrize("model", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize(
    ("base_url", "advice"),
    [
        ("https://svc:s3cret@crm.example.com/crm", "put them into auth"),
        ("https://:s3cret@crm.example.com", "put them into auth"),
        ("https://crm.example.com/crm?key=s3cret", "must end with its path"),
        ("https://crm.example.com/crm?", "must end with its path"),
        ("https://crm.example.com/crm#s3cret", "must end with its path"),
        ("ftp://crm.example.com/", "URL scheme should be 'http' or 'https'"),
        ("crm.example.com", "should be a valid URL"),
        ("https://", "should be a valid URL"),
        ("https://crm..example.com", "labels, between its dots, have 1 to 63 characters"),
        (f"https://{'a' * 64}.example.com", "labels, between its dots, have 1 to 63 characters"),
    ],
)
def test_an_address_is_a_host_and_a_path_and_no_more(model: type[SourceSettings], base_url: str, advice: str) -> None:
    (refusal,) = refusals(model, base_url)
    assert advice in refusal


@pytest.mark.parametrize(
    "host", ["crm.example.com", "crm.example.com.", "10.0.0.1", "[::1]", "bücher.example", "a" * 63]
)
def test_a_host_may_be_a_name_or_an_address(host: str) -> None:
    assert TypeAdapter(BaseUrl).validate_python(f"https://{host}/crm").path == "/crm"

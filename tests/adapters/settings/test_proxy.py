"""The table `proxy` of a source."""

import pytest
from pydantic import ValidationError

from adapters.settings import ProxySettings


def complaint(**table: object) -> str:
    """What is said against a table."""
    with pytest.raises(ValidationError) as refused:
        ProxySettings.model_validate(table)
    assert "s3cret" not in str(refused.value)
    return refused.value.errors()[0]["msg"].removeprefix("Value error, ")


def test_a_proxy_is_a_host_and_a_port() -> None:
    settings = ProxySettings.model_validate({"url": "http://proxy.example.com:3128"})

    assert (settings.url.host, settings.url.port) == ("proxy.example.com", 3128)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://svc:s3cret@proxy:3128", "they have keys of their own, username and password"),
        ("https://proxy:3128", "must begin with http://"),
        ("http://proxy:3128/path", "must be a host and a port"),
        ("http://proxy:3128/?key=s3cret", "must be a host and a port"),
        ("http://proxy..example.com:3128", "labels, between its dots, have 1 to 63 characters"),
        ("socks5://proxy:1080", "URL scheme should be 'http' or 'https'"),
        ("proxy:3128", "URL scheme should be 'http' or 'https'"),
    ],
)
def test_another_address_is_refused(url: str, said: str) -> None:
    assert said in complaint(url=url)


def test_a_user_has_a_password_and_a_password_a_user() -> None:
    assert complaint(url="http://proxy", username="svc") == "password: missing; username needs it"
    assert complaint(url="http://proxy", password="s3cret") == "username: missing; password needs it"


@pytest.mark.parametrize("username", ["", "a:b", "a\r\nX-Admin: 1"])
def test_a_user_that_no_header_can_carry_is_refused(username: str) -> None:
    assert complaint(url="http://proxy", username=username, password="s3cret")


def test_its_password_does_not_show() -> None:
    settings = ProxySettings.model_validate({"url": "http://proxy", "username": "svc", "password": "s3cret"})

    assert "s3cret" not in repr(settings) + settings.model_dump_json()

"""Where the fronts listen, as it is written."""

import pytest

from gateway.settings.server import Address, parse_address


@pytest.mark.parametrize("text", ["127.0.0.1:0", "localhost:80", "[::1]:8080", "0.0.0.0:65535"])
def test_an_address_reads_as_it_is_written(text: str) -> None:
    assert text == str(parse_address(text))


def test_an_ipv6_address_has_a_bare_host() -> None:
    assert Address(host="::1", port=80) == parse_address("[::1]:80")


@pytest.mark.parametrize(
    "text", ["", "80", ":80", "a:", "a:x", "a:65536", "::1:80", "a:-1", "a:1 ", "\0:0", "a\nb:0", "a b:0"]
)
def test_other_forms_are_no_address(text: str) -> None:
    with pytest.raises(ValueError, match="HOST:PORT"):
        parse_address(text)

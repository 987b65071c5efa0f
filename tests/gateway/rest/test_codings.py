"""`Accept-Encoding`, as RFC 9110 has it, and what bodies become."""

import gzip
from collections.abc import Callable, Iterator

import pytest
from backports import zstd

from gateway.rest.codings import CODINGS, IDENTITY, SMALLEST_BODY, Coding, acceptable
from gateway.rest.errors import NotAcceptableError
from gateway.rest.negotiation import LONGEST_REMEMBERED, MOST_RANGES

BODY = b'{"metrics":[' + b'{"metric":"zylon.projects"},' * 500 + b"{}]}"


def chosen(*accept_encoding: str) -> str:
    """The name of the coding that a large body is sent in."""
    return acceptable(accept_encoding).of(SMALLEST_BODY).name


@pytest.mark.parametrize(
    ("accept_encoding", "coding"),
    [
        ((), "identity"),
        (("",), "identity"),
        (("gzip",), "gzip"),
        (("GZip",), "gzip"),
        (("x-gzip",), "gzip"),
        (("gzip, deflate, br, zstd",), "zstd"),
        (("gzip", "zstd"), "zstd"),
        (("gzip;q=1.0, zstd;q=0.9",), "gzip"),
        (("br, deflate",), "identity"),
        (("*",), "gzip"),
        (("*;q=0.1, identity;q=0.5",), "identity"),
        (("gzip;q=0, *",), "identity"),
        (("gzip;q=0.001",), "gzip"),
        (("gzip;q=0",), "identity"),
        (("gzip;q=0.5, identity;q=0.8",), "identity"),
        (("gzip; q=0.5 , identity;q=0",), "gzip"),
        (("identity;q=0, *",), "gzip"),
        (("nonsense;;;, gzip;q=much, ,",), "identity"),
    ],
)
def test_the_client_gets_the_coding_that_it_likes_best(accept_encoding: tuple[str, ...], coding: str) -> None:
    assert coding == chosen(*accept_encoding)


@pytest.mark.parametrize("accept_encoding", ["identity;q=0", "*;q=0", "br, identity;q=0", "identity;q=0, gzip;q=0"])
def test_who_takes_no_coding_at_all_is_told_which_there_are(accept_encoding: str) -> None:
    for _ in range(2):  # it is not remembered as something else
        with pytest.raises(NotAcceptableError, match="zstd, gzip, identity"):
            acceptable([accept_encoding])


@pytest.mark.parametrize(
    ("accept_encoding", "small"), [("gzip", "identity"), ("gzip, identity;q=0", "gzip"), ("*", "identity")]
)
def test_a_small_body_stays_as_it_is_if_it_may(accept_encoding: str, small: str) -> None:
    assert small == acceptable([accept_encoding]).of(SMALLEST_BODY - 1).name


def test_a_header_that_goes_on_and_on_is_read_to_a_bound_only() -> None:
    long = ",".join(["br"] * MOST_RANGES)

    assert len(long) < LONGEST_REMEMBERED
    assert "gzip" == chosen(long[3:] + ",gzip")
    assert "identity" == chosen(long + ",gzip")
    assert "identity" == chosen(long + ", " * LONGEST_REMEMBERED + "gzip")


def test_headers_may_be_any_iterable() -> None:
    def headers() -> Iterator[str]:
        yield "br"
        yield "gzip"

    assert "gzip" == acceptable(headers()).large.name


@pytest.mark.parametrize("coding", CODINGS, ids=lambda coding: coding.name)
def test_what_is_compressed_can_be_read_by_others(coding: Coding) -> None:
    readers: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.decompress, "zstd": zstd.decompress, "identity": bytes}

    compressed = coding.compress(BODY)

    assert BODY == readers[coding.name](compressed)
    assert compressed == coding.compress(BODY)
    assert coding is IDENTITY or len(compressed) < len(BODY) / 10

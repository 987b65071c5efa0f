"""Headers that tell how many requests are still allowed, in all their dialects."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict

from adapters.transport.rate_headers import Allowance, allowance
from tests.clock import START

SOON = int(START.timestamp()) + 30


@pytest.mark.parametrize(
    ("headers", "remaining", "seconds"),
    [
        ({"RateLimit": '"default";r=50;t=30'}, 50, 30),
        ({"ratelimit": '"default" ; r=0; t=5'}, 0, 5),
        ({"RateLimit": '"a;r=1,b";r=50;t=30;pk=:cj0x:'}, 50, 30),
        ({"RateLimit": '"burst";r=90;t=1, "daily";r=60;t=600'}, 60, 600),
        ({"RateLimit": '"default";r=7', "RateLimit-Policy": '"default";q=100;w=10'}, 7, 10),
        ({"RateLimit": '"burst";r=0', "RateLimit-Policy": '"daily";q=1000;w=86400, "burst";q=10;w=1'}, 0, 1),
        ({"RateLimit": '"daily";r=0', "RateLimit-Policy": '"burst";q=10;w=1, "daily";q=1000;w=86400'}, 0, 86_400),
        ({"RateLimit": '"burst";r=0;t=1, "daily";r=0;t=600'}, 0, 600),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "0.9"}, 0, 0.9),
        ({"RateLimit": "limit=100, remaining=50, reset=40"}, 50, 40),
        ({"RateLimit-Limit": "100, 100;w=60", "RateLimit-Remaining": "9", "RateLimit-Reset": "8"}, 9, 8),
        ({"X-RateLimit-Remaining": "9", "X-RateLimit-Reset": "8.5"}, 9, 8.5),
        ({"x-ratelimit-remaining": "9", "x-ratelimit-reset": str(SOON)}, 9, 30),
        ({"X-Rate-Limit-Remaining": "9", "X-Rate-Limit-Reset": f"{SOON}500"}, 9, 30.5),
        ({"RateLimit": '"a";r=5;t=10', "X-RateLimit-Remaining": "1", "X-RateLimit-Reset": "10"}, 1, 10),
    ],
)
def test_an_allowance_is_read_in_each_dialect(headers: dict[str, str], remaining: int, seconds: float) -> None:
    told = allowance(CIMultiDict(headers), START)

    assert told == Allowance(remaining=remaining, seconds=seconds)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"RateLimit": ""},
        {"RateLimit": '"default";r=5'},
        {"RateLimit": '"default";r=5', "RateLimit-Policy": '"other";q=10;w=1'},
        {"RateLimit": '"default";r=5;t=0'},
        {"RateLimit": '"default";r=-5;t=1'},
        {"RateLimit": '"default";r=5000000000;t=1'},
        {"X-RateLimit-Remaining": "5"},
        {"X-RateLimit-Remaining": "many", "X-RateLimit-Reset": "8"},
        {"X-RateLimit-Remaining": "5", "X-RateLimit-Reset": str(SOON - 60)},
        {"X-RateLimit-Remaining": "5", "X-RateLimit-Reset": "Wed, 18 Mar 2026 12:00:30 GMT"},
    ],
)
def test_what_makes_no_sense_says_nothing(headers: dict[str, str]) -> None:
    assert allowance(CIMultiDict(headers), START) is None


@given(st.text(), st.text(alphabet='"rt=;, 0123456789wremaingst', max_size=60))
def test_no_header_does_harm(one: str, other: str) -> None:
    names = ("RateLimit", "RateLimit-Policy", "RateLimit-Remaining", "RateLimit-Reset", "X-RateLimit-Reset")
    for first, second in ((one, other), (other, one)):
        headers = {name: (first, second)[index % 2] for index, name in enumerate(names)}

        told = allowance(headers, START)

        assert told is None or (told.remaining >= 0 and told.seconds > 0)

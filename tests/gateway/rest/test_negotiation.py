"""`Accept`, as RFC 9110 has it."""

from collections.abc import Iterator

import pytest

from gateway.rest.errors import NotAcceptableError
from gateway.rest.framing import OFFERS
from gateway.rest.negotiation import MOST_RANGES, choose

LINES, EVENTS, ARRAY = OFFERS


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        ([], LINES),
        ([""], LINES),
        (["*/*"], LINES),
        (["application/*"], LINES),
        (["text/*"], EVENTS),
        (["application/json"], ARRAY),
        (["APPLICATION/JSON"], ARRAY),
        (["application/json; charset=utf-8"], ARRAY),
        (["application/json;q=0.5, text/event-stream;q=0.6"], EVENTS),
        (["application/json;q=0.5, */*;q=0.1"], ARRAY),
        (["application/x-ndjson;q=0, */*"], EVENTS),
        (["application/json", "text/event-stream;q=0.9"], ARRAY),
        (["*/*;q=1, application/x-ndjson;q=0.2, text/event-stream;q=0.3"], ARRAY),
        (["nonsense, ;;, application/json;q=much, text/event-stream"], EVENTS),
    ],
)
def test_the_client_gets_what_it_likes_best(accept: list[str], chosen: str) -> None:
    assert chosen == choose(accept, OFFERS)


@pytest.mark.parametrize("accept", ["text/csv", "*/*;q=0", "application/json;q=0", "application/json;q=0.000"])
def test_nothing_on_offer_is_an_error_that_names_what_is(accept: str) -> None:
    with pytest.raises(NotAcceptableError, match="application/x-ndjson or text/event-stream or application/json"):
        choose([accept], OFFERS)


@pytest.mark.parametrize("element", ["text/csv", "nonsense", ""])
def test_headers_that_go_on_and_on_are_read_to_a_bound_only(element: str) -> None:
    read: list[str] = []

    def headers() -> Iterator[str]:
        yield "text/csv"
        for _ in range(10 * MOST_RANGES):
            read.append(element)
            yield element

    with pytest.raises(NotAcceptableError):
        choose(headers(), OFFERS)

    assert len(read) <= MOST_RANGES

"""Times in requests: read as protobuf's own JSON does, which takes longer."""

from datetime import datetime

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.rest.codec.scalars import MismatchError
from gateway.rest.codec.wellknown import read_single_value


def read(text: str) -> Timestamp:
    target = Timestamp()
    read_single_value(target, text)
    return target


def texts() -> st.SearchStrategy[str]:
    moments = st.datetimes(min_value=datetime(1, 1, 1), max_value=datetime(9999, 12, 31, 23, 59, 59))  # noqa: DTZ001 - the offset is written behind
    fractions = st.just("") | st.integers(1, 9).flatmap(
        lambda digits: st.from_regex(rf"[.][0-9]{{{digits}}}", fullmatch=True)
    )
    offsets = st.just("Z") | st.from_regex(r"[+-]([01][0-9]|2[0-3]):[0-5][0-9]", fullmatch=True)
    return st.builds(
        lambda moment, fraction, offset: f"{moment.replace(microsecond=0).isoformat()}{fraction}{offset}",
        moments,
        fractions,
        offsets,
    )


@given(texts())
@example("0001-01-01T00:00:00Z")
@example("0001-01-01T00:00:00+00:01")
@example("9999-12-31T23:59:59.999999999Z")
@example("9999-12-31T23:59:59-00:01")
def test_a_time_is_what_protobuf_reads(text: str) -> None:
    expected = Timestamp()
    try:
        expected.FromJsonString(text)
    except ValueError:
        with pytest.raises(MismatchError, match="out of range"):
            read(text)
    else:
        assert expected == read(text)


@pytest.mark.parametrize(
    "text",
    [
        "0000-01-01T00:00:00Z",
        "2026-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-03-01T24:00:00Z",
        "2026-03-01T00:60:00Z",
        "2026-03-01T00:00:60Z",
        "2026-03-01T00:00:61Z",
    ],
)
def test_a_time_that_does_not_exist_is_refused(text: str) -> None:
    with pytest.raises(MismatchError, match="does not exist"):
        read(text)

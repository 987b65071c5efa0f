"""Values as they are stored."""

import random
import zlib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.shared import compression
from gateway.shared.compression import LARGEST, pack, unpack

NOISE = random.Random(1).randbytes(LARGEST)


@pytest.fixture(params=["zstd", "zlib"])
def coding(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """With zstd at hand, and without."""
    if request.param == "zlib":
        monkeypatch.setattr(compression, "_zstd", None)


@pytest.mark.usefixtures("coding")
@pytest.mark.parametrize(
    "value", [b"", b"a" * 1023, b"a" * 1024, b"a" * 100_000, NOISE[:100_000], NOISE, b"a" * LARGEST]
)
async def test_what_was_packed_is_unpacked(value: bytes) -> None:
    assert await unpack(await pack(value)) == value


@pytest.mark.usefixtures("coding")
async def test_a_value_that_one_packet_holds_is_left_as_it_is_and_others_shrink() -> None:
    assert len(await pack(b"a" * 1000)) == 1001
    assert len(await pack(b"a" * 100_000)) < 1000


@pytest.mark.usefixtures("coding")
async def test_a_value_that_would_grow_too_large_is_not_unpacked() -> None:
    assert await unpack(compression._compressed(b"a" * (LARGEST + 1))) is None  # noqa: SLF001 - `pack` is given no such value
    assert await unpack(b"0" + b"a" * (LARGEST + 1)) is None


async def test_a_replica_without_zstd_does_not_read_it(monkeypatch: pytest.MonkeyPatch) -> None:
    packed = await pack(b"a" * 2000)
    monkeypatch.setattr(compression, "_zstd", None)

    assert packed.startswith(b"s")
    assert await unpack(packed) is None


async def test_what_is_cut_short_is_nothing() -> None:
    for packed in (await pack(NOISE[:2000]), b"z" + zlib.compress(NOISE[:2000])):
        assert await unpack(packed[:-20]) is None


@given(st.binary(max_size=50), st.sampled_from([b"", b"0", b"z", b"s", b"z\x78\x9c", b"s\x28\xb5\x2f\xfd"]))
@example(b"0", b"")
def test_no_bytes_do_harm(body: bytes, start: bytes) -> None:
    stored = start + body
    found = compression._plain(stored)  # noqa: SLF001 - what `unpack` does, without its thread

    assert found is None or stored[:1] in {b"0", b"z", b"s"}

"""Values as they are stored: compressed where that pays, and never larger than anybody wants to read."""

import asyncio
import importlib
import zlib
from types import ModuleType

LARGEST = 4 * 1024 * 1024
"""Bytes of a value before it is compressed: four times the largest answer that is sent in one piece."""

_PAYS_FROM = 1024
"""Bytes, below which a packet is sent either way."""

_SLOW_FROM = 64 * 1024
"""Bytes, from which on it takes more than a millisecond, in which nothing else would be done."""

_PLAIN, _ZLIB, _ZSTD = b"0", b"z", b"s"
"""What a stored value begins with."""

_FAST = 1
"""The lowest level: half the time of the usual one, for a tenth more bytes."""


def _found(*names: str) -> ModuleType | None:
    """The first of these modules that there is."""
    for name in names:
        try:
            return importlib.import_module(name)
        except ImportError:
            continue
    return None


_zstd = _found("compression.zstd", "backports.zstd")
"""Of Python 3.14, or of an optional package."""


async def pack(value: bytes) -> bytes:
    """The value as it is stored."""
    if len(value) < _PAYS_FROM:
        return _PLAIN + value
    return await asyncio.to_thread(_compressed, value) if len(value) >= _SLOW_FROM else _compressed(value)


async def unpack(stored: bytes) -> bytes | None:
    """What `pack` was given; None for what it has not made, or in a way that this replica can't read."""
    return await asyncio.to_thread(_plain, stored) if len(stored) >= _SLOW_FROM else _plain(stored)


def _compressed(value: bytes) -> bytes:
    if _zstd is not None:
        compressed: bytes = _zstd.compress(value, _FAST)
        return _ZSTD + compressed
    return _ZLIB + zlib.compress(value, _FAST)


def _plain(stored: bytes) -> bytes | None:
    coding, body = stored[:1], stored[1:]
    if coding == _PLAIN:
        return body if len(body) <= LARGEST else None
    if coding == _ZLIB:
        return _inflated(body)
    if coding == _ZSTD and _zstd is not None:
        return _zstd_inflated(_zstd, body)
    return None


def _inflated(body: bytes) -> bytes | None:
    reader = zlib.decompressobj()
    try:
        value = reader.decompress(body, LARGEST)
    except zlib.error:
        return None
    return value if reader.eof else None


def _zstd_inflated(zstd: ModuleType, body: bytes) -> bytes | None:
    reader = zstd.ZstdDecompressor()
    try:
        value: bytes = reader.decompress(body, max_length=LARGEST)
    except zstd.ZstdError:
        return None
    return value if reader.eof else None

"""Reads the body of an answer, as far as it is allowed to be long."""

import aiohttp

from adapters.errors import ResponseTooLargeError


async def read_body(response: aiohttp.ClientResponse, most: int) -> bytes:
    """The whole body, decompressed.

    Raises:
        ResponseTooLargeError: there are more than `most` bytes of it, decompressed. Not many more have been read by
            then.
    """
    if (response.content_length or 0) > most:
        raise _too_large(most)
    chunks, size = [], 0
    # Chunks come out of the decompressor one by one, none of them larger than aiohttp's read buffer: a small body that
    # unpacks to gigabytes is stopped early.
    while chunk := await response.content.readany():
        chunks.append(chunk)
        size += len(chunk)
        if size > most:
            raise _too_large(most)
    return b"".join(chunks)  # without a copy where there is only one


def _too_large(most: int) -> ResponseTooLargeError:
    return ResponseTooLargeError(
        f"The upstream's answer is larger than max_body_bytes ({most}): raise that, or ask for less at once."
    )

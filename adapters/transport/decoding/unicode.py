"""Makes text Unicode where it is not, as browsers do: whoever wrote it has lost those characters already."""

import codecs
import re

# In the first group half of a UTF-16 pair, as is left where a program has cut an emoji in two. Other escapes,
# that of the backslash above all, match so as to be stepped over.
_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.DOTALL
)


def is_unicode(body: bytes) -> bool:
    """Whether it is valid UTF-8; what the escapes in it stand for may still not be."""
    if body.isascii():
        return True
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def repaired(body: bytes) -> bytes:
    """The JSON text in valid UTF-8, without a byte order mark.

    U+FFFD stands for each invalid byte sequence, and for each half of a UTF-16 pair.
    """
    text = body.removeprefix(codecs.BOM_UTF8).decode(errors="replace").encode().strip()
    return _ESCAPE.sub(lambda escape: rb"\ufffd" if escape[1] else escape[0], text)

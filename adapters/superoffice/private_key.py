"""The private key of an application, in either form that SuperOffice hands out."""

import base64
import re

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPrivateNumbers, RSAPublicNumbers
from cryptography.hazmat.primitives.serialization import load_pem_private_key

LEAST_BITS = 1024
"""A key below is refused. It is what .NET makes when nobody says how large, so real ones may not be larger."""

_XML = re.compile(r"\s*(?:<\?xml[^>]*\?>)?\s*<RSAKeyValue\s*>(?P<members>.*)</RSAKeyValue\s*>\s*", re.DOTALL)
# Not an XML parser, which would also read entities and documents of any depth: a key is eight elements in a row.
_MEMBER = re.compile(r"<(?P<name>\w+)>(?P<number>[\sA-Za-z0-9+/=]*)</(?P=name)>")
_PRIVATE_MEMBERS = ("Modulus", "Exponent", "P", "Q", "DP", "DQ", "InverseQ", "D")


def load_private_key(text: str) -> RSAPrivateKey:
    """The RSA key of a PEM text, or of the XML that .NET calls `RSAKeyValue`.

    Raises:
        ValueError: it is none, or of no use for signing. The text says why and repeats nothing of it.
    """
    key = _from_xml(text) if text.lstrip().startswith("<") else _from_pem(text)
    if key.key_size < LEAST_BITS:
        raise ValueError(f"must be an RSA key of {LEAST_BITS} bits or more, not of {key.key_size}")
    return key


def _from_pem(text: str) -> RSAPrivateKey:
    if "-----BEGIN" not in text:
        raise ValueError("must be a private RSA key, in PEM (-----BEGIN ...) or as SuperOffice's XML (<RSAKeyValue>)")
    try:
        key = load_pem_private_key(text.encode(), password=None)
    except TypeError:
        raise ValueError("must not be encrypted: decrypt it, and keep it where secrets are kept") from None
    except (ValueError, UnsupportedAlgorithm):
        # The cause may quote the text.
        raise ValueError("is no private key in PEM: look whether all of its lines are there, and no others") from None
    if not isinstance(key, RSAPrivateKey):
        raise ValueError("must be an RSA key: SuperOffice takes no other kind")  # noqa: TRY004 - pydantic shows ValueErrors
    return key


def _from_xml(text: str) -> RSAPrivateKey:
    document = _XML.fullmatch(text)
    if document is None:
        raise ValueError("is no XML of a key: it must be one element <RSAKeyValue>")
    members = {match["name"]: match["number"] for match in _MEMBER.finditer(document["members"])}
    missing = [name for name in _PRIVATE_MEMBERS if name not in members]
    if missing:
        raise ValueError(f"is no private key: its XML lacks {', '.join(missing)}")
    try:
        return _numbers({name: _number(members[name]) for name in _PRIVATE_MEMBERS}).private_key()
    except ValueError:
        # The cause may quote the numbers.
        raise ValueError("is no private key: the numbers in its XML do not belong together") from None


def _number(text: str) -> int:
    return int.from_bytes(base64.b64decode("".join(text.split()), validate=True))


def _numbers(of: dict[str, int]) -> RSAPrivateNumbers:
    public = RSAPublicNumbers(e=of["Exponent"], n=of["Modulus"])
    return RSAPrivateNumbers(
        p=of["P"],
        q=of["Q"],
        d=of["D"],
        dmp1=of["DP"],
        dmq1=of["DQ"],
        iqmp=of["InverseQ"],
        public_numbers=public,
    )

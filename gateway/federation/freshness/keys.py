"""Which questions are the same among replicas."""

import hashlib
import json
from dataclasses import fields, is_dataclass
from pathlib import Path

from pydantic import BaseModel, Secret, SecretBytes, SecretStr

from gateway.federation.asks import Ask
from gateway.federation.open_source import OpenSource

# Of RFC 7914, with 16 MiB: some tens of milliseconds, once per source, for us and for each guess of somebody else.
_SCRYPT_COST = 2**14
_SCRYPT_BLOCK = 8
_SALT = b"analytics-gateway shared cache"
"""Not secret, nor random: replicas that are configured alike must come to the same."""


def fingerprint(source: OpenSource) -> bytes:
    """32 bytes that only sources of the same id and the very same settings share, credentials included.

    They give away nothing: whoever guesses at a password has to do as much work for each guess as this takes.
    """
    told = _told([source.id, source.kind, source.settings])
    return hashlib.scrypt(told, salt=_SALT, n=_SCRYPT_COST, r=_SCRYPT_BLOCK, p=1, dklen=32)


def shared_key(ask: Ask, fingerprint: bytes) -> str:
    """The key of a question among replicas. It shows the source's id, and nothing of the question or the settings."""
    told = _told([type(ask.question).__name__, ask.key and ask.key.which])
    return f"{ask.source.id}:{hashlib.blake2b(told, key=fingerprint, digest_size=20).hexdigest()}"


def _told(value: object) -> bytes:
    """The same for equal values in every process, and in no order of chance; secrets as they are."""
    return json.dumps(value, sort_keys=True, default=_plain).encode()


def _plain(value: object) -> object:
    """One step from what JSON does not know to what it does."""
    match value:
        case SecretStr() | SecretBytes() | Secret():
            return value.get_secret_value()
        case Path():
            return str(value), _contents(value)
        case BaseModel():
            return dict(value)
        case frozenset():
            return sorted(value)
        case _ if is_dataclass(value):
            return {each.name: getattr(value, each.name) for each in fields(value)}
        case _:
            return str(value)


def _contents(path: Path) -> str:
    """What a file of the settings says, such as a certificate, which may change while its path does not."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""

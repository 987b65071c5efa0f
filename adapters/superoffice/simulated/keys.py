"""The RSA keys of the played SuperOffice. None is kept anywhere: each process makes those that it needs, once."""

from functools import cache

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from jwt.algorithms import RSAAlgorithm


@cache
def private_key(name: str) -> rsa.RSAPrivateKey:  # noqa: ARG001 - the cache has one for each name
    """The key of that name, which takes about a tenth of a second to make."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def pem(name: str) -> str:
    """The key as an operator would configure it."""
    return private_key(name).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def published(name: str) -> dict[str, str]:
    """The public half, as a JSON Web Key that is called by the same name."""
    key = RSAAlgorithm.to_jwk(private_key(name).public_key(), as_dict=True)
    return {"kty": key["kty"], "use": "sig", "kid": name, "x5t": name, "n": key["n"], "e": key["e"]}

"""The private key of an application, as PEM and as SuperOffice's XML."""

import base64
from collections.abc import Callable, Mapping

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from adapters.superoffice.private_key import load_private_key
from adapters.superoffice.simulated import keys

KEY = keys.private_key("application")


def pem(
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey = KEY,
    form: PrivateFormat = PrivateFormat.PKCS8,
    encryption: KeySerializationEncryption | None = None,
) -> str:
    return key.private_bytes(Encoding.PEM, form, encryption or NoEncryption()).decode()


def xml(changes: Mapping[str, int] | None = None) -> str:
    """The key as .NET writes it."""
    numbers = KEY.private_numbers()
    members = {
        "Modulus": numbers.public_numbers.n,
        "Exponent": numbers.public_numbers.e,
        "P": numbers.p,
        "Q": numbers.q,
        "DP": numbers.dmp1,
        "DQ": numbers.dmq1,
        "InverseQ": numbers.iqmp,
        "D": numbers.d,
        **(changes or {}),
    }
    inside = "".join(f"<{name}>{base64_of(number)}</{name}>" for name, number in members.items())
    return f"<RSAKeyValue>{inside}</RSAKeyValue>"


def base64_of(number: int) -> str:
    return base64.b64encode(number.to_bytes((number.bit_length() + 7) // 8)).decode()


def in_lines(text: str) -> str:
    return '<?xml version="1.0" encoding="utf-8"?>\n' + text.replace("><", ">\n  <") + "\n"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(pem(), id="PKCS 8"),
        pytest.param(pem(form=PrivateFormat.TraditionalOpenSSL), id="PKCS 1"),
        pytest.param(xml(), id="XML"),
        pytest.param(in_lines(xml()), id="XML in lines"),
    ],
)
def test_each_form_is_the_same_key(text: str) -> None:
    assert KEY.private_numbers() == load_private_key(text).private_numbers()


def small() -> str:
    # OpenSSL makes none so small any more, so its numbers are made by hand.
    p, q, e = 2**127 - 1, 2**107 - 1, 65537
    d = pow(e, -1, (p - 1) * (q - 1))
    numbers = {"Modulus": p * q, "Exponent": e, "P": p, "Q": q}
    numbers |= {"DP": d % (p - 1), "DQ": d % (q - 1), "InverseQ": pow(q, -1, p), "D": d}
    return xml(numbers)


def elliptic() -> str:
    return pem(ec.generate_private_key(ec.SECP256R1()))


def public() -> str:
    return KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


WRONG: dict[str, tuple[Callable[[], str], str]] = {
    "nothing": (lambda: "", "must be a private RSA key, in PEM"),
    "a file name": (lambda: "/run/secrets/private.xml", "must be a private RSA key, in PEM"),
    "encrypted": (lambda: pem(encryption=BestAvailableEncryption(b"x")), "must not be encrypted"),
    "encrypted in the old way": (
        lambda: pem(form=PrivateFormat.TraditionalOpenSSL, encryption=BestAvailableEncryption(b"x")),
        "must not be encrypted",
    ),
    "a public key": (public, "is no private key in PEM"),
    "cut short": (lambda: pem()[:400], "is no private key in PEM"),
    "not RSA": (elliptic, "must be an RSA key"),
    "too small": (small, "must be an RSA key of 1024 bits or more"),
    "other XML": (lambda: "<xml/>", "is no XML of a key"),
    "XML with entities": (lambda: '<!DOCTYPE x [<!ENTITY a "b">]><RSAKeyValue/>', "is no XML of a key"),
    "a public key in XML": (
        lambda: xml().partition("<P>")[0] + "</RSAKeyValue>",
        "its XML lacks P, Q, DP, DQ, InverseQ, D$",
    ),
    "numbers of another key": (lambda: xml({"D": 5}), "do not belong together"),
    "no base64": (lambda: xml().replace("<P>", "<P>A"), "do not belong together"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_no_such_key_is_told_without_repeating_it(wrong: str) -> None:
    make, why = WRONG[wrong]
    text = make()
    with pytest.raises(ValueError, match=why) as caught:
        load_private_key(text)
    told = str(caught.value)
    assert not any(line in told for line in text.replace(">", "\n").splitlines() if len(line) > 30)
    assert caught.value.__cause__ is None

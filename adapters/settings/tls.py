"""The table `tls` of a source: which upstream is believed to be itself, and how we prove who we are."""

import ssl
from functools import cache
from pathlib import Path
from typing import Self

from cryptography import x509
from pydantic import BaseModel, ConfigDict, PrivateAttr, SecretStr, model_validator

from adapters.clock import SystemClock


class TlsSettings(BaseModel):
    """Certificates, in files that are read when this is made. Which upstream is asked is checked whatever it says."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    ca_file: Path | None = None
    """Certificates, in PEM, of the authorities that are believed in place of those of the system."""
    cert_file: Path | None = None
    """Our own certificate, in PEM; behind it those between it and an authority that the upstream believes."""
    key_file: Path | None = None
    """The private key of `cert_file`, in PEM."""
    key_password: SecretStr | None = None
    """What the key is encrypted with."""
    _context: ssl.SSLContext = PrivateAttr()

    @property
    def context(self) -> ssl.SSLContext:
        """What connections are made with."""
        return self._context

    @model_validator(mode="after")
    def _read(self) -> Self:
        self._context = _believing(self.ca_file)
        if self.cert_file is not None and self.key_file is not None:
            password = None if self.key_password is None else self.key_password.get_secret_value()
            _prove(self._context, self.cert_file, self.key_file, password)
        elif self.cert_file is not None:
            raise ValueError("key_file: missing; cert_file needs it, even where the key stands in the same file")
        elif self.key_file is not None or self.key_password is not None:
            raise ValueError("cert_file: missing; a key says nothing without it")
        return self


@cache
def system_context() -> ssl.SSLContext:
    """What connections are made with to whoever the system's authorities vouch for; the same for all."""
    return _believing(None)


def _believing(ca_file: Path | None) -> ssl.SSLContext:
    """TLS 1.2 or newer, the upstream's certificate and host name checked: Python's own defaults."""
    try:
        context = ssl.create_default_context(cafile=ca_file)
    except ssl.SSLError:
        raise ValueError(f"ca_file: {ca_file} holds no certificates in PEM (-----BEGIN CERTIFICATE-----)") from None
    except OSError as error:
        raise ValueError(f"ca_file: {ca_file} cannot be read: {error.strerror}") from None
    if ca_file is not None and _are_all_over(context):
        raise ValueError(f"ca_file: {ca_file} holds only certificates that have expired")
    # What aiohttp sets on a context of its own.
    context.set_alpn_protocols(["http/1.1"])
    return context


def _are_all_over(context: ssl.SSLContext) -> bool:
    """A bundle often holds a few that have expired, which harms nobody."""
    now = SystemClock().now().timestamp()
    ends = [ssl.cert_time_to_seconds(str(authority["notAfter"])) for authority in context.get_ca_certs()]
    return bool(ends) and max(ends) < now


def _prove(context: ssl.SSLContext, cert_file: Path, key_file: Path, password: str | None) -> None:
    _check_dates(cert_file)
    asked = False

    def tell() -> str:
        # Without this, OpenSSL would ask whoever sits at the terminal.
        nonlocal asked
        asked = True
        if password is None:
            raise ValueError(f"key_password: missing; {key_file} is encrypted")
        return password

    try:
        context.load_cert_chain(cert_file, key_file, tell)
    except ssl.SSLError as error:
        if error.reason in {"KEY_VALUES_MISMATCH", "KEY_TYPE_MISMATCH"}:
            raise ValueError(f"key_file: {key_file} is not the key of {cert_file}") from None
        if asked:
            raise ValueError(f"key_password: does not open {key_file}") from None
        raise ValueError(f"key_file: {key_file} holds no private key in PEM (-----BEGIN PRIVATE KEY-----)") from None
    except OSError as error:
        raise ValueError(f"key_file: {key_file} cannot be read: {error.strerror}") from None


def _check_dates(cert_file: Path) -> None:
    try:
        own, *_ = x509.load_pem_x509_certificates(cert_file.read_bytes())
    except OSError as error:
        raise ValueError(f"cert_file: {cert_file} cannot be read: {error.strerror}") from None
    except ValueError:
        raise ValueError(f"cert_file: {cert_file} holds no certificate in PEM (-----BEGIN CERTIFICATE-----)") from None
    if own.not_valid_after_utc < SystemClock().now():
        raise ValueError(f"cert_file: {cert_file} expired at {own.not_valid_after_utc:%Y-%m-%d %H:%M} UTC")

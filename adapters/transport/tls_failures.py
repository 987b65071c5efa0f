"""Why there is no TLS with an upstream, in words that say which side has to change what."""

import ssl
from collections.abc import Iterator

_OTHER_CERTIFICATE = "The upstream's TLS certificate is not accepted here: look at it with openssl s_client -showcerts."
# X509_V_ERR_* of OpenSSL (openssl-verification-options(1), x509_vfy.h), which Python passes on as numbers.
_CERTIFICATES: dict[int, str] = {
    9: "The upstream's TLS certificate, or one that vouches for it, is not valid yet: is the clock right here?",
    10: "The upstream's TLS certificate, or one that vouches for it, has expired: have it renewed.",
    62: "The upstream's TLS certificate is for another host name: correct base_url, or have the certificate changed.",
    64: "The upstream's TLS certificate is not for this IP address: put the host name into base_url.",
    **dict.fromkeys(
        # No issuer found; self-signed; self-signed authority; no issuer here; no chain at all; not trusted.
        (2, 18, 19, 20, 21, 27),
        "The upstream's TLS certificate is from an authority that is not trusted here: if it is one of your own, name "
        "the file with its certificate in tls.ca_file.",
    ),
}

_NOT_OURS = "The upstream does not accept the certificate in tls.cert_file: {}."
# Alerts of the upstream (RFC 8446, section 6.2), as OpenSSL calls them.
_ALERTS: dict[str, str] = {
    "TLSV13_ALERT_CERTIFICATE_REQUIRED": (
        "The upstream wants to see a certificate of ours: set tls.cert_file and tls.key_file."
    ),
    "SSLV3_ALERT_HANDSHAKE_FAILURE": (
        "The upstream refused the TLS handshake: it may want to see a certificate of ours (tls.cert_file and "
        "tls.key_file), or has no cipher in common with us."
    ),
    "SSLV3_ALERT_CERTIFICATE_EXPIRED": _NOT_OURS.format("it has expired"),
    "SSLV3_ALERT_CERTIFICATE_REVOKED": _NOT_OURS.format("it was revoked"),
    "TLSV1_ALERT_UNKNOWN_CA": _NOT_OURS.format("the upstream does not trust the authority that it is from"),
    "SSLV3_ALERT_BAD_CERTIFICATE": _NOT_OURS.format("the upstream finds it broken, or wrong for its purpose"),
    "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE": _NOT_OURS.format("it is of a kind that the upstream does not take"),
    "SSLV3_ALERT_CERTIFICATE_UNKNOWN": _NOT_OURS.format("the upstream does not say why"),
    "TLSV1_ALERT_ACCESS_DENIED": _NOT_OURS.format("it is valid, but has no right there"),
    "TLSV1_ALERT_PROTOCOL_VERSION": "The upstream speaks no version of TLS from 1.2 on: have it brought up to date.",
    "UNSUPPORTED_PROTOCOL": "The upstream speaks no version of TLS from 1.2 on: have it brought up to date.",
    "TLSV1_UNRECOGNIZED_NAME": "The upstream's server does not know its host name in base_url: correct that.",
}


def tls_failure(error: BaseException) -> str | None:
    """Why TLS failed, if it did for a reason that time does not mend; None for any other failure."""
    causes = list(_causes(error))
    # aiohttp's errors are those of the standard library too, but know nothing of what those know.
    for cause in causes:
        if (alert := _ALERTS.get(getattr(cause, "reason", ""))) is not None:
            return alert
        if (certificate := _CERTIFICATES.get(getattr(cause, "verify_code", 0))) is not None:
            return certificate
    return _OTHER_CERTIFICATE if any(isinstance(cause, ssl.CertificateError) for cause in causes) else None


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__

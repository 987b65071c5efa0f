"""The table `tls` is checked when it is read, with all of its files."""

import ssl
from pathlib import Path

import pytest
from pydantic import ValidationError

from adapters.settings import TlsSettings
from adapters.settings.tls import system_context
from tests.adapters.certificates import LONG_AGO, Authority, encrypted

# Of an authority that ended with the year 2019. Its key was never kept.
EXPIRED_AUTHORITY = """
-----BEGIN CERTIFICATE-----
MIIBSTCB8KADAgECAgEBMAoGCCqGSM49BAMCMCQxIjAgBgNVBAMMGUV4cGlyZWQg
RXhhbXBsZSBBdXRob3JpdHkwHhcNMTkwMTAxMDAwMDAwWhcNMjAwMTAxMDAwMDAw
WjAkMSIwIAYDVQQDDBlFeHBpcmVkIEV4YW1wbGUgQXV0aG9yaXR5MFkwEwYHKoZI
zj0CAQYIKoZIzj0DAQcDQgAEG7aaH7lajwGxi3kREdNWCt0oOeBdML5nDtZogxXp
+FUj8QnUym73U4aKhMt+eufmA83z4zHAwKuPAPY7KIPY4aMTMBEwDwYDVR0TAQH/
BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiEAtHv7WjBA25ck1U+hjX9RvIDueghV
kT9P8m2KnRY3E3ECIGLgRpCgT9W+pdKwetdQ4rAZ7AefLNyTvmysbQ1GCq9/
-----END CERTIFICATE-----
"""


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority.in_folder(tmp_path)


def context_of(**table: object) -> ssl.SSLContext:
    return TlsSettings.model_validate(table).context


def complaint(**table: object) -> str:
    """What is said against a table."""
    with pytest.raises(ValidationError) as refused:
        TlsSettings.model_validate(table)
    (error,) = refused.value.errors(include_url=False)
    assert "s3cret" not in str(refused.value)
    return error["msg"].removeprefix("Value error, ")


def test_the_authorities_of_a_file_take_the_place_of_the_systems(authority: Authority) -> None:
    context = context_of(ca_file=str(authority.ca_file))

    assert context.cert_store_stats()["x509_ca"] == 1


def test_without_a_file_the_systems_authorities_are_believed(authority: Authority) -> None:
    cert_file, key_file = authority.issue()

    assert context_of(cert_file=cert_file, key_file=key_file).cert_store_stats() == system_context().cert_store_stats()


def test_nothing_below_tls_1_2_and_no_other_host_name_is_accepted(authority: Authority) -> None:
    for context in (system_context(), context_of(), context_of(ca_file=authority.ca_file)):
        assert context.minimum_version >= ssl.TLSVersion.TLSv1_2
        assert context.check_hostname
        assert context.verify_mode == ssl.CERT_REQUIRED


def test_an_encrypted_key_is_opened_with_its_password(authority: Authority) -> None:
    cert_file, key_file = authority.issue()

    context_of(cert_file=cert_file, key_file=encrypted(key_file, "s3cret"), key_password="s3cret")


def test_a_certificate_and_its_key_may_stand_in_one_file(authority: Authority, tmp_path: Path) -> None:
    cert_file, key_file = authority.issue()
    both = tmp_path / "both.pem"
    both.write_bytes(cert_file.read_bytes() + key_file.read_bytes())

    context_of(cert_file=both, key_file=both)


def test_authorities_of_which_some_have_expired_are_still_of_use(authority: Authority, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle.pem"
    bundle.write_text(f"Authorités\n{EXPIRED_AUTHORITY}\n{authority.ca_file.read_text()}", "utf-8")

    assert context_of(ca_file=bundle).cert_store_stats()["x509_ca"] == 2


def test_a_file_that_is_not_there_is_named(authority: Authority) -> None:
    cert_file, key_file = authority.issue()

    assert complaint(ca_file="/no/ca") == "ca_file: /no/ca cannot be read: No such file or directory"
    assert (
        complaint(cert_file="/no/c", key_file=key_file) == "cert_file: /no/c cannot be read: No such file or directory"
    )
    assert (
        complaint(cert_file=cert_file, key_file="/no/k") == "key_file: /no/k cannot be read: No such file or directory"
    )


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    assert complaint(ca_file=tmp_path) == f"ca_file: {tmp_path} cannot be read: Is a directory"


def test_a_file_with_something_else_in_it_is_named(authority: Authority, tmp_path: Path) -> None:
    cert_file, key_file = authority.issue()
    other = tmp_path / "other"
    other.write_bytes(b"\xffs3cret")

    assert complaint(ca_file=other).startswith(f"ca_file: {other} holds no certificates in PEM")
    assert complaint(cert_file=other, key_file=key_file).startswith(f"cert_file: {other} holds no certificate in PEM")
    assert complaint(cert_file=cert_file, key_file=other).startswith(f"key_file: {other} holds no private key in PEM")


def test_the_key_of_another_certificate_is_told_from_its_own(authority: Authority) -> None:
    cert_file, _ = authority.issue()
    _, other = authority.issue(name="other.example.com")

    assert complaint(cert_file=cert_file, key_file=other) == f"key_file: {other} is not the key of {cert_file}"


def test_an_encrypted_key_without_its_password_is_told(authority: Authority) -> None:
    cert_file, key_file = authority.issue()
    locked = encrypted(key_file, "s3cret")

    assert complaint(cert_file=cert_file, key_file=locked) == f"key_password: missing; {locked} is encrypted"
    assert complaint(cert_file=cert_file, key_file=locked, key_password="s3cret?") == (
        f"key_password: does not open {locked}"
    )


def test_a_certificate_that_has_expired_is_told_with_its_end(authority: Authority) -> None:
    cert_file, key_file = authority.issue(until=LONG_AGO)

    assert (
        complaint(cert_file=cert_file, key_file=key_file) == f"cert_file: {cert_file} expired at 2020-01-01 00:00 UTC"
    )


def test_authorities_that_have_all_expired_are_told(tmp_path: Path) -> None:
    bundle = tmp_path / "bundle.pem"
    bundle.write_text(EXPIRED_AUTHORITY)

    assert complaint(ca_file=bundle) == f"ca_file: {bundle} holds only certificates that have expired"


def test_half_of_a_pair_is_told_what_is_missing(authority: Authority) -> None:
    cert_file, key_file = authority.issue()

    assert complaint(cert_file=cert_file).startswith("key_file: missing")
    assert complaint(key_file=key_file).startswith("cert_file: missing")
    assert complaint(key_password="s3cret").startswith("cert_file: missing")


def test_there_is_no_switch_that_believes_everybody() -> None:
    assert set(TlsSettings.model_fields) == {"ca_file", "cert_file", "key_file", "key_password"}

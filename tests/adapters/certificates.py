"""Certificates of an authority of our own, as the files that a configuration names."""

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import trustme
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """Issues certificates, and writes them into a folder."""

    folder: Path
    ca: trustme.CA

    @classmethod
    def in_folder(cls, folder: Path) -> "Authority":
        return cls(folder=folder, ca=trustme.CA())

    @property
    def ca_file(self) -> Path:
        """Its own certificate."""
        path = self.folder / "ca.pem"
        self.ca.cert_pem.write_to_path(str(path))
        return path

    def server_context(self, *names: str, until: datetime | None = None) -> ssl.SSLContext:
        """For a server of these names."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.ca.issue_cert(*names, not_after=until).configure_cert(context)
        return context

    def issue(self, *, until: datetime | None = None, name: str = "gateway.example.com") -> tuple[Path, Path]:
        """A certificate for a client, with its chain, and the key of it."""
        leaf = self.ca.issue_cert(name, not_after=until)
        cert_file, key_file = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        cert_file.write_bytes(b"".join(pem.bytes() for pem in leaf.cert_chain_pems))
        leaf.private_key_pem.write_to_path(str(key_file))
        return cert_file, key_file


def encrypted(key_file: Path, password: str) -> Path:
    """The same key, encrypted."""
    key = load_pem_private_key(key_file.read_bytes(), None)
    locked = key_file.with_suffix(".locked")
    locked.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(password.encode())))
    return locked

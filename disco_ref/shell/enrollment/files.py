"""Files of keys and documents: written whole or not at all, keys for their owner alone."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from disco_ref.reload.security.signing import PrivateKey

LARGEST = 1 << 20
"""Octets of a file that are read."""

PRIVATE, PUBLIC = 0o600, 0o644


class FilesLost(Exception):
    """A file cannot be read or written, or is something else; the text says which and why."""


def make_folder(folder: Path) -> None:
    """The folder, for its owner alone where it is new; FilesLost where it cannot be made."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as failure:
        raise FilesLost(f"{folder}: {failure.strerror or failure}") from None


def write(path: Path, octets: bytes, mode: int = PRIVATE) -> None:
    """Makes this the content of the file, at once and on disk; FilesLost where that cannot be."""
    new = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        with open(os.open(new, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, mode), "wb") as file:
            os.fchmod(file.fileno(), mode)
            file.write(octets)
            file.flush()
            os.fsync(file.fileno())
        os.replace(new, path)
    except OSError as failure:
        with suppress(OSError):
            new.unlink()
        raise FilesLost(f"{path}: {failure.strerror or failure}") from None


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """While it lasts no other process, nor anybody else in this one, has the folder; FilesLost where that is not to be had."""
    try:
        place = os.open(folder, os.O_RDONLY)
    except OSError as failure:
        raise FilesLost(f"{folder}: {failure.strerror or failure}") from None
    try:
        fcntl.flock(place, fcntl.LOCK_EX)
        yield
    finally:
        os.close(place)


def read(path: Path) -> bytes:
    """The content of a file; FilesLost where it cannot be read or is too large."""
    try:
        with path.open("rb") as file:
            octets = file.read(LARGEST + 1)
    except OSError as failure:
        raise FilesLost(f"{path}: {failure.strerror or failure}") from None
    if len(octets) > LARGEST:
        raise FilesLost(f"{path}: more than {LARGEST} octets")
    return octets


def new_key() -> ec.EllipticCurvePrivateKey:
    """A key on P-256, which every other implementation of TLS 1.2 has too."""
    return ec.generate_private_key(ec.SECP256R1())


def identity_text(key: PrivateKey, certificate: bytes) -> bytes:
    """A key and its certificate (in DER) as PEM, in one file so that they cannot part."""
    text = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return text + x509.load_der_x509_certificate(certificate).public_bytes(Encoding.PEM)


def read_identity(path: Path) -> tuple[PrivateKey, x509.Certificate]:
    """A key and its certificate out of one file in PEM; FilesLost where it holds something else."""
    octets = read(path)
    try:
        key, certificate = load_pem_private_key(octets, None), x509.load_pem_x509_certificate(octets)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise FilesLost(f"{path}: not a key and a certificate in PEM") from None
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise FilesLost(f"{path}: a key of a kind that RELOAD does not sign with")
    if certificate.public_key() != key.public_key():
        raise FilesLost(f"{path}: the certificate is for another key")
    return key, certificate


def der(certificate: x509.Certificate) -> bytes:
    """A certificate in DER."""
    return certificate.public_bytes(Encoding.DER)

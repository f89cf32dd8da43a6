"""The harness' overlay in a folder, so that a subject on the network can be set up before the run.

``root.pem``, ``root.key.pem`` and ``signer.pem`` are the harness' own, ``subject.pem`` (certificate), ``subject.key.pem``,
``subject.der``, ``subject.key.der``, ``identity.pem`` (both in one file) and ``configuration.xml`` are for the subject.
"""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from conformance.errors import Misuse, said
from conformance.lab.certificates import read_certificate
from conformance.lab.context import Context
from conformance.lab.presentation.refusal import LabRefusal
from conformance.live.overlay.authority import DAY, Authority, Overlay, found
from conformance.live.overlay.document import Document
from conformance.live.overlay.identity import Identity
from conformance.live.subject import End

PEM = Encoding.PEM
ROOT, ROOT_KEY, SIGNER, SUBJECT, CONFIGURATION = (
    "root.pem", "root.key.pem", "signer.pem", "identity.pem", "configuration.xml",
)  # fmt: skip
LINKS = ("TLS", "DTLS")
"""What the document permits (section 11.1)."""
NAME = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
"""An overlay is called as a domain is (section 3)."""
CHANGING = re.compile(rb"<kind-signature>.*?</kind-signature>|\n<bootstrap-node[^>]*/>", re.DOTALL)
"""What is different each time that the same document is written, or as the subject moves."""


class OverlayFolder:
    """A folder with a whole overlay."""

    def __init__(self, folder: Path) -> None:
        """Take it up; raises Misuse where it is none, or not of this version."""
        self.folder = folder
        try:
            root = x509.load_pem_x509_certificate((folder / ROOT).read_bytes())
            written = (folder / CONFIGURATION).read_bytes()
            key, _ = _pair(folder / ROOT_KEY, (folder / ROOT).read_bytes())
        except OSError as fault:
            make = f"`disco-conformance overlay {folder} NAME --subject HOST:PORT` makes one"
            raise Misuse(f"--overlay {folder}: {said(fault)}; {make}") from None
        except ValueError:
            raise Misuse(
                f"--overlay {folder}: no overlay of the harness: {ROOT} is no certificate with its key"
            ) from None
        if root.not_valid_after_utc.timestamp() < time.time() + DAY:
            raise Misuse(f"--overlay {folder}: its root is about to expire, or has; make another folder")
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        named = re.search(rb'instance-name="([^"]+)"', written)
        self.name = named[1].decode() if named else ""
        self._root = Authority(root.public_bytes(Encoding.DER), key)
        self.signer = _identity(folder / SIGNER, self.name)
        self.subject = _identity(folder / SUBJECT, self.name)
        if CHANGING.sub(b"", self.document.element) not in CHANGING.sub(b"", written):
            raise Misuse(
                f"--overlay {folder}: made by another version of the harness, with other Kinds; make another folder"
            )

    @property
    def document(self) -> Document:
        """The document as the subject has it, but for signatures and bootstrap nodes."""
        return Document(name=self.name, root=self._root.certificate, signer=self.signer, link_protocols=LINKS)

    def overlay(self) -> Overlay:
        """The overlay for one scenario."""
        made = Overlay(time.time(), self.name, self._root)
        made.signer, made.document = self.signer, self.document
        return made


def make_folder(folder: Path, name: str, subject: End) -> OverlayFolder:
    """A new overlay in a folder that has none yet; where it has, the subject only moves.  Raises Misuse."""
    if not NAME.fullmatch(name):
        raise Misuse(f"{name}: an overlay is called as a domain is, such as overlay.example.org")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not (folder / CONFIGURATION).exists():
            _found(folder, name)
        made = OverlayFolder(folder)
        if made.name != name:
            raise Misuse(f"{folder} has the overlay {made.name}; make {name} in another folder")
        document = Document(
            name=name, root=made._root.certificate, signer=made.signer, link_protocols=LINKS, bootstrap=[subject]
        )
        (folder / CONFIGURATION).write_bytes(document.octets())
    except OSError as fault:
        raise Misuse(f"{folder}: {said(fault)}") from None
    return made


def _found(folder: Path, name: str) -> None:
    now = time.time()
    root = found(now, name)
    overlay = Overlay(now, name, root)
    subject = overlay.certify(f"subject@{name}")
    pem = x509.load_der_x509_certificate(subject.certificate).public_bytes(PEM)
    _keep(folder / ROOT_KEY, _private(root.key))
    _keep(folder / ROOT, x509.load_der_x509_certificate(root.certificate).public_bytes(PEM))
    _keep(folder / SIGNER, _both(overlay.signer))
    _keep(folder / SUBJECT, _both(subject))
    _keep(folder / "subject.pem", pem)
    _keep(folder / "subject.key.pem", _private(subject.key))
    _keep(folder / "subject.der", subject.certificate)
    _keep(folder / "subject.key.der", subject.private)
    document = Document(name=name, root=root.certificate, signer=overlay.signer, link_protocols=LINKS)
    (folder / CONFIGURATION).write_bytes(document.octets())


def _keep(path: Path, octets: bytes) -> None:
    """Write a file that only its owner can read."""
    with open(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb") as file:
        file.write(octets)


def _private(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(PEM, PrivateFormat.PKCS8, NoEncryption())


def _both(one: Identity) -> bytes:
    return _private(one.key) + x509.load_der_x509_certificate(one.certificate).public_bytes(PEM)


def _pair(path: Path, certificate: bytes = b"") -> tuple[ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey, bytes]:
    """A key and its certificate (DER) of one file; ValueError where they are none."""
    octets = path.read_bytes()
    key = load_pem_private_key(octets, None)
    shown = x509.load_pem_x509_certificate(certificate or octets)
    if not isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) or shown.public_key() != key.public_key():
        raise ValueError(path.name)
    return key, shown.public_bytes(Encoding.DER)


def _identity(path: Path, overlay: str) -> Identity:
    """Who is in a file; raises Misuse."""
    try:
        key, der = _pair(path)
        read = read_certificate(der, Context(overlay_name=overlay))
    except OSError as fault:
        raise Misuse(f"--overlay {path.parent}: {said(fault)}") from None
    except (ValueError, TypeError, LabRefusal) as fault:
        raise Misuse(f"--overlay {path}: no key with a certificate of the overlay: {fault}") from None
    if x509.load_der_x509_certificate(der).not_valid_after_utc.timestamp() < time.time() + DAY:
        raise Misuse(f"--overlay {path}: it is about to expire, or has; make another folder")
    return Identity(node_ids=tuple(read.node_ids), user=read.user or "", key=key, certificate=der)

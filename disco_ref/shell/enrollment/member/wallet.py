"""The directory of a member: the configuration of its overlay, its identities (RFC 6940, sections 11.2 and 11.3)."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from cryptography.hazmat.primitives.asymmetric import ec

from disco_ref.clock import Instant
from disco_ref.errors import Refusal
from disco_ref.reload.enrollment.configuration import Configuration
from disco_ref.reload.enrollment.credentials import accept_configuration
from disco_ref.reload.enrollment.document import read
from disco_ref.reload.enrollment.signing import context_of
from disco_ref.reload.identity import Identity, identity_of
from disco_ref.reload.overlay import Overlay, overlay_of
from disco_ref.reload.security.certificates import Certificate, read_certificate
from disco_ref.reload.security.signing import PrivateKey
from disco_ref.shell.enrollment import files

CONFIGURATION = "configuration.xml"
OWN = "own"
"""The identity of the account itself; those for conferences are called like their user names."""


class Stored(NamedTuple):
    """A key and the certificate that was issued for it."""

    key: PrivateKey
    certificate: Certificate
    until: Instant
    """When the certificate ends."""


class Wallet:
    """What a member keeps in its directory; keys are in files that nobody else can read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def document(self) -> bytes | None:
        """The configuration document; None where none was taken yet."""
        path = self.folder / CONFIGURATION
        return files.read(path) if path.exists() else None

    def configuration(self, overlay_name: str) -> Configuration | None:
        """The configuration at hand, expired or not; FilesLost where the file holds something else."""
        document = self.document()
        if document is None:
            return None
        try:
            found = [each.configuration for each in read(document)]
        except Refusal as refusal:
            raise files.FilesLost(f"{self.folder / CONFIGURATION}: {refusal}") from None
        fitting = [each for each in found if each.instance_name.lower() == overlay_name.lower()]
        if not fitting:
            raise files.FilesLost(f"{self.folder}: it holds another overlay; name another directory")
        return fitting[0]

    def take(self, document: bytes, overlay_name: str, now: Instant) -> Configuration:
        """Keeps a document once it is certain that it may be used; a Refusal where it may not."""
        current = self.configuration(overlay_name)
        taken = accept_configuration(document, overlay_name, current, now).configuration
        files.make_folder(self.folder)
        if taken != current:
            # = rfc6940:11.2/9
            files.write(self.folder / CONFIGURATION, document, files.PUBLIC)
        return taken

    def path(self, name: str = OWN) -> Path:
        """The file of an identity."""
        return self.folder / f"{quote(name, safe='@')}.pem"

    def key(self, name: str = OWN) -> PrivateKey:
        """The key of an identity, a new one where there is none."""
        path = self.path(name)
        return files.read_identity(path)[0] if path.exists() else new_key()

    def keep(self, key: PrivateKey, certificate: bytes, name: str = OWN) -> None:
        """Keeps a certificate in DER with its key."""
        files.write(self.path(name), files.identity_text(key, certificate))

    def stored(self, configuration: Configuration, name: str = OWN) -> Stored | None:
        """An identity; None where there is none yet."""
        path = self.path(name)
        if not path.exists():
            return None
        key, found = files.read_identity(path)
        try:
            certificate = read_certificate(files.der(found), context_of(configuration))
        except Refusal as refusal:
            raise files.FilesLost(f"{path}: {refusal}") from None
        return Stored(key, certificate, Instant(found.not_valid_after_utc.timestamp()))

    def member(self, overlay_name: str, name: str = OWN, node_id: bytes | None = None) -> tuple[Overlay, Identity]:
        """What a node needs to join: its overlay and its identity, by one of its Node-IDs; FilesLost where one is missing."""
        configuration = self.configuration(overlay_name)
        stored = None if configuration is None else self.stored(configuration, name)
        if configuration is None or stored is None:
            raise files.FilesLost(f"{self.folder}: nothing of {overlay_name} in it; begin with disco-ref enroll")
        chosen = node_id or (stored.certificate.node_ids[0] if stored.certificate.node_ids else None)
        try:
            identity = identity_of(stored.key, stored.certificate, chosen)
        except ValueError as wrong:
            raise files.FilesLost(f"{self.path(name)}: {wrong}") from None
        return overlay_of(configuration, self.document() or b""), identity


def new_key() -> ec.EllipticCurvePrivateKey:
    """A key for a new identity."""
    return files.new_key()

"""The directory of an enrolment server: root, signer of configurations, the configuration, TLS (RFC 6940, sections 11.1 and 11.3).

Everything is made once and found again.  The configuration is read anew when its file has changed, so that another
process may sign a newer one while the server runs.
"""

from __future__ import annotations

import datetime
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from disco_ref.clock import Duration, Instant
from disco_ref.entropy import Entropy
from disco_ref.errors import Refusal
from disco_ref.reload.enrollment.configuration import Configuration, Kind
from disco_ref.reload.enrollment.credentials import expiration_of
from disco_ref.reload.enrollment.document import Signer, read
from disco_ref.reload.enrollment.foundation import raised, signed_document, with_kinds
from disco_ref.reload.enrollment.issuing import (
    Authority,
    Holder,
    issue,
    lasting,
    make_root,
    new_node_ids,
)
from disco_ref.reload.enrollment.naming import SIGNER as SIGNER_NAME
from disco_ref.reload.enrollment.signing import blob_signer, context_of
from disco_ref.reload.security.certificates import read_certificate
from disco_ref.reload.security.signing import signer_with_key
from disco_ref.shell.enrollment import files

ROOT, SIGNER, TLS = "root.pem", "signer.pem", "tls.pem"
CERTIFICATE = "tls-certificate.pem"
CONFIGURATION, ACCOUNTS = "configuration.xml", "accounts.sqlite"

TEN_YEARS = Duration(3650 * 86400.0)


class Foundation:
    """What the directory of a server holds."""

    def __init__(self, folder: Path, period: Duration, now: Callable[[], Instant], entropy: Entropy) -> None:
        self.folder, self._period, self._now, self._entropy = folder, period, now, entropy
        self._read: tuple[tuple[int, int], bytes, Configuration] | None = None

    @property
    def founded(self) -> bool:
        """Whether there is an overlay in it."""
        return (self.folder / CONFIGURATION).exists()

    def found(self, configuration: Configuration, kinds: Sequence[Kind]) -> None:
        """Makes root, signer and the first configuration; FilesLost where that fails.

        A root that is there already is kept, so that what was interrupted is done to the end.
        """
        files.make_folder(self.folder)
        now, name = self._now(), configuration.instance_name
        if not (self.folder / ROOT).exists():
            key = files.new_key()
            root = make_root(key, name, lasting(now, TEN_YEARS), self._entropy)
            files.write(self.folder / ROOT, files.identity_text(key, root))
        context = context_of(configuration)
        signer_key = files.new_key()
        node_ids = new_node_ids(1, configuration.node_id_length, (), self._entropy)
        holder = Holder(signer_key.public_key(), node_ids, f"{SIGNER_NAME}@{name}")
        signer = issue(self.authority(), holder, lasting(now, TEN_YEARS), self._entropy, name, context)
        files.write(self.folder / SIGNER, files.identity_text(signer_key, signer))
        first = replace(
            with_kinds(configuration, kinds),
            root_cert=(files.der(self.authority().certificate),),
            configuration_signer=node_ids,
            kind_signer=node_ids,
        )
        self.change(lambda _: first, first)

    def authority(self) -> Authority:
        """Who issues certificates."""
        return Authority(*files.read_identity(self.folder / ROOT))

    def document(self) -> bytes:
        """The configuration document as it stands in the file."""
        return self._current()[0]

    def configuration(self) -> Configuration:
        """The configuration that it holds."""
        return self._current()[1]

    def _current(self) -> tuple[bytes, Configuration]:
        path = self.folder / CONFIGURATION
        try:
            state = os.stat(path)
        except OSError as failure:
            raise files.FilesLost(f"{path}: {failure.strerror or failure}") from None
        mark = (state.st_mtime_ns, state.st_ino)
        if self._read is None or self._read[0] != mark:
            octets = files.read(path)
            try:
                self._read = (mark, octets, read(octets)[0].configuration)
            except Refusal as refusal:
                raise files.FilesLost(f"{path}: {refusal}") from None
        return self._read[1:]

    def change(self, change: Callable[[Configuration], Configuration], first: Configuration | None = None) -> int:
        """Signs a newer configuration: the sequence number, which is returned, is raised by one.

        What other processes sign at the same time comes before or after, and is not lost.
        """
        with files.locked(self.folder):
            current = first if first is not None else self.configuration()
            new = raised(change(current), self._now(), self._period)
            files.write(self.folder / CONFIGURATION, signed_document(new, self._sign(new)), files.PUBLIC)
        return new.sequence or 0

    def renew(self) -> bool:
        """Signs the configuration anew where less than half of its time is left; whether it did."""
        ends = expiration_of(self.configuration())
        if ends is None or ends - self._now() > self._period / 2:
            return False
        self.change(lambda current: current)
        return True

    def _sign(self, configuration: Configuration) -> Signer:
        key, found = files.read_identity(self.folder / SIGNER)
        context = context_of(configuration)
        certificate = read_certificate(files.der(found), context)
        return blob_signer(signer_with_key(key, certificate), [certificate.der], context)

    def tls(self, hosts: Sequence[str]) -> Path:
        """The key and certificate of the server for HTTPS in one file, made for these names and addresses where it is missing.

        It is made anew where a name is missing in it, or little of its time is left.
        """
        path = self.folder / TLS
        if not path.exists() or not self._covers(path, hosts):
            key = files.new_key()
            files.write(path, files.identity_text(key, _tls_certificate(key, hosts, self._now(), self._entropy)))
        _, certificate = files.read_identity(path)
        files.write(self.folder / CERTIFICATE, certificate.public_bytes(Encoding.PEM), files.PUBLIC)
        return path

    def _covers(self, path: Path, hosts: Sequence[str]) -> bool:
        _, certificate = files.read_identity(path)
        left = certificate.not_valid_after_utc.timestamp() - self._now()
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        return left > 30 * 86400 and set(_general_names(hosts)) <= set(names)


def _tls_certificate(key: ec.EllipticCurvePrivateKey, hosts: Sequence[str], now: Instant, entropy: Entropy) -> bytes:
    """A self-signed certificate for HTTPS: no certificate of the overlay's, so that the root vouches for members alone."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, hosts[0][:64])])
    since, until = lasting(now, Duration(366 * 86400.0))
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(int.from_bytes(entropy(16), "big") | 1)
        .not_valid_before(_date(since))
        .not_valid_after(_date(until))
        .add_extension(x509.SubjectAlternativeName(_general_names(hosts)), critical=False)
        .add_extension(x509.BasicConstraints(False, None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    )
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


def _general_names(hosts: Sequence[str]) -> list[x509.GeneralName]:
    found: list[x509.GeneralName] = []
    for host in dict.fromkeys(hosts):
        try:
            found.append(x509.IPAddress(ip_address(host)))
        except ValueError:
            found.append(x509.DNSName(host))
    return found


def _date(at: Instant) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(int(at), datetime.UTC)

"""The certificate store: a node's own certificate in the overlay, and those of others (RFC 6940, section 8)."""

from __future__ import annotations

from typing import NamedTuple

from disco_ref.clock import Instant
from disco_ref.errors import Refusal
from disco_ref.reload.actions import About, Action, Incoming, SetTimer, Tell
from disco_ref.reload.member import Member
from disco_ref.reload.registries import DataKind
from disco_ref.reload.room import Quiet
from disco_ref.reload.security.certificates import Certificate, read_certificate
from disco_ref.reload.security.signing import refuse_certificate
from disco_ref.reload.storage.client import Failed, Fetched, Stored
from disco_ref.reload.storage.data_models import APPEND, ArrayEntry
from disco_ref.reload.storage.holdings import value_of
from disco_ref.reload.topology.plugin import TopologyPlugin
from disco_ref.usage.keeping import AGAIN, LIFETIME, REFRESH
from disco_ref.usage.storage_door import StorageDoor, StorageEvent


class CertificateStored(NamedTuple):
    """The node's certificate stands in the overlay, and is kept up."""

    kind: int
    """CERTIFICATE_BY_NODE or CERTIFICATE_BY_USER."""


class CertificateNotStored(NamedTuple):
    """The node's certificate does not stand; that is tried again."""

    kind: int
    why: Refusal


class CertificatesFound(NamedTuple):
    """The certificates of a node or a user that hold in this overlay, in the order in which they were stored."""

    about: About
    certificates: tuple[Certificate, ...]


class CertificatesNotFound(NamedTuple):
    """The certificates could not be fetched."""

    about: About
    why: Refusal


class Certifying(Quiet):
    """A node's dealings with the certificate store."""

    __slots__ = ("_busy", "_door", "_last", "_member", "_wanted")

    def __init__(self, member: Member, topology: TopologyPlugin) -> None:
        self._member = member
        self._door = StorageDoor(member, topology, self._heard)
        self._busy: set[int] = set()
        """Kinds of which what stands is looked at, or that are being stored."""
        self._wanted: dict[int, tuple[About, bytes | str]] = {}
        """What others are looked for, and the name that their certificates must hold."""
        self._last = 0

    # --- one's own

    def store_own(self, now: Instant) -> list[Action]:
        """Store the node's certificate under its Node-ID and its user name, and keep it there.

        What stands already is looked at first: a certificate is refreshed where it is, and a new one put behind the old.
        """
        # = rfc6940:8/1
        return [action for kind in self._kinds() for action in self._look(kind, now)]

    def _kinds(self) -> list[DataKind]:
        user = self._member.identity.user_name
        kinds = [DataKind.CERTIFICATE_BY_NODE, *([] if user is None else [DataKind.CERTIFICATE_BY_USER])]
        return [each for each in kinds if self._door.stores(each)]

    def _name(self, kind: int) -> bytes:
        by_user = kind == DataKind.CERTIFICATE_BY_USER
        return (self._member.identity.user_name or "").encode() if by_user else self._member.node_id

    def _look(self, kind: int, now: Instant) -> list[Action]:
        if kind in self._busy:
            return []
        self._busy.add(kind)
        return self._door.fetch(("own", kind), self._name(kind), kind)

    def _own(self, event: StorageEvent, kind: int, now: Instant) -> list[Action]:
        if not isinstance(event, Fetched):
            self._busy.discard(kind)
        match event:
            case Fetched():
                return self._store(kind, event, now)
            case Stored():
                due = Instant(now + LIFETIME * REFRESH)
                return [SetTimer(self, ("own", kind), due), Tell(CertificateStored(kind))]
            case Failed(_, why, _):
                return [SetTimer(self, ("own", kind), Instant(now + AGAIN)), Tell(CertificateNotStored(kind, why))]
            case _:
                raise RuntimeError(f"{event} was not asked for")

    def _store(self, kind: int, stand: Fetched, now: Instant) -> list[Action]:
        der, where, after = self._member.identity.certificate.der, APPEND, 0
        for each in stand.values:
            if isinstance(each.value, ArrayEntry) and each.value.value.value == der and each.value.value.exists:
                where, after = each.value.index, each.storage_time
        # = rfc6940:8/0
        return self._door.store(("own", kind), self._name(kind), kind, der, now, where=where, after=after)

    # --- those of others

    def fetch_by_node(self, about: About, node_id: bytes) -> list[Action]:
        """Fetch the certificates of a Node-ID; CertificatesFound or CertificatesNotFound is told."""
        return self._fetch(about, node_id, node_id, DataKind.CERTIFICATE_BY_NODE)

    def fetch_by_user(self, about: About, user_name: str) -> list[Action]:
        """Fetch the certificates of a user name, in the same way."""
        return self._fetch(about, user_name, user_name.encode(), DataKind.CERTIFICATE_BY_USER)

    def _fetch(self, about: About, holder: bytes | str, name: bytes, kind: int) -> list[Action]:
        self._last += 1
        self._wanted[self._last] = about, holder
        return self._door.fetch(("others", self._last), name, kind)

    def _others(self, event: StorageEvent, number: int, now: Instant) -> list[Action]:
        about, holder = self._wanted.pop(number)
        if isinstance(event, Failed):
            return [Tell(CertificatesNotFound(about, event.why))]
        if not isinstance(event, Fetched):
            raise RuntimeError(f"{event} was not asked for")
        found = []
        for each in event.values:
            value = value_of(each)
            certificate = self._judged(value.value, now) if value.exists else None
            if certificate is not None and (holder in certificate.node_ids or holder == certificate.user_name):
                found.append(certificate)
        return [Tell(CertificatesFound(about, tuple(found)))]

    def _judged(self, der: bytes, now: Instant) -> Certificate | None:
        """A certificate that holds in this overlay, None for any other octets."""
        overlay = self._member.overlay
        try:
            certificate = read_certificate(der, overlay.context)
            trust = overlay.trust(now)
            refuse_certificate(certificate, trust.certificates, trust, overlay.context)
        except Refusal:
            return None
        return certificate

    # --- what comes of it

    def _heard(self, event: StorageEvent, now: Instant) -> list[Action]:
        whose, number = event.about
        return self._own(event, int(number), now) if whose == "own" else self._others(event, int(number), now)

    def asked(self, request: Incoming, now: Instant) -> list[Action]:
        """No request is its."""
        raise RuntimeError("no request is for a usage")

    def passed(self, about: About, now: Instant) -> list[Action]:
        """The node's certificate is to be stored again."""
        return self._look(int(about[1]), now)

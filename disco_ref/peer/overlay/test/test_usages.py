"""Tests of the usages of RFC 6940 in a ring, in virtual time (sections 8 and 9)."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.peer.overlay.test.members import identity, node_id, user
from disco_ref.peer.overlay.test.rings import Ring
from disco_ref.peer.overlay.test.usages import DENSITY, overlay_with_usages
from disco_ref.reload.actions import Action
from disco_ref.reload.registries import DataKind
from disco_ref.reload.storage.client import Fetched, StorageClient, Stored
from disco_ref.reload.storage.data_models import APPEND
from disco_ref.usage.certificate_store import by_node, by_user
from disco_ref.usage.certifying import CertificatesFound, CertificateStored, Certifying
from disco_ref.usage.keeping import LIFETIME
from disco_ref.usage.turn_server import turn_resource_id
from disco_ref.usage.turn_serving import (
    NoTurnServer,
    TurnServerFound,
    TurnServerNotFound,
    TurnServerOffered,
    TurnServerWithdrawn,
    TurnServing,
    server_address,
)

NODE, USER = DataKind.CERTIFICATE_BY_NODE, DataKind.CERTIFICATE_BY_USER


class UsageTests(SynchronousTestCase):
    """A ring whose overlay has the registered Kinds."""

    def setUp(self) -> None:
        """A ring of four."""
        self.ring = Ring(4, of=overlay_with_usages())

    def order(self, which: int, actions: list[Action], seconds: float = 5) -> list[object]:
        """A member does something; what it is told."""
        place = self.ring.places[which]
        place.events = []
        self.ring.network.order(place, actions)
        self.ring.network.run(seconds)
        return place.events

    def stands(self, resource: bytes, kind: int) -> int:
        """At how many peers values of a Kind stand at a Resource-ID."""
        return sum(each.storage.holdings.get(resource, kind) is not None for each in self.ring.peers)

    def certifying(self, which: int) -> Certifying:
        """The certificate store, as a member uses it."""
        peer = self.ring.peers[which]
        return Certifying(peer.member, peer.chord)

    def test_certificates(self) -> None:
        """A certificate stands under its Node-ID and its user name, and others find it there."""
        # = rfc6940:8/1 test
        told = self.order(1, self.certifying(1).store_own(self.ring.network.now))
        self.assertEqual(set(told), {CertificateStored(NODE), CertificateStored(USER)})
        self.assertGreaterEqual(self.stands(by_node(node_id(1)), NODE), 3)
        self.assertGreaterEqual(self.stands(by_user(user(1)), USER), 3)
        other, der = self.certifying(2), identity(1).certificate.der
        for actions in (other.fetch_by_node(("a",), node_id(1)), other.fetch_by_user(("a",), user(1))):
            (found,) = self.order(2, actions)
            assert isinstance(found, CertificatesFound)
            self.assertEqual([each.der for each in found.certificates], [der])
        (nothing,) = self.order(2, other.fetch_by_user(("a",), "nobody@overlay.example"))
        self.assertEqual(nothing, CertificatesFound(("a",), ()))

    def test_who_has_joined_keeps_its_certificate(self) -> None:
        """Nobody has to be told to: under both names the certificates of all stand."""
        # = rfc6940:8/1 test
        # = rfc6940:11.3.1/6a test
        other = self.certifying(2)
        for which in range(4):
            for actions in (other.fetch_by_node(("a",), node_id(which)), other.fetch_by_user(("a",), user(which))):
                (found,) = self.order(2, actions)
                assert isinstance(found, CertificatesFound)
                self.assertEqual([each.der for each in found.certificates], [identity(which).certificate.der])

    def test_one_at_a_time(self) -> None:
        """While a certificate is looked for and stored it is not stored a second time; afterwards it is looked for again."""
        certifying, now = self.certifying(1), self.ring.network.now
        actions = certifying.store_own(now)
        self.assertEqual((len(actions) > 0, certifying.store_own(now)), (True, []))
        self.order(1, actions)
        self.assertNotEqual(certifying.store_own(now), [])

    def test_certificates_refreshed(self) -> None:
        """A certificate that stands already is refreshed where it is, not put behind itself; it outlives its lifetime so."""
        # = rfc6940:8/0 test
        self.order(1, self.certifying(1).store_own(self.ring.network.now))
        self.order(1, self.certifying(1).store_own(self.ring.network.now))
        self.ring.network.run(LIFETIME * 1.2)
        (found,) = self.order(2, self.certifying(2).fetch_by_node(("a",), node_id(1)))
        assert isinstance(found, CertificatesFound)
        self.assertEqual(len(found.certificates), 1)

    def test_certificates_of_others(self) -> None:
        """What stands under a user name and is no certificate of that user, or none at all, is not taken for one."""
        # = rfc6940:8/0 test
        peer = self.ring.peers[1]
        client = StorageClient(peer.member, peer.chord)
        for octets in (identity(3).certificate.der, b"no certificate"):
            now = self.ring.network.now
            (told,) = self.order(1, client.store(("x",), user(1).encode(), USER, octets, now, where=APPEND))
            self.assertIsInstance(told, Stored)
        self.order(1, self.certifying(1).store_own(self.ring.network.now))
        (found,) = self.order(2, self.certifying(2).fetch_by_user(("a",), user(1)))
        assert isinstance(found, CertificatesFound)
        self.assertEqual([each.user_name for each in found.certificates], [user(1)])

    def test_turn_servers(self) -> None:
        """A server stands in as many places as the configuration wants, is found from everywhere, and can be withdrawn."""
        # = rfc6940:9/4 test
        # = rfc6940:9/5 test
        serving = [TurnServing(each.member, each.chord) for each in self.ring.peers]
        address = server_address("192.0.2.7", 3478)
        (none,) = self.order(2, serving[2].find(("a",)), 60)
        assert isinstance(none, TurnServerNotFound)
        self.assertIsInstance(none.why, NoTurnServer)
        told = self.order(1, serving[1].offer(address, self.ring.network.now))
        self.assertEqual(told, [TurnServerOffered(each) for each in range(1, DENSITY + 1)])
        for iteration in range(1, DENSITY + 1):
            self.assertEqual(self.stands(turn_resource_id(node_id(1), iteration), DataKind.TURN_SERVICE), 3)
        for which in range(4):
            (found,) = self.order(which, serving[which].find(("a",)), 20)
            self.assertEqual(found, TurnServerFound(("a",), address))
        told = self.order(1, serving[1].withdraw(self.ring.network.now))
        self.assertEqual(told, [TurnServerWithdrawn(each) for each in range(1, DENSITY + 1)])
        (none,) = self.order(2, serving[2].find(("a",)), 60)
        self.assertIsInstance(none, TurnServerNotFound)

    def test_fetched_at(self) -> None:
        """Values can be fetched by their Resource-ID, as a Find names it."""
        # = rfc6940:7.4.4/0 test
        self.order(1, self.certifying(1).store_own(self.ring.network.now))
        client = StorageClient(self.ring.peers[2].member, self.ring.peers[2].chord)
        (found,) = self.order(2, client.fetch_at(("x",), by_user(user(1)), USER))
        assert isinstance(found, Fetched)
        self.assertEqual(len(found.values), 1)

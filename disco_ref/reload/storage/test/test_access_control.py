"""Tests of the access control policies (RFC 6940, section 7.3)."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.errors import Refusal
from disco_ref.notation.context import Context, DataModel
from disco_ref.peer.overlay.test.members import identity, node_id, user
from disco_ref.reload.ids import resource_id
from disco_ref.reload.message.signature import SignerIdentityType
from disco_ref.reload.overlay import KindDefinition
from disco_ref.reload.registries import AccessPolicy, ErrorCode
from disco_ref.reload.security.certificates import read_certificate
from disco_ref.reload.security.signing import SignedBy
from disco_ref.reload.security.test.keys import certificate, ecdsa_key
from disco_ref.reload.storage.access_control import MOST_MULTIPLES, refuse_writer
from disco_ref.reload.storage.data_models import DataValue, DictionaryEntry, StoredDataValue
from disco_ref.reload.storage.test.peers import (
    ALICE,
    BOB,
    BY_NODE,
    DICTIONARY,
    MULTIPLE,
    SINGLE,
    StoringPeer,
    part,
    store,
    value,
)

PLAIN = DataValue(True, b"x")


def signer(which: int, *node_ids: bytes) -> SignedBy:
    """A member that has signed, in the name of these Node-IDs or of its own."""
    return SignedBy(SignerIdentityType.cert_hash, identity(which).certificate, node_ids or (node_id(which),))


class PolicyCase(SynchronousTestCase):
    """One policy."""

    def allowed(
        self,
        policy: AccessPolicy,
        who: SignedBy,
        resource: bytes,
        written: StoredDataValue = PLAIN,
        multiples: int = 0,
    ) -> bool:
        """Whether somebody may write; the refusal is Error_Forbidden."""
        definition = KindDefinition(SINGLE, DataModel.single_value, policy, 1, 100, multiples)
        try:
            refuse_writer(who, definition, resource, written, resource_id)
        except Refusal as refusal:
            self.assertEqual(refusal.error_code, ErrorCode.Error_Forbidden)
            return False
        return True


class UserTests(PolicyCase):
    """USER-MATCH and USER-NODE-MATCH."""

    def test_user(self) -> None:
        """Under USER-MATCH who has the user name may write, whatever its Node-ID, and nobody else."""
        # = rfc6940:7.3.1/1 test
        here = resource_id(user(ALICE))
        self.assertTrue(self.allowed(AccessPolicy.USER_MATCH, signer(ALICE), here))
        self.assertFalse(self.allowed(AccessPolicy.USER_MATCH, signer(BOB), here))
        self.assertFalse(self.allowed(AccessPolicy.USER_MATCH, signer(ALICE), resource_id(node_id(ALICE))))

    def test_no_user(self) -> None:
        """A certificate without a user name matches no Resource-ID, not even that of the empty name."""
        # = rfc6940:7.3.1/1 test
        nameless = read_certificate(certificate(ecdsa_key(), Context(), user=None), Context())
        who = SignedBy(SignerIdentityType.cert_hash, nameless, nameless.node_ids)
        self.assertFalse(self.allowed(AccessPolicy.USER_MATCH, who, resource_id(b"")))

    def test_user_and_key(self) -> None:
        """Under USER-NODE-MATCH the key is the Node-ID that signed, besides the user name; only dictionaries have keys."""
        # = rfc6940:7.3.3/1 test
        # = rfc6940:7.3.3/2a test
        # = rfc6940:7.3.3/2b test
        here, policy = resource_id(user(ALICE)), AccessPolicy.USER_NODE_MATCH
        own, other = (DictionaryEntry(node_id(each), PLAIN) for each in (ALICE, BOB))
        self.assertTrue(self.allowed(policy, signer(ALICE), here, own))
        self.assertFalse(self.allowed(policy, signer(ALICE), here, other))
        self.assertFalse(self.allowed(policy, signer(BOB), here, other))
        self.assertFalse(self.allowed(policy, signer(ALICE), here, PLAIN))
        self.assertFalse(self.allowed(policy, signer(ALICE, node_id(5)), here, own))


class NodeTests(PolicyCase):
    """NODE-MATCH and NODE-MULTIPLE."""

    def test_node(self) -> None:
        """Under NODE-MATCH the Node-ID that signed hashes to the Resource-ID; another one of the same certificate does not do."""
        # = rfc6940:7.3.2/1 test
        here, policy = resource_id(node_id(ALICE)), AccessPolicy.NODE_MATCH
        self.assertTrue(self.allowed(policy, signer(ALICE), here))
        self.assertFalse(self.allowed(policy, signer(BOB), here))
        self.assertFalse(self.allowed(policy, signer(ALICE, node_id(5)), here))
        self.assertFalse(self.allowed(policy, signer(ALICE), resource_id(user(ALICE))))

    def test_multiple(self) -> None:
        """Under NODE-MULTIPLE the Node-ID is followed by one octet, from 1 to the largest that the Kind admits."""
        # = rfc6940:7.3.4/1 test
        # = rfc6940:7.3.4/2 test
        # = rfc6940:7.3.4/3 test
        for number, admitted in ((0, False), (1, True), (3, True), (4, False)):
            here = resource_id(node_id(ALICE) + bytes([number]))
            found = self.allowed(AccessPolicy.NODE_MULTIPLE, signer(ALICE), here, multiples=3)
            self.assertEqual(found, admitted, f"counter {number}")
            self.assertFalse(self.allowed(AccessPolicy.NODE_MULTIPLE, signer(BOB), here, multiples=3))

    def test_most_multiples(self) -> None:
        """A Kind that admits more counters than one octet has room for is searched so far and no farther."""
        # = rfc6940:7.3.4/3 test
        last = resource_id(node_id(ALICE) + bytes([MOST_MULTIPLES]))
        self.assertTrue(self.allowed(AccessPolicy.NODE_MULTIPLE, signer(ALICE), last, multiples=1 << 30))
        self.assertFalse(self.allowed(AccessPolicy.NODE_MULTIPLE, signer(ALICE), bytes(16), multiples=1 << 30))

    def test_experiment(self) -> None:
        """A policy that says nothing to this node lets nobody write."""
        # = rfc6940:7.3/1 test
        self.assertFalse(self.allowed(AccessPolicy.EXP_MATCH, signer(ALICE), resource_id(user(ALICE))))


class StoreTests(SynchronousTestCase):
    """The policies as a Store meets them."""

    def test_each(self) -> None:
        """Each policy takes the value of who may write and refuses that of somebody else, at the same place."""
        # = rfc6940:7.3/1 test
        # = rfc6940:7.3/2 test
        places = (
            (SINGLE, resource_id(user(ALICE)), None),
            (DICTIONARY, resource_id(user(ALICE)), node_id(ALICE)),
            (BY_NODE, resource_id(node_id(ALICE)), None),
            (MULTIPLE, resource_id(node_id(ALICE) + b"\x02"), None),
        )
        for kind, resource, place in places:
            peer = StoringPeer()
            for who in (BOB, ALICE):
                written = value(b"x", place=place, by=who, kind=kind, resource=resource)
                request = store(part(kind, written), by=who, resource=resource)
                if who == ALICE:
                    peer.ask(request)
                    self.assertEqual(peer.values(kind, resource), {place: b"x"})
                else:
                    with self.assertRaises(Refusal) as caught:
                        peer.ask(request)
                    self.assertEqual(caught.exception.error_code, ErrorCode.Error_Forbidden)

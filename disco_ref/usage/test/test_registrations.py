"""Tests of addresses-of-record, GRUUs, and what is read out of registrations (RFC 7904, from memory)."""

from __future__ import annotations

import base64

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.errors import Malformed, Refusal
from disco_ref.notation.codec import encode
from disco_ref.notation.context import Context
from disco_ref.notation.presentation import Unknown
from disco_ref.reload.forwarding.passing import node_place, resource_place
from disco_ref.reload.message.destination import Destination, DestinationType
from disco_ref.reload.message.signature import NOT_SIGNED
from disco_ref.reload.storage.data_models import DataValue, DictionaryEntry
from disco_ref.reload.storage.stored_data import StoredData
from disco_ref.sip.uri import SipUri, read_uri
from disco_ref.usage.address_of_record import address_of_record, gruu, resource_name, way_of_gruu
from disco_ref.usage.locating import registered
from disco_ref.usage.sip_registration import (
    SipRegistration,
    SipRegistrationRoute,
    SipRegistrationType,
    SipRegistrationUri,
)

CONTEXT = Context()
ALICE = address_of_record("sip:alice@Example.org;transport=tcp")
OPAQUE = Destination(DestinationType.opaque_id_type, b"\x80\x01", True)


def node(number: int) -> Destination:
    """A node."""
    return node_place(number.to_bytes(16, "big"))


def stored(octets: bytes, time: int = 0, exists: bool = True) -> StoredData:
    """A value of the dictionary."""
    return StoredData(time, 60, DictionaryEntry(bytes(16), DataValue(exists, octets)), NOT_SIGNED)


def route(number: int, prefs: bytes = b"") -> bytes:
    """A registration of a way to a node."""
    way = SipRegistrationRoute(prefs, (OPAQUE, node(number)))
    return encode(SipRegistration(SipRegistrationType.sip_registration_route, way), CONTEXT)


def uri(text: bytes) -> bytes:
    """A registration of another URI."""
    return encode(SipRegistration(SipRegistrationType.sip_registration_uri, SipRegistrationUri(text)), CONTEXT)


class AddressTests(SynchronousTestCase):
    """Names, and ways in URIs."""

    def test_resource_names(self) -> None:
        """The Resource Name is user@domain, whatever the scheme, the parameters, the escapes and the case of the domain are."""
        # = rfc7904:7/0 test
        for text in ("sip:alice@example.org", "sips:%61lice@EXAMPLE.org;transport=tcp", str(ALICE)):
            self.assertEqual(resource_name(read_uri(text)), b"alice@example.org")
        for text in ("sip:example.org", "tel:+4930"):
            with self.assertRaises(Malformed):
                resource_name(read_uri(text))

    def test_gruu(self) -> None:
        """A GRUU is a URI that can be written and read, and gives back the Destination List that it was made of."""
        # = rfc7904:7/0 test
        for way in ((node(1),), (OPAQUE, node(2)), (node(0xFBFF << 100), node(3))):
            made = gruu(ALICE, way, CONTEXT)
            again = read_uri(str(made))
            self.assertEqual(way_of_gruu(again, CONTEXT), way)
            self.assertEqual(resource_name(again), b"alice@example.org")
            self.assertNotIn("=", str(made).partition(";gr=")[2])

    def test_no_gruu(self) -> None:
        """A URI without ``gr``, or with an empty one, is no GRUU; one whose list cannot be read, or ends at no node, is refused."""
        # = rfc7904:7/0 test
        for text in ("sip:alice@example.org", "sip:alice@example.org;gr", "tel:+4930"):
            self.assertIsNone(way_of_gruu(read_uri(text), CONTEXT))
        at_a_resource = str(gruu(ALICE, (resource_place(bytes(16)),), CONTEXT))
        cut = f"sip:alice@example.org;gr={base64.b64encode(bytes([1, 16, 1])).decode()}"
        for text in ("sip:alice@example.org;gr=%25", "sip:alice@example.org;gr=AB", at_a_resource, cut):
            found = read_uri(text)
            assert isinstance(found, SipUri)
            with self.assertRaises(Refusal):
                way_of_gruu(found, CONTEXT)


class RegisteredTests(SynchronousTestCase):
    """What stands at an address-of-record."""

    def test_order(self) -> None:
        """Ways come by their preference, 1 where they have none; of equals the one that was stored later comes first."""
        # = rfc7904:7/0 test
        prefs = (b"audio;q=0.3", b"", b";q=0.9", b"q=0.30", b"sip.unique=1", b"q=7")
        values = [stored(route(number, each), time=number) for number, each in enumerate(prefs)]
        routes, names = registered(values, CONTEXT)
        self.assertEqual(names, [])
        self.assertEqual([each.way[-1] for each in routes], [node(each) for each in (5, 4, 1, 2, 3, 0)])
        self.assertEqual(routes[-1].preference, 0.3)
        self.assertEqual(routes[0].way[0], OPAQUE)

    def test_others(self) -> None:
        """Other URIs are named; what is gone, unknown, unreadable or leads to no node is left out, and harms nothing."""
        # = rfc7904:7/0 test
        nowhere = SipRegistration(SipRegistrationType.sip_registration_route, SipRegistrationRoute(b"", ()))
        values = [
            stored(route(1)),
            stored(route(2), exists=False),
            stored(uri(b"sip:bob@example.org")),
            stored(uri(b"sip:example.org")),
            stored(uri(b"\xff")),
            stored(encode(SipRegistration(9, Unknown(9, b"new")), CONTEXT)),
            stored(encode(nowhere, CONTEXT)),
            stored(b"\x02\x00"),
            stored(b""),
        ]
        routes, names = registered(values, CONTEXT)
        self.assertEqual([each.way[-1] for each in routes], [node(1)])
        self.assertEqual(names, [b"bob@example.org"])

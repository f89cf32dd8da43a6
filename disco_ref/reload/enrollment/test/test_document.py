"""Configuration documents: what they say, and the exact octets that are signed (RFC 6940, section 11.1)."""

from __future__ import annotations

import dataclasses

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from disco_ref.errors import Malformed
from disco_ref.notation.context import DataModel
from disco_ref.notation.markup import MalformedMarkup
from disco_ref.reload.enrollment.configuration import BootstrapNode, Configuration, SelfSignedPermitted
from disco_ref.reload.enrollment.document import assemble, element_octets, read, read_kind_block
from disco_ref.reload.enrollment.test.documents import CURRENT, EXAMPLE


class ReadingTest(SynchronousTestCase):
    """What a document says."""

    def test_example(self) -> None:
        """The example of the specification is read, its Node-IDs of 8 bytes too."""
        # = rfc6940:11.1/3 test
        # = rfc6940:11.1/4 test
        # = rfc6940:11.1/11b test
        # = rfc6940:11.1/13 test
        # = rfc6940:11.1/20 test
        # = rfc6940:11.1/22 test
        first, second = read(EXAMPLE)
        one = first.configuration
        self.assertEqual(
            (one.instance_name, one.sequence, one.expiration), ("overlay.example.org", 22, "2002-10-10T07:00:00Z")
        )
        self.assertEqual(one.topology_plugin, "CHORD-RELOAD")
        self.assertEqual(one.root_cert, (b"bad cert\n",))
        self.assertEqual(one.self_signed_permitted, SelfSignedPermitted(digest="sha1", permitted=False))
        self.assertEqual(one.bootstrap_node[1], BootstrapNode(address="2001:DB8::1", port=6084))
        self.assertEqual((one.chord_update_interval, one.chord_ping_interval, one.chord_reactive), (400, 30, True))
        self.assertEqual((one.initial_ttl, one.overlay_reliability_timer, one.turn_density), (30, 3000, 20))
        self.assertEqual(one.shared_secret, " password ")
        self.assertEqual(one.kind_signer, (bytes.fromhex("47112162e84c69ba"), bytes.fromhex("6eba45d31a900c06")))
        self.assertEqual(one.unsupported(frozenset()), ("urn:ietf:params:xml:ns:p2p:config-ext1",))
        self.assertEqual(one.others[0].local, "example-extension")
        self.assertEqual(first.signatures[0].security_block, b"This is not right!\n")
        self.assertEqual(second.configuration, Configuration(instance_name="other.example.net"))

    def test_defaults(self) -> None:
        """What is absent has the defaults of the specification."""
        # = rfc6940:11.1/0 test
        # = rfc6940:11.1/14 test
        one = Configuration(instance_name="x")
        self.assertEqual((one.node_id_length, one.topology_plugin, one.turn_density), (16, "CHORD-RELOAD", 1))
        self.assertEqual((one.max_message_size, one.initial_ttl, one.overlay_reliability_timer), (5000, 100, 3000))
        self.assertEqual((one.clients_permitted, one.no_ice, one.chord_reactive), (True, False, True))
        self.assertEqual(one.link_protocols, ("TLS",))

    def test_registered_kinds(self) -> None:
        """A registered Kind has the data model and access control of its registration, whatever the document says."""
        # = rfc6940:11.1/29b test
        # = rfc6940:11.1/23a test
        # = rfc6940:11.1/30 test
        sip, private = (block.kind for block in read(EXAMPLE)[0].configuration.kind_blocks)
        self.assertEqual((sip.data_model, sip.effective_data_model), ("SINGLE", "DICTIONARY"))
        self.assertEqual((sip.effective_access_control, sip.kind_id), ("USER-NODE-MATCH", 1))
        self.assertEqual((private.effective_data_model, private.kind_id), ("ARRAY", 2000))
        self.assertEqual(read(EXAMPLE)[0].configuration.data_models(), {1: DataModel.dictionary, 2000: DataModel.array})

    def test_exact_octets(self) -> None:
        """The octets of configurations and Kinds are those of the file, white space and all."""
        # = rfc6940:11.1/35a test
        # = rfc6940:11.1/34 test
        first, second = read(EXAMPLE)
        start = EXAMPLE.index(b"<configuration ")
        self.assertEqual(first.octets, EXAMPLE[start : EXAMPLE.index(b"</configuration>") + len(b"</configuration>")])
        self.assertEqual(second.octets, b'<configuration instance-name="other.example.net">\n   </configuration>')
        self.assertEqual(first.kinds[1][:16], b'<kind id="2000">')
        self.assertTrue(all(one.startswith(b"<kind ") and one.endswith(b"</kind>") for one in first.kinds))

    def test_exact_octets_of_odd_tags(self) -> None:
        """Empty elements, a > inside an attribute and white space in an end tag do not move the ends."""
        # = rfc6940:11.1/35a test
        for one in (
            b'<configuration xmlns:x="u:x" x:y="a>b" instance-name="a"/>',
            b'<configuration xmlns:x="u:x" instance-name="a" x:y="/>" ></configuration  >',
        ):
            for start in (b"", b"\xef\xbb\xbf", b"<!-- <configuration> -->"):
                octets = start + b'<overlay xmlns="urn:ietf:params:xml:ns:p2p:config-base">' + one + b"</overlay>"
                self.assertEqual(read(octets)[0].octets, one)

    def test_kind_block(self) -> None:
        """A kind-block of a ConfigUpdate is read without a declared namespace."""
        # = rfc6940:6.5.4.1/1 test
        start, end = EXAMPLE.index(b"<kind-block>"), EXAMPLE.index(b"</kind-block>") + len(b"</kind-block>")
        found = read_kind_block(EXAMPLE[start:end])
        self.assertEqual(found.block.kind.name, "SIP-REGISTRATION")
        self.assertEqual(found.octets, read(EXAMPLE)[0].kinds[0])
        self.assertRaises(MalformedMarkup, read_kind_block, b"")
        self.assertRaises(MalformedMarkup, read_kind_block, EXAMPLE[start:end] * 2)

    def test_round_trip(self) -> None:
        """A configuration is written to octets that are read as the same, in a document of its own."""
        # = rfc6940:11.1/36a test
        # = rfc6940:11.1/36b test
        for one in (CURRENT, read(EXAMPLE)[0].configuration):
            octets = element_octets(one)
            found = read(assemble([(octets, [b"one", b"two"])]))[0]
            self.assertEqual((found.configuration, found.octets), (one, octets))
            self.assertEqual([each.security_block for each in found.signatures], [b"one", b"two"])

    @settings(max_examples=150, deadline=None, derandomize=True)
    @given(
        st.integers(0, len(EXAMPLE)),
        st.integers(0, 12),
        st.sampled_from([b"", b"<", b">", b"/", b"<x/>", b'"', b"9", b"&"]),
    )
    def test_mutations(self, place: int, cut: int, put: bytes) -> None:
        """A document with a piece changed gives configurations whose octets stand in it, or a refusal."""
        octets = EXAMPLE[:place] + put + EXAMPLE[place + cut :]
        try:
            found = read(octets)
        except Malformed:
            return
        for one in found:
            self.assertIn(one.octets, octets)
            self.assertEqual(len(one.kinds), len(one.configuration.kind_blocks))


class RefusalTest(SynchronousTestCase):
    """What is refused, and where."""

    def refused(self, old: bytes, new: bytes, where: str) -> None:
        """Assert that the example with this change is refused at the path."""
        changed = EXAMPLE.replace(old, new, 1)
        self.assertNotEqual(changed, EXAMPLE)
        refusal = self.assertRaises(MalformedMarkup, read, changed)
        self.assertEqual(refusal.where.partition(" (line")[0], where)

    def test_bounds(self) -> None:
        """Numbers beyond what the prose allows are refused."""
        # = rfc6940:11.1/7 test
        self.refused(b"<node-id-length>16<", b"<node-id-length>15<", "configuration/node-id-length")
        self.refused(b"<node-id-length>16<", b"<node-id-length>21<", "configuration/node-id-length")
        self.refused(b'sequence="22"', b'sequence="65535"', "configuration/@sequence")
        # = rfc6940:11.1/18 test
        self.refused(b"timer> 3000 <", b"timer>199<", "configuration/overlay-reliability-timer")
        self.refused(b"<initial-ttl> 30 <", b"<initial-ttl>256<", "configuration/initial-ttl")
        # = rfc6940:11.1/27 test
        self.refused(
            b"multiple>3<", b"multiple>0<", "configuration/required-kinds/kind-block[2]/kind/max-node-multiple"
        )

    def test_rules(self) -> None:
        """What the prose asks for is refused where it is missing or wrong."""
        # = rfc6940:11.1/8 test
        self.refused(b"https://example.org", b"http://example.org", "configuration/enrollment-server")
        self.refused(b'"192.0.0.1"', b'"host.example.com"', "configuration/bootstrap-node/@address")
        # = rfc6940:11.1/6 test
        self.refused(b"07:00:00Z", b"07:00:00", "configuration/@expiration")
        kind = "configuration/required-kinds/kind-block[2]/kind"
        # = rfc6940:11.1/26 test
        self.refused(b"<max-node-multiple>3</max-node-multiple>", b"", kind)
        self.refused(b'<kind id="2000">', b'<kind id="2000" name="X">', kind)
        self.refused(b'<kind id="2000">', b"<kind>", kind)
        # = rfc6940:11.1/24 test
        # = rfc6940:11.1/28 test
        self.refused(b"<max-count>22</max-count>", b"", f"{kind}/max-count")
        self.refused(b"47112162e84c69ba<", b"4711216<", "configuration/configuration-signer")

    def test_overlay_name(self) -> None:
        """An overlay is named like a host in the DNS: labels of letters, digits and inner hyphens, up to 63 of them."""
        # = rfc6940:6.3.2/3 test
        for name in (b"", b"a b", b" a", b"a/b", b"a_b", b"a..b", b".a", b"-a", b"a-", b"a." * 127 + b"a", b"a" * 64):
            self.refused(b"overlay.example.org", name, "configuration/@instance-name")
        for name in (b"a", b"1", b"x-1.example", b"a" * 63):
            document = read(EXAMPLE.replace(b"overlay.example.org", name, 1))
            self.assertEqual(document[0].configuration.instance_name, name.decode())

    def test_text_between(self) -> None:
        """Between elements stands white space of XML and nothing else."""
        for text in ("x", "\u00a0", "\u3000"):
            self.refused(b"</overlay>", text.encode() + b"</overlay>", "overlay")

    def test_kind_signature(self) -> None:
        """A kind-block without a signature is refused."""
        # = rfc6940:11.1/31 test
        start, end = EXAMPLE.index(b"<kind-signature>"), EXAMPLE.index(b"</kind-signature>") + len(b"</kind-signature>")
        self.refused(EXAMPLE[start:end], b"", "configuration/required-kinds/kind-block/kind-signature")

    def test_order(self) -> None:
        """A signature before every configuration, an unknown element and no configuration at all are refused."""
        # = rfc6940:11.1/4 test
        signature = b"<signature> VGhpcyBpcyBub3QgcmlnaHQhCg== </signature>"
        self.refused(b"   <configuration", signature + b"<configuration", "overlay/signature")
        self.refused(signature, b"<sign/>", "overlay/sign")
        self.assertRaises(MalformedMarkup, read, b'<overlay xmlns="urn:ietf:params:xml:ns:p2p:config-base"/>')
        self.assertRaises(MalformedMarkup, read, b"<overlay/>")

    def test_built_by_hand(self) -> None:
        """A Kind that breaks a rule cannot be built either."""
        # = rfc6940:11.1/26 test
        kind = CURRENT.kind_blocks[0].kind
        self.assertRaises(MalformedMarkup, lambda: dataclasses.replace(kind, name="TURN-SERVICE"))
        self.assertRaises(MalformedMarkup, lambda: dataclasses.replace(kind, access_control="NODE-MULTIPLE"))

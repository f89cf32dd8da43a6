"""Tests of the fields that identify messages, transactions and dialogs."""

from __future__ import annotations

from disco_ref.sip.header.identity.call_id import CALL_ID, IN_REPLY_TO
from disco_ref.sip.header.identity.cseq import CSEQ
from disco_ref.sip.header.identity.rack import RACK, RSEQ
from disco_ref.sip.header.identity.replaces import REPLACES
from disco_ref.sip.header.identity.via import VIA
from disco_ref.sip.header.test.cases import FieldCase


class ViaTests(FieldCase):
    """Via (RFC 3261, section 20.42; RFC 3581)."""

    def test_forms(self) -> None:
        """White space around every separator, hosts of all kinds, parameters with and without values."""
        # = rfc3261:20.42/0 test
        # = rfc3581:5/0 test
        self.written(
            VIA,
            {
                "SIP/2.0/UDP h": "SIP/2.0/UDP h",
                "SIP / 2.0\t/ UDP \t h : 5060 ; branch = z9hG4bK1 ;rport": "SIP/2.0/UDP h:5060;branch=z9hG4bK1;rport",
                "sip/2.0/x-odd [2001:db8::9:1]:5;received=192.0.2.1": "sip/2.0/x-odd [2001:db8::9:1]:5;received=192.0.2.1",
                'SIP/2.0/TLS 192.0.2.1;x="a;b";y=[::1];z': 'SIP/2.0/TLS 192.0.2.1;x="a;b";y=[::1];z',
                "SIP/2.0/TCP h;received=2001:db8::1;rport=5": "SIP/2.0/TCP h;received=2001:db8::1;rport=5",
                "SIP/2.0/SCTP h;maddr=[::1];ttl=255": "SIP/2.0/SCTP h;maddr=[::1];ttl=255",
                "SIP/2.0/UDP a;branch=1,SIP/2.0/UDP b": "SIP/2.0/UDP a;branch=1, SIP/2.0/UDP b",
            },
        )

    def test_refusals(self) -> None:
        """Missing parts, empty ones, and values against the grammar of a known parameter."""
        # = rfc3261:20.42/0 test
        # = rfc3581:5/0 test
        broken = "|SIP/2.0/UDP|SIP/2.0 h|SIP/2.0/ h|/2.0/UDP h|SIP/2.0/UDPh|SIP/2.0/UDP h:|SIP/2.0/UDP h:x|SIP/2.0/UDP h;|SIP/2.0/UDP h;;a"
        more = "SIP/2.0/UDP h,|,SIP/2.0/UDP h|SIP/2.0/UDP h;a=|SIP/2.0/UDP a_b|SIP/2.0/UDP ::1|SIP/2.0/UDP h;x=::1|SIP/2.0/UDP h h"
        known = 'ttl=256|ttl=-1|ttl|rport=x|rport="1"|branch|branch="x"|received=h_|received="1.2.3.4"|maddr="h"|a;A|rport=123456'
        self.refused(
            VIA, [*broken.split("|"), *more.split("|"), *(f"SIP/2.0/UDP h;{each}" for each in known.split("|"))]
        )
        self.refused(VIA, ["SIP/2.0/UDP h:65536"])

    def test_parts(self) -> None:
        """What transactions and transports ask for."""
        # = rfc3581:3/2 test
        # = rfc3581:5/0 test
        value = VIA.read("SIP/2.0/UDP h:5062;rport=7;received=::1;BRANCH=z9hG4bK5")[0]
        self.assertEqual((value.protocol, value.transport, value.host, value.port), ("SIP/2.0", "UDP", "h", 5062))
        self.assertEqual((value.branch, value.received, value.rport, value.rport_wanted), ("z9hG4bK5", "::1", 7, True))
        self.assertEqual(VIA.read(f"SIP/2.0/UDP h:{'0' * 9999}5062")[0].port, 5062)
        value = VIA.read("SIP/2.0/UDP h;rport")[0]
        self.assertEqual(
            (value.port, value.branch, value.received, value.rport, value.rport_wanted), (None, None, None, None, True)
        )


class OtherTests(FieldCase):
    """Call-ID, In-Reply-To, CSeq, RAck, RSeq, Replaces."""

    def test_call_identifiers(self) -> None:
        """One word, or two with an at sign; a list in In-Reply-To."""
        # = rfc3261:20.8/0 test
        # = rfc3261:20.21/0 test
        # = rfc3261:8.1.1.4/5 test
        self.written(CALL_ID, {" a@b ": "a@b", '(x)<y>:\\"/[]?{}': '(x)<y>:\\"/[]?{}', "1": "1"})
        self.refused(CALL_ID, ["", "@", "a@", "@b", "a@b@c", "a b", "a,b", "a;b", "\u00e4"])
        self.written(IN_REPLY_TO, {"a , b@c": "a, b@c"})
        self.refused(IN_REPLY_TO, ["", "a,", "a b"])

    def test_sequence_numbers(self) -> None:
        """A number of 32 bits and a method."""
        # = rfc3261:20.16/0 test
        # = rfc3261:20.16/1 test
        # = rfc3261:8.1.1.5/2a test
        self.written(
            CSEQ, {"1 INVITE": "1 INVITE", " 0009\t odd!": "9 odd!", "4294967295 BYE": "4294967295 BYE", "0 X": "0 X"}
        )
        self.refused(
            CSEQ,
            [
                "",
                "1",
                "INVITE",
                "1INVITE",
                "4294967296 BYE",
                "-1 BYE",
                "1 a b",
                "1 (",
                "\u0661 BYE",
                "9" * 5000 + " BYE",
            ],
        )
        self.assertEqual(CSEQ.read("7 ACK")[0], (7, "ACK"))
        self.assertEqual(CSEQ.read("0" * 9999 + "7 ACK")[0], (7, "ACK"))

    def test_reliable_responses(self) -> None:
        """Numbers from 1 (RFC 3262, section 7)."""
        # = rfc3262:7.1/0 test
        # = rfc3262:7.2/0 test
        # = rfc3262:10/0 test
        self.written(RACK, {"776656 \t1 INVITE": "776656 1 INVITE"})
        self.refused(RACK, ["", "1 INVITE", "0 1 INVITE", "1 4294967296 INVITE", "4294967296 1 X", "1 1", "1 1 a b"])
        self.written(RSEQ, {" 0988789 ": "988789"})
        self.refused(RSEQ, ["", "0", "x", "4294967296", "1 2"])

    def test_replaces(self) -> None:
        """A call identifier and both tags (RFC 3891, section 6.1)."""
        # = rfc3891:6.1/0 test
        self.written(REPLACES, {"a@b ; to-tag = 1;from-tag=2;early-only": "a@b;to-tag=1;from-tag=2;early-only"})
        value = REPLACES.read("x;from-tag=2;to-tag=1;odd=y")[0]
        self.assertEqual((value.call_id, value.to_tag, value.from_tag, value.early_only), ("x", "1", "2", False))
        self.refused(
            REPLACES,
            [
                "",
                "a@b",
                "a;to-tag=1",
                "a;from-tag=1",
                "a;to-tag=1;from-tag=2;early-only=x",
                "a;to-tag=1;to-tag=2;from-tag=3",
            ],
        )

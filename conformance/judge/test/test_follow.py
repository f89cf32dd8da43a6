"""Tests of the way from packets to one stream of events."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from conformance import places
from conformance.judge.evidence import Evidence
from conformance.judge.follow import Reading, evidence_of, evidence_of_packets
from conformance.judge.links import MOST_PARTS
from conformance.lab.capture.flow import Flow, Step, packets_of, read_flow
from conformance.lab.capture.packet import CaptureFault, Packet
from conformance.lab.sip import build

ALICE, BOB = "192.0.2.1:5060", "192.0.2.2:5060"
SIP = build(
    "OPTIONS sip:bob@example.com SIP/2.0",
    [
        ("Via", "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1"), ("Max-Forwards", "70"), ("From", "<sip:a@b>;tag=1"),
        ("To", "<sip:c@d>"), ("Call-ID", "1"), ("CSeq", "1 OPTIONS"),
    ],
)  # fmt: skip
RELOAD = read_flow(places.traces() / "rfc6940" / "forwarded" / "flow.toml").steps[0].octets


def seen(steps: Iterable[Step], reading: Reading | None = None) -> Evidence:
    """What comes of some steps."""
    numbered = [replace(step, id=f"F{number}") for number, step in enumerate(steps)]
    return evidence_of_packets(packets_of(Flow(title="", start=0.0, steps=tuple(numbered))), reading)


def step(
    octets: bytes, transport: str = "udp", source: str = ALICE, destination: str = BOB,
    cut: tuple[int, ...] = (), join: bool = False,
) -> Step:  # fmt: skip
    """One message on the wire."""
    return Step(
        id="", source=source, destination=destination, at=0.0, octets=octets, transport=transport, cut=cut, join=join
    )


class SipTests(SynchronousTestCase):
    """SIP over UDP and TCP."""

    def test_datagram(self) -> None:
        """A datagram is one event with its frame."""
        (event,) = seen([step(SIP)]).events
        self.assertEqual((event.protocol, event.source, event.frames, event.transport), ("sip", ALICE, (1,), "udp"))
        self.assertEqual(event.summary, "OPTIONS sip:bob@example.com")

    def test_stream_split_and_joined(self) -> None:
        """Messages on a stream come out whole, with all their frames."""
        evidence = seen([step(SIP, "tcp", cut=(1, 100)), step(SIP, "tcp", join=True), step(SIP, "tcp")])
        self.assertEqual([event.octets for event in evidence.events], [SIP] * 3)
        self.assertEqual(evidence.events[0].frames, (4, 5, 6))
        self.assertEqual(evidence.events[1].frames[-1], evidence.events[2].frames[-1])

    def test_unknown_port_is_recognised(self) -> None:
        """SIP is found on any port; other traffic there is counted and left out."""
        ends = ("192.0.2.1:9", "192.0.2.2:8")
        evidence = seen([step(SIP, "udp", *ends), step(b"\x80other", "udp", *ends)])
        self.assertEqual((len(evidence.events), evidence.ignored), (1, 1))

    def test_garbage_on_a_known_port(self) -> None:
        """What cannot be read on a port of SIP is an event with a fault; keep-alive octets and STUN are not."""
        evidence = seen([step(b"garbage"), step(b"\r\n\r\n"), step(b"\x00\x01\x00\x00\x21\x12\xa4\x42" + bytes(12))])
        self.assertEqual([bool(event.fault) for event in evidence.events], [True])
        self.assertEqual(evidence.ignored, 2)

    def test_port_option(self) -> None:
        """A port named by the reader counts as known."""
        odd = step(b"garbage", source="192.0.2.1:9", destination="192.0.2.2:7777")
        self.assertEqual(seen([odd]).events, ())
        self.assertEqual(len(seen([odd], Reading(ports={7777: "sip"})).events), 1)

    def test_stream_that_cannot_be_followed(self) -> None:
        """A message without length on a stream is a fault once, and the rest of the connection is silent."""
        evidence = seen([step(SIP.replace(b"Content-Length: 0\r\n", b""), "tcp"), step(SIP, "tcp")])
        self.assertEqual([event.clause for event in evidence.events], ["rfc3261:18.3/4"])

    def test_unfinished_stream(self) -> None:
        """Octets of a message that never ends are told, not judged."""
        evidence = seen([step(SIP[:100], "tcp")])
        self.assertEqual(evidence.events, ())
        self.assertIn("incomplete", evidence.faults[0])

    def test_cut_packet(self) -> None:
        """A datagram that the capture cut is told, not judged."""
        (packet,) = packets_of(Flow(title="", start=0.0, steps=(step(SIP),)))
        cut = Packet(1, 0.0, packet.link_type, packet.octets[:200], len(packet.octets))
        evidence = evidence_of_packets([cut])
        self.assertEqual((evidence.events, len(evidence.faults)), ((), 1))

    def test_direction(self) -> None:
        """With a party named, what it sends is judged and the rest is only seen."""
        evidence = seen([step(SIP), step(SIP, source=BOB, destination=ALICE)], Reading(subject="192.0.2.2"))
        self.assertEqual([event.direction for event in evidence.events], ["received", "sent"])
        self.assertEqual(len(evidence.judged), 1)


class OverlayTests(SynchronousTestCase):
    """RELOAD raw and framed."""

    def test_framed(self) -> None:
        """A data frame gives an event for the frame and one for the message."""
        evidence = seen([step(RELOAD)])
        self.assertEqual([event.protocol for event in evidence.events], ["reload-link", "reload"])
        self.assertEqual([event.summary for event in evidence.events], ["data 0", "RELOAD StatReq"])

    def test_raw(self) -> None:
        """A raw message is recognised by its token, with addresses and without."""
        for one in (step(RELOAD[8:]), step(RELOAD[8:], "none", "", ""), step(RELOAD[8:] + RELOAD[8:], "tcp")):
            evidence = seen([one])
            self.assertEqual({event.protocol for event in evidence.events}, {"reload"})
            self.assertFalse(any(event.fault for event in evidence.events))

    def test_acknowledgement_needs_a_known_link(self) -> None:
        """Nine bytes that look like an ACK are one only on a link that carried frames, or on a known port."""
        ack = b"\x81" + bytes(8)
        ends = ("192.0.2.1:9000", "192.0.2.2:9001")
        self.assertEqual(seen([step(ack, "udp", *ends)]).events, ())
        self.assertEqual(len(seen([step(RELOAD, "udp", *ends), step(ack, "udp", *ends)]).events), 3)

    def test_fragments_sent_again(self) -> None:
        """A fragment that comes again, however often, is held once; the message comes out whole."""
        flow = read_flow(places.traces() / "rfc6940" / "fragments" / "flow.toml")
        parts = [one for one in flow.steps if one.id in ("F5", "F7", "F9")]
        again = [parts[0]] * (MOST_PARTS + 1)
        whole = [event for event in seen([*again, *parts[1:]]).events if event.assembled]
        self.assertEqual([event.summary for event in seen(parts).events if event.assembled], ["RELOAD StoreReq"])
        self.assertEqual(len(whole), 1)

    def test_link_stream_split(self) -> None:
        """Frames on a stream come out whole however they are cut."""
        evidence = seen([step(RELOAD + b"\x81" + bytes(8), "tcp", cut=(1, 7, 9, 500), destination="192.0.2.2:6084")])
        self.assertEqual([event.summary for event in evidence.events], ["data 0", "RELOAD StatReq", "ack 0"])

    def test_link_garbage(self) -> None:
        """A link that carries no frame any more is a fault once."""
        evidence = seen(
            [
                step(RELOAD + b"\x07garbage", "tcp", destination="192.0.2.2:6084"),
                step(RELOAD, "tcp", destination="192.0.2.2:6084"),
            ]
        )
        self.assertEqual([bool(event.fault) for event in evidence.events], [False, False, True])


class OnDiskTests(SynchronousTestCase):
    """Files."""

    def test_nothing_readable(self) -> None:
        """A file without a single packet is refused."""
        path = Path(self.mktemp())
        path.write_bytes(b"no capture")
        self.assertRaises(CaptureFault, evidence_of, path)

    def test_broken_end(self) -> None:
        """A file that breaks off is judged up to there, and says where."""
        whole = (places.traces() / "rfc3261" / "24-2-session" / "capture.pcapng").read_bytes()
        path = Path(self.mktemp())
        path.write_bytes(whole[: len(whole) // 2])
        evidence = evidence_of(path)
        self.assertTrue(evidence.broken)
        self.assertIn("byte", evidence.faults[0])
        self.assertGreater(len(evidence.events), 3)

    @settings(deadline=None, derandomize=True, max_examples=150)
    @given(st.lists(st.tuples(st.binary(max_size=40), st.sampled_from(["udp", "tcp"]), st.booleans()), max_size=6))
    def test_any_traffic(self, some: list[tuple[bytes, str, bool]]) -> None:
        """Any octets on the known ports, before, between and behind good messages, give events and never an error."""
        steps = [
            step(octets, transport, destination=BOB if sip else "192.0.2.2:6084") for octets, transport, sip in some
        ]
        mixed = [
            one
            for each in steps
            for one in (each, step(SIP, each.transport), step(RELOAD, each.transport, destination="192.0.2.2:6084"))
        ]
        evidence = seen(mixed)
        self.assertEqual([event.number for event in evidence.events], list(range(1, len(evidence.events) + 1)))

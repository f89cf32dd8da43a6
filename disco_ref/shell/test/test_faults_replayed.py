"""A conference of which every message comes again, at every point, in order and in disorder, from its sender and from elsewhere."""

from __future__ import annotations

from collections.abc import Callable

from disco_ref.peer.test.participants import FOCUS, FocusCase, sdp
from disco_ref.sip.flow import Address
from disco_ref.sip.message import Request

STRANGER = Address("192.0.2.66", 5060)


class Replayed(FocusCase):
    """Two call, one watches and puts on hold, one is invited, one is removed."""

    def states(self) -> list[tuple[str, str]]:
        """Who is in the conference, and how."""
        conference = self.node.focus.conferences.get("room")
        legs = [] if conference is None else conference.legs.values()
        return sorted((leg.entity, str(leg.status)) for leg in legs)

    def answered(self, method: str) -> None:
        """The third one takes what the focus has asked it."""
        asked = [one for one in self.third.got() if isinstance(one, Request) and one.method == method]
        body = sdp(self.third.host) + b"m=video 0 RTP/AVP 34\r\n" if method == "INVITE" else b""
        for one in asked[:1]:
            self.third.answer(one, 200, body=body)

    def held(self) -> None:
        """A re-INVITE, acknowledged."""
        self.one.send("INVITE", self.one.target, body=sdp(self.one.host, "sendonly", version=2))
        number = self.one._number
        self.network.run(0.1)
        self.one.send("ACK", self.one.target, number=number)

    def watch(self) -> None:
        """A subscription outside of the call, whose NOTIFYs are answered."""
        call = self.other.call_id, self.other.to
        self.other.call_id = self.other.to = ""
        self.other.send("SUBSCRIBE", self.uri("room"), "Event: conference", "Expires: 600")
        self.other.listened(0.3)
        self.other.call_id, self.other.to = call

    def steps(self) -> list[Callable[[], object]]:
        """The conference, a step at a time."""
        one, other, third = self.one, self.other, self.third
        return [
            lambda: one.dial(self.uri("room")),
            lambda: other.dial(self.uri("room")),
            self.watch,
            self.held,
            lambda: one.send("REFER", one.target, f"Refer-To: <{third.uri}>"),
            lambda: self.answered("INVITE"),
            lambda: one.listened(0.3),
            lambda: one.send("REFER", one.target, f"Refer-To: <{third.uri};method=BYE>"),
            lambda: self.answered("BYE"),
            lambda: one.listened(0.3),
            lambda: other.hang_up(),
            lambda: one.hang_up(),
        ]

    def play(self, disturb: Callable[[], None], at: int) -> list[list[tuple[str, str]]]:
        """The states after each step, where something disturbs after one of them."""
        self.setUp()
        found = []
        for place, step in enumerate(self.steps()):
            step()
            self.network.run(0.2)
            if place == at:
                disturb()
            found.append(self.states())
        for each in (self.one, self.other, self.third):
            each.listened(1.2)
        self.leaves_nothing()
        return found

    def said(self) -> list[tuple[bytes, Address]]:
        """All that the focus was sent so far."""
        return [(each.octets, each.source) for each in self.network.sent if each.destination == FOCUS]

    def again(self, messages: list[tuple[bytes, Address]], source: Address | None = None) -> None:
        """Messages come again."""
        for octets, sender in messages:
            self.network.datagram(octets, source or sender, FOCUS)
        self.network.run(0.1)

    def every(self, disturb: Callable[[], None]) -> None:
        """The conference goes as ever, wherever it is disturbed."""
        expected = self.play(lambda: None, -1)
        self.assertEqual([len(each) for each in expected], [1, 2, 2, 2, 3, 3, 3, 2, 2, 2, 1, 0])
        for at in range(len(expected)):
            self.assertEqual(self.play(disturb, at), expected, at)

    def test_copies(self) -> None:
        """Every message once more."""
        self.every(lambda: self.again(self.said()))

    def test_backwards(self) -> None:
        """Every message twice more, the last one first."""
        self.every(lambda: self.again([*reversed(self.said())] * 2))

    def test_elsewhere(self) -> None:
        """Every message once more, from somewhere else: responses go to where the Via says, and nothing changes."""
        self.network.raw(STRANGER)
        self.every(lambda: self.again(self.said(), STRANGER))

    def test_spoofed(self) -> None:
        """Answers to what the focus asks that nobody was asked for, with other branches, tags and methods."""

        def spoof() -> None:
            sent = [each for each in self.network.sent if each.source == FOCUS and not each.octets.startswith(b"SIP")]
            for each in sent:
                head = [
                    line
                    for line in each.octets.partition(b"\r\n\r\n")[0].split(b"\r\n")
                    if line.split(b":")[0] in (b"Via", b"From", b"To", b"Call-ID", b"CSeq")
                ]
                answer = b"\r\n".join([b"SIP/2.0 %s X", *head, b"Content-Length: 0", b"", b""])
                for status in (b"200", b"481", b"503"):
                    wrong = answer.replace(b"%s", status).replace(b"branch=z9hG4bK", b"branch=z9hG4bK0")
                    self.network.datagram(wrong, each.destination, FOCUS)
                    self.network.datagram(wrong.replace(b"tag=", b"tag=0"), STRANGER, FOCUS)
            self.network.run(0.1)

        self.every(spoof)

    def test_strays(self) -> None:
        """ACK, BYE and CANCEL of no call, and of these calls with a wrong tag."""

        def stray() -> None:
            for octets, source in self.said():
                if octets.startswith(b"INVITE"):
                    for method in (b"ACK", b"BYE", b"CANCEL", b"PRACK", b"UPDATE"):
                        other = octets.replace(b"INVITE", method).replace(b"branch=z9hG4bK", b"branch=z9hG4bK1")
                        self.again([(other.replace(b";tag=mine", b";tag=no"), source)])
                        self.again([(other.replace(b"Call-ID: ", b"Call-ID: 0"), source)])

        self.every(stray)

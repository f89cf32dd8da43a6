"""Faults at a focus in virtual time: whatever one caller does, nothing is raised, little is kept, and others can call."""

from __future__ import annotations

from disco_ref.conference.document import read as read_document
from disco_ref.peer.test.participants import FOCUS, FocusCase, Participant, sdp
from disco_ref.sip.message import Request

NAMES = (
    '"\\\x1b]0;mine\\\x07\\\x1b[2J"',
    '"nul \\\x00"',
    '"\\\x01"',
    '"\u009b2J"',
    '"\ufffe\uffff"',
    '"]]>&<x"',
    f'"{"x" * 4_000}"',
)
"""Display names that are right, and hold what terminals obey or documents cannot hold."""


class Named(Participant):
    """Somebody with a name of their choice."""

    def __init__(self, case: FocusCase, number: int, name: str) -> None:
        super().__init__(case.network, number)
        self.name = name

    def call(self, uri: str) -> int:
        """Calls under that name; the final status."""
        Participant.serial += 1
        serial = Participant.serial
        body = sdp(self.host)
        head = [
            f"INVITE {uri} SIP/2.0",
            f"Via: SIP/2.0/UDP {self.host}:5060;branch=z9hG4bK{serial}",
            f"From: {self.name} <{self.uri}>;tag=mine",
            f"To: <{uri}>",
            f"Call-ID: named-{serial}",
            "CSeq: 1 INVITE",
            f"Contact: <{self.uri}>",
            "Content-Type: application/sdp",
            f"Content-Length: {len(body)}",
        ]
        self.place.send("\r\n".join([*head, "", ""]).encode() + body, FOCUS)
        return self.answers()[0]


class Names(FocusCase):
    """What callers are called."""

    def test_unspeakable(self) -> None:
        """Any display name that SIP allows is taken, and shown in a document that can be read."""
        self.one.send("SUBSCRIBE", self.uri("room"), "Event: conference", "Expires: 600")
        self.one.listened(0.3)
        for number, name in enumerate(NAMES, start=20):
            self.assertEqual(Named(self, number, name).call(self.uri("room")), 200, name[:20])
            for message in self.one.listened(0.3):
                if isinstance(message, Request) and message.body:
                    read_document(message.body)
        users = self.shown().users
        assert users is not None
        shown = [user.display_text or "" for user in users.user]
        self.assertEqual(len(shown), len(NAMES))
        self.assertEqual(
            [name for name in shown if len(name) > 200 or not name.replace("\ufffd", "?").isprintable()], ["\x9b2J"]
        )
        self.assertEqual(self.other.dial(self.uri("room")).status_code, 200)


HEAVY = {
    "Record-Route": ", ".join(["<sip:192.0.2.77;lr>"] * 2000),
    "Contact": f"<sip:one@192.0.2.1;x={'y' * 40_000}>",
}
"""What a dialog would keep of a message, in a weight that nobody needs."""


class Weight(FocusCase):
    """What a call costs for as long as it stands."""

    def heavy(self) -> str:
        """The route set of a call."""
        return f"Record-Route: {HEAVY['Record-Route']}"

    def test_route_sets(self) -> None:
        """A route set that no call needs gets 513, for calls, subscriptions and references, and nothing is kept."""
        self.one.dial(self.uri("room"))
        held = len(self.node.dialogs)
        for method in ("INVITE", "SUBSCRIBE", "REFER"):
            self.other.call_id = self.other.to = ""
            lines = ("Event: conference", "Refer-To: <sip:x@192.0.2.9>", self.heavy())
            self.other.send(method, self.uri("room"), *lines, body=sdp(self.other.host) if method == "INVITE" else b"")
            self.assertEqual({*self.other.answers()}, {513}, method)
        self.assertEqual(len(self.node.dialogs), held)
        self.assertEqual(self.third.dial(self.uri("room")).status_code, 200)

    def test_target(self) -> None:
        """A call does not grow by a target that is named later; it goes on as it was."""
        self.one.dial(self.uri("room"))
        self.one.send("UPDATE", self.one.target, f"Contact: {HEAVY['Contact']}")
        self.assertEqual(self.one.answers(), [513])
        self.assertEqual(self.one.hang_up(), [200])
        self.leaves_nothing()

    def test_answers(self) -> None:
        """An invited one who answers with such a route set, or a session of 1 MB, is let go, and nothing is left."""
        self.one.dial(self.uri("room"))
        self.one.send("REFER", self.one.target, f"Refer-To: <{self.other.uri}>")
        long = sdp(self.other.host) + b"a=x:y\r\n" * 8000
        for lines, body in (((self.heavy(),), sdp(self.other.host)), ((), long)):
            invite = next(one for one in self.other.got() if isinstance(one, Request) and one.method == "INVITE")
            self.other.answer(invite, 200, *lines, body=body)
            self.network.run(1)
            self.one.send("REFER", self.one.target, f"Refer-To: <{self.other.uri}>")
        self.network.run(400)
        self.leaves_nothing()

    def test_sessions(self) -> None:
        """Thousands of streams or attributes are refused before they are read, and cost nothing afterwards."""
        self.assertEqual(self.one.dial(self.uri("room"), body=sdp("192.0.2.1") + b"a=x:y\r\n" * 8000).status_code, 413)
        many = sdp("192.0.2.1") + b"m=audio 0 RTP/AVP 0\r\n" * 100
        self.assertEqual(self.other.dial(self.uri("room"), body=many).status_code, 488)
        self.assertEqual(
            self.third.dial(self.uri("room"), body=sdp("192.0.2.3") + b"a=x:y\r\n" * 4000).status_code, 200
        )
        conference = self.node.focus.conferences.get("room")
        assert conference is not None
        (leg,) = conference.legs.values()
        self.assertLess(len(repr((leg.negotiation.local, leg.negotiation.agreement))), 5_000)

    def test_closing(self) -> None:
        """A focus that closes takes on nothing new: no subscription, and nobody to invite."""
        self.one.dial(self.uri("room"))
        now = self.network.now
        self.network.perform(self.element, self.node.settle(self.node.focus.close(now), now))
        self.network.run(0.05)
        self.one.got()
        self.one.send("REFER", self.one.target, f"Refer-To: <{self.other.uri}>")
        self.third.send("SUBSCRIBE", self.uri("room"), "Event: conference")
        self.assertEqual((self.one.answers(), self.third.answers()), ([503], [503]))
        self.assertEqual(self.other.got(), [])

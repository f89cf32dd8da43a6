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
    f'"{"x" * 20_000}"',
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
            self.assertEqual(Named(self, number, name).call(self.uri("room")), 200, name)
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

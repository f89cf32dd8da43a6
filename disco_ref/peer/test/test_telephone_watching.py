"""A telephone that watches a conference: what it does where a document is missing."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.conference.package import CONFERENCE
from disco_ref.peer.effects import Transmit
from disco_ref.peer.test.test_telephone import Phone
from disco_ref.sip.events.wanted import Subscription
from disco_ref.sip.message import Message, Request, read
from disco_ref.sip.uri import read_uri

SPACE = "urn:ietf:params:xml:ns:conference-info"


class Watching:
    """A telephone whose subscription has been granted."""

    def __init__(self) -> None:
        self.phone = Phone()
        wish = Subscription(read_uri("sip:p@192.0.2.11"), CONFERENCE)
        _, actions = self.phone.node.subscriber.subscribe(wish, self.phone.now)
        effects = self.phone.element.perform(self.phone.node.settle(actions, self.phone.now), self.phone.now)
        (asked,) = [read(each.octets) for each in effects if isinstance(each, Transmit)]
        assert isinstance(asked, Request)
        self.asked = asked
        self.phone.answer(asked, 200, "Expires: 600")

    def told(self, number: int, version: int, state: str) -> list[Message]:
        """A NOTIFY with a document, and what is said to it."""
        body = (
            f'<?xml version="1.0"?><conference-info xmlns="{SPACE}" entity="sip:p@192.0.2.11" '
            f'state="{state}" version="{version}"/>'
        )
        rows = [
            "NOTIFY sip:bob@192.0.2.1 SIP/2.0", f"Via: SIP/2.0/UDP 192.0.2.11;branch=z9hG4bK-n{number}",
            "From: <sip:p@192.0.2.11>;tag=x", f"To: {self.asked.headers.texts('from')[0]}",
            f"Call-ID: {self.asked.headers.call_id}", f"CSeq: {number} NOTIFY", "Contact: <sip:p@192.0.2.11>",
            "Max-Forwards: 70", "Event: conference", "Subscription-State: active;expires=600",
            f"Content-Type: {CONFERENCE.media_type}", f"Content-Length: {len(body)}",
        ]  # fmt: skip
        return self.phone.hear("\r\n".join([*rows, "", body]).encode())


class GapTests(SynchronousTestCase):
    """Versions that follow on each other, and versions that do not."""

    def methods(self, messages: list[Message]) -> list[str]:
        """Of the requests."""
        return [each.method for each in messages if isinstance(each, Request)]

    def test_none(self) -> None:
        """Nothing is asked for."""
        watching = Watching()
        self.assertEqual(self.methods(watching.told(1, 1, "full")), [])
        self.assertEqual(self.methods(watching.told(2, 2, "partial")), [])

    def test_gap(self) -> None:
        """The whole is asked for, once."""
        # = rfc4575:4.6/102 test
        watching = Watching()
        watching.told(1, 1, "full")
        self.assertEqual(self.methods(watching.told(2, 3, "partial")), ["SUBSCRIBE"])

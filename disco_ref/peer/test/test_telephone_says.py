"""What a telephone says of itself in its calls (RFC 3261, section 13.2.1)."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.peer.effects import Transmit
from disco_ref.peer.phone import _warning
from disco_ref.peer.test.test_telephone import OFFER, Phone, asked
from disco_ref.sip.message import Message, read
from disco_ref.sip.refusals import BadRequest
from disco_ref.sip.session.identity import Invitation
from disco_ref.sip.uri import read_uri


class Says(SynchronousTestCase):
    """A telephone that calls, is called, and is asked."""

    def setUp(self) -> None:
        """Nothing has happened yet."""
        self.phone = Phone()

    def allowed(self, message: Message) -> set[str]:
        """The methods in Allow."""
        return {each.strip() for text in message.headers.texts("allow") for each in text.split(",")}

    def test_allow(self) -> None:
        """INVITE, its 200 and the answer to OPTIONS say all methods that are taken, and no other; the latter says the media too."""
        # = rfc3261:13.2.1/1 test
        known = set(self.phone.node.core.understood.methods)
        self.assertTrue(known >= {"INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "PRACK", "UPDATE", "REFER", "INFO"})
        actions = self.phone.node.phone.dial(Invitation(read_uri("sip:p@192.0.2.11")), self.phone.now)[1]
        effects = self.phone.element.perform(self.phone.node.settle(actions, self.phone.now), self.phone.now)
        (invite,) = [read(each.octets) for each in effects if isinstance(each, Transmit)]
        *_, taken = self.phone.hear(asked("INVITE", body=OFFER))
        (options,) = self.phone.hear(asked("OPTIONS", number=7))
        for message in (invite, taken, options):
            self.assertEqual(self.allowed(message), known)
        self.assertEqual(options.headers.texts("content-type"), ["application/sdp"])
        self.assertIn(b"m=audio", options.body)

    def test_warning(self) -> None:
        """What it says against an offer ends neither the quotes nor the line that it stands in."""
        warning = _warning(BadRequest('a "b" \\ c\r\nd: \x07e \u00e9', where="SDP"))
        self.assertRegex(warning, r"\AWarning: 399 disco-ref \"[ !#-\[\]-~]*\"\Z")
        self.assertIn("a ?b? ? c??d: ?e ?", warning)

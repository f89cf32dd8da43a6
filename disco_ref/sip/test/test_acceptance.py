"""Tests of what a recipient refuses."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.errors import Refusal
from disco_ref.sip.acceptance import Understood, refuse
from disco_ref.sip.header.content.content_type import media_type
from disco_ref.sip.message import Request, read
from disco_ref.sip.refusals import Owing
from disco_ref.sip.test.messages import request

EVERYTHING = Understood(
    methods=frozenset(
        ["INVITE", "ACK", "OPTIONS", "BYE", "CANCEL", "SUBSCRIBE", "NOTIFY", "REFER", "PRACK", "PUBLISH", "MESSAGE"]
    ),
    media_types=frozenset({"application/sdp", "multipart/*", "text/plain"}),
    packages=frozenset({"conference"}),
    extensions=frozenset({"100rel"}),
    languages=frozenset({"en", "de"}),
    writes=media_type("application/sdp"),
    longest_uri=60,
    largest_body=10,
)


class AcceptanceTests(SynchronousTestCase):
    """Requests against a user agent (RFC 3261, section 8.2) and a proxy (section 16.3)."""

    def status(self, octets: bytes, understood: Understood = EVERYTHING) -> tuple[int | None, dict[str, str]]:
        """The status and header fields that are owed, 0 where nothing is refused."""
        message = read(octets)
        assert isinstance(message, Request)
        try:
            refuse(message, understood)
        except Refusal as refusal:
            return refusal.status, dict(refusal.headers) if isinstance(refusal, Owing) else {}
        return 0, {}

    def test_methods(self) -> None:
        """Not allowed here: 405 with Allow; not known at all: 501."""
        # = rfc3261:8.2.1/2 test
        # = rfc3261:8.2.1/3 test
        # = rfc3261:8.2.1/1 test
        # = rfc3261:8.2.1/4 test
        # = rfc3261:16.3/7 test
        # = rfc3261:20.5/1 test
        # = rfc3261:21.4/4 test
        few = Understood(methods=frozenset({"INVITE", "ACK"}))
        self.assertEqual(self.status(request(), few), (405, {"Allow": "ACK, INVITE"}))
        self.assertEqual(self.status(request(method="NEW"), few)[0], 501)
        self.assertEqual(self.status(request(method="NEW"), Understood(forwards=True))[0], 0)

    def test_request_uris(self) -> None:
        """A scheme that is not understood: 416; too long: 414; wrong in meaning: 400."""
        # = rfc3261:8.2.2.1/4 test
        # = rfc3261:16.3/8 test
        # = rfc3261:16.3/5 test
        self.assertEqual(self.status(request(uri="tel:+1"))[0], 416)
        self.assertEqual(self.status(request(uri="tel:+1"), Understood(forwards=True))[0], 416)
        self.assertEqual(self.status(request(uri=f"sip:{'a' * 60}@h"))[0], 414)
        self.assertEqual(self.status(request(uri="sip:h;a;a"))[0], 400)

    def test_hops(self) -> None:
        """A proxy owes 483 at zero; a user agent does not look."""
        # = rfc3261:16.3/9 test
        # = rfc3261:16.3/2 test
        # = rfc3261:16.3/11 test
        octets = request({"Max-Forwards": "0"})
        self.assertEqual(self.status(octets, Understood(forwards=True))[0], 483)
        self.assertEqual(self.status(octets)[0], 0)
        self.assertEqual(self.status(request({"Max-Forwards": None}), Understood(forwards=True))[0], 0)

    def test_extensions(self) -> None:
        """What is not understood of Require is owed as Unsupported; CANCEL and ACK are let through."""
        # = rfc3261:8.2.2.3/1 test
        # = rfc3261:8.2.2.3/2 test
        # = rfc3261:8.2.2.3/4 test
        # = rfc3261:16.3/15 test
        # = rfc3261:16.3/16 test
        # = rfc3261:20.32/1 test
        # = rfc3261:20.32/2 test
        # = rfc3261:21.4/11 test
        octets = request({"Require": "100rel, x", "require": "y"})
        self.assertEqual(self.status(octets), (420, {"Unsupported": "x, y"}))
        self.assertEqual(self.status(request({"Require": "100rel"}))[0], 0)
        # = rfc3261:7.3.1/0 test
        self.assertEqual(self.status(request({"Require": "100REL"}))[0], 0)
        self.assertEqual(self.status(request({"Proxy-Require": "z"}))[0], 0)
        self.assertEqual(
            self.status(request({"Proxy-Require": "z"}), Understood(forwards=True)), (420, {"Unsupported": "z"})
        )
        for method in ("CANCEL", "ACK"):
            self.assertEqual(self.status(request({"Require": "x"}, method=method))[0], 0)

    def test_what_methods_need(self) -> None:
        """Refer-To, Event outside SUBSCRIBE, Subscription-State, RAck, and Content-Type with a body: 400 where they are missing."""
        # = rfc3515:2.4.2/4 test
        # = rfc3261:20.15/1 test
        # = rfc3262:7.2/0 test
        # = rfc3515:2.4.1/1 test
        # = rfc6665:3.2.1/1 test
        # = rfc6665:4.1.3/3 test
        for method, fields in (
            ("REFER", {"Refer-To": "<sip:c@d>"}),
            ("NOTIFY", {"Event": "conference", "Subscription-State": "active"}),
            ("PRACK", {"RAck": "1 1 INVITE"}),
            ("PUBLISH", {"Event": "conference"}),
            ("MESSAGE", {}),
        ):
            self.assertEqual(self.status(request({**fields}, method=method))[0], 0)
            for name in fields:
                self.assertEqual(self.status(request({**fields, name: None}, method=method))[0], 400)
        self.assertEqual(self.status(request({"Content-Type": None}, body=b"x"))[0], 400)

    def test_malformed_fields_that_nobody_needs(self) -> None:
        """What is malformed and not needed counts as absent (RFC 3261, section 8.2.2)."""
        # = rfc3261:8.2.2/2 test
        for name in ("Content-Disposition", "Content-Language", "Accept"):
            fields = {"Content-Type": "text/plain", name: "1/;"}
            self.assertEqual(self.status(request({**fields}, body=b"x"))[0], 0, name)

    def test_event_packages(self) -> None:
        """One that is not understood, or none in a SUBSCRIBE: 489 with Allow-Events. Where nobody said which there are: let through."""
        # = rfc6665:4.2.1.1/2 test
        # = rfc6665:4.2.1.1/3 test
        # = rfc6665:3.1.2/1 test
        # = rfc6665:4.2.3/2 test
        self.assertEqual(self.status(request({"Event": "Conference;id=1"}, method="SUBSCRIBE"))[0], 0)
        self.assertEqual(self.status(request(method="SUBSCRIBE")), (489, {"Allow-Events": "conference"}))
        self.assertEqual(
            self.status(request(method="SUBSCRIBE"), Understood(methods=frozenset({"SUBSCRIBE"}))), (0, {})
        )
        self.assertEqual(
            self.status(request({"Event": "dialog"}, method="SUBSCRIBE")), (489, {"Allow-Events": "conference"})
        )

    def test_content(self) -> None:
        """Type, coding and language that are not understood: 415 with what would be; too large: 413; optional: let through."""
        # = rfc3261:8.2.3/1 test
        # = rfc3261:8.2.3/2 test
        # = rfc3261:8.2.3/3 test
        # = rfc3261:8.2.3/4 test
        # = rfc3261:20.11/2 test
        # = rfc3261:21.4/10 test
        sdp = {"Content-Type": "Application/SDP"}
        self.assertEqual(self.status(request(sdp, body=b"v=0"))[0], 0)
        self.assertEqual(self.status(request({"Content-Type": "multipart/mixed;boundary=x"}, body=b"x"))[0], 0)
        status, owed = self.status(request({"Content-Type": "image/png"}, body=b"x"))
        self.assertEqual((status, owed["Accept"]), (415, "application/sdp, multipart/*, text/plain"))
        optional = {"Content-Type": "image/png", "Content-Disposition": "render;handling=Optional"}
        self.assertEqual(self.status(request(optional, body=b"x"))[0], 0)
        self.assertEqual(
            self.status(request({**sdp, "Content-Encoding": "gzip"}, body=b"x")), (415, {"Accept-Encoding": "identity"})
        )
        self.assertEqual(
            self.status(request({**sdp, "Content-Language": "fr"}, body=b"x")), (415, {"Accept-Language": "de, en"})
        )
        self.assertEqual(self.status(request(sdp, body=b"x" * 11))[0], 413)

    def test_answers(self) -> None:
        """Where the sender accepts none of what could be written: 406."""
        self.assertEqual(self.status(request({"Accept": "text/nobodyKnowsThis"}))[0], 406)
        for accept in ("application/sdp", "text/plain, application/*", "*/*;q=0.1", "*/*;q=0, application/sdp"):
            self.assertEqual(self.status(request({"Accept": accept}))[0], 0)
        for accept in ("", "application/sdp;q=0", "*/*, application/sdp;q=0.000", "application/*;q=0., */*"):
            self.assertEqual(self.status(request({"Accept": accept}))[0], 406, accept)

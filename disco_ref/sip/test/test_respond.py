"""What responses copy from their requests (RFC 3261, section 8.2.6)."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.sip.message import Request, Response, read
from disco_ref.sip.refusals import BadRequest, Discarded, MethodNotAllowed
from disco_ref.sip.respond import new_tag, refused, respond

LINES = (
    "v: SIP/2.0/TCP first;branch=z9hG4bK1, SIP/2.0/UDP second;branch=z9hG4bK2",
    "Via: SIP/2.0/UDP third;branch=z9hG4bK3",
    "Record-Route: <sip:p2;lr>",
    "Record-Route: <sip:p1;lr>",
    "f: Alice <sip:alice@example.com>;tag=a",
    "To:   sip:bob@example.com",
    "Call-ID: c1",
    "CSeq: 7 INVITE",
    "Timestamp: 54",
    "Subject: not copied",
    "Contact: <sip:alice@192.0.2.1>",
)


def request(*, to: str = "", method: str = "INVITE") -> Request:
    """A request as received."""
    lines = [line.replace("example.com", f"example.com{to}") if line.startswith("To") else line for line in LINES]
    lines = [line.replace("INVITE", method) for line in lines]
    message = read("\r\n".join([f"{method} sip:bob@example.com SIP/2.0", *lines, "", ""]).encode())
    assert isinstance(message, Request)
    return message


class Copied(SynchronousTestCase):
    """The fields of a response."""

    def test_copies(self) -> None:
        """Via in its order, From, Call-ID and CSeq are as they came; To gets a tag; nothing else comes along."""
        # = rfc3261:8.2.6.2/1 test
        # = rfc3261:8.2.6.2/2 test
        # = rfc3261:8.2.6.2/3 test
        # = rfc3261:8.2.6.2/4a test
        # = rfc3261:8.2.6.2/4b test
        # = rfc3261:8.2.6.2/6a test
        # = rfc3261:8.2.6.2/6b test
        response = respond(request(), 404, lines=["Server: x"], body=b"abc", to_tag="t")
        self.assertEqual(
            response.headers.lines,
            [*LINES[:2], LINES[4], "To: <sip:bob@example.com>;tag=t", *LINES[6:8], "Server: x", "Content-Length: 3"],
        )
        self.assertEqual((response.status_code, response.reason_phrase), (404, "Not Found"))
        again = read(bytes(response))
        assert isinstance(again, Response)
        self.assertEqual((again.headers.to.tag, again.body), ("t", b"abc"))
        self.assertEqual((response.headers.to, response.headers.via), (again.headers.to, again.headers.via))

    def test_tag_that_is_there(self) -> None:
        """A To with a tag stays as it is."""
        # = rfc3261:8.2.6.2/5 test
        self.assertEqual(respond(request(to=";tag=old"), 200, to_tag="new").headers.to.tag, "old")

    def test_record_route(self) -> None:
        """Record-Route comes along, in its order, where a dialog is set up."""
        # = rfc3261:12.1.1/1a test
        # = rfc3261:12.1.1/1b test
        response = respond(request(), 200, to_tag="t", record_route=True)
        self.assertEqual(response.headers.texts("record-route"), ["<sip:p2;lr>", "<sip:p1;lr>"])

    def test_trying(self) -> None:
        """100 has the Timestamp of the request, others have not."""
        # = rfc3261:8.2.6.1/3 test
        self.assertEqual(respond(request(), 100).headers.texts("timestamp"), ["54"])
        self.assertEqual(respond(request(), 180, to_tag="t").headers.texts("timestamp"), [])

    def test_tags(self) -> None:
        """A tag has 64 bits of what it is given."""
        # = rfc3261:19.3/1 test
        self.assertEqual(new_tag(lambda count: bytes(range(count))), "0001020304050607")


class Refused(SynchronousTestCase):
    """Responses that refusals owe."""

    def test_with_fields(self) -> None:
        """The fields that a refusal owes stand in the response."""
        response = refused(request(), MethodNotAllowed("no", headers=(("Allow", "ACK"),)), "t")
        assert response is not None
        self.assertEqual((response.status_code, response.headers.texts("allow")), (405, ["ACK"]))

    def test_nothing_owed(self) -> None:
        """An ACK is never answered, nor what is to be dropped."""
        self.assertIsNone(refused(request(method="ACK"), BadRequest("no"), "t"))
        self.assertIsNone(refused(request(), Discarded("no"), "t"))

"""Dialogs: their state, the requests within them, who uses them (RFC 3261, section 12)."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.sip.dialog.dialog import (
    Dialog,
    DialogId,
    NoDialog,
    OutOfOrder,
    from_request,
    from_response,
    in_request_line,
)
from disco_ref.sip.dialog.store import Dialogs
from disco_ref.sip.message import Request, Response, read
from disco_ref.sip.refusals import BadRequest
from disco_ref.sip.uri import read_uri


def request(
    *,
    method: str = "INVITE",
    uri: str = "sip:bob@192.0.2.2",
    routes: str = "",
    contact: str = "",
    number: int = 7,
    to: str = "",
) -> Request:
    """A request as received."""
    lines = [
        f"{method} {uri} SIP/2.0",
        "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1",
        *([f"Record-Route: {routes}"] if routes else []),
        "From: Alice <sip:alice@example.com>;tag=a",
        f"To: <sip:bob@example.com>{to}",
        "Call-ID: c1",
        f"CSeq: {number} {method}",
        *([f"Contact: {contact}"] if contact else []),
        "",
        "",
    ]
    message = read("\r\n".join(lines).encode())
    assert isinstance(message, Request)
    return message


def response(
    *, status: int = 200, routes: str = "", contact: str = "<sip:bob@192.0.2.9>", tag: str = ";tag=b"
) -> Response:
    """A response to it."""
    lines = [
        f"SIP/2.0 {status} OK",
        "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1",
        *([f"Record-Route: {routes}"] if routes else []),
        "From: Alice <sip:alice@example.com>;tag=a",
        f"To: <sip:bob@example.com>{tag}",
        "Call-ID: c1",
        "CSeq: 7 INVITE",
        *([f"Contact: {contact}"] if contact else []),
        "",
        "",
    ]
    message = read("\r\n".join(lines).encode())
    assert isinstance(message, Response)
    return message


CONTACT = "<sip:alice@192.0.2.1;transport=tcp>"
LOOSE = "<sip:p1.example.com;lr>, <sip:p2.example.com;lr>"


class State(SynchronousTestCase):
    """What a dialog begins with."""

    def test_at_the_caller(self) -> None:
        """Tags, target and numbers come from request and response; the route set is turned around."""
        # = rfc3261:12.1.2/4 test
        # = rfc3261:12.1.2/6 test
        # = rfc3261:12.1.2/7 test
        # = rfc3261:12.1.2/10a test
        dialog = from_response(request(), response(routes=LOOSE))
        self.assertEqual(dialog.id, DialogId("c1", "a", "b"))
        self.assertEqual(str(dialog.target), "sip:bob@192.0.2.9")
        self.assertEqual([str(hop) for hop in dialog.route_set], ["<sip:p2.example.com;lr>", "<sip:p1.example.com;lr>"])
        self.assertEqual((dialog.local_number, dialog.remote_number, dialog.early), (7, None, False))

    def test_at_the_callee(self) -> None:
        """Tags, target and numbers come from the request and our tag; the route set is as it stands."""
        # = rfc3261:12.1.1/7 test
        # = rfc3261:12.1.1/9 test
        # = rfc3261:12.1.1/10 test
        # = rfc3261:12.1.1/11 test
        # = rfc3261:12.1.1/13a test
        dialog = from_request(request(routes=LOOSE, contact=CONTACT), "x", early=True)
        self.assertEqual(dialog.id, DialogId("c1", "x", "a"))
        self.assertEqual(str(dialog.target), "sip:alice@192.0.2.1;transport=tcp")
        self.assertEqual([str(hop) for hop in dialog.route_set], LOOSE.split(", "))
        self.assertEqual((dialog.local_number, dialog.remote_number, dialog.early), (None, 7, True))
        self.assertEqual(str(dialog.local), "<sip:bob@example.com>;tag=x")

    def test_no_contact(self) -> None:
        """A request without Contact sets up nothing; a response without it leads to where the request went."""
        # = rfc3261:8.1.1.8/1 test
        with self.assertRaises(BadRequest):
            from_request(request(), "x")
        dialog = from_response(request(), response(contact=""))
        self.assertEqual(str(dialog.target), "sip:bob@192.0.2.2")

    def test_no_tag(self) -> None:
        """A peer without tags has an empty one, and gets none."""
        # = rfc3261:12.1.2/11 test
        # = rfc3261:12.2.1.1/5 test
        dialog = from_response(request(), response(tag=""))
        self.assertEqual(dialog.id.remote_tag, "")
        self.assertIsNone(dialog.request("BYE").headers.to.tag)

    def test_secure(self) -> None:
        """A dialog that a sips request sets up is secure."""
        self.assertTrue(from_request(request(uri="sips:bob@192.0.2.2", contact=CONTACT), "x").secure)
        self.assertFalse(from_request(request(contact=CONTACT), "x").secure)


class Within(SynchronousTestCase):
    """Requests within a dialog."""

    def test_direct(self) -> None:
        """Without a route set the target is the Request-URI and there is no Route."""
        # = rfc3261:12.2.1.1/11 test
        # = rfc3261:12.2.1.1/12 test
        # = rfc3261:12.2.1.1/2 test
        # = rfc3261:12.2.1.1/4 test
        bye = from_response(request(), response()).request("BYE")
        self.assertEqual(str(bye.request_uri), "sip:bob@192.0.2.9")
        self.assertNotIn("route", bye.headers)
        self.assertEqual((bye.headers.from_.tag, bye.headers.to.tag), ("a", "b"))
        self.assertEqual(str(bye.headers.cseq), "8 BYE")

    def test_loose(self) -> None:
        """Past loose routers the target stays in front, and the whole route set goes along."""
        # = rfc3261:12.2.1.1/13a test
        # = rfc3261:12.2.1.1/13b test
        bye = from_request(request(routes=LOOSE, contact=CONTACT), "x").request("BYE")
        self.assertEqual(str(bye.request_uri), "sip:alice@192.0.2.1;transport=tcp")
        self.assertEqual(bye.headers.texts("route"), [LOOSE])

    def test_strict(self) -> None:
        """A strict router takes the place of the target, which goes to the end of Route."""
        # = rfc3261:12.2.1.1/14 test
        # = rfc3261:12.2.1.1/15 test
        # = rfc3261:12.2.1.1/16 test
        routes = "<sip:p1.example.com;method=INVITE;x=y?Subject=z>, <sip:p2.example.com;lr>"
        dialog = from_request(request(routes=routes, contact="<sip:alice@192.0.2.1>"), "x")
        bye = dialog.request("BYE")
        self.assertEqual(str(bye.request_uri), "sip:p1.example.com;x=y")
        self.assertEqual(bye.headers.texts("route"), ["<sip:p2.example.com;lr>, <sip:alice@192.0.2.1>"])
        self.assertTrue(dialog.strict)

    def test_numbers(self) -> None:
        """Numbers grow by one; an ACK takes that of its INVITE and counts nothing."""
        # = rfc3261:12.2.1.1/7 test
        # = rfc3261:12.2.1.1/8a test
        # = rfc3261:12.2.1.1/9 test
        # = rfc3261:13.2.2/6a test
        dialog = from_request(request(contact=CONTACT), "x")
        self.assertEqual(dialog.request("INFO").headers.cseq.number, 1)
        self.assertEqual(dialog.request("ACK", number=1).headers.cseq.number, 1)
        self.assertEqual(dialog.request("INFO").headers.cseq.number, 2)

    def test_order(self) -> None:
        """A lower number is refused with 500, gaps are not."""
        # = rfc3261:12.2.2/3 test
        # = rfc3261:12.2.2/4 test
        # = rfc3261:12.2.2/5 test
        dialog = from_response(request(), response())
        for number in (40, 41, 90):
            dialog.receive(request(method="INFO", number=number))
        with self.assertRaises(OutOfOrder) as caught:
            dialog.receive(request(method="INFO", number=89))
        self.assertEqual(caught.exception.status, 500)
        self.assertEqual(dialog.remote_number, 90)

    def test_refresh(self) -> None:
        """A Contact moves the target, its absence leaves it."""
        # = rfc3261:12.2.2/7 test
        dialog = from_response(request(), response())
        dialog.refresh(request(method="UPDATE"))
        self.assertEqual(str(dialog.target), "sip:bob@192.0.2.9")
        dialog.refresh(request(method="UPDATE", contact="<sip:bob@192.0.2.77>"))
        self.assertEqual(str(dialog.target), "sip:bob@192.0.2.77")

    def test_confirm(self) -> None:
        """The 2xx decides about the route set of what was early."""
        # = rfc3261:13.2.2/3b test
        dialog = from_response(request(), response(status=180, routes=LOOSE))
        self.assertTrue(dialog.early)
        dialog.confirm(response(routes="<sip:p2.example.com;lr>"))
        self.assertFalse(dialog.early)
        self.assertEqual([str(hop) for hop in dialog.route_set], ["<sip:p2.example.com;lr>"])

    def test_in_request_line(self) -> None:
        """What a Request-URI may not have is left out; other schemes stay."""
        self.assertEqual(str(in_request_line(read_uri("sip:a@b;method=BYE;lr?x=y"))), "sip:a@b;lr")
        self.assertEqual(str(in_request_line(read_uri("sip:a@b?x=y"))), "sip:a@b")
        self.assertEqual(str(in_request_line(read_uri("tel:+1234"))), "tel:+1234")


class Store(SynchronousTestCase):
    """Dialogs and their usages."""

    def setUp(self) -> None:
        """One dialog with two usages."""
        self.dialogs = Dialogs()
        self.dialog: Dialog = from_request(request(contact=CONTACT), "x")
        self.dialogs.join(self.dialog, ("call", "1"))
        self.dialogs.join(self.dialog, ("notify", "1"))

    def test_found(self) -> None:
        """A request is found its dialog by Call-ID and both tags, seen from here."""
        found = request(method="BYE", to=";tag=x", number=8)
        self.assertIs(self.dialogs.receive(found), self.dialog)
        self.assertEqual(self.dialog.remote_number, 8)
        for stray in (request(method="BYE", to=";tag=y"), request(method="BYE")):
            with self.assertRaises(NoDialog):
                self.dialogs.receive(stray)

    def test_ends_with_its_last_usage(self) -> None:
        """The dialog is gone with its last usage, not before."""
        self.assertFalse(self.dialogs.leave(self.dialog, ("call", "1")))
        self.assertIn(self.dialog.id, self.dialogs)
        self.assertTrue(self.dialogs.leave(self.dialog, ("notify", "1")))
        self.assertEqual(len(self.dialogs), 0)

    def test_joined_again(self) -> None:
        """Who joins a dialog that is there gets that one, once."""
        other = from_request(request(contact=CONTACT), "x")
        self.assertIs(self.dialogs.join(other, ("call", "1")), self.dialog)
        self.assertEqual(self.dialog.usages, (("call", "1"), ("notify", "1")))

"""Transactions and dialogs over several hops: what the checks of routes and copies rest on."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from conformance.judge.dialogs import Dialog, route_text
from conformance.judge.test.test_follow import seen, step
from conformance.judge.transactions import uri_text
from conformance.lab.capture.flow import Step
from conformance.lab.sip import build
from conformance.lab.sip.uri import read_uri

ALICE, ONE, TWO, BOB = (f"192.0.2.{number}:5060" for number in (1, 2, 3, 4))
VIAS = [("Via", f"SIP/2.0/UDP {end};branch=z9hG4bK{number}") for number, end in enumerate((ALICE, ONE, TWO), 1)]
ROUTES = [("Record-Route", "<sip:192.0.2.2;lr>"), ("Record-Route", "<sip:192.0.2.3;lr>")]
CALL = [("Call-ID", "1"), ("CSeq", "1 INVITE")]


def hop(number: int) -> list[Step]:
    """The INVITE on its hop of this number, from 1, and the 200 that comes back on it."""
    source, destination = (ALICE, ONE, TWO, BOB)[number - 1 : number + 1]
    vias = VIAS[:number][::-1]
    to = ("To", "<sip:bob@example.com>;tag=b")
    invite = build(
        "INVITE sip:bob@example.com SIP/2.0",
        [
            *vias, ("Max-Forwards", str(71 - number)), *ROUTES[: number - 1][::-1], ("From", "<sip:a@example.com>;tag=a"),
            ("To", "<sip:bob@example.com>"), *CALL, ("Contact", "<sip:a@192.0.2.1>"),
        ],
    )  # fmt: skip
    answer = build(
        "SIP/2.0 200 OK",
        [*vias, *ROUTES[::-1], ("From", "<sip:a@example.com>;tag=a"), to, *CALL, ("Contact", "<sip:b@192.0.2.4>")],
    )
    return [step(invite, "udp", source, destination), step(answer, "udp", destination, source)]


class RouteSetTests(SynchronousTestCase):
    """The route set of a dialog through two proxies that stay in the route (RFC 3261, section 12.1)."""

    def dialog(self) -> Dialog:
        """The dialog of a call over three hops."""
        hops = [hop(number) for number in (1, 2, 3)]
        evidence = seen([*(one for one, _ in hops), *(answer for _, answer in reversed(hops))])
        (dialog,) = evidence.dialogs
        return dialog

    def test_caller(self) -> None:
        """The caller takes the Record-Route of the answer backwards."""
        routes = [route_text(one) for one in self.dialog().route_set("a")]
        self.assertEqual([one.partition("192.0.2.")[2][:1] for one in routes], ["2", "3"])

    def test_callee(self) -> None:
        """The callee takes the Record-Route of the request as it arrived on the last hop."""
        routes = [route_text(one) for one in self.dialog().route_set("b")]
        self.assertEqual([one.partition("192.0.2.")[2][:1] for one in routes], ["3", "2"])


class CopyTests(SynchronousTestCase):
    """Requests that are sent again (RFC 3261, section 17)."""

    def test_sent_again(self) -> None:
        """The same request from the same end is a copy, from another end a transaction of its own."""
        first = hop(1)[0]
        (transaction,) = seen([first, first]).transactions
        self.assertEqual(len(transaction.copies), 1)
        elsewhere = step(first.octets, "udp", "192.0.2.9:5060", ONE)
        self.assertEqual([len(one.copies) for one in seen([first, elsewhere]).transactions], [0, 0])


class UriTextTests(SynchronousTestCase):
    """URIs as they are compared, and as a report shows them."""

    def test_forms(self) -> None:
        """What a URI lacks leaves no sign behind; case and the order of parameters do not count."""
        for text, wanted in (
            ("sip:Bob@Example.com", "sip:Bob@example.com"),
            ("sip:192.0.2.2:5070;transport=TCP;lr", "sip:192.0.2.2:5070;lr;transport=tcp"),
            ("sips:a@[2001:db8::1]", "sips:a@[2001:db8::1]"),
            ("tel:+1-201", "tel:+1-201"),
        ):
            self.assertEqual(uri_text(read_uri(text)), wanted)
        self.assertEqual(uri_text(None), "")

"""INFO and its packages (RFC 6086)."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.sip.actions import SendRequest
from disco_ref.sip.dialog.dialog import Dialog, DialogId, NoDialog
from disco_ref.sip.dialog.store import Dialogs
from disco_ref.sip.events.test.wire import Wire, entropy
from disco_ref.sip.header.addressing.parties import From, To
from disco_ref.sip.info import (
    InfoAnswered,
    InfoPackage,
    InfoReceived,
    Infos,
    NotWilling,
    Willingness,
    info_lines,
    recv_info,
    recv_info_owed,
)
from disco_ref.sip.message import Message, Request, Response, read
from disco_ref.sip.test import messages
from disco_ref.sip.uri import read_uri

KEYS = InfoPackage("keys", frozenset({"application/keys"}))
ALICE, BOB = "sip:alice@alice.example.org", "sip:bob@bob.example.org"


def message(recv: str | None, *, status: int = 0) -> Message:
    """A request, or a response with this status, with or without Recv-Info."""
    fields = {"Recv-Info": recv}
    if status:
        return read(messages.response(fields, start=f"SIP/2.0 {status} X", method="INVITE"))
    return read(messages.request(fields, method="INVITE"))


class Pair:
    """Alice and Bob in a call; Bob is willing to receive keys."""

    def __init__(self, usage: str = "call") -> None:
        self.alices, self.bobs = Dialogs(), Dialogs()
        self.id = DialogId("c", "ta", "tb")
        mine = Dialog(self.id, From(None, ALICE, ";tag=ta"), To(None, BOB, ";tag=tb"), read_uri(BOB))
        yours = Dialog(
            DialogId("c", "tb", "ta"), From(None, BOB, ";tag=tb"), To(None, ALICE, ";tag=ta"), read_uri(ALICE)
        )
        self.dialog = self.alices.join(mine, ("call", "1"))
        self.bobs.join(yours, (usage, "1"))
        self.alice = Infos(self.alices, {}, entropy(1))
        self.bob = Infos(self.bobs, {"keys": KEYS}, entropy(2))
        self.wire = Wire(alice=self.alice, bob=self.bob)
        self.other = Willingness()
        self.other.said(message("keys"))

    def raw(self, lines: list[str], body: bytes = b"") -> Response:
        """The answer to an INFO made by hand."""
        self.wire.act("alice", [SendRequest(("x", "y"), self.dialog.request("INFO", lines, body))])
        self.wire.run()
        (response,) = (each for each in self.wire.said if isinstance(each, Response))
        return response


class WillingnessTest(SynchronousTestCase):
    """What the other side is willing to receive."""

    def test_said(self) -> None:
        """Recv-Info tells; a message without it changes nothing, an empty one takes all away."""
        # = rfc6086:5.2.2/2 test
        # = rfc6086:5.2.2/4 test
        other = Willingness()
        self.assertFalse(other.admits("keys"))
        other.said(message("keys, lights"))
        other.said(message(None))
        self.assertTrue(other.admits("keys") and other.admits("lights") and not other.admits("doors"))
        other.said(message(""))
        self.assertFalse(other.admits("keys"))

    def test_rejected(self) -> None:
        """What a rejected request said is taken back; a 469 says nothing new."""
        # = rfc6086:5.2.4/1 test
        # = rfc6086:4.2.2/2 test
        other = Willingness()
        other.said(message("keys"))
        other.said(message("doors"))
        other.roll_back()
        self.assertTrue(other.admits("keys") and not other.admits("doors"))
        other.said(message("", status=469))
        self.assertTrue(other.admits("keys"))

    def test_lines(self) -> None:
        """The line of a side that is willing to receive nothing is there and empty; answers have one where requests have."""
        # = rfc6086:5.2.2/1 test
        # = rfc6086:5.2.3/2 test
        # = rfc6086:5.2.3/3 test
        self.assertEqual((recv_info([]), recv_info(["a", "b"])), ("Recv-Info:", "Recv-Info: a, b"))
        with_it, without = message(""), message(None)
        assert isinstance(with_it, Request) and isinstance(without, Request)
        self.assertTrue(recv_info_owed(with_it) and not recv_info_owed(without))


class InfoTest(SynchronousTestCase):
    """An INFO and its answer."""

    def test_sent_and_received(self) -> None:
        """An INFO of a package arrives with its body and is answered with 200 without one."""
        # = rfc6086:4.2.1/1 test
        # = rfc6086:4.2.2/5 test
        # = rfc6086:4.3.2/1 test
        pair = Pair()
        id, actions = pair.alice.send(pair.id, pair.other, "keys", media_type="application/keys", body=b"abc")
        pair.wire.act("alice", actions)
        pair.wire.run()
        (received,) = (each for each in pair.wire.told["bob"] if isinstance(each, InfoReceived))
        self.assertEqual((received.package, received.media_type, received.body), ("keys", "application/keys", b"abc"))
        (answered,) = (each for each in pair.wire.told["alice"] if isinstance(each, InfoAnswered))
        assert answered.response is not None
        self.assertEqual((answered.id, answered.status, answered.response.body), (id, 200, b""))
        (info,) = pair.wire.requests("INFO")
        self.assertNotIn("recv-info", info.headers)

    def test_not_willing(self) -> None:
        """What the other side is not willing to receive is not sent, nor is anything outside of calls."""
        # = rfc6086:4.2.1/4a test
        # = rfc6086:4.2.1/4b test
        pair = Pair()
        with self.assertRaises(NotWilling):
            pair.alice.send(pair.id, pair.other, "doors")
        with self.assertRaises(NoDialog):
            pair.alice.send(DialogId("x", "y", "z"), pair.other, "keys")

    def test_bad_package(self) -> None:
        """A package that is not wanted gets 469 with Recv-Info; the call goes on."""
        # = rfc6086:4.2.2/1 test
        # = rfc6086:4.2.1/5 test
        pair = Pair()
        response = pair.raw(info_lines("doors"))
        self.assertEqual((response.status_code, response.headers.texts("recv-info")), (469, ["keys"]))
        self.assertEqual(len(pair.bobs), 1)

    def test_bad_body(self) -> None:
        """A body that the package does not carry gets 415."""
        # = rfc6086:4.2.2/3 test
        response = Pair().raw(info_lines("keys", "text/plain"), b"x")
        self.assertEqual((response.status_code, response.headers.texts("accept")), (415, ["application/keys"]))

    def test_part_of_the_body(self) -> None:
        """Of several parts the one counts that is disposed for the package."""
        # = rfc6086:4.3.1/1 test
        body = (
            b"--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n"
            b"--b\r\nContent-Type: application/keys\r\nContent-Disposition: Info-Package\r\n\r\nabc\r\n--b--\r\n"
        )
        pair = Pair()
        response = pair.raw(["Info-Package: keys", "Content-Type: multipart/mixed;boundary=b"], body)
        (received,) = (each for each in pair.wire.told["bob"] if isinstance(each, InfoReceived))
        self.assertEqual((response.status_code, received.body), (200, b"abc"))

    def test_legacy(self) -> None:
        """An INFO without package is answered with 200 and told as what it is."""
        pair = Pair()
        response = pair.raw(["Content-Type: application/dtmf-relay"], b"Signal=5\r\n")
        (received,) = (each for each in pair.wire.told["bob"] if isinstance(each, InfoReceived))
        self.assertEqual((response.status_code, received.package), (200, None))

    def test_outside_of_a_call(self) -> None:
        """An INFO in no dialog, or in one without a call, gets 481."""
        self.assertEqual(Pair("notify").raw(info_lines("keys")).status_code, 481)
        pair = Pair()
        pair.wire.rooms["bob"] = Infos(Dialogs(), {"keys": KEYS}, entropy(3))
        self.assertEqual(pair.raw(info_lines("keys")).status_code, 481)

    def test_failed(self) -> None:
        """An INFO that nobody answers is told as 408."""
        pair = Pair()
        id, actions = pair.alice.send(pair.id, pair.other, "keys")
        pair.wire.act("alice", actions)
        pair.wire.fail("alice")
        (answered,) = (each for each in pair.wire.told["alice"] if isinstance(each, InfoAnswered))
        self.assertEqual((answered.id, answered.status), (id, 408))

"""INFO and its packages (RFC 6086)."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.sip.actions import RequestFailed, RequestReceived, ResponseReceived, SendRequest, SendResponse
from disco_ref.sip.dialog.dialog import Dialog, DialogId, NoDialog
from disco_ref.sip.dialog.store import Dialogs
from disco_ref.sip.dialog.willing import Exchange
from disco_ref.sip.events.test.wire import FLOW, Wire, entropy
from disco_ref.sip.header.addressing.parties import From, To
from disco_ref.sip.header.block import Headers
from disco_ref.sip.info import (
    InfoAnswered,
    InfoPackage,
    InfoReceived,
    Infos,
    NotWilling,
    info_lines,
    recv_info,
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


def requested(recv: str | None, number: int = 2, method: str = "UPDATE") -> Request:
    """A request of Alice within the call."""
    return Request(method, read_uri(BOB), _within(recv, number, method), b"")


def responded(recv: str | None, status: int, number: int = 2, method: str = "UPDATE") -> Response:
    """The answer to it."""
    return Response(status, "X", _within(recv, number, method))


def _within(recv: str | None, number: int, method: str) -> Headers:
    lines = ["From: <sip:a@a>;tag=ta", "To: <sip:b@b>;tag=tb", "Call-ID: c", f"CSeq: {number} {method}"]
    return Headers([*lines, *([] if recv is None else [f"Recv-Info: {recv}".rstrip()])])


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
        mine.invites(message("keys", status=200), Exchange(True, 1), by_us=False)
        yours.invites(message("keys", status=200), Exchange(False, 1), by_us=True)

    def raw(self, lines: list[str], body: bytes = b"") -> Response:
        """The answer to an INFO made by hand."""
        self.wire.act("alice", [SendRequest(("x", "y"), self.dialog.request("INFO", lines, body))])
        self.wire.run()
        (response,) = (each for each in self.wire.said if isinstance(each, Response))
        return response


class OverheardTest(SynchronousTestCase):
    """What the messages of a call say of packages, as Alice and Bob see them go by."""

    def both(
        self,
        pair: Pair,
        recv: str | None,
        status: int = 0,
        answer: str | None = None,
        *,
        number: int = 2,
        method: str = "UPDATE",
    ) -> None:
        """A request of Alice, and its answer with this status if there is one."""
        asked = requested(recv, number, method)
        pair.alice.overhears(SendRequest(("call", "1"), asked))
        pair.bob.overhears(RequestReceived(("t",), asked, FLOW))
        if status:
            answered = responded(answer, status, number, method)
            pair.bob.overhears(SendResponse(("t",), answered))
            pair.alice.overhears(ResponseReceived(("call", "1"), answered, asked, FLOW))

    def seen(self, pair: Pair) -> set[tuple[object, object]]:
        """What Alice and Bob think that each of them takes: one pair where they agree."""
        mine, yours = pair.alices.get(pair.id), pair.bobs.get(DialogId("c", "tb", "ta"))
        assert mine is not None and yours is not None and mine.willing is not None and yours.willing is not None
        return {
            (mine.willing.ours.packages, mine.willing.theirs.packages),
            (yours.willing.theirs.packages, yours.willing.ours.packages),
        }

    def test_changes(self) -> None:
        """A request and its answer say what each side takes from now on; without Recv-Info all stays."""
        # = rfc6086:5.2.2/3 test
        pair = Pair()
        self.both(pair, "doors", 200, "lights")
        self.assertEqual(self.seen(pair), {(("doors",), ("lights",))})
        self.both(pair, None, 200, number=3)
        self.assertEqual(self.seen(pair), {(("doors",), ("lights",))})

    def test_refused_changes(self) -> None:
        """After a rejection, or no answer at all, both sides take what they took before."""
        # = rfc6086:5.2.4/1 test
        pair = Pair()
        self.both(pair, "doors")
        self.both(pair, "doors", 183, "lights")
        self.assertEqual(self.seen(pair), {(("doors",), ("lights",))})
        self.both(pair, "doors", 488)
        self.assertEqual(self.seen(pair), {(None, ("keys",))})
        self.both(pair, "doors", number=3)
        pair.alice.overhears(RequestFailed(("call", "1"), 408, "nothing came", requested("doors", 3)))
        pair.bob.overhears(SendResponse(("t",), responded(None, 500, 3)))
        self.assertEqual(self.seen(pair), {(None, ("keys",))})

    def test_copies(self) -> None:
        """A copy of an answer, or of a request on another way, changes nothing that was said since, and takes nothing back."""
        # = rfc6086:5.2.2/3 test
        pair = Pair()
        self.both(pair, "doors", 200, "lights")
        self.both(pair, "windows", 200, "", number=3)
        copy = responded("lights", 200)
        pair.alice.overhears(ResponseReceived(("call", "1"), copy, requested("doors"), FLOW))
        self.assertEqual(self.seen(pair), {(("windows",), ())})
        for status in (482, 500):
            pair.bob.overhears(SendResponse(("t",), responded(None, status, 3)))
        self.assertEqual(self.seen(pair), {(("windows",), ())})
        self.both(pair, "gates", number=4)
        pair.bob.overhears(SendResponse(("t",), responded(None, 482, 4)))
        self.assertEqual(self.seen(pair), {(("gates",), ())})
        for number in range(5, 30):
            self.both(pair, "gates", 200, "", number=number)
        self.assertEqual(self.seen(pair), {(("gates",), ())})

    def test_what_says_nothing(self) -> None:
        """INFO and its 469 change nothing, nor does a message of a dialog that is not there."""
        # = rfc6086:4.2.2/2 test
        pair = Pair()
        self.both(pair, "doors", 469, "lights", method="INFO")
        self.assertEqual(self.seen(pair), {(None, ("keys",))})
        stranger = message("doors")
        assert isinstance(stranger, Request)
        pair.alice.overhears(RequestReceived(("t",), stranger, FLOW))
        self.assertEqual(self.seen(pair), {(None, ("keys",))})

    def test_lines(self) -> None:
        """A call begins with all that can be received, and goes on with what was said; answers have it where requests have."""
        # = rfc6086:5.2.2/1 test
        # = rfc6086:5.2.3/2 test
        # = rfc6086:5.2.3/3 test
        # = rfc6086:5.2.3/4 test
        pair = Pair()
        self.assertEqual((recv_info([]), recv_info(["a", "b"])), ("Recv-Info:", "Recv-Info: a, b"))
        self.assertEqual((pair.alice.line(), pair.bob.line()), ("Recv-Info:", "Recv-Info: keys"))
        self.assertEqual(pair.bob.owed(requested(None)), ())
        self.assertEqual(pair.bob.owed(requested("")), ("Recv-Info: keys",))
        pair.bob.overhears(SendResponse(("t",), responded("", 200)))
        self.assertEqual(pair.bob.owed(requested("", 3)), ("Recv-Info:",))
        self.assertEqual(pair.bob.line_of(["keys"]), "Recv-Info: keys")
        with self.assertRaises(NotWilling):
            pair.bob.line_of(["doors"])


class InfoTest(SynchronousTestCase):
    """An INFO and its answer."""

    def test_sent_and_received(self) -> None:
        """An INFO of a package arrives with its body and is answered with 200 without one."""
        # = rfc6086:4.2.1/1 test
        # = rfc6086:4.2.2/5 test
        # = rfc6086:4.3.2/1 test
        pair = Pair()
        id, actions = pair.alice.send(pair.id, "keys", media_type="application/keys", body=b"abc")
        pair.wire.act("alice", actions)
        pair.wire.run()
        (received,) = (each for each in pair.wire.told["bob"] if isinstance(each, InfoReceived))
        self.assertEqual((received.package, received.media_type, received.body), ("keys", "application/keys", b"abc"))
        (answered,) = (each for each in pair.wire.told["alice"] if isinstance(each, InfoAnswered))
        assert answered.response is not None
        self.assertEqual((answered.id, answered.status, answered.response.body), (id, 200, b""))
        (info,) = pair.wire.requests("INFO")
        self.assertEqual(info.headers.texts("content-disposition"), ["Info-Package"])
        self.assertNotIn("recv-info", info.headers)

    def test_not_willing(self) -> None:
        """What the other side is not willing to receive is not sent, nor is anything outside of calls."""
        # = rfc6086:4.2.1/4a test
        # = rfc6086:4.2.1/4b test
        pair = Pair()
        with self.assertRaises(NotWilling):
            pair.alice.send(pair.id, "doors")
        with self.assertRaises(NoDialog):
            pair.alice.send(DialogId("x", "y", "z"), "keys")

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
        id, actions = pair.alice.send(pair.id, "keys")
        pair.wire.act("alice", actions)
        pair.wire.fail("alice")
        (answered,) = (each for each in pair.wire.told["alice"] if isinstance(each, InfoAnswered))
        self.assertEqual((answered.id, answered.status), (id, 408))

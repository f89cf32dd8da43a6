"""Asking somebody to contact somebody (RFC 3515)."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.clock import Instant
from disco_ref.sip.actions import Action, Heard, RequestFailed, ResponseReceived, SendRequest, Tell
from disco_ref.sip.dialog.dialog import Dialog, DialogId, NoDialog
from disco_ref.sip.dialog.store import Dialogs
from disco_ref.sip.events.notifier import Notifier
from disco_ref.sip.events.subscriber import Subscriber
from disco_ref.sip.events.test.wire import FLOW, NOW, Wire, entropy, identity
from disco_ref.sip.header.addressing.parties import From, To
from disco_ref.sip.header.addressing.refer_to import REFER_TO
from disco_ref.sip.header.addressing.referred_by import REFERRED_BY
from disco_ref.sip.header.block import Headers
from disco_ref.sip.header.events.event import EVENT, SUBSCRIPTION_STATE
from disco_ref.sip.message import Request, Response
from disco_ref.sip.referral.refer import Referrals
from disco_ref.sip.referral.reference import (
    REFER,
    ReferAnswered,
    Reference,
    ReferEnded,
    ReferProgressed,
    ReferRequested,
    sipfrag,
    status_of,
)
from disco_ref.sip.respond import respond
from disco_ref.sip.uri import read_uri

TARGET = read_uri("sip:bob@bob.example.org")
CAROL = read_uri("sip:carol@example.net;method=BYE")


class Party:
    """A party with all rooms that REFER needs."""

    def __init__(self, name: str, seed: int) -> None:
        self.name = name
        self.dialogs = Dialogs()
        self.notifier = Notifier(self.dialogs, {"refer": REFER}, identity(name), entropy(seed))
        self.subscriber = Subscriber(self.dialogs, identity(name), entropy(seed + 1))
        self.refer = Referrals(self.dialogs, self.notifier, self.subscriber, identity(name), entropy(seed + 2))

    def heard(self, event: Heard, now: Instant) -> list[Action]:
        """What its rooms do."""
        return [*self.notifier.heard(event, now), *self.refer.heard(event, now)]


class Pair:
    """Alice refers Bob to Carol."""

    def __init__(self) -> None:
        self.alice, self.bob = Party("alice", 1), Party("bob", 11)
        self.wire = Wire(alice=self.alice, bob=self.bob)
        self.wire.listen["bob"] = self.above
        self.takes = True

    def above(self, event: object) -> list[Action]:
        """What stands above Bob."""
        if not isinstance(event, ReferRequested):
            return []
        return self.bob.refer.accept(event.id, self.wire.now) if self.takes else self.bob.refer.reject(event.id)

    def send(self, reference: Reference | None = None) -> str:
        """Alice sends a REFER."""
        id, actions = self.alice.refer.refer(reference or Reference(CAROL, TARGET), self.wire.now)
        self.wire.act("alice", actions)
        return id

    def progress(self, status: int, id: str = "1") -> None:
        """Bob tells how it fares."""
        self.wire.act("bob", self.bob.refer.progress(id, self.wire.now, status))

    def dialog(self) -> DialogId:
        """A dialog between the two that a call has made."""
        a, b = "sip:alice@alice.example.org", "sip:bob@bob.example.org"
        mine = Dialog(DialogId("c", "ta", "tb"), From(None, a, ";tag=ta"), To(None, b, ";tag=tb"), read_uri(b))
        yours = Dialog(DialogId("c", "tb", "ta"), From(None, b, ";tag=tb"), To(None, a, ";tag=ta"), read_uri(a))
        self.alice.dialogs.join(mine, ("call", "1"))
        self.bob.dialogs.join(yours, ("call", "1"))
        return mine.id

    @property
    def told(self) -> list[tuple[int, bool]]:
        """What Alice was told of the progress."""
        return [(each.status, each.over) for each in self.wire.told["alice"] if isinstance(each, ReferProgressed)]

    @property
    def nobody(self) -> bool:
        """Whether nothing is left on either side."""
        parties = (self.alice, self.bob)
        return not any(len(each.refer) or len(each.notifier) for each in parties)


class ReferTest(SynchronousTestCase):
    """A REFER from the request to the last NOTIFY."""

    def test_outside_of_a_dialog(self) -> None:
        """202, then NOTIFYs that say 100, 180 and 200, the last terminated with noresource."""
        # = rfc3515:2.4.1/1 test
        # = rfc3515:2.4.2/7 test
        # = rfc3515:2.4.2/8 test
        # = rfc3515:2.4.4/1 test
        # = rfc3515:2.4.4/2 test
        # = rfc3515:2.4.4/3 test
        # = rfc3515:2.4.5/2 test
        # = rfc3515:2.4.7/1 test
        pair = Pair()
        id = pair.send()
        pair.wire.run(2)
        pair.progress(180)
        pair.wire.run(2)
        pair.progress(200)
        pair.wire.run(2)
        self.assertEqual(pair.told, [(100, False), (180, False), (200, True)])
        refer = next(pair.wire.requests("REFER"))
        self.assertEqual(refer.headers.one(REFER_TO).uri, CAROL)
        self.assertEqual(refer.headers.one(REFERRED_BY).uri_text, "sip:alice@example.org")
        self.assertEqual(pair.wire.statuses()[0], 202)
        notifies = list(pair.wire.requests("NOTIFY"))
        self.assertEqual({str(each.headers.one(EVENT)) for each in notifies}, {"refer"})
        self.assertEqual(str(notifies[-1].headers.one(SUBSCRIPTION_STATE)), "terminated;reason=noresource")
        self.assertEqual({each.headers.texts("content-type")[0] for each in notifies}, {"message/sipfrag;version=2.0"})
        (ended,) = (each for each in pair.wire.told["alice"] if isinstance(each, ReferEnded))
        self.assertEqual((ended.id, pair.nobody), (id, True))
        self.assertEqual((len(pair.alice.dialogs), len(pair.bob.dialogs)), (0, 0))
        (asked,) = (each for each in pair.wire.told["bob"] if isinstance(each, ReferRequested))
        self.assertEqual((asked.method, asked.dialog), ("BYE", None))

    def test_once_a_second(self) -> None:
        """What happens within a second is told as one, the end too."""
        # = rfc3515:3.10/1 test
        pair = Pair()
        pair.send()
        pair.wire.run(0.1)
        for status in (180, 183, 200):
            pair.progress(status)
        pair.wire.run(0.5)
        self.assertEqual(pair.told, [(100, False)])
        pair.wire.run(0.5)
        self.assertEqual(pair.told, [(100, False), (200, True)])
        self.assertTrue(pair.nobody)

    def test_inside_of_a_dialog(self) -> None:
        """In a dialog the subscription shares it, its id is the number of the REFER, and the dialog lives on."""
        # = rfc3515:2.4.6/1 test
        # = rfc3515:2/3 test
        pair = Pair()
        dialog = pair.dialog()
        first, second = pair.send(Reference(CAROL, dialog=dialog)), pair.send(Reference(CAROL, dialog=dialog))
        pair.wire.run(2)
        numbers = [each.headers.cseq.number for each in pair.wire.requests("REFER")]
        ids = [each.headers.one(EVENT).id for each in pair.wire.requests("NOTIFY")]
        self.assertEqual((len(set(numbers)), ids), (2, [str(number) for number in numbers]))
        pair.progress(200, "2")
        pair.wire.run(2)
        progressed = [each for each in pair.wire.told["alice"] if isinstance(each, ReferProgressed)]
        self.assertEqual([(each.id, each.status) for each in progressed], [(first, 100), (second, 100), (second, 200)])
        pair.progress(603, "1")
        pair.wire.run(2)
        self.assertTrue(pair.nobody)
        self.assertEqual((len(pair.alice.dialogs), len(pair.bob.dialogs)), (1, 1))

    def test_beside_a_dialog(self) -> None:
        """Where the other side is reached by a GRUU, its dialog is named, not shared."""
        # = rfc6665:4.5.2/1 test
        pair = Pair()
        id = pair.dialog()
        dialog = pair.alice.dialogs.get(id)
        assert dialog is not None
        dialog.target = read_uri("sip:bob@bob.example.org;gr=x")
        pair.send(Reference(CAROL, dialog=id))
        pair.wire.run(2)
        (refer,) = pair.wire.requests("REFER")
        self.assertEqual((refer.request_uri, refer.headers.to.tag), (dialog.target, None))
        self.assertEqual(refer.headers.texts("target-dialog"), ["c;local-tag=ta;remote-tag=tb"])
        self.assertEqual(pair.told, [(100, False)])

    def test_declined(self) -> None:
        """Who does not want to is 603; there is no subscription."""
        # = rfc3515:2.4.2/3 test
        pair = Pair()
        pair.takes = False
        pair.send()
        pair.wire.run(60)
        (answered,) = (each for each in pair.wire.told["alice"] if isinstance(each, ReferAnswered))
        self.assertEqual((answered.status, pair.nobody, list(pair.wire.requests("NOTIFY"))), (603, True, []))

    def test_declined_at_once(self) -> None:
        """The subscription that was expected is forgotten with the refusal, not later."""
        pair = Pair()
        pair.takes = False
        pair.send()
        pair.wire.run(1)
        self.assertEqual(len(pair.alice.subscriber), 0)

    def test_secure(self) -> None:
        """A REFER to sips has a Contact of sips, in a secure dialog too; all others have none."""
        # = rfc3261:8.1.1.8/3 test
        for target, secure in (("sip:bob@bob.example.org", False), ("sips:bob@bob.example.org", True)):
            for inside in (False, True):
                pair = Pair()
                dialog = pair.alice.dialogs.get(id := pair.dialog())
                assert dialog is not None
                dialog.secure = secure
                pair.send(Reference(CAROL, dialog=id) if inside else Reference(CAROL, read_uri(target)))
                (refer,) = pair.wire.requests("REFER")
                self.assertEqual(refer.headers.texts("contact")[0].startswith("<sips:"), secure)

    def test_other_target(self) -> None:
        """A REFER in a dialog says where its sender is to be reached from now on."""
        pair = Pair()
        mine = pair.dialog()
        dialog = pair.bob.dialogs.get(DialogId("c", "tb", "ta"))
        assert dialog is not None
        dialog.target = read_uri("sip:alice@old.example.org")
        pair.send(Reference(CAROL, dialog=mine))
        pair.wire.run(2)
        self.assertEqual(str(dialog.target), "sip:alice@alice.example.org")

    def test_no_dialog(self) -> None:
        """A REFER for a dialog that is not there is not sent."""
        with self.assertRaises(NoDialog):
            Pair().send(Reference(CAROL, dialog=DialogId("no", "such", "dialog")))

    def test_unsubscribed(self) -> None:
        """Who refuses the NOTIFYs hears no more; the request goes on, and its end leaves nothing."""
        # = rfc3515:2.4.4/5 test
        pair = Pair()
        pair.send()
        pair.wire.run(2)
        pair.wire.rooms["alice"] = Party("alice", 31)
        pair.progress(180)
        pair.wire.run(2)
        self.assertEqual((len(pair.bob.notifier), len(pair.bob.refer)), (0, 1))
        pair.progress(200)
        self.assertEqual(len(pair.bob.refer), 0)

    def alone(self, *, credentials: bool = False) -> tuple[Referrals, SendRequest]:
        """One who refers, and the REFER."""
        dialogs = Dialogs()
        notifier = Notifier(dialogs, {"refer": REFER}, identity("alice"), entropy(1))
        subscriber = Subscriber(dialogs, identity("alice"), entropy(2))
        authorize = (lambda response, request: request) if credentials else None
        refer = Referrals(dialogs, notifier, subscriber, identity("alice"), entropy(3), authorize)
        _, actions = refer.refer(Reference(CAROL, TARGET), NOW)
        return refer, next(each for each in actions if isinstance(each, SendRequest))

    def answered(self, refer: Referrals, sent: SendRequest, status: int) -> list[Action]:
        """What an answer leads to."""
        return refer.heard(ResponseReceived(sent.owner, respond(sent.request, status), sent.request, FLOW), NOW)

    def test_credentials(self) -> None:
        """A 401 is answered with credentials, with the next number and in the same Call-ID; not for ever."""
        refer, sent = self.alone(credentials=True)
        first = sent
        for _ in range(5):
            sent = next(each for each in self.answered(refer, sent, 401) if isinstance(each, SendRequest))
        self.assertEqual(sent.request.headers.cseq.number, 6)
        self.assertEqual(sent.request.headers.call_id, first.request.headers.call_id)
        told = [each.event for each in self.answered(refer, sent, 401) if isinstance(each, Tell)]
        self.assertEqual(
            [(type(each), each.status) for each in told if isinstance(each, ReferAnswered)], [(ReferAnswered, 401)]
        )
        self.assertEqual(len(refer), 0)

    def test_without_credentials(self) -> None:
        """A 407 ends the attempt of who has none, as all that is no success does; a 180 or a 2xx does not."""
        refer, sent = self.alone()
        self.assertEqual(self.answered(refer, sent, 180), [])
        self.answered(refer, sent, 407)
        self.assertEqual(len(refer), 0)
        for status, left in ((202, 1), (299, 1), (300, 0), (603, 0)):
            refer, sent = self.alone()
            self.answered(refer, sent, status)
            self.assertEqual(len(refer), left)

    def test_unanswered(self) -> None:
        """A REFER that nobody answers leaves nothing."""
        refer, sent = self.alone()
        actions = refer.heard(RequestFailed(sent.owner, 408, "nobody", sent.request), NOW)
        told = [each.event for each in actions if isinstance(each, Tell)]
        self.assertEqual((told, len(refer)), ([ReferAnswered("1", 408, None)], 0))

    def test_nobody_decides(self) -> None:
        """A REFER that nobody decides about is refused before its sender gives up."""
        # = rfc3515:2.4.2/7 test
        pair = Pair()
        pair.wire.listen["bob"] = lambda event: []
        pair.send()
        pair.wire.run(30)
        self.assertEqual((pair.wire.statuses(), pair.nobody), ([500], True))

    def test_no_notify_comes(self) -> None:
        """A REFER that was taken on and never heard of again is over after Timer N."""
        pair = Pair()
        pair.wire.lost = lambda message: isinstance(message, Request) and message.method == "NOTIFY"
        pair.send()
        pair.wire.run(40)
        self.assertEqual(len(pair.alice.refer), 0)
        self.assertTrue(any(isinstance(each, ReferEnded) for each in pair.wire.told["alice"]))

    def raw(self, *lines: str) -> int:
        """The status that a REFER with these lines gets."""
        pair = Pair()
        request = Request("REFER", TARGET, from_lines(*lines).headers)
        pair.wire.act("alice", [SendRequest(("x", "y"), request)])
        pair.wire.run()
        (response,) = (
            each for each in pair.wire.said if isinstance(each, Response) and each.headers.cseq.method == "REFER"
        )
        return response.status_code

    def test_refer_to(self) -> None:
        """No Refer-To or several get 400, one that cannot be contacted 416, a missing Contact 400."""
        # = rfc3515:2.4.2/4 test
        # = rfc3515:2.4.2/6 test
        contact, one = "Contact: <sip:alice@alice.example.org>", "Refer-To: <sip:carol@example.net>"
        self.assertEqual(self.raw(contact, one), 202)
        self.assertEqual(self.raw(contact), 400)
        self.assertEqual(self.raw(contact, one, one), 400)
        self.assertEqual(self.raw(contact, f"{one}, <sip:dave@example.net>"), 400)
        self.assertEqual(self.raw(contact, "Refer-To: <http://example.net/>"), 416)
        self.assertEqual(self.raw(one), 400)

    def test_subscribe_to_refer(self) -> None:
        """A SUBSCRIBE to refer outside of a subscription gets 403."""
        # = rfc3515:2.4.4/6 test
        pair = Pair()
        lines = ["Event: refer", "Expires: 60", "Contact: <sip:alice@alice.example.org>"]
        request = Request("SUBSCRIBE", TARGET, from_lines(*lines, method="SUBSCRIBE").headers)
        pair.wire.act("alice", [SendRequest(("x", "y"), request)])
        pair.wire.run()
        self.assertEqual(pair.wire.statuses(), [403])


def from_lines(*lines: str, method: str = "REFER") -> Request:
    """A request made by hand."""
    headers = ["From: <sip:alice@example.org>;tag=1", "To: <sip:bob@example.org>", "Call-ID: x", f"CSeq: 1 {method}"]
    return Request(method, TARGET, Headers([*headers, *lines, "Content-Length: 0"]))


class SipfragTest(SynchronousTestCase):
    """Bodies of NOTIFYs."""

    def test_both_ways(self) -> None:
        """What is written is read."""
        self.assertEqual(status_of(sipfrag(486).octets), (486, "Busy Here"))
        octets = sipfrag(200, "Fine", ["Warning: 399 x y"]).octets
        self.assertEqual(octets, b"SIP/2.0 200 Fine\r\nWarning: 399 x y\r\n")
        self.assertEqual(status_of(octets), (200, "Fine"))

    def test_others(self) -> None:
        """What has no status line says nothing."""
        for body in (b"", b"SIP/2.0 99 No\r\n", b"INVITE sip:a SIP/2.0\r\n", b"\xff" * 1000):
            self.assertEqual(status_of(body), (0, ""))
        self.assertEqual(status_of(b"SIP/2.0 200"), (200, ""))

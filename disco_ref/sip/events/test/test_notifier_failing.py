"""Subscriptions that are lost, the notifier by hand, and the reasons for an end (RFC 6665, sections 4.1.3 and 4.2.2)."""

from __future__ import annotations

from typing import cast

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.clock import Instant
from disco_ref.sip.actions import (
    Action,
    RequestFailed,
    RequestReceived,
    ResponseReceived,
    SendRequest,
    SendResponse,
    SetTimer,
    Tell,
    TimerPassed,
)
from disco_ref.sip.dialog.store import Dialogs
from disco_ref.sip.events.notifier import Notifier
from disco_ref.sip.events.package import Body
from disco_ref.sip.events.subscriber import Subscriber
from disco_ref.sip.events.test.pair import RAIN, SUNNY, TARGET, WEATHER, Pair
from disco_ref.sip.events.test.wire import FLOW, NOW, entropy, identity
from disco_ref.sip.events.told import (
    SubscriberGone,
    SubscriptionEnded,
)
from disco_ref.sip.header.block import Headers
from disco_ref.sip.message import Request
from disco_ref.sip.respond import respond


class FailingTest(SynchronousTestCase):
    """NOTIFYs that fail, and what is lost."""

    def test_notify_answered_with_481(self) -> None:
        """A NOTIFY that gets 481 ends the subscription, and no other is sent."""
        # = rfc6665:4.2.2/4 test
        # = rfc6665:4.1.3/1 test
        pair = Pair()
        pair.subscribe()
        pair.wire.run()
        pair.wire.rooms["alice"] = Subscriber(Dialogs(), identity("alice"), entropy(3))
        pair.wire.act("bob", pair.bob.notify("1", pair.wire.now, RAIN))
        pair.wire.run(2000)
        self.assertEqual((pair.wire.statuses()[-1], len(list(pair.wire.requests("NOTIFY")))), (481, 2))
        self.assertEqual((len(pair.bob), len(pair.bobs)), (0, 0))
        self.assertTrue(pair.wire.of("bob", SubscriberGone))

    def test_notify_times_out(self) -> None:
        """A NOTIFY that nobody answers ends the subscription."""
        # = rfc6665:4.2.2/3 test
        pair = Pair()
        pair.subscribe()
        pair.wire.run()
        pair.wire.lost = lambda message: isinstance(message, Request)
        pair.wire._pending.clear()
        pair.wire.act("bob", pair.bob.notify("1", pair.wire.now, RAIN))
        pair.wire.fail("bob")
        self.assertEqual((len(pair.bob), len(pair.bobs)), (0, 0))

    def test_no_notify_comes(self) -> None:
        """After 64*T1 without a NOTIFY the subscription has failed; one that comes later gets 481."""
        # = rfc6665:4.1.2.4/1 test
        pair = Pair()
        pair.subscribe()
        pair.wire.lost = lambda message: isinstance(message, Request) and message.method == "NOTIFY"
        pair.wire.run(31)
        self.assertEqual(len(pair.alice), 1)
        pair.wire.run(2)
        self.assertEqual((len(pair.alice), pair.ended().again), (0, None))

    def test_refresh_answered_with_481(self) -> None:
        """A refresh that gets 481 ends the subscription; a new one has a new Call-ID and a new tag."""
        # = rfc6665:4.1.2.2/1 test
        pair = Pair()
        id = pair.subscribe(100)
        pair.wire.run()
        fresh = Notifier(Dialogs(), {"weather": WEATHER}, identity("bob"), entropy(9))
        pair.bob = pair.wire.rooms["bob"] = fresh
        pair.wire.run(60)
        first, refresh, anew = list(pair.wire.requests("SUBSCRIBE"))[:3]
        self.assertEqual(pair.ended().status, 481)
        self.assertEqual(refresh.headers.call_id, first.headers.call_id)
        self.assertNotEqual(anew.headers.call_id, first.headers.call_id)
        self.assertNotEqual(anew.headers.from_.tag, first.headers.from_.tag)
        self.assertEqual(pair.alice.state(id), "active")

    def test_refresh_answered_with_500(self) -> None:
        """A refresh that fails otherwise leaves the subscription as it is, and is tried again."""
        pair = Pair()
        id = pair.subscribe(400)
        pair.wire.run()

        class Busy:
            """Answers everything with 500."""

            def heard(self, event: object, now: object) -> list[Action]:
                """Says 500."""
                assert isinstance(event, RequestReceived)
                return [SendResponse(event.transaction, respond(event.request, 500, to_tag="x"))]

        pair.wire.rooms["bob"] = Busy()
        pair.wire.run(345)
        self.assertIn(500, pair.wire.statuses())
        self.assertEqual(pair.alice.state(id), "active")
        pair.wire.rooms["bob"] = pair.bob
        pair.wire.run(100)
        self.assertEqual(pair.alice.state(id), "active")
        self.assertEqual(pair.wire.of("alice", SubscriptionEnded), [])


class Told:
    """A state that says what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[bool] = []

    def body(self, whole: bool, now: Instant) -> Body | None:
        """Everything, or what has changed."""
        self.asked.append(whole)
        return Body("text/plain", b"all" if whole else b"part")


class ByHandTest(SynchronousTestCase):
    """A notifier against SUBSCRIBEs and answers made by hand."""

    def setUp(self) -> None:
        """A notifier that knows the weather."""
        self.dialogs = Dialogs()
        self.bob = Notifier(self.dialogs, {"weather": WEATHER}, identity("bob"), entropy(2))
        self.told = Told()

    def subscribe(self, *lines: str, number: int = 1, tag: str | None = None) -> list[Action]:
        """What becomes of a SUBSCRIBE with these lines."""
        to = "To: <sip:town@bob.example.org>" + (f";tag={tag}" if tag else "")
        head = ["From: <sip:alice@example.org>;tag=1", to, "Call-ID: c", f"CSeq: {number} SUBSCRIBE"]
        request = Request("SUBSCRIBE", TARGET, Headers([*head, *lines]))
        return self.bob.heard(RequestReceived((str(number),), request, FLOW), NOW)

    def status(self, actions: list[Action]) -> int:
        """Of the answer among them."""
        (answer,) = (each.response.status_code for each in actions if isinstance(each, SendResponse))
        return answer

    def granted(self) -> SendRequest:
        """A subscription, and its first NOTIFY."""
        self.subscribe("Event: weather", "Contact: <sip:alice@alice.example.org>")
        return self.sent(self.bob.accept("1", NOW, self.told))

    def sent(self, actions: list[Action]) -> SendRequest:
        """The NOTIFY among them."""
        (found,) = (each for each in actions if isinstance(each, SendRequest))
        return found

    def answer(self, notify: SendRequest, status: int, *lines: str, now: float = NOW) -> list[Action]:
        """A NOTIFY is answered."""
        response = respond(notify.request, status, None, lines)
        return self.bob.heard(ResponseReceived(notify.owner, response, notify.request, FLOW), Instant(now))

    def test_malformed(self) -> None:
        """No Event is 489, no Contact 400, an unreadable Accept is no Accept, a tag of no dialog is 481."""
        # = rfc6665:4.2.3/2 test
        # = rfc6665:3.1.2/1 test
        contact = "Contact: <sip:alice@alice.example.org>"
        self.assertEqual(self.status(self.subscribe(contact)), 489)
        self.assertEqual(self.status(self.subscribe("Event: weather")), 400)
        self.assertEqual(self.status(self.subscribe("Event: weather", contact, tag="x")), 481)
        self.assertTrue(any(isinstance(each, Tell) for each in self.subscribe("Event: weather", contact, "Accept: @")))

    def test_not_taken(self) -> None:
        """A NOTIFY that is refused for the moment leaves the subscription; the next says the full state, when it may."""
        first = self.granted()
        self.assertEqual(self.answer(first, 180), [])
        actions = self.answer(first, 500, "Retry-After: 7")
        (timer,) = (each for each in actions if isinstance(each, SetTimer))
        self.assertEqual((timer.name, timer.at), ("interval", NOW + 7))
        second = self.sent(self.bob.heard(TimerPassed(("notify", "1"), "interval"), Instant(NOW + 7)))
        self.answer(second, 200)
        self.bob.notify("1", Instant(NOW + 8))
        self.assertEqual(self.told.asked, [True, True, False])

    def test_each_ending_status(self) -> None:
        """Each of the statuses that end a subscription ends it."""
        # = rfc6665:4.2.2/4 test
        for status in (404, 405, 408, 410, 416, 480, 481, 482, 483, 484, 485, 489, 501, 604):
            self.setUp()
            self.answer(self.granted(), status)
            self.assertEqual((len(self.bob), len(self.dialogs), self.bob.state("1")), (0, 0, "terminated"))

    def test_end_waits_for_the_answer(self) -> None:
        """A subscription that ends while a NOTIFY is under way says so with the next, whatever becomes of that."""
        first = self.granted()
        self.assertFalse(
            any(isinstance(each, SendRequest) for each in self.bob.terminate("1", NOW, "giveup", retry_after=9))
        )
        last = self.sent(self.answer(first, 500))
        self.assertEqual(last.request.headers.texts("subscription-state"), ["terminated;reason=giveup;retry-after=9"])
        self.assertEqual(self.bob.terminate("1", NOW), [])
        actions = self.bob.heard(RequestFailed(last.owner, 408, "nobody", last.request), NOW)
        (gone,) = (each.event for each in actions if isinstance(each, Tell))
        assert isinstance(gone, SubscriberGone)
        self.assertEqual((gone.reason, len(self.bob), len(self.dialogs)), ("giveup", 0, 0))

    def test_refresh_of_what_ends(self) -> None:
        """A SUBSCRIBE in the dialog of a subscription that is ending gets 481."""
        first = self.granted()
        tag = first.request.headers.from_.tag
        self.bob.terminate("1", NOW)
        contact = "Contact: <sip:alice@alice.example.org>"
        self.assertEqual(self.status(self.subscribe("Event: weather", contact, number=2, tag=tag)), 481)

    def test_nothing_there(self) -> None:
        """Operations on what is not there do nothing; Allow-Events says what is."""
        # = rfc6665:4.4.4/1 test
        bob = self.bob
        self.assertEqual([*bob.accept("9", NOW, SUNNY), *bob.reject("9"), *bob.grant("9", NOW, SUNNY)], [])
        self.assertEqual([*bob.notify("9", NOW), *bob.terminate("9", NOW), *bob.pending("9", NOW)], [])
        self.assertEqual(bob.heard(TimerPassed(("notify", "9"), "expires"), NOW), [])
        self.assertEqual((bob.lines(), "9" in bob), (["Allow-Events: weather"], False))


class ReasonTest(SynchronousTestCase):
    """What a subscriber does about each reason."""

    def ended(self, reason: str, retry_after: int | None = None) -> float | None:
        """How long the subscriber waits before it asks again."""
        pair = Pair()
        pair.subscribe()
        pair.wire.run(100)
        pair.wire.act("bob", pair.bob.terminate("1", pair.wire.now, reason, retry_after=retry_after))
        at = pair.wire.now
        while pair.wire.queue:
            pair.wire.step()
            found = pair.wire.of("alice", SubscriptionEnded)
            if found:
                again = cast("SubscriptionEnded", found[0]).again
                pair.wire.run(10_000)
                self.assertEqual(len(pair.alice), 0 if again is None else 1)
                return None if again is None else again - at
        raise AssertionError("it did not end")

    def test_reasons(self) -> None:
        """Each reason leads to asking again at once, later, or not at all."""
        # = rfc6665:4.1.3/6 test
        # = rfc6665:4.1.3/9 test
        # = rfc6665:4.1.3/10 test
        # = rfc6665:4.1.3/11 test
        # = rfc6665:4.1.3/12 test
        # = rfc6665:4.1.3/13 test
        # = rfc6665:4.1.3/14a test
        # = rfc6665:4.1.3/15 test
        # = rfc6665:4.1.3/16 test
        # = rfc6665:4.1.3/8b test
        # = rfc6665:4.4.2/1 test
        rows = [
            ("deactivated", None, 0.0),
            ("deactivated", 500, 0.0),
            ("probation", None, 60.0),
            ("probation", 500, 500.0),
            ("rejected", 5, None),
            ("timeout", None, 0.0),
            ("giveup", 7, 7.0),
            ("noresource", None, None),
            ("invariant", 7, None),
            ("fullmoon", 9, 9.0),
        ]
        for reason, retry_after, waits in rows:
            self.assertEqual(self.ended(reason, retry_after), waits, reason)

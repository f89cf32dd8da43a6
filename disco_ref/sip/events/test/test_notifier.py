"""Subscriber and notifier, joined by a wire (RFC 6665)."""

from __future__ import annotations

from typing import cast

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.clock import Duration, Instant
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
from disco_ref.sip.events.package import Body, Package
from disco_ref.sip.events.subscriber import Subscriber
from disco_ref.sip.events.test.wire import FLOW, NOW, Wire, entropy, identity
from disco_ref.sip.events.told import (
    NotificationReceived,
    SubscriberGone,
    SubscriptionAnswered,
    SubscriptionEnded,
    SubscriptionRefreshed,
    SubscriptionRequested,
)
from disco_ref.sip.events.wanted import Subscription
from disco_ref.sip.header.block import Headers
from disco_ref.sip.header.events.event import EVENT, SUBSCRIPTION_STATE
from disco_ref.sip.header.plain.numbers import EXPIRES, MIN_EXPIRES
from disco_ref.sip.message import Request, Response
from disco_ref.sip.respond import respond
from disco_ref.sip.uri import read_uri

WEATHER = Package("weather", "text/plain", default_expires=600, least_expires=60, most_expires=1000)
TARGET = read_uri("sip:town@bob.example.org")
SUNNY, RAIN = Body("text/plain", b"sunny"), Body("text/plain", b"rain")


class Pair:
    """Alice subscribes, Bob notifies."""

    def __init__(self, package: Package = WEATHER) -> None:
        self.package = package
        self.alices, self.bobs = Dialogs(), Dialogs()
        self.alice = Subscriber(self.alices, identity("alice"), entropy(1))
        self.bob = Notifier(self.bobs, {package.name: package}, identity("bob"), entropy(2))
        self.wire = Wire(alice=self.alice, bob=self.bob)
        self.wire.listen["bob"] = self.above
        self.state: Body = SUNNY
        self.status = 200

    def above(self, event: object) -> list[Action]:
        """What stands above Bob takes or refuses what is asked."""
        if not isinstance(event, SubscriptionRequested):
            return []
        if self.status == 100:
            return self.bob.pending(event.id, self.wire.now)
        if self.status == 0:
            return []
        if self.status != 200:
            return self.bob.reject(event.id, self.status)
        return self.bob.accept(event.id, self.wire.now, self.state)

    def subscribe(self, expires: int | None = None, *, keep: bool = True) -> str:
        """Alice asks for a subscription."""
        id, actions = self.alice.subscribe(Subscription(TARGET, self.package, expires, keep=keep), self.wire.now)
        self.wire.act("alice", actions)
        return id

    @property
    def bodies(self) -> list[bytes]:
        """What Alice was notified of."""
        return [cast("NotificationReceived", each).request.body for each in self.wire.of("alice", NotificationReceived)]

    @property
    def states(self) -> list[str]:
        """The Subscription-State of each NOTIFY."""
        return [str(each.headers.one(SUBSCRIPTION_STATE)) for each in self.wire.requests("NOTIFY")]

    def ended(self) -> SubscriptionEnded:
        """How Alice's subscription ended."""
        (event,) = self.wire.of("alice", SubscriptionEnded)
        return cast("SubscriptionEnded", event)


class SubscriptionTest(SynchronousTestCase):
    """A subscription from its beginning to its end."""

    def test_begins(self) -> None:
        """A SUBSCRIBE gets a 200 with Expires, then at once a NOTIFY with the state, the package and the time that is left."""
        # = rfc6665:3.1.1/3 test
        # = rfc6665:4.2.1.2/1 test
        # = rfc6665:4.2.2/1 test
        # = rfc6665:4.2.2/5 test
        # = rfc6665:4.2.2/6 test
        # = rfc6665:3.2.1/2 test
        pair = Pair()
        id = pair.subscribe()
        pair.wire.run()
        subscribe, ok, notify, ok2 = pair.wire.said
        assert isinstance(subscribe, Request) and isinstance(ok, Response) and isinstance(notify, Request)
        self.assertEqual(pair.wire.statuses(), [200, 200])
        self.assertEqual((subscribe.headers.first(EXPIRES), ok.headers.first(EXPIRES)), (600, 600))
        self.assertEqual(
            (notify.method, notify.headers.one(EVENT).package, notify.body), ("NOTIFY", "weather", b"sunny")
        )
        self.assertEqual(pair.states, ["active;expires=600"])
        self.assertEqual((pair.alice.state(id), pair.bob.state("1")), ("active", "active"))
        self.assertEqual((len(pair.alices), len(pair.bobs)), (1, 1))

    def test_changes_coalesce(self) -> None:
        """Of what changes while a NOTIFY is under way, the last goes out when it has been answered; none overtakes another."""
        # = rfc6665:4.2.2/2 test
        pair = Pair()
        pair.subscribe()
        pair.wire.run()
        for body in (b"1", b"2", b"3"):
            pair.wire.act("bob", pair.bob.notify("1", pair.wire.now, Body("text/plain", body)))
        self.assertEqual(len(pair.wire.queue), 1)
        pair.wire.run()
        self.assertEqual(pair.bodies, [b"sunny", b"1", b"3"])

    def test_interval(self) -> None:
        """What a package wants rarely goes out rarely; the last state is told when the interval has passed."""
        pair = Pair(WEATHER._replace(interval=Duration(5.0)))
        pair.subscribe()
        pair.wire.run()
        for second in range(4):
            pair.wire.run(1)
            pair.wire.act("bob", pair.bob.notify("1", pair.wire.now, Body("text/plain", b"%d" % second)))
        self.assertEqual(pair.bodies, [b"sunny"])
        pair.wire.run(1)
        self.assertEqual(pair.bodies, [b"sunny", b"3"])

    def test_refreshes_itself(self) -> None:
        """A subscription lasts as long as it is wanted: SUBSCRIBEs in its dialog refresh it, each is notified in full."""
        # = rfc6665:4.2.1.4/1a test
        pair = Pair()
        id = pair.subscribe(100)
        pair.wire.run(1000)
        self.assertEqual(pair.alice.state(id), "active")
        subscribes = list(pair.wire.requests("SUBSCRIBE"))
        self.assertGreater(len(subscribes), 10)
        self.assertEqual({each.headers.call_id for each in subscribes}, {subscribes[0].headers.call_id})
        self.assertTrue(all(each.headers.to.tag for each in subscribes[1:]))
        self.assertEqual(len(pair.wire.of("bob", SubscriptionRefreshed)), len(subscribes) - 1)
        self.assertEqual(len(pair.bobs), 1)

    def test_runs_out(self) -> None:
        """Without a refresh a NOTIFY says terminated, timeout, and nothing is left on either side."""
        # = rfc6665:4.2.1.4/3 test
        # = rfc6665:4.2.1.4/4 test
        # = rfc6665:4.1.3/7a test
        pair = Pair()
        pair.subscribe(100, keep=False)
        pair.wire.run(200)
        self.assertEqual(pair.states[-1], "terminated;reason=timeout")
        self.assertEqual((len(pair.alice), len(pair.bob), len(pair.alices), len(pair.bobs)), (0, 0, 0, 0))
        self.assertEqual(pair.ended().again, None)

    def test_unsubscribes(self) -> None:
        """A SUBSCRIBE with Expires 0 is answered, and notified with terminated and the state."""
        pair = Pair()
        id = pair.subscribe()
        pair.wire.run()
        pair.wire.act("alice", pair.alice.unsubscribe(id, pair.wire.now))
        pair.wire.run()
        self.assertEqual(pair.states[-1], "terminated;reason=timeout")
        self.assertEqual((len(pair.alices), len(pair.bobs), len(pair.alice), len(pair.bob)), (0, 0, 0, 0))

    def test_unsubscribes_before_the_first_notify(self) -> None:
        """Who unsubscribes before the first NOTIFY has come does so when it comes."""
        pair = Pair()
        id = pair.subscribe()
        pair.wire.act("alice", pair.alice.unsubscribe(id, pair.wire.now))
        pair.wire.run()
        self.assertEqual((len(pair.alice), len(pair.bob)), (0, 0))

    def test_fetch(self) -> None:
        """A SUBSCRIBE with Expires 0 outside of a dialog gets the state once."""
        # = rfc6665:4.4.3/1 test
        pair = Pair()
        pair.subscribe(0)
        pair.wire.run()
        self.assertEqual((pair.states, pair.bodies), (["terminated;reason=timeout"], [b"sunny"]))
        self.assertEqual((len(pair.alice), len(pair.bob), len(pair.alices), len(pair.bobs)), (0, 0, 0, 0))

    def test_notify_before_the_2xx(self) -> None:
        """A NOTIFY that overtakes the 2xx makes the subscription as well."""
        # = rfc6665:4.1.2.4/3 test
        pair = Pair()
        id = pair.subscribe()
        pair.wire.step()
        self.assertEqual([type(each.message) for each in pair.wire.queue], [Response, Request])
        pair.wire.step(1)
        self.assertEqual(pair.alice.state(id), "active")
        pair.wire.run(1000)
        self.assertEqual(pair.alice.state(id), "active")
        self.assertTrue(pair.wire.of("alice", SubscriptionAnswered))

    def test_pending(self) -> None:
        """Until somebody allows it, NOTIFYs say pending and no state; after that they say the state."""
        # = rfc6665:4.2.1.2/2 test
        pair = Pair()
        pair.status = 100
        id = pair.subscribe()
        pair.wire.run()
        self.assertEqual((pair.states, pair.bodies, pair.alice.state(id)), (["pending;expires=600"], [b""], "pending"))
        pair.wire.act("bob", pair.bob.notify("1", pair.wire.now, RAIN))
        pair.wire.run()
        self.assertEqual(pair.bodies, [b""])
        pair.wire.act("bob", pair.bob.grant("1", pair.wire.now, RAIN))
        pair.wire.run()
        self.assertEqual((pair.bodies, pair.alice.state(id)), ([b"", b"rain"], "active"))

    def test_pending_is_denied(self) -> None:
        """A subscription that is not allowed in the end is told nothing but terminated, rejected."""
        pair = Pair()
        pair.status = 100
        pair.subscribe()
        pair.wire.run()
        pair.wire.act("bob", pair.bob.terminate("1", pair.wire.now, "rejected", state=RAIN))
        pair.wire.run()
        self.assertEqual((pair.states[-1], pair.bodies), ("terminated;reason=rejected", [b"", b""]))
        self.assertEqual(pair.ended().again, None)


class RefusedTest(SynchronousTestCase):
    """What is not granted."""

    def test_rejected(self) -> None:
        """Whoever stands above says the status; the subscriber is told, and does not ask again."""
        # = rfc6665:4.2.1.3/1 test
        pair = Pair()
        pair.status = 403
        pair.subscribe()
        pair.wire.run(4000)
        self.assertEqual((pair.wire.statuses(), pair.ended().status, pair.ended().again), ([403], 403, None))
        self.assertEqual((len(pair.alice), len(pair.bob)), (0, 0))

    def test_nobody_decides(self) -> None:
        """A SUBSCRIBE that nobody decides about is refused before its sender gives up."""
        # = rfc6665:4.2.1.1/1 test
        pair = Pair()
        pair.status = 0
        pair.subscribe()
        pair.wire.run(30)
        self.assertEqual(pair.wire.statuses(), [500])

    def test_too_brief(self) -> None:
        """A time that is too short gets 423 with Min-Expires; the subscriber asks for that."""
        # = rfc6665:4.2.1.1/5 test
        # = rfc6665:4.2.1.1/6 test
        pair = Pair()
        id = pair.subscribe(10)
        pair.wire.run()
        brief = next(each for each in pair.wire.said if isinstance(each, Response))
        self.assertEqual((brief.status_code, brief.headers.first(MIN_EXPIRES)), (423, 60))
        self.assertEqual((pair.states, pair.alice.state(id)), (["active;expires=60"], "active"))
        first, second = pair.wire.requests("SUBSCRIBE")
        self.assertEqual((first.headers.call_id, second.headers.cseq.number), (second.headers.call_id, 2))

    def test_too_long(self) -> None:
        """A time that is too long is shortened, never lengthened."""
        # = rfc6665:3.1.1/4b test
        # = rfc6665:4.2.1.1/7b test
        pair = Pair()
        pair.subscribe(100_000)
        pair.wire.run()
        self.assertEqual(pair.states, ["active;expires=1000"])

    def test_unknown_package(self) -> None:
        """A package that is not known gets 489 with Allow-Events."""
        # = rfc6665:4.2.1.1/2 test
        # = rfc6665:4.2.1.1/3 test
        pair = Pair()
        _, actions = pair.alice.subscribe(Subscription(TARGET, WEATHER._replace(name="news")), pair.wire.now)
        pair.wire.act("alice", actions)
        pair.wire.run()
        (bad,) = (each for each in pair.wire.said if isinstance(each, Response))
        self.assertEqual((bad.status_code, bad.headers.texts("allow-events")), (489, ["weather"]))

    def test_body_that_cannot_be_written(self) -> None:
        """An Accept without the package's media type gets 406."""
        pair = Pair()
        _, actions = pair.alice.subscribe(Subscription(TARGET, WEATHER._replace(media_type="text/html")), pair.wire.now)
        pair.wire.act("alice", actions)
        pair.wire.run()
        self.assertEqual(pair.wire.statuses(), [406])

    def test_second_subscription_in_a_dialog(self) -> None:
        """A SUBSCRIBE for something else in the dialog of a subscription gets 403 whose text says why."""
        # = rfc6665:4.5.2/5 test
        pair = Pair()
        pair.subscribe()
        pair.wire.run()
        (wanted,) = pair.alice._by_id.values()
        dialog = wanted.dialog
        assert dialog is not None
        lines = ["Event: weather;id=2", "Expires: 600", "Contact: <sip:alice@alice.example.org>"]
        wanted.serial += 1
        pair.wire.said.clear()
        pair.wire.act("alice", [SendRequest(("x", "y"), dialog.request("SUBSCRIBE", lines))])
        pair.wire.run()
        (response,) = (each for each in pair.wire.said if isinstance(each, Response))
        self.assertEqual((response.status_code, response.reason_phrase), (403, "Dialog Sharing Is Not Supported"))
        self.assertEqual(len(pair.bob), 1)


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

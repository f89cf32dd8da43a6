"""Subscriptions at the notifier: granted, refreshed, refused and ended (RFC 6665, section 4.2)."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.clock import Duration
from disco_ref.sip.actions import (
    SendRequest,
)
from disco_ref.sip.events.package import Body
from disco_ref.sip.events.test.pair import RAIN, TARGET, WEATHER, Pair
from disco_ref.sip.events.told import (
    SubscriptionAnswered,
    SubscriptionRefreshed,
)
from disco_ref.sip.events.wanted import Subscription
from disco_ref.sip.header.events.event import EVENT
from disco_ref.sip.header.plain.numbers import EXPIRES, MIN_EXPIRES
from disco_ref.sip.message import Request, Response


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

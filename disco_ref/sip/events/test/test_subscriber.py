"""A subscriber against answers and NOTIFYs made by hand (RFC 6665, section 4.1)."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.clock import Instant
from disco_ref.sip.actions import (
    Action,
    RequestFailed,
    RequestReceived,
    ResponseReceived,
    SendRequest,
    SendResponse,
    Tell,
)
from disco_ref.sip.dialog.store import Dialogs
from disco_ref.sip.events.package import Package
from disco_ref.sip.events.subscriber import Subscriber
from disco_ref.sip.events.subscriber_table import SUBSCRIBER
from disco_ref.sip.events.termination import LONGEST_BACK_OFF, Reason, again_in
from disco_ref.sip.events.test.wire import FLOW, NOW, entropy, identity
from disco_ref.sip.events.told import NotificationReceived, SubscriptionEnded
from disco_ref.sip.events.wanted import Subscription
from disco_ref.sip.header.block import Headers
from disco_ref.sip.header.plain.numbers import EXPIRES
from disco_ref.sip.message import Request, Response
from disco_ref.sip.respond import respond
from disco_ref.sip.uri import read_uri

TARGET = read_uri("sip:town@example.net")
ONE, MANY = Package("weather", "text/plain"), Package("weather", "text/plain", forks=True)


class Alone:
    """A subscriber, and what it does."""

    def __init__(self, package: Package = ONE, *, credentials: bool = False) -> None:
        self.dialogs = Dialogs()
        authorize = (lambda response, request: request) if credentials else None
        self.subscriber = Subscriber(self.dialogs, identity("alice"), entropy(1), authorize)
        self.sent: list[SendRequest] = []
        self.answers: list[int] = []
        self.told: list[object] = []
        self.now = NOW
        self.id, actions = self.subscriber.subscribe(Subscription(TARGET, package, 600), self.now)
        self.take(actions)

    def take(self, actions: list[Action]) -> None:
        """Sorts actions."""
        self.sent += [each for each in actions if isinstance(each, SendRequest)]
        self.answers += [each.response.status_code for each in actions if isinstance(each, SendResponse)]
        self.told += [each.event for each in actions if isinstance(each, Tell)]

    @property
    def last(self) -> Request:
        """The last SUBSCRIBE."""
        return self.sent[-1].request

    def answer(self, status: int, *lines: str) -> None:
        """The last SUBSCRIBE is answered."""
        owner, request = self.sent[-1].owner, self.last
        response: Response = respond(request, status, None, lines, to_tag="r")
        self.take(self.subscriber.heard(ResponseReceived(owner, response, request, FLOW), self.now))

    def fail(self) -> None:
        """The last SUBSCRIBE gets no answer."""
        self.take(self.subscriber.heard(RequestFailed(self.sent[-1].owner, 408, "nobody", self.last), self.now))

    def notify(
        self,
        tag: str = "r",
        *,
        state: str | None = "active;expires=600",
        event: str = "weather",
        number: int = 1,
        body: bytes = b"",
        kind: str = "text/plain",
    ) -> int:
        """A NOTIFY from somebody with this tag; the status it is answered with."""
        first = self.sent[0].request.headers
        lines = [
            f"From: <sip:town@example.net>;tag={tag}",
            f"To: {first.from_}",
            f"Call-ID: {first.call_id}",
            f"CSeq: {number} NOTIFY",
            f"Event: {event}",
            f"Contact: <sip:town@{tag}.example.net>",
            *([f"Subscription-State: {state}"] if state is not None else []),
            *([f"Content-Type: {kind}"] if body else []),
        ]
        request = Request("NOTIFY", read_uri("sip:alice@alice.example.org"), Headers(lines), body)
        self.take(self.subscriber.heard(RequestReceived((tag, str(number)), request, FLOW), self.now))
        return self.answers[-1]

    def ended(self) -> SubscriptionEnded:
        """How it ended."""
        (found,) = (each for each in self.told if isinstance(each, SubscriptionEnded))
        return found


class ForkTest(SynchronousTestCase):
    """A SUBSCRIBE that reaches several notifiers."""

    def test_one_only(self) -> None:
        """Where the package has it so, the first NOTIFY makes the subscription and others get 481."""
        # = rfc6665:4.1.4/1 test
        # = rfc4575:3.8/101 test
        alone = Alone()
        alone.answer(200, "Expires: 600")
        self.assertEqual((alone.notify("a"), alone.notify("b"), alone.notify("a", number=2)), (200, 481, 200))
        self.assertEqual(len(alone.dialogs), 1)

    def test_many(self) -> None:
        """Where the package has it so, each makes a subscription of its own, until Timer N."""
        # = rfc6665:4.1.2.4/1 test
        alone = Alone(MANY)
        self.assertEqual((alone.notify("a"), alone.notify("b")), (200, 200))
        first, second = (each for each in alone.told if isinstance(each, NotificationReceived))
        self.assertEqual((first.id, first.forked_from, second.forked_from), (alone.id, None, alone.id))
        self.assertNotEqual(second.id, first.id)
        alone.now = Instant(NOW + 33)
        self.assertEqual((alone.notify("c"), alone.notify("b", number=2)), (481, 200))
        self.assertEqual(len(alone.dialogs), 2)

    def test_bounded(self) -> None:
        """Nobody makes subscriptions without end."""
        alone = Alone(MANY)
        statuses = [alone.notify(f"t{number}") for number in range(40)]
        self.assertEqual((statuses.count(200), statuses[-1]), (16, 481))


class NotifyTest(SynchronousTestCase):
    """NOTIFYs that are not as they should be."""

    def test_refused(self) -> None:
        """Another package or id, another body, no state, an old number: each gets its status."""
        # = rfc6665:4.1.3/1 test
        # = rfc6665:3.2.1/2 test
        # = rfc6665:4.1.3/3 test
        alone = Alone()
        self.assertEqual(alone.notify(event="news"), 481)
        self.assertEqual(alone.notify(event="weather;id=7"), 481)
        self.assertEqual(alone.notify(state=None), 400)
        self.assertEqual(alone.notify(body=b"x", kind="text/html"), 415)
        self.assertEqual(alone.notify(event="Weather", number=5), 200)
        self.assertEqual(alone.notify(number=4), 500)
        self.assertEqual(len([each for each in alone.told if isinstance(each, NotificationReceived)]), 1)

    def test_expires_counts(self) -> None:
        """What a NOTIFY says of the time that is left counts; none of terminated does."""
        # = rfc6665:4.1.3/4 test
        # = rfc6665:4.1.3/7b test
        alone = Alone()
        alone.answer(200, "Expires: 600")
        alone.notify(state="active;expires=50")
        (wanted,) = alone.subscriber._by_id.values()
        self.assertEqual(wanted.expires_at, NOW + 50)
        alone.notify(state="terminated;reason=noresource;expires=50", number=2)
        self.assertEqual((alone.ended().reason, len(alone.subscriber)), ("noresource", 0))

    def test_without_expires(self) -> None:
        """A NOTIFY that does not say the time leaves that of the answer."""
        alone = Alone()
        alone.answer(200, "Expires: 300")
        alone.notify(state="active")
        (wanted,) = alone.subscriber._by_id.values()
        self.assertEqual(wanted.expires_at, NOW + 300)


class AnswerTest(SynchronousTestCase):
    """Answers to SUBSCRIBE."""

    def test_202(self) -> None:
        """A 202 is as good as a 200."""
        # = rfc6665:8.3/1a test
        alone = Alone()
        alone.answer(202, "Expires: 600")
        self.assertEqual((alone.notify(), alone.subscriber.state(alone.id)), (200, "active"))

    def test_redirected(self) -> None:
        """A 302 leads to the Contact, in the same attempt; not in circles."""
        alone = Alone()
        alone.answer(302, "Contact: <sip:town@example.com>")
        self.assertEqual((str(alone.last.request_uri), alone.last.headers.cseq.number), ("sip:town@example.com", 2))
        self.assertEqual(str(alone.last.headers.to.uri), str(TARGET))
        for number in range(20):
            if isinstance(alone.told[-1] if alone.told else None, SubscriptionEnded):
                break
            alone.answer(302, f"Contact: <sip:town{number}@example.com>")
        self.assertEqual((len(alone.sent), alone.ended().status), (6, 302))

    def test_credentials(self) -> None:
        """A 401 is answered where there are credentials, but not for ever; where there are none it ends the attempt."""
        alone = Alone(credentials=True)
        alone.answer(401)
        self.assertEqual(alone.last.headers.cseq.number, 2)
        alone.answer(200, "Expires: 600")
        self.assertEqual(alone.notify(), 200)
        other = Alone()
        other.answer(401)
        self.assertEqual((other.ended().status, other.ended().again), (401, None))

    def test_retry_after(self) -> None:
        """A refusal that says when to come back is heeded."""
        alone = Alone()
        alone.answer(503, "Retry-After: 40")
        self.assertEqual(alone.ended().again, NOW + 40)

    def test_too_brief_without_a_number(self) -> None:
        """A 423 that does not say what would do ends the attempt."""
        alone = Alone()
        alone.answer(423)
        self.assertEqual(alone.ended().status, 423)

    def test_refresh_by_hand(self) -> None:
        """A refresh that is wanted while a SUBSCRIBE is under way follows it, once."""
        alone = Alone()
        alone.answer(200, "Expires: 600")
        alone.notify()
        for _ in range(3):
            alone.take(alone.subscriber.refresh(alone.id, alone.now))
        self.assertEqual(len(alone.sent), 2)
        alone.answer(200, "Expires: 600")
        self.assertEqual((len(alone.sent), alone.last.headers.first(EXPIRES)), (3, 600))
        alone.answer(200, "Expires: 600")
        self.assertEqual(len(alone.sent), 3)

    def test_ends_the_subscription(self) -> None:
        """Each of the statuses that end a subscription ends it when it answers a refresh."""
        # = rfc6665:4.1.2.2/1 test
        for status in (404, 405, 410, 416, 480, 481, 482, 483, 484, 485, 489, 501, 604):
            alone = Alone()
            alone.notify()
            alone.answer(200, "Expires: 600")
            alone.take(alone.subscriber.refresh(alone.id, alone.now))
            alone.answer(status)
            self.assertEqual((alone.ended().status, len(alone.dialogs)), (status, 0))

    def test_unanswered(self) -> None:
        """A first SUBSCRIBE that nobody answers is over; one that refreshes leaves it to Timer N."""
        alone = Alone()
        alone.fail()
        self.assertEqual((alone.ended().status, alone.ended().again), (408, None))
        other = Alone()
        other.notify()
        other.answer(200, "Expires: 600")
        other.take(other.subscriber.refresh(other.id, other.now))
        other.fail()
        self.assertEqual(other.subscriber.state(other.id), "active")


class TerminationTest(SynchronousTestCase):
    """Asking again."""

    def test_back_off(self) -> None:
        """Who is turned away again and again waits longer each time, up to a bound."""
        waits = [again_in(Reason.deactivated, None, attempts) for attempts in range(40)]
        self.assertEqual(waits[:5], [0, 1, 2, 4, 8])
        self.assertEqual(
            (max(each or 0 for each in waits), waits), (LONGEST_BACK_OFF, sorted(waits, key=lambda each: each or 0))
        )

    def test_table(self) -> None:
        """The table draws every state of the figure."""
        self.assertEqual(set(SUBSCRIBER.states), {"init", "notify_wait", "pending", "active", "terminated"})

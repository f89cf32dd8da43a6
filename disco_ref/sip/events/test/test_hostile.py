"""Whatever the other side says: no traceback, and nothing left in the end (RFC 6665; RFC 3515)."""

from __future__ import annotations

import random

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.clock import Instant
from disco_ref.errors import Malformed
from disco_ref.sip.actions import Action, Heard
from disco_ref.sip.dialog.store import Dialogs
from disco_ref.sip.events.notifier import Notifier
from disco_ref.sip.events.package import Body, Package
from disco_ref.sip.events.subscriber import Subscriber
from disco_ref.sip.events.test.wire import InFlight, Wire, entropy, identity
from disco_ref.sip.events.told import SubscriptionRequested
from disco_ref.sip.events.wanted import Subscription
from disco_ref.sip.message import Request, read
from disco_ref.sip.referral.refer import Referrals
from disco_ref.sip.referral.reference import REFER, Reference, ReferRequested
from disco_ref.sip.uri import read_uri

WEATHER = Package("weather", "text/plain", default_expires=600)
TARGET = read_uri("sip:bob@bob.example.org")
FIELDS = (
    "Contact", "Event", "Subscription-State", "Expires", "Refer-To", "Referred-By", "Record-Route", "Accept", "Retry-After",
    "Min-Expires", "Content-Type", "Call-ID", "CSeq", "From", "To",
)  # fmt: skip
VALUES = (
    "<sip:a@b;lr;lr>", "*", "<sips:x@y;transport=udp>", "<sip:x@h:99999>", "", "9" * 30, "a;b;b=1", "<tel:12>", "<http://x>",
    "-1", "text/", "weather;id=1;id=2", "refer;id=x", "<sip:x@y;method=BYE;method=X>", "terminated;reason=;retry-after=x",
    "active;expires=99999999999999", "terminated;reason=deactivated", "multipart/mixed",
)  # fmt: skip


class _Party:
    """All rooms of one side."""

    def __init__(self, name: str, seed: int) -> None:
        dialogs, who = Dialogs(), identity(name)
        self.dialogs = dialogs
        self.notifier = Notifier(dialogs, {"refer": REFER, "weather": WEATHER}, who, entropy(seed))
        self.subscriber = Subscriber(dialogs, who, entropy(seed + 1))
        self.refer = Referrals(dialogs, self.notifier, self.subscriber, who, entropy(seed + 2))

    def heard(self, event: Heard, now: Instant) -> list[Action]:
        """What its rooms do."""
        return [*self.notifier.heard(event, now), *self.refer.heard(event, now)]


class _Spoiling(Wire):
    """A wire on which header fields are changed, taken away and added."""

    def __init__(self, chance: random.Random, **rooms: _Party) -> None:
        super().__init__(**rooms)
        self.chance = chance

    def put(self, flight: InFlight) -> None:
        """Every third message arrives spoiled, or not at all where it cannot be read any more."""
        if self.chance.random() < 0.35:
            try:
                message = read(self.spoiled(bytes(flight.message)))
            except Malformed:
                return
            if isinstance(message, Request) is isinstance(flight.message, Request):
                flight = flight._replace(message=message)
        super().put(flight)

    def spoiled(self, octets: bytes) -> bytes:
        """A message with a field or two that are not as they were."""
        chance = self.chance
        head, _, body = octets.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        for _ in range(chance.randint(1, 2)):
            name, fate = chance.choice(FIELDS), chance.random()
            line = f"{name}: {chance.choice(VALUES)}"
            found = [place for place, each in enumerate(lines) if each.startswith(f"{name}:")]
            if found and fate < 0.6:
                lines[found[0]] = line
            elif found and fate < 0.8:
                del lines[found[0]]
            else:
                lines.append(line)
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class HostileTest(SynchronousTestCase):
    """Subscriptions and references over a wire that spoils messages."""

    def play(self, seed: int) -> None:
        """A subscription and a REFER, from the beginning to the end."""
        chance = random.Random(seed)
        alice, bob = _Party("alice", 1), _Party("bob", 11)
        wire = _Spoiling(chance, alice=alice, bob=bob)

        def above(event: object) -> list[Action]:
            if isinstance(event, SubscriptionRequested):
                return bob.notifier.accept(event.id, wire.now, Body("text/plain", b"x"))
            return bob.refer.accept(event.id, wire.now) if isinstance(event, ReferRequested) else []

        wire.listen["bob"] = above
        what = Subscription(TARGET, WEATHER, chance.choice([None, 0, 100, 5]))
        id, actions = alice.subscriber.subscribe(what, wire.now)
        wire.act("alice", actions)
        _, actions = alice.refer.refer(Reference(read_uri("sip:carol@example.net"), TARGET), wire.now)
        wire.act("alice", actions)
        wire.run(2)
        for status in (180, 200):
            wire.act("bob", bob.refer.progress("2", wire.now, status))
            wire.act("bob", bob.notifier.notify("1", wire.now, Body("text/plain", str(status).encode())))
            wire.run(2)
        wire.act("alice", alice.subscriber.refresh(id, wire.now))
        wire.run(300)
        wire.act("alice", alice.subscriber.unsubscribe(id, wire.now))
        wire.run(100_000)
        self.assertEqual((len(alice.subscriber), len(alice.refer), len(alice.dialogs)), (0, 0, 0), seed)

    def test_spoiled(self) -> None:
        """Nothing raises, nothing goes in circles, and whoever asked has nothing left."""
        for seed in range(150):
            self.play(seed)

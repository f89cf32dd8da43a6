"""A notifier of the weather, and who subscribes to it, over a wire in memory."""

from __future__ import annotations

from typing import cast

from disco_ref.sip.actions import (
    Action,
)
from disco_ref.sip.dialog.store import Dialogs
from disco_ref.sip.events.notifier import Notifier
from disco_ref.sip.events.package import Body, Package
from disco_ref.sip.events.subscriber import Subscriber
from disco_ref.sip.events.test.wire import Wire, entropy, identity
from disco_ref.sip.events.told import (
    NotificationReceived,
    SubscriptionEnded,
    SubscriptionRequested,
)
from disco_ref.sip.events.wanted import Subscription
from disco_ref.sip.header.events.event import SUBSCRIPTION_STATE
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

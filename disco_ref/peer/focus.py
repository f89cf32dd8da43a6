"""A node that is a focus: a user agent with calls, subscriptions and conferences (RFC 4353)."""

from __future__ import annotations

from typing import NamedTuple

from disco_ref.clock import Duration, Instant
from disco_ref.conference.focus.focus import Authenticate, Focus, Rooms
from disco_ref.conference.focus.policy import Policy
from disco_ref.conference.package import CONFERENCE
from disco_ref.entropy import Entropy
from disco_ref.errors import Refusal
from disco_ref.media.offer_answer.capabilities import Capabilities
from disco_ref.media.relay import Relay
from disco_ref.peer.user_agent import Answer, Equipment, UserAgent
from disco_ref.sip.actions import Action
from disco_ref.sip.dialog.store import Dialogs
from disco_ref.sip.events.notifier import Notifier
from disco_ref.sip.events.subscriber import Subscriber
from disco_ref.sip.message import Request
from disco_ref.sip.referral.refer import Referrals
from disco_ref.sip.referral.reference import REFER
from disco_ref.sip.session.calls import Calls
from disco_ref.sip.session.identity import Identity

NOWHERE = Identity.of("sip:invalid")
"""Who the node is before it listens."""


class FocusNode(NamedTuple):
    """The parts of a node that is a focus."""

    core: UserAgent
    """For :class:`disco_ref.peer.element.Element`."""
    focus: Focus
    calls: Calls
    dialogs: Dialogs
    relay: Relay

    def settle(self, actions: list[Action], now: Instant) -> list[Action]:
        """What an operation of the focus returned, ready for ``Element.perform``."""
        return self.core.settle(actions, now)


def focus_node(
    policy: Policy,
    able: Capabilities,
    entropy: Entropy,
    *,
    relay: Relay | None = None,
    authenticate: Authenticate | None = None,
    interval: Duration | None = None,
) -> FocusNode:
    """A focus, ready to be an element's core; ``interval`` is the least time between two NOTIFYs of one subscription."""
    dialogs = Dialogs()
    calls = Calls(dialogs, NOWHERE, entropy)
    package = CONFERENCE if interval is None else CONFERENCE._replace(interval=interval)
    notifier = Notifier(dialogs, {package.name: package, REFER.name: REFER}, NOWHERE, entropy)
    referrals = Referrals(dialogs, notifier, Subscriber(dialogs, NOWHERE, entropy), NOWHERE, entropy)
    rooms = Rooms(calls, notifier, Relay(entropy) if relay is None else relay, referrals)
    focus = Focus(policy, rooms, able, entropy, authenticate)

    def options(request: Request, now: Instant) -> Answer:
        try:
            identity = focus.identity(request.request_uri)
        except Refusal as refusal:
            return Answer(refusal.status or 404)
        return Answer(lines=("Content-Type: application/sdp",), body=focus.session(), identity=identity)

    equipment = Equipment(
        methods={"SUBSCRIBE": notifier, "REFER": referrals, "NOTIFY": referrals},
        rooms={"notify": notifier, "refer": referrals, "subscribe": referrals},
        options=options,
        sheds=focus.sheds,
        listens=focus.listens,
    )
    core = UserAgent(dialogs, calls, focus, entropy, equipment)
    return FocusNode(core, focus, calls, dialogs, rooms.relay)

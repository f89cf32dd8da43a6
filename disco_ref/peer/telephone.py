"""A telephone with all that goes with it: calls, referrals, INFO, subscriptions and its registration, as one node.

It does what a user agent of our days is asked to do by others: it takes a REFER on and says how the call fares (RFC 3515), it
answers INFO (RFC 6086), and it subscribes (RFC 6665).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from disco_ref.clock import Instant
from disco_ref.conference.package import CONFERENCE, Follower
from disco_ref.entropy import Entropy
from disco_ref.errors import Malformed
from disco_ref.media.offer_answer.capabilities import Capabilities
from disco_ref.peer.phone import Failed, Manners, Phone, Ringing, Talking
from disco_ref.peer.user_agent import Equipment, UserAgent
from disco_ref.sip.actions import Action, Heard, Report, Tell
from disco_ref.sip.dialog.store import Dialogs
from disco_ref.sip.digest.accounts import Account
from disco_ref.sip.digest.keyring import Keyring
from disco_ref.sip.events.notifier import Notifier
from disco_ref.sip.events.subscriber import Subscriber
from disco_ref.sip.events.told import NotificationReceived, SubscriptionEnded, SubscriptionId
from disco_ref.sip.info import InfoAnswered, InfoPackage, InfoReceived, Infos
from disco_ref.sip.message import Request, Response
from disco_ref.sip.referral.refer import Referrals
from disco_ref.sip.referral.reference import REFER, ReferId, ReferRequested
from disco_ref.sip.referral.replaces import replaces_in
from disco_ref.sip.refusals import BadRequest
from disco_ref.sip.registration.registering import Registered, Registration
from disco_ref.sip.session.calls import Calls
from disco_ref.sip.session.events import CallId
from disco_ref.sip.session.identity import METHODS, Identity, Invitation
from disco_ref.sip.transport.listening import Listening
from disco_ref.sip.uri import SipUri, Uri, read_uri


class Registrations:
    """The registrations of the node, as a room: each hears what concerns it."""

    def __init__(self) -> None:
        self.kept: list[Registration] = []

    def heard(self, event: Heard, now: Instant) -> list[Action]:
        """What became of a request, or a timer, of one of them."""
        return [action for one in self.kept for action in one.heard(event, now)]


@dataclass(slots=True, kw_only=True)
class Telephone:
    """The parts of the node; their operations return actions for :meth:`settle`."""

    core: UserAgent = field(init=False)
    """For :class:`disco_ref.peer.element.Element`; made of the others."""
    phone: Phone
    calls: Calls
    dialogs: Dialogs
    referrals: Referrals
    infos: Infos
    subscriber: Subscriber
    notifier: Notifier
    registrations: Registrations
    keyring: Keyring

    def settle(self, actions: list[Action], now: Instant) -> list[Action]:
        """What an operation of a part returned, ready for ``Element.perform``."""
        return self.core.settle(actions, now)


class _Application:
    """What the node does by itself about what its rooms tell."""

    def __init__(self, phone: Phone, referrals: Referrals, subscriber: Subscriber, recv_info: str) -> None:
        self.phone = phone
        self.referrals = referrals
        self.subscriber = subscriber
        self.recv_info = recv_info
        """Which INFO packages an INVITE says that it takes."""
        self._referred: dict[CallId, ReferId] = {}
        """Calls that were made because of a REFER, until they are answered or refused."""
        self._followed: dict[SubscriptionId, Follower] = {}
        """The states of conferences that are watched."""

    def heard(self, event: object, now: Instant) -> list[Action]:
        """Referrals are taken on; all else is the phone's affair."""
        if isinstance(event, ReferRequested):
            return self._refer(event, now)
        if isinstance(event, Registered):
            return [Tell(Report(event))]
        if isinstance(event, NotificationReceived):
            return self._follow(event, now)
        if isinstance(event, SubscriptionEnded):
            self._followed.pop(event.id, None)
        if isinstance(event, InfoReceived | InfoAnswered):
            return [Tell(Report(event))]
        actions = self.phone.heard(event, now)
        return [part for action in actions for part in (action, *self._progress(action, now))]

    def _refer(self, event: ReferRequested, now: Instant) -> list[Action]:
        """Calls whom it is referred to; other methods than INVITE are declined."""
        target = event.refer_to.uri
        if event.method != "INVITE" or not isinstance(target, SipUri):
            # = rfc3515:2.4.2/0 silent: what a user agent is willing to be referred to is its user's decision
            return self.referrals.reject(event.id, 603)
        try:
            lines = replaces_in(target)
        except BadRequest:
            return self.referrals.reject(event.id, 400)
        by = () if event.referred_by is None else (f"Referred-By: {event.referred_by}",)
        plain = read_uri(str(target).partition("?")[0])
        accepted = self.referrals.accept(event.id, now)
        call, actions = self.phone.dial(Invitation(plain, lines=(*lines, *by, self.recv_info)), now)
        self._referred[call] = event.id
        return [*accepted, *actions]

    def _follow(self, event: NotificationReceived, now: Instant) -> list[Action]:
        """Puts the documents of a conference together; where one is missing the whole is asked for."""
        if not event.request.body:
            return []
        try:
            followed = self._followed.setdefault(event.id, Follower()).receive(event.request.body)
        except Malformed:
            # = rfc4575:4.6/0 silent: what cannot be read is put aside; the next refresh brings the full state
            return []
        # = rfc4575:4.6/102
        return self.subscriber.refresh(event.id, now) if followed.gap else []

    def _progress(self, action: Action, now: Instant) -> list[Action]:
        """The NOTIFY that is owed where a call that was asked for has come further."""
        told = action.event.event if isinstance(action, Tell) and isinstance(action.event, Report) else None
        if not isinstance(told, Ringing | Talking | Failed) or told.call not in self._referred:
            return []
        if isinstance(told, Ringing):
            # = rfc3515:2.4.5/1
            return self.referrals.progress(self._referred[told.call], now, told.status, told.reason)
        refer = self._referred.pop(told.call)
        status, reason = (200, "OK") if isinstance(told, Talking) else (told.status, told.reason)
        return self.referrals.progress(refer, now, status, reason)


def telephone(
    address: str,
    able: Capabilities,
    entropy: Entropy,
    *,
    accounts: Sequence[Account] = (),
    manners: Manners | None = None,
    info_packages: Sequence[InfoPackage] = (),
) -> Telephone:
    """A telephone, ready to be an element's core; its Contact is known once the element listens."""
    dialogs = Dialogs()
    infos = Infos(dialogs, {each.name: each for each in info_packages}, entropy)
    methods = (*METHODS, "SUBSCRIBE", "NOTIFY", "REFER", "INFO")
    packages = {REFER.name: REFER}
    keyring = Keyring(accounts, entropy)

    def authorize(response: Response, request: Request) -> Request | None:
        return keyring.answer(request, response)

    notifier = Notifier(dialogs, packages, Identity.of(address), entropy)
    identity = Identity.of(address, methods=methods, lines=tuple(notifier.lines()))
    calls = Calls(dialogs, identity, entropy, authorize)
    subscriber = Subscriber(dialogs, identity, entropy, authorize)
    referrals = Referrals(dialogs, notifier, subscriber, identity, entropy, authorize)
    phone = Phone(calls, able, entropy, manners)
    calls.owe(infos.owed)
    phone.says = lambda call: (infos.line(calls.dialog(call)),)
    node = Telephone(
        phone=phone, calls=calls, dialogs=dialogs, referrals=referrals, infos=infos, subscriber=subscriber,
        notifier=notifier, registrations=Registrations(), keyring=keyring,
    )  # fmt: skip
    application = _Application(phone, referrals, subscriber, infos.line())
    node.core = UserAgent(dialogs, calls, application, entropy, _equipment(read_uri(address), identity, node))
    return node


def _equipment(own: Uri, identity: Identity, node: Telephone) -> Equipment:
    """What a telephone has besides calls."""
    notifier, referrals = node.notifier, node.referrals

    def listens(listening: Sequence[Listening]) -> None:
        made = identity.at(listening)
        node.calls.identity = node.subscriber.identity = referrals.identity = notifier.identity = made

    def takes(uri: Uri) -> bool:
        if not isinstance(own, SipUri) or not isinstance(uri, SipUri):
            return True
        return uri.user in ("", None, own.user)

    return Equipment(
        methods={"SUBSCRIBE": notifier, "REFER": referrals, "NOTIFY": referrals, "INFO": node.infos},
        rooms={
            "refer": referrals, "subscribe": referrals, "notify": notifier, "info": node.infos,
            "register": node.registrations,
        },
        bodies=frozenset({"message/sipfrag", CONFERENCE.media_type}),
        takes=takes,
        options=node.phone.options,
        listens=listens,
        overhears=node.infos.overhears,
    )  # fmt: skip

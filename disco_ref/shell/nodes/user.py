"""The user of a telephone in virtual time: what ``node.trigger`` makes it do (conformance/SUBJECT.md)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from disco_ref.clock import Duration, Instant
from disco_ref.conference.package import CONFERENCE
from disco_ref.entropy import Entropy
from disco_ref.errors import Refusal
from disco_ref.media.offer_answer.capabilities import relaying
from disco_ref.media.offer_answer.direction import Direction
from disco_ref.media.offer_answer.offer import Wish
from disco_ref.peer.phone import Manners
from disco_ref.peer.telephone import Telephone
from disco_ref.shell.formats.format import Json
from disco_ref.shell.formats.unsupported import Unsupported
from disco_ref.shell.nodes.media import VirtualMedia
from disco_ref.shell.nodes.settings import BadSetting
from disco_ref.sip.actions import Action, SendRequest
from disco_ref.sip.dialog.dialog import DialogId
from disco_ref.sip.events.wanted import Subscription, outside
from disco_ref.sip.header.addressing.contact import Contact
from disco_ref.sip.header.addressing.route import Route
from disco_ref.sip.header.content.content_type import CONTENT_TYPE
from disco_ref.sip.referral.reference import Reference
from disco_ref.sip.registration.registering import Registered, Registration
from disco_ref.sip.registration.registering import Wish as RegistrationWish
from disco_ref.sip.respond import new_tag
from disco_ref.sip.session.call import NotNow
from disco_ref.sip.session.events import CallId
from disco_ref.sip.session.identity import Invitation
from disco_ref.sip.uri import SipUri, Uri, equivalent, read_uri

OFFERS = {
    "hold": Wish("audio", Direction.sendonly),
    "resume": Wish("audio"),
    "listen": Wish("audio", Direction.recvonly),
}
"""What is offered within a call, by the trigger."""
UNTIL_TOLD = Duration(1e6)
"""How long a telephone rings that is answered by hand, seconds."""


class User:
    """Who uses the telephone."""

    def __init__(
        self, node: Telephone, entropy: Entropy, route: tuple[Route, ...] = (), media: VirtualMedia | None = None
    ) -> None:
        """``route``: the proxies that all requests outside of dialogs pass first."""
        self._media = media
        self._refers = False
        """Whether its last subscription was made by a REFER."""
        self._route = route
        self._node = node
        self._entropy = entropy
        self._subscription = self._referral = ""
        self._registered: dict[str, Registration] = {}
        """By the registrar."""
        self._serial = 0
        self._does: Mapping[str, Callable[[Mapping[str, Json], Instant], list[Action]]] = {
            "invite": self._invite,
            "answer": self._answer,
            "reject": self._reject,
            "cancel": lambda params, now: node.calls.cancel(self._call(), now),
            "bye": lambda params, now: node.calls.hang_up(self._call(), now),
            "manual": lambda params, now: self._manners(Manners(delay=UNTIL_TOLD)),
            "automatic": lambda params, now: self._manners(Manners()),
            **{what: partial(self._offered, wish) for what, wish in OFFERS.items()},
            "reinvite": self._reinvite,
            "formats": self._formats,
            "move": self._move,
            "medium": self._medium,
            "update": self._update,
            "refer": self._refer,
            "register": self._register,
            "unregister": self._unregister,
            "subscribe": self._subscribe,
            "unsubscribe": lambda params, now: node.subscriber.unsubscribe(self._subscription, now),
            "refresh": self._refresh,
            "options": self._options,
            "info": self._info,
            "packages": self._packages,
        }

    def act(self, what: str, params: Mapping[str, Json], now: Instant) -> list[Action]:
        """One thing that the user does; Unsupported for what cannot be done, or not now."""
        if what not in self._does:
            raise Unsupported("trigger", what, self._does)
        try:
            return self._node.settle(self._does[what](params, now), now)
        except (NotNow, Refusal) as refusal:
            raise Unsupported("state for", f"{what}: {refusal}") from None

    def _call(self) -> CallId:
        ids = self._node.calls.ids()
        if not ids:
            raise NotNow("there is no call")
        return ids[-1]

    def _invite(self, params: Mapping[str, Json], now: Instant) -> list[Action]:
        line, phone = self._node.infos.line(), self._node.phone
        phone.manners = replace(phone.manners, late_offer=params.get("offer") == "late")
        return phone.dial(Invitation(_uri(params, "uri"), lines=(line,), route=self._route), now)[1]

    def _answer(self, params: Mapping[str, Json], now: Instant) -> list[Action]:
        return self._node.phone.take(self._call(), now)

    def _reject(self, params: Mapping[str, Json], now: Instant) -> list[Action]:
        return self._node.calls.reject(self._call(), 486, now)

    def _manners(self, manners: Manners) -> list[Action]:
        self._node.phone.manners = manners
        return []

    def _offered(self, wish: Wish, params: Mapping[str, Json], now: Instant) -> list[Action]:
        return self._offer(wish, now)

    def _offer(self, wish: Wish, now: Instant, *, update: bool = False) -> list[Action]:
        return self._node.phone.hold(self._call(), (wish,), now, update=update)

    def _reinvite(self, params: Mapping[str, Json], now: Instant) -> list[Action]:
        if params.get("offer") == "late":
            return self._node.calls.reinvite(self._call(), b"", now)
        return self._offered(OFFERS["reinvite"], params, now)

    def _update(self, params: Mapping[str, Json], now: Instant) -> list[Action]:
        if params.get("direction"):
            return self._offer(Wish("audio", _direction(params)), now, update=True)
        return self._node.calls.update(self._call(), b"", now)

    def _formats(self, params: Mapping[str, Json], now: Instant) -> list[Action]:
        listed = tuple(str(params.get("formats")).split())
        try:
            return self._offer(Wish("audio", formats=listed), now)
        except ValueError as fault:
            raise BadSetting(f"`formats` are numbers of the offer before: {fault}") from None

    def _move(self, params: Mapping[str, Json], now: Instant) -> list[Action]:
        """The telephone's media moves to another port: at once, or with its next answer."""
        phone = self._node.phone
        if self._media is None:
            raise Unsupported("trigger", "move", ("move with `media`",))
        phone.move(self._media.move(phone.able, "audio"))
        return [] if params.get("when") == "answer" else self._offer(Wish("audio"), now)

    def _medium(self, params: Mapping[str, Json], now: Instant) -> list[Action]:
        """The stream of its call becomes video."""
        phone = self._node.phone
        if self._media is None:
            raise Unsupported("trigger", "medium", ("medium with `media`",))
        able = relaying(phone.able.hosts, phone.able.abilities[0].ports, {4: 0})
        phone.move(self._media.move(able, "video"))
        return self._offer(Wish("video"), now)

    def _refer(self, params: Mapping[str, Json], now: Instant) -> list[Action]:
        target = _uri(params, "target") if params.get("target") else None
        dialog = self._dialog() if target is None else None
        reference = Reference(_uri(params, "uri"), target=target, dialog=dialog)
        self._refers, (self._referral, actions) = True, self._node.referrals.refer(reference, now)
        return actions

    def _refresh(self, params: Mapping[str, Json], now: Instant) -> list[Action]:
        if self._refers:
            return self._node.referrals.refresh(self._referral, now)
        return self._node.subscriber.refresh(self._subscription, now)

    def _dialog(self) -> DialogId:
        dialog = self._node.calls.dialog(self._call())
        if dialog is None:
            raise NotNow("the call has no dialog")
        return dialog.id

    def _register(self, params: Mapping[str, Json], now: Instant) -> list[Action]:
        identity = self._node.calls.identity
        aor = read_uri(identity.address.uri_text)
        registrar = _uri(params, "uri") if params.get("uri") else None
        if not isinstance(aor, SipUri) or not isinstance(registrar, SipUri | None):
            raise BadSetting("`uri` is a sip or sips URI")
        device = params.get("instance")
        contact, lines = identity.contact, tuple[str, ...]()
        if device:
            # = rfc6665:4.5.1/1a
            contact = Contact(None, contact.uri_text, f'{contact.parameter_text};+sip.instance="<{device}>"')
            lines = ("Supported: gruu",)
        wish = RegistrationWish(aor, contact, registrar, routes=self._route, lines=lines)
        registration = self._registered.get(str(registrar))
        if registration is None:
            # = rfc3261:10.2/8
            registration = Registration(str(registrar), wish, self._node.keyring, self._entropy)
            self._registered[str(registrar)] = registration
            self._node.registrations.kept.append(registration)
        return registration.register(now)

    def told(self, event: object) -> None:
        """Who is given a GRUU for its Contact has its subscribers come by that (RFC 5627, section 4.2; from memory)."""
        if not isinstance(event, Registered):
            return
        own = self._node.calls.identity.contact
        mine = next((one for one in event.contacts if equivalent(one.uri, own.uri)), None)
        gruu = mine.parameter("pub-gruu") if mine is not None else None
        if gruu:
            # = rfc6665:4.5.1/1b
            made = replace(self._node.notifier.identity, contact=Contact(None, gruu), contacts={})
            self._node.notifier.identity = self._node.referrals.identity = made

    def _unregister(self, params: Mapping[str, Json], now: Instant) -> list[Action]:
        if not self._node.registrations.kept:
            raise NotNow("nothing is registered")
        return self._node.registrations.kept[-1].unregister(now)

    def _subscribe(self, params: Mapping[str, Json], now: Instant) -> list[Action]:
        event = params.get("event") or CONFERENCE.name
        if event != CONFERENCE.name:
            raise Unsupported("event package", str(event), [CONFERENCE.name])
        self._refers = False
        self._subscription, actions = self._node.subscriber.subscribe(
            Subscription(_uri(params, "uri"), CONFERENCE, route=self._route), now
        )
        return actions

    def _options(self, params: Mapping[str, Json], now: Instant) -> list[Action]:
        self._serial += 1
        identity = self._node.calls.identity
        call_id, tag = self._entropy(16).hex(), new_tag(self._entropy)
        target = _uri(params, "uri")
        # = rfc3261:11.1/2
        lines = [*identity.contact_lines(target.scheme == "sips"), "Accept: application/sdp"]
        request = outside("OPTIONS", target, None, identity.address, call_id, tag, 1, self._route, lines)
        return [SendRequest(("app", f"options {self._serial}"), request)]

    def _info(self, params: Mapping[str, Json], now: Instant) -> list[Action]:
        dialog = self._node.calls.dialog(self._call())
        if dialog is None:
            raise NotNow("the call has no dialog")
        package, body = params.get("package"), str(params.get("body") or "").encode()
        if package:
            kind = CONTENT_TYPE.read(str(params.get("type") or "text/plain"))[0].name if body else ""
            return self._node.infos.send(dialog.id, str(package), media_type=kind, body=body)[1]
        # = rfc6086:4/0 silent: an INFO without a package, as phones have sent it for their digits since RFC 2976
        return [SendRequest(("info", "user"), dialog.request("INFO", [], b""))]

    def _packages(self, params: Mapping[str, Json], now: Instant) -> list[Action]:
        """Takes these INFO packages from now on, and says so by a re-INVITE."""
        names = [name.strip() for name in str(params.get("names") or "").split(",")]
        line = self._node.infos.line_of([name for name in names if name])
        return self._node.phone.hold(self._call(), (Wish("audio"),), now, (line,))


def _direction(params: Mapping[str, Json]) -> Direction:
    value = params.get("direction")
    if value not in list(Direction):
        raise BadSetting("`direction` is sendrecv, sendonly, recvonly or inactive")
    return Direction(str(value))


def _uri(params: Mapping[str, Json], name: str) -> Uri:
    value = params.get(name)
    if not isinstance(value, str) or not value:
        raise BadSetting(f"`{name}` is a URI")
    return read_uri(value)

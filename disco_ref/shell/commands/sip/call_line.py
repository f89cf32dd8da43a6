"""The telephone that ``disco-ref call`` runs: its node, what it does, and what it says of it."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Sequence
from typing import Protocol

from disco_ref.clock import Duration, Instant
from disco_ref.media.offer_answer.capabilities import Capabilities, speaking
from disco_ref.media.relay import Relay
from disco_ref.peer.effects import Note
from disco_ref.peer.phone import (
    Called,
    Changed,
    Ended,
    Failed,
    Manners,
    Phone,
    Redirected,
    Ringing,
    Talking,
    Unusable,
)
from disco_ref.peer.telephone import Registrations
from disco_ref.peer.user_agent import Equipment, UserAgent
from disco_ref.shell.commands.sip.call_view import View, streams
from disco_ref.shell.media import MediaPorts
from disco_ref.shell.sip.opening import open_element, wanted
from disco_ref.shell.sip.outward import (
    keyring,
    sip_target,
    stand,
    through,
    transport_of,
)
from disco_ref.shell.sip.trouble import Trouble
from disco_ref.shell.sip.wire import Reactor
from disco_ref.sip.actions import Action, Report, Tell
from disco_ref.sip.dialog.store import Dialogs
from disco_ref.sip.flow import Transport, numeric
from disco_ref.sip.registration.registering import (
    Phase,
    Registered,
    Registration,
    RegistrationFailed,
    Unregistered,
    Wish,
)
from disco_ref.sip.session.calls import Calls
from disco_ref.sip.session.events import CallId, Why
from disco_ref.sip.session.identity import Identity, Invitation, way_to
from disco_ref.sip.transport.listening import Listening
from disco_ref.sip.uri import SipUri, sip_uri

TALKED, FAILED, TROUBLE, BROKEN = 0, 1, 2, 3
"""Exit statuses: the call was answered and ended in order; it was not answered; misuse; it was cut off."""

PATIENCE = 5.0
"""Seconds that the responses to BYE, CANCEL and REGISTER are waited for."""
LINGER = 0.3
"""Seconds in which a BYE that comes again is answered again."""


class Ground(Protocol):
    """What carries SIP for a telephone."""

    def start(self) -> Sequence[Listening]:
        """Opens the sockets; Trouble where that cannot be."""

    def stop(self) -> object:
        """Closes them."""

    def now(self) -> Instant:
        """The time."""

    def perform(self, actions: Sequence[Action]) -> None:
        """Does what the telephone wants done."""


class _Application:
    """The phone; what becomes of the registration is told to whoever runs it."""

    def __init__(self, phone: Phone) -> None:
        self._phone = phone

    def heard(self, event: object, now: Instant) -> list[Action]:
        """What the phone does about it."""
        if isinstance(event, Registered | Unregistered | RegistrationFailed):
            return [Tell(Report(event))]
        return self._phone.heard(event, now)


class Line:
    """One run of the command."""

    def __init__(self, parsed: argparse.Namespace, reactor: Reactor) -> None:
        """Trouble where the options make no sense together."""
        self._parsed, self._reactor = parsed, reactor
        self._target = sip_target(parsed.uri) if parsed.uri else None
        self._address = self._settle()
        self.status = TALKED if parsed.wait else FAILED
        self.leaving = False
        self._view = View(parsed.json)
        self._show = self._view.show
        self._dialled = False
        self._talking: set[CallId] = set()
        self._over: float | None = None
        self._hosts: dict[CallId, str] = {}
        """Where the signalling of calls goes or comes from."""

    def _settle(self) -> SipUri:
        """Who we are, and by which way others are reached."""
        parsed = self._parsed
        self._proxy = sip_target(parsed.route) if parsed.route else None
        registrar = sip_target(parsed.register) if parsed.register else None
        if parsed.register is not None and parsed.sender is None:
            raise Trouble("--register needs --from, the address whose calls are to come here")
        sender = sip_target(parsed.sender) if parsed.sender else None
        self._first = self._proxy or self._target or registrar or (sender if parsed.register is not None else None)
        host = stand(parsed, self._first) if self._first is not None else "127.0.0.1"
        address = sender or sip_target(f"sip:disco-ref@{host}")
        self._registrar = registrar or sip_uri(address.host, port=address.port, scheme=address.scheme)
        if parsed.wait and self._first and transport_of(self._first) is Transport.TLS and not parsed.tls:
            raise Trouble("who waits for calls over TLS shows a certificate: --certificate FILE, and its --key")
        return address

    def start(self) -> None:
        """Opens the sockets, and calls, registers or waits."""
        parsed = self._parsed
        self._keys = keyring(parsed.password_file, self._address)
        dialogs = Dialogs()
        self._calls = Calls(
            dialogs,
            Identity.of(str(self._address)),
            os.urandom,
            lambda given, request: self._keys.answer(request, given),
        )
        manners = Manners(
            answers=200 if parsed.wait else 486, delay=Duration(parsed.ring), late_offer=parsed.late_offer
        )
        self._phone = Phone(self._calls, speaking({}, {}), os.urandom, manners)
        self._registrations = Registrations()
        equipment = Equipment(
            rooms={"register": self._registrations}, options=self._phone.options, listens=self._listens
        )
        self._agent = UserAgent(dialogs, self._calls, _Application(self._phone), os.urandom, equipment)
        self._ground = self._stand()
        self._relay = Relay(os.urandom)
        self._media = MediaPorts(self._reactor, self._relay)
        listening = self._ground.start()
        self._phone.able = self._able()
        self._begin(listening)

    def _stand(self) -> Ground:
        """What carries SIP."""
        return open_element(
            self._reactor, self._parsed, self._agent, log=self._note, delivered=self._told, dials=True
        ).driving

    def _begin(self, listening: Sequence[Listening]) -> None:
        for each in listening if self._parsed.wait else ():
            if not each.dials:
                address = str(each.address)
                self._show(
                    "listening", f"listening on {each.transport} {address}", transport=each.transport, address=address
                )
        if self._parsed.register is not None:
            self._register()
        elif self._target is not None:
            self._dial(self._target)

    def close(self) -> None:
        """Closes the sockets."""
        self._media.close()
        self._ground.stop()

    def _able(self) -> Capabilities:
        """Opens the ports for media."""
        bound, shown = self._media_hosts()
        ports = self._media.open(bound, ("audio",), self._parsed.media_port)
        return speaking(shown, ports["audio"])

    def _media_hosts(self) -> tuple[dict[int, str], dict[int, str]]:
        """The addresses for media by their family, as they are bound and as others are told: those of SIP."""
        bound: dict[int, str] = {}
        shown: dict[int, str] = {}
        for each in wanted(self._parsed):
            family, host = 6 if each.ipv6 else 4, each.address.host
            bound.setdefault(family, host)
            named = numeric(each.sent_by.rpartition(":")[0])
            shown.setdefault(family, named if named and host in ("0.0.0.0", "::") else host)
        return bound, shown

    def _listens(self, where: Sequence[Listening]) -> None:
        """The Contact says where this end listens, and how."""
        self._calls.identity = self._calls.identity.at(where)

    # --- what it does --------------------------------------------------------------------------------------------------

    def _perform(self, actions: list[Action]) -> None:
        self._ground.perform(self._agent.settle(actions, self._ground.now()))

    def _dial(self, target: SipUri) -> None:
        call, actions = self._phone.dial(Invitation(target, route=through(self._proxy)), self._ground.now())
        self._hosts[call] = target.host
        self._show("calling", f"calling {target}", uri=str(target))
        self._perform(actions)

    def _register(self) -> None:
        first, address = self._first or self._registrar, self._address
        contact = self._calls.identity.contact_by(address.scheme == "sips", way_to(first))
        wish = Wish(address, contact, self._registrar, self._parsed.expires, through(self._proxy))
        registration = Registration("call", wish, self._keys, os.urandom)
        self._registrations.kept.append(registration)
        self._show(
            "registering",
            f"registering {address} at {self._registrar}",
            uri=str(address),
            registrar=str(self._registrar),
        )
        self._perform(registration.register(self._ground.now()))

    def leave(self) -> None:
        """Ends all calls, and the registration."""
        self.leaving = True
        now = self._ground.now()
        calls = bool(self._calls.ids())
        self._perform(self._phone.leave(now))
        if self._parsed.wait or not calls:
            self._done(self.status)
        else:
            self._later(PATIENCE, self._give_up)

    def _give_up(self) -> None:
        if self._over is None:
            self._done(self.status)

    def _done(self, status: int) -> None:
        """There is nothing left to do but to clear away."""
        if self._over is None:
            self.status = status
            self._over = self._ground.now()
            self._later(0.0, self._unregister)

    def _unregister(self) -> None:
        for each in self._registrations.kept:
            if each.phase in (Phase.REGISTERED, Phase.REGISTERING):
                self._perform(each.unregister(self._ground.now()))

    def is_over(self) -> bool:
        """Whether nothing is left to be said."""
        if self._view.unread and not self.leaving:
            self.leave()
        if self._over is None:
            return False
        waited = self._ground.now() - self._over
        quiet = not self._calls.ids() and self._unregistered()
        return waited > PATIENCE or (waited > LINGER and quiet)

    def _unregistered(self) -> bool:
        """Whether nobody is to be told any more that we are not here."""
        return all(each.phase in (Phase.IDLE, Phase.FAILED, Phase.WAITING) for each in self._registrations.kept)

    def _later(self, seconds: float, do: Callable[[], None]) -> None:
        self._reactor.callLater(seconds, do)

    # --- what happens --------------------------------------------------------------------------------------------------

    def _note(self, note: Note) -> None:
        if note.level in ("warning", "error"):
            self._show("note", f"({note.text})", said=note.text)

    def _told(self, event: object) -> None:
        show = self._show
        if isinstance(event, Registered | Unregistered | RegistrationFailed):
            self._registered(event)
        elif isinstance(event, Called):
            self._hosts[event.call] = event.host
            show("called", f"{event.sender} calls", sender=event.sender, call=event.call)
        elif isinstance(event, Ringing):
            show("progress", f"{event.status} {event.reason}", status=event.status, reason=event.reason)
        elif isinstance(event, Talking):
            self._talks(event)
        elif isinstance(event, Redirected):
            self._hosts[event.call] = self._hosts.pop(event.old, "")
            show("redirected", f"{event.status}: calling {event.target}", status=event.status, uri=event.target)
        elif isinstance(event, Unusable):
            show("unusable", f"cannot talk: {event.refusal}", said=str(event.refusal))
        elif isinstance(event, Changed):
            show("refused", f"{event.method} was answered {event.status}", method=event.method, status=event.status)
        elif isinstance(event, Failed):
            self._failed(event)
        elif isinstance(event, Ended):
            self._ended(event)

    def _registered(self, event: Registered | Unregistered | RegistrationFailed) -> None:
        if isinstance(event, Registered):
            lasting = round(event.until - self._ground.now())
            count = len(event.contacts)
            self._show(
                "registered", f"registered for {lasting} seconds, one of {count}", seconds=lasting, contacts=count
            )
            if self._target is not None and not self._dialled:
                self._dialled = True
                self._later(0.0, lambda: self._dial(self._target) if self._target else None)
        elif isinstance(event, Unregistered):
            self._show("unregistered", "no longer registered")
        else:
            self._show("failed", f"not registered: {event.status} {event.why}", status=event.status, reason=event.why)
            if event.again is None if self._target is None else not self._dialled:
                self._done(FAILED)

    def _talks(self, event: Talking) -> None:
        now = self._ground.now()
        self._relay.join(event.call, ("call", event.call), event.agreement, self._hosts.get(event.call, ""), now)
        what, said = "in a conference" if event.isfocus else "talking", streams(event.agreement)
        self._show("talking", f"{what}: {said}", streams=said, focus=event.isfocus, call=event.call)
        if event.call not in self._talking and self._parsed.seconds is not None:
            self._later(self._parsed.seconds, lambda: self._hang_up(event.call))
        self._talking.add(event.call)

    def _hang_up(self, call: CallId) -> None:
        if call in self._talking:
            self._perform(self._calls.hang_up(call, self._ground.now()))
            self._later(PATIENCE, lambda: self._given_up(call))

    def _given_up(self, call: CallId) -> None:
        if call in self._talking and self._target is not None:
            self._done(self.status)

    def _failed(self, event: Failed) -> None:
        self._hosts.pop(event.call, None)
        self._show("failed", f"not answered: {event.status} {event.reason}", status=event.status, reason=event.reason)
        self._after(FAILED)

    def _ended(self, event: Ended) -> None:
        member = ("call", event.call)
        heard = self._relay.heard(member) is not None
        self._relay.leave(event.call, member)
        self._hosts.pop(event.call, None)
        media = "media came in" if heard else "no media came in"
        self._show("ended", f"{event.why}; {media}", why=str(event.why), media=heard, call=event.call)
        answered = event.call in self._talking
        self._talking.discard(event.call)
        broken = event.why in (Why.LOST, Why.NO_ACK)
        self._after(BROKEN if broken else TALKED if answered else FAILED)

    def _after(self, status: int) -> None:
        """A call is over: all is, unless more are waited for."""
        if self._target is not None or self._parsed.once:
            self._done(status)

"""``disco-ref call``: place one call, send silence, say what becomes of it (RFC 3261; RFC 3264)."""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Protocol, cast

from twisted.internet.error import CannotListenError
from twisted.internet.task import LoopingCall

from disco_ref.clock import Instant
from disco_ref.errors import Refusal
from disco_ref.media.offer_answer.agreement import Agreement
from disco_ref.media.offer_answer.capabilities import relaying
from disco_ref.media.relay import Relay
from disco_ref.peer.effects import Note
from disco_ref.peer.element import Element
from disco_ref.peer.phone import Changed, Ended, Failed, Manners, Phone, Redirected, Ringing, Talking, Unusable
from disco_ref.peer.user_agent import Answer, Equipment, UserAgent
from disco_ref.shell.media import MediaPorts
from disco_ref.shell.sip.driving import Driving
from disco_ref.shell.sip.resolver import Resolver
from disco_ref.shell.sip.tls import Credentials
from disco_ref.shell.sip.trouble import Trouble
from disco_ref.shell.sip.wire import Reactor
from disco_ref.sip.dialog.store import Dialogs
from disco_ref.sip.digest.accounts import Account
from disco_ref.sip.digest.keyring import Keyring
from disco_ref.sip.flow import Address, Transport
from disco_ref.sip.header.addressing.contact import Contact
from disco_ref.sip.header.addressing.name_addr import NameAddr
from disco_ref.sip.header.addressing.route import Route
from disco_ref.sip.message import Request
from disco_ref.sip.session.calls import Calls
from disco_ref.sip.session.events import Why
from disco_ref.sip.session.identity import Identity, Invitation
from disco_ref.sip.transport.listening import Listening, listening
from disco_ref.sip.uri import SipUri, read_uri

TALKED, FAILED, TROUBLE, BROKEN = 0, 1, 2, 3
"""Exit statuses: the call was answered and ended in order; it was not answered; misuse; it was cut off."""

PATIENCE = 5.0
"""Seconds that the response to BYE or CANCEL is waited for."""
LINGER = 0.3
"""Seconds in which a BYE that comes again is answered again."""

_EXAMPLES = """examples:
  disco-ref call sip:room@127.0.0.1:5060                 until the other side hangs up, or Ctrl-C
  disco-ref call sip:room@127.0.0.1 --seconds 10 --json
  disco-ref call 'sip:bob@example.com;transport=tcp' --from sip:alice@example.com --password-file secret.txt

exit status: 0 answered and ended in order, 1 not answered, 2 misuse or no socket, 3 cut off.
"""


def add(parser: argparse.ArgumentParser) -> None:
    """The options of the verb."""
    parser.description = "Place a call, send silence while it lasts, and print what happens, a line each."
    parser.epilog = _EXAMPLES
    parser.add_argument("uri", metavar="URI", help="whom to call: sip:user@host[:port][;transport=tcp], or sips:")
    parser.add_argument("--seconds", type=float, metavar="N", help="hang up after N seconds of talking")
    parser.add_argument("--json", action="store_true", help="print JSON objects, one a line")
    parser.add_argument("--from", dest="sender", metavar="URI", help="who calls; default sip:disco-ref@ADDRESS")
    parser.add_argument("--route", metavar="URI", help="a proxy to pass first")
    parser.add_argument("--listen", metavar="ADDRESS[:PORT]", help="where to listen; default: as the way to URI goes")
    parser.add_argument(
        "--media-port", type=int, default=0, metavar="PORT", help="even port of RTP; default: a free one"
    )
    parser.add_argument("--late-offer", action="store_true", help="leave the offer to the other side")
    parser.add_argument("--password-file", type=Path, metavar="FILE", help="password for the user of --from, in line 1")
    parser.add_argument("--certificate", type=Path, metavar="FILE", help="certificate to show, PEM")
    parser.add_argument("--key", type=Path, metavar="FILE", help="its private key")
    parser.add_argument("--authorities", type=Path, metavar="FILE", help="certificates that are trusted")


class _Running(Reactor, Protocol):
    """The reactor, with what begins and ends it."""

    def run(self, installSignalHandlers: bool) -> None:
        """Until it is stopped."""

    def stop(self) -> None:
        """The end."""

    def callFromThread(self, callable: Callable[[], object]) -> None:
        """Calls something soon, from wherever."""


@dataclass(slots=True)
class _Shown:
    """Prints what happens."""

    as_json: bool

    def show(self, event: str, text: str, **fields: str | int | float | bool) -> None:
        """One line."""
        if self.as_json:
            print(json.dumps({"time": round(time.time(), 3), "event": event, **fields}), flush=True)
            return
        now = time.time()
        clock = time.strftime("%H:%M:%S", time.localtime(now))
        print(f"{clock}.{int(now * 1000) % 1000:03}  {text}", flush=True)


def run(parsed: argparse.Namespace) -> int:
    """Places the call and stays until it is over."""
    from twisted.internet import reactor

    try:
        target = read_uri(parsed.uri)
        calling = _Calling(parsed, target, cast(_Running, reactor))
        calling.start()
    except (Refusal, Trouble, OSError, CannotListenError) as failure:
        print(f"disco-ref: {failure}", file=sys.stderr)
        return TROUBLE
    return calling.wait()


def _toward(host: str, port: int) -> str:
    """The address of this machine on the way to a host; Trouble where the host cannot be found."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_DGRAM)[0]
        with socket.socket(family, kind) as probe:
            probe.connect(address)
            return str(probe.getsockname()[0])
    except OSError as failure:
        raise Trouble(f"{host} cannot be reached: {failure.strerror or failure}; name an address by --listen") from None


def _local(parsed: argparse.Namespace, first: SipUri) -> Address:
    """Where to listen."""
    text: str | None = parsed.listen
    if text is None:
        return Address(_toward(first.host, first.port or 5060), 0)
    host, colon, port = text.rpartition(":") if text.count(":") == 1 or "]:" in text else (text, "", "")
    if colon and not port.isdecimal():
        raise Trouble(f"--listen {text}: no port is {port}")
    return Address(host.strip("[]"), int(port) if colon else 0)


class _Calling:
    """One run of the command."""

    def __init__(self, parsed: argparse.Namespace, target: object, reactor: _Running) -> None:
        if not isinstance(target, SipUri):
            raise Trouble(f"{parsed.uri} is no sip or sips URI")
        route = read_uri(parsed.route) if parsed.route else None
        if route is not None and not isinstance(route, SipUri):
            raise Trouble(f"{parsed.route} is no sip or sips URI")
        self.parsed, self.target, self.reactor = parsed, target, reactor
        self.shown = _Shown(parsed.json)
        self.first = route or target
        self.transport = _transport(self.first)
        self.local = _local(parsed, self.first)
        self.status = FAILED
        self.talking = False
        self.leaving = False
        self.over: float | None = None

    def start(self) -> None:
        """Opens the sockets and sends the INVITE."""
        self.dialogs = Dialogs()
        user = self.parsed.sender or f"sip:disco-ref@{Address(self.local.host, 0)!s}".removesuffix(":0")
        identity = Identity(address=NameAddr(None, str(read_uri(user))), contact=Contact(None, user))
        keyring = self._keyring(user)
        authorize = None if keyring is None else lambda response, request: keyring.answer(request, response)
        self.calls = Calls(self.dialogs, identity, os.urandom, authorize)
        self.relay = Relay(os.urandom)
        family = 6 if ":" in self.local.host else 4
        self.phone = Phone(
            self.calls, relaying({}, {}), os.urandom, Manners(answers=486, late_offer=self.parsed.late_offer)
        )
        equipment = Equipment(options=self._options, listens=self._listens)
        self.agent = UserAgent(self.dialogs, self.calls, self.phone, os.urandom, equipment)
        element = Element([], self.agent, os.urandom)
        wanted = [listening(each, self.local) for each in self._transports()]
        self.driving = Driving(
            self.reactor, element, wanted, Resolver(self.reactor), self._note,
            credentials=self._credentials(), delivered=self._told,
        )  # fmt: skip
        self.media = MediaPorts(self.reactor, self.relay, self.driving.now)
        ports = self.media.open({family: self.local.host}, ("audio",), self.parsed.media_port)
        self.phone.able = relaying({family: self.local.host}, ports["audio"])
        self.driving.start()
        self._dial()

    def _transports(self) -> tuple[Transport, ...]:
        if self.transport is not Transport.TLS:
            return Transport.UDP, Transport.TCP
        if self.parsed.certificate is None:
            raise Trouble(
                "a call by TLS needs --certificate and --key: the other side opens connections to this one, too"
            )
        return (Transport.TLS,)

    def _credentials(self) -> Credentials:
        parsed = self.parsed
        return Credentials(certificate=parsed.certificate, key=parsed.key, authorities=parsed.authorities)

    def _keyring(self, user: str) -> Keyring | None:
        if self.parsed.password_file is None:
            return None
        uri = read_uri(user)
        name = uri.user if isinstance(uri, SipUri) else None
        password = self.parsed.password_file.read_text("utf-8").partition("\n")[0]
        return Keyring([Account(name or "", password)], os.urandom)

    def _options(self, request: Request, now: Instant) -> Answer:
        status, body = self.phone.options(request, now)
        return Answer(status, ("Content-Type: application/sdp",), body)

    def _listens(self, where: Sequence[Listening]) -> None:
        """The Contact says where this end listens, and how."""
        self.calls.identity = self.calls.identity.at(where)

    def _dial(self) -> None:
        now = self.driving.now()
        route = () if not self.parsed.route else (Route(None, self._loose(self.parsed.route)),)
        _, actions = self.phone.dial(Invitation(self.target, route=route), now)
        self.shown.show("calling", f"calling {self.target}", uri=str(self.target))
        self.driving.perform(self.agent.settle(actions, now))

    def _loose(self, text: str) -> str:
        uri = read_uri(text)
        return text if isinstance(uri, SipUri) and "lr" in uri.parameters else f"{text};lr"

    # --- what happens --------------------------------------------------------------------------------------------------

    def _note(self, note: Note) -> None:
        if note.level in ("warning", "error"):
            self.shown.show("note", f"({note.text})", said=note.text)

    def _told(self, event: object) -> None:
        show = self.shown.show
        if isinstance(event, Ringing):
            show("progress", f"{event.status} {event.reason}", status=event.status, reason=event.reason)
        elif isinstance(event, Talking):
            self._talks(event)
        elif isinstance(event, Redirected):
            show("redirected", f"{event.status}: calling {event.target}", status=event.status, uri=event.target)
        elif isinstance(event, Unusable):
            show("unusable", f"cannot talk: {event.refusal}", said=str(event.refusal))
        elif isinstance(event, Changed):
            show("refused", f"{event.method} was answered {event.status}", method=event.method, status=event.status)
        elif isinstance(event, Failed):
            show("failed", f"not answered: {event.status} {event.reason}", status=event.status, reason=event.reason)
            self._done(FAILED)
        elif isinstance(event, Ended):
            self._ended(event)

    def _talks(self, event: Talking) -> None:
        self.relay.join("call", ("call", event.call), event.agreement, self.first.host, self.driving.now())
        what = "in a conference" if event.isfocus else "talking"
        self.shown.show(
            "talking", f"{what}: {_streams(event.agreement)}", streams=_streams(event.agreement), focus=event.isfocus
        )
        if not self.talking and self.parsed.seconds is not None:
            self._later(self.parsed.seconds, self._leave)
        self.talking = True

    def _ended(self, event: Ended) -> None:
        heard = self.relay.heard(("call", event.call)) is not None
        media = "media came in" if heard else "no media came in"
        self.shown.show("ended", f"{event.why}; {media}", why=str(event.why), media=heard)
        self.relay.leave("call", ("call", event.call))
        broken = event.why in (Why.LOST, Why.NO_ACK)
        self._done(BROKEN if broken else TALKED if self.talking else FAILED)

    def _done(self, status: int) -> None:
        self.status = status
        self.over = self.driving.now()

    # --- the end -------------------------------------------------------------------------------------------------------

    def _later(self, seconds: float, do: Callable[[], None]) -> None:
        self.reactor.callLater(seconds, do)

    def _leave(self) -> None:
        """Hangs up; a second time: at once."""
        if self.leaving:
            self.reactor.stop()
            return
        self.leaving = True
        now = self.driving.now()
        self.driving.perform(self.agent.settle(self.phone.leave(now), now))
        self._later(PATIENCE, self._give_up)

    def _give_up(self) -> None:
        if self.over is None:
            self.over = self.driving.now() - LINGER

    def _look(self) -> None:
        """Stops when nothing is left to be said."""
        now = self.driving.now()
        if self.over is None:
            return
        waited = now - self.over
        if waited > PATIENCE or (waited > LINGER and not self.calls.ids()):
            self.reactor.stop()

    def wait(self) -> int:
        """Runs until the call is over; the exit status."""

        def stopped(number: int, frame: FrameType | None) -> None:
            self.reactor.callFromThread(self._leave)

        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, stopped)
        looking = LoopingCall(self._look)
        looking.start(0.05)
        self.reactor.run(installSignalHandlers=False)
        self.media.close()
        self.driving.stop()
        return self.status


def _transport(uri: SipUri) -> Transport:
    """The transport that a URI asks for (RFC 3263, section 4.1)."""
    if uri.scheme == "sips":
        return Transport.TLS
    name = (uri.parameters.get("transport") or "udp").upper()
    if name not in Transport.__members__:
        raise Trouble(f"transport={name.lower()} is not spoken here: udp, tcp, tls")
    return Transport(name)


def _streams(agreement: Agreement) -> str:
    """What media go where, in words."""
    said = [
        f"{one.media} {one.sent[0].codec.name if one.sent else '?'} {one.direction} to {one.address or 'hold'}"
        for one in agreement
    ]
    return ", ".join(said) or "no media"

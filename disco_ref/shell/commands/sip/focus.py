"""``disco-ref focus``: a focus on the network, with its roster (RFC 4353, RFC 4579)."""

from __future__ import annotations

import argparse
import gc
import os
import signal
import sys
from pathlib import Path
from types import FrameType

from rich.console import Console
from twisted.internet.defer import Deferred
from twisted.internet.error import CannotListenError

from disco_ref.clock import Duration
from disco_ref.conference.focus.focus import Authenticate
from disco_ref.conference.focus.policy import FactoryAnswer, Policy, Reserved
from disco_ref.errors import Refusal
from disco_ref.media.offer_answer.capabilities import Capabilities, relaying
from disco_ref.media.relay import Relay
from disco_ref.peer.focus import FocusNode, focus_node
from disco_ref.shell import users
from disco_ref.shell.commands.sip.focus_view import JsonLines, Lines, Picture, View
from disco_ref.shell.media import MediaPorts
from disco_ref.shell.notes import standard_log
from disco_ref.shell.running import Running, the_reactor
from disco_ref.shell.sip.driving import Driving
from disco_ref.shell.sip.opening import (
    EPILOG,
    add_listening_arguments,
    open_element,
    wanted,
)
from disco_ref.shell.sip.trouble import Trouble, said
from disco_ref.sip.digest.authenticator import Authenticator
from disco_ref.sip.digest.nonces import Nonces
from disco_ref.sip.digest.scheme import Algorithm
from disco_ref.sip.header.block import text_row
from disco_ref.sip.uri import Uri, read_uri, sip_uri

WILDCARDS = ("0.0.0.0", "::")

STOPPING = 3.0
"""Seconds for which a focus that stops waits for the answers to its BYEs."""

_EXAMPLES = """examples:
  disco-ref focus                                   at 127.0.0.1:5060: call sip:tea@127.0.0.1:5060
  disco-ref focus --udp 192.0.2.1:5060 --conference team="Team meeting" --capacity 20
  disco-ref focus --factory new --factory-answer redirect
  disco-ref focus --json > events.jsonl

A call to any user name joins the conference of that name; a call to the factory name creates one with a fresh name.
SIGTERM or SIGINT ends all calls by BYE and stops.  SIGUSR1 says how much is held: calls, dialogs, transactions and so on.

exit status: 0 stopped by a signal, 2 misuse or no socket.

"""


def add(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.description = "Hold conferences that phones can call, and show who is there."
    parser.epilog = _EXAMPLES + EPILOG
    add_listening_arguments(parser)
    _add_conferences(parser)
    group = parser.add_argument_group("media")
    group.add_argument(
        "--media", metavar="HOST", action="append", default=[], help="the address for media; default: as for SIP"
    )
    group.add_argument(
        "--rtp-port", metavar="PORT", type=_even, default=0, help="first port for media, even; default: any"
    )
    group.add_argument("--no-video", action="store_true", help="audio only")
    parser.add_argument("--json", action="store_true", help="print what happens as JSON, an object a line")


def _add_conferences(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("conferences")
    group.add_argument(
        "--domain", metavar="HOST", default="", help="the host of conference URIs; default: where it listens"
    )
    group.add_argument(
        "--conference",
        metavar="NAME[=SUBJECT]",
        type=_reserved,
        action="append",
        default=[],
        help="a conference that is always there; may be repeated",
    )
    group.add_argument(
        "--lock", metavar="NAME", action="append", default=[], help="one of these that nobody may join uninvited"
    )
    group.add_argument("--factory", metavar="NAME", default="conference", help="the user name that creates conferences")
    group.add_argument(
        "--factory-answer",
        choices=[str(one) for one in FactoryAnswer],
        default="direct",
        help="whether it answers itself or redirects to the new URI (302)",
    )
    group.add_argument("--no-ad-hoc", action="store_true", help="404 for names that are neither reserved nor created")
    group.add_argument(
        "--capacity", metavar="CALLS", type=_positive, default=200, help="in one conference; default 200"
    )
    group.add_argument("--calls", metavar="CALLS", type=_positive, default=20_000, help="in all; default 20000")
    group.add_argument(
        "--invite", metavar="NAME=URI", type=_invited, action="append", default=[], help="somebody to call"
    )
    group.add_argument("--users", metavar="FILE", type=Path, help="who may join, with passwords; default: anybody")
    group.add_argument(
        "--notify-interval", metavar="SECONDS", type=float, default=5.0, help="between NOTIFYs; default 5"
    )


def run(parsed: argparse.Namespace) -> int:
    """Holds conferences until a signal comes; 2 where it cannot begin."""
    return Command(the_reactor(), parsed).run()


class Command:
    """One run of the command."""

    def __init__(self, reactor: Running, parsed: argparse.Namespace) -> None:
        self._reactor = reactor
        self._parsed = parsed
        self._view: View = (JsonLines if parsed.json else Lines)(reactor, sys.stdout)
        self._relay = Relay(os.urandom)
        self._ports = MediaPorts(reactor, self._relay)
        self._node: FocusNode
        self._driving: Driving

    def run(self) -> int:
        """Begins, and goes on until the reactor stops."""
        try:
            self._open()
        except (Trouble, CannotListenError, OSError, ValueError) as trouble:
            self._ports.close()
            print(f"disco-ref: {said(trouble)}", file=sys.stderr)
            return 2
        self._reactor.addSystemEventTrigger("before", "shutdown", self._stop)
        signal.signal(signal.SIGUSR1, self._asked)
        # What was loaded stays; thousands of calls at once are no garbage to be searched again and again.
        gc.freeze()
        gc.set_threshold(50_000, 20, 100)
        self._reactor.run()
        self._view.close()
        return 0

    def _open(self) -> None:
        parsed = self._parsed
        able = self._media()
        self._node = focus_node(
            _policy(parsed),
            able,
            os.urandom,
            relay=self._relay,
            authenticate=_authenticate(parsed),
            interval=Duration(max(0.0, parsed.notify_interval)),
        )
        opened = open_element(self._reactor, parsed, self._node.core, log=standard_log, delivered=self._delivered)
        self._driving = opened.driving
        listening = self._driving.start()
        if not parsed.json and sys.stdout.isatty():
            self._view = Picture(self._reactor, Console())
        for place in listening:
            self._view.say(
                f"listening on {place.transport} {place.address}",
                transport=str(place.transport),
                address=str(place.address),
            )
        uri = str(self._node.focus.conferences.uri("NAME"))
        self._view.say(f"conferences are at {uri}", uri=uri)
        self._begin()

    def _media(self) -> Capabilities:
        """Opens the ports for media, on the addresses of SIP where no others are named."""
        parsed = self._parsed
        places = wanted(parsed)
        named = {6 if one.ipv6 else 4: one.sent_by.rpartition(":")[0].strip("[]") for one in reversed(places)}
        bound: dict[int, str] = {}
        for host in parsed.media or [one.address.host for one in places]:
            bound.setdefault(6 if ":" in host else 4, host)
        shown = {family: named.get(family, host) if host in WILDCARDS else host for family, host in bound.items()}
        media = ("audio",) if parsed.no_video else ("audio", "video")
        try:
            ports = self._ports.open(bound, media, parsed.rtp_port)
        except (CannotListenError, OSError) as trouble:
            raise Trouble(f"cannot listen for media on {', '.join(bound.values())}: {said(trouble)}") from None
        return relaying(shown, ports["audio"], ports.get("video"))

    def _begin(self) -> None:
        """The reserved conferences, and whom to call."""
        now = self._driving.now()
        for name, uri in self._parsed.invite:
            try:
                actions = self._node.focus.invite(name, uri, now)
            except Refusal as refusal:
                raise Trouble(f"cannot invite {uri}: {refusal}") from None
            self._driving.perform(self._node.settle(actions, now))

    def _asked(self, number: int, frame: FrameType | None) -> None:
        self._reactor.callFromThread(lambda: self._view.state(self._counts()))

    def _counts(self) -> dict[str, int]:
        """How much is held of what, in all rooms."""
        node = self._node
        return {
            "conferences": len(node.focus.conferences),
            "calls": len(node.calls),
            "dialogs": len(node.dialogs),
            "participants": node.focus.conferences.calls,
            "media": len(node.relay),
            **self._driving.element.held,
        }

    def _delivered(self, event: object) -> None:
        self._view.show(event)

    def _stop(self) -> Deferred[None]:
        """BYE to all; then waits for their answers, but not for long."""
        now = self._driving.now()
        self._driving.perform(self._node.settle(self._node.focus.close(now), now))
        return self._waited(now + STOPPING).addCallback(self._closed)

    def _waited(self, until: float) -> Deferred[None]:
        done: Deferred[None] = Deferred()

        def look() -> None:
            if not self._node.calls.ids() or self._driving.now() >= until:
                done.callback(None)
            else:
                self._reactor.callLater(0.05, look)

        look()
        return done

    def _closed(self, _: None) -> Deferred[None]:
        self._ports.close()
        return self._driving.stop()


def _policy(parsed: argparse.Namespace) -> Policy:
    reserved = tuple(
        Reserved(name=name, subject=subject, locked=name in parsed.lock) for name, subject in parsed.conference
    )
    unknown = [name for name in parsed.lock if name not in {one.name for one in reserved}]
    if unknown:
        raise Trouble(f"--lock {unknown[0]}: no such conference; name it with --conference too")
    return Policy(
        domain=parsed.domain,
        factory=parsed.factory,
        factory_answer=FactoryAnswer(parsed.factory_answer),
        ad_hoc=not parsed.no_ad_hoc,
        reserved=reserved,
        capacity=parsed.capacity,
        calls=parsed.calls,
    )


def _authenticate(parsed: argparse.Namespace) -> Authenticate | None:
    """Digest by the names and passwords of a file; Trouble where it cannot be read."""
    known = users.accounts(parsed.users)
    if known is None:
        return None
    # MD5 alone: there are phones that give up where anything else is offered as well (baresip 1.0).
    algorithms = (Algorithm.MD5,)
    realm = parsed.domain or "focus"
    return Authenticator(realm, known, Nonces(os.urandom), algorithms=algorithms).authenticate


def _reserved(text: str) -> tuple[str, str | None]:
    name, _, subject = text.partition("=")
    try:
        text_row("Subject", subject)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{subject!r} cannot be a subject: one line of text") from None
    return _name(name), subject or None


def _invited(text: str) -> tuple[str, Uri]:
    name, equals, target = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"{text!r}: expected NAME=URI, such as team=sip:alice@192.0.2.7")
    try:
        uri = read_uri(target)
    except Refusal as refusal:
        raise argparse.ArgumentTypeError(f"{target!r}: {refusal}") from None
    return _name(name), uri


def _name(text: str) -> str:
    try:
        return sip_uri("invalid", user=text).user or text
    except Refusal:
        raise argparse.ArgumentTypeError(f"{text!r} cannot be the user part of a URI") from None


def _positive(text: str) -> int:
    if not (text.isdecimal() and 0 < int(text) <= 1_000_000):
        raise argparse.ArgumentTypeError(f"{text!r}: expected a number from 1 to 1000000")
    return int(text)


def _even(text: str) -> int:
    if not (text.isdecimal() and 1024 <= int(text) <= 65532 and int(text) % 2 == 0):
        raise argparse.ArgumentTypeError(f"{text!r}: expected an even port from 1024 to 65532")
    return int(text)

"""``disco-ref refer``: ask a conference to call somebody, or to let somebody go (RFC 3515; RFC 4579, sections 5.5 and 5.11)."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from disco_ref.clock import Instant
from disco_ref.errors import Refusal
from disco_ref.peer.effects import Note
from disco_ref.peer.user_agent import Equipment, UserAgent
from disco_ref.shell.commands.sip.call_view import View
from disco_ref.shell.running import Running, at_end, the_reactor
from disco_ref.shell.sip.driving import Driving
from disco_ref.shell.sip.opening import EPILOG, add_listening_arguments, open_element
from disco_ref.shell.sip.outward import (
    add_outward_arguments,
    keyring,
    sip_target,
    stand,
    through,
)
from disco_ref.shell.sip.trouble import Trouble, said
from disco_ref.sip.actions import Action, Report, Tell
from disco_ref.sip.dialog.store import Dialogs
from disco_ref.sip.events.notifier import Notifier
from disco_ref.sip.events.subscriber import Subscriber
from disco_ref.sip.message import Request, Response
from disco_ref.sip.referral.refer import Referrals
from disco_ref.sip.referral.reference import (
    REFER,
    SIPFRAG,
    ReferAnswered,
    Reference,
    ReferEnded,
    ReferProgressed,
)
from disco_ref.sip.respond import REASONS
from disco_ref.sip.session.calls import Calls
from disco_ref.sip.session.identity import Identity
from disco_ref.sip.transport.listening import Listening
from disco_ref.sip.uri import SipUri

DONE, FAILED, TROUBLE, UNKNOWN = 0, 1, 2, 3
"""Exit statuses: it was done; refused, or it failed; misuse; it was taken on, and how it went was not told."""

LINGER = 0.3
"""Seconds in which a NOTIFY that comes again is answered again."""

_EXAMPLES = """examples:
  disco-ref refer sip:tea@127.0.0.1 sip:bob@127.0.0.1:5091                 the conference calls Bob
  disco-ref refer sip:tea@127.0.0.1 sip:bob@127.0.0.1:5091 --remove        and ends his call
  disco-ref refer sip:tea@127.0.0.1 sip:bob@127.0.0.1:5091 --from sip:alice@127.0.0.1 --password-file secret.txt

WHOM is removed as the roster names them: `disco-ref watch CONFERENCE --once`.

exit status: 0 done, 1 refused or failed, 2 misuse or no socket, 3 how it went was not told.

"""


def add(parser: argparse.ArgumentParser) -> None:
    """The options of the verb."""
    parser.description = "Ask a conference by REFER to invite somebody, or to remove them, and say how it goes."
    parser.epilog = _EXAMPLES + EPILOG
    parser.add_argument("uri", metavar="CONFERENCE", help="sip:name@host[:port][;transport=tcp], or sips:")
    parser.add_argument("whom", metavar="WHOM", help="the URI of who is invited or removed")
    parser.add_argument("--remove", action="store_true", help="end their call; otherwise they are called")
    parser.add_argument("--json", action="store_true", help="print JSON objects, one a line")
    add_outward_arguments(parser, "who asks; default sip:disco-ref@ADDRESS")
    add_listening_arguments(parser, "any free port, on the way to the other side")


def run(parsed: argparse.Namespace) -> int:
    """Asks, and stays until it is known how it went."""
    return Command(the_reactor(), parsed).run()


class _Told:
    """An application that does nothing, and tells all to whoever runs it."""

    def heard(self, event: object, now: Instant) -> list[Action]:
        """The event as it is."""
        return [Tell(Report(event))]


class Command:
    """One run of the command."""

    def __init__(self, reactor: Running, parsed: argparse.Namespace) -> None:
        self._reactor = reactor
        self._parsed = parsed
        self._view = View(parsed.json)
        self._status = UNKNOWN
        self._over = False
        self._driving: Driving

    def run(self) -> int:
        """Begins, and goes on until the reactor stops; the exit status."""
        try:
            self._open()
        except (Trouble, Refusal, OSError) as trouble:
            print(f"disco-ref: {said(trouble)}", file=sys.stderr)
            return TROUBLE
        at_end(self._reactor, self._stop)
        self._reactor.run(installSignalHandlers=False)
        return self._status

    def _open(self) -> None:
        parsed = self._parsed
        target, whom = sip_target(parsed.uri), sip_target(parsed.whom)
        proxy = sip_target(parsed.route) if parsed.route else None
        host = stand(parsed, proxy or target)
        address = sip_target(parsed.sender or f"sip:disco-ref@{host}")
        self._build(address)
        self._driving = open_element(
            self._reactor, parsed, self._agent, log=self._note, delivered=self._delivered, dials=True
        ).driving
        self._driving.start()
        refer_to = whom._replace(parameter_text=f"{whom.parameter_text};method=BYE") if parsed.remove else whom
        now = self._driving.now()
        _, actions = self._referrals.refer(Reference(refer_to, target=target, route=through(proxy)), now)
        what = f"remove {whom}" if parsed.remove else f"call {whom}"
        self._view.show("asking", f"asking {target} to {what}", conference=str(target), refer_to=str(refer_to))
        self._driving.perform(self._agent.settle(actions, now))

    def _build(self, address: SipUri) -> None:
        """A user agent that can refer, and be told by NOTIFY how it goes."""
        keys, entropy, dialogs = keyring(self._parsed.password_file, address), os.urandom, Dialogs()

        def authorize(response: Response, request: Request) -> Request | None:
            return keys.answer(request, response)

        identity = Identity.of(str(address), methods=("NOTIFY", "OPTIONS"))
        notifier = Notifier(dialogs, {REFER.name: REFER}, identity, entropy)
        subscriber = Subscriber(dialogs, identity, entropy, authorize)
        calls = Calls(dialogs, identity, entropy, authorize)
        self._referrals = referrals = Referrals(dialogs, notifier, subscriber, identity, entropy, authorize)

        def listens(listening: Sequence[Listening]) -> None:
            calls.identity = subscriber.identity = referrals.identity = notifier.identity = identity.at(listening)

        equipment = Equipment(
            methods={"NOTIFY": referrals},
            rooms={"refer": referrals, "subscribe": referrals},
            bodies=frozenset({SIPFRAG}),
            listens=listens,
        )
        self._agent = UserAgent(dialogs, calls, _Told(), entropy, equipment)

    # --- what happens --------------------------------------------------------------------------------------------------

    def _note(self, note: Note) -> None:
        if note.level in ("warning", "error"):
            self._view.show("note", f"({note.text})", said=note.text)

    def _delivered(self, event: object) -> None:
        if self._over:
            return
        if isinstance(event, ReferAnswered):
            reason = event.response.reason_phrase if event.response else REASONS.get(event.status, "")
            silence = (
                "" if event.response else "; nothing came from CONFERENCE: is it running, and is this its address?"
            )
            words = f"{event.status} {reason}{silence}"
            self._view.show("answered", words, status=event.status, reason=reason)
            if event.status >= 300:
                self._end(FAILED)
        elif isinstance(event, ReferProgressed):
            self._progressed(event)
        elif isinstance(event, ReferEnded):
            self._view.show("ended", f"how it went was not told: {event.why}", why=event.why)
            self._end(UNKNOWN)

    def _progressed(self, event: ReferProgressed) -> None:
        if event.status:
            words = f"it goes: {event.status} {event.reason}".rstrip()
            self._view.show("progress", words, status=event.status, reason=event.reason)
        if event.status >= 200:
            self._end(DONE if event.status < 300 else FAILED)

    # --- the end -------------------------------------------------------------------------------------------------------

    def _end(self, status: int) -> None:
        self._status, self._over = status, True
        self._reactor.callLater(LINGER, self._stop)

    def _stop(self) -> None:
        if self._reactor.running:
            self._driving.stop().addBoth(lambda _: self._reactor.stop() if self._reactor.running else None)

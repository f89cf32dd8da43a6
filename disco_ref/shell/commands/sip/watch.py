"""``disco-ref watch``: subscribe to a conference and print its roster as it changes (RFC 4575; RFC 6665)."""

from __future__ import annotations

import argparse
import os
import sys

from rich.console import Console

from disco_ref.errors import Refusal
from disco_ref.peer.watcher import (
    Granted,
    Missed,
    RosterChanged,
    Waiting,
    WatchEnded,
    Watcher,
)
from disco_ref.shell.commands.numbers import seconds, whole
from disco_ref.shell.commands.sip.watch_view import JsonLines, Lines, Picture, View
from disco_ref.shell.notes import standard_log
from disco_ref.shell.running import Running, at_end, the_reactor
from disco_ref.shell.sip.driving import Driving
from disco_ref.shell.sip.opening import EPILOG, add_listening_arguments, open_element
from disco_ref.shell.sip.outward import (
    add_outward_arguments,
    keyring,
    sip_target,
    stand,
    through,
    transport_of,
)
from disco_ref.shell.sip.trouble import Trouble, said
from disco_ref.sip.respond import REASONS

IN_ORDER, REFUSED, TROUBLE, LOST = 0, 1, 2, 3
"""Exit statuses: it was watched until its user, the time or the conference ended it; refused or not answered; misuse; lost."""

PATIENCE = 5.0
"""Seconds that the last NOTIFY is waited for."""

LINGER = 0.2
"""Seconds in which a NOTIFY that comes again is answered again."""

_EXAMPLES = """examples:
  disco-ref watch sip:room@127.0.0.1:5060                the roster as it changes, until Ctrl-C
  disco-ref watch sip:room@127.0.0.1 --once --json       the roster now, for a program
  disco-ref watch 'sip:team@example.com;transport=tcp' --seconds 60
  disco-ref watch sips:team@example.com --ca roots.pem   over TLS; --certificate is for servers that ask for one

exit status: 0 watched until it was stopped, 1 refused or not answered, 2 misuse or no socket, 3 ended by the other side.
"""


def add(parser: argparse.ArgumentParser) -> None:
    """The options of the verb."""
    parser.description = (
        "Subscribe to a conference and print its roster as it changes; on Ctrl-C or SIGTERM unsubscribe."
    )
    parser.epilog = f"{_EXAMPLES}\n{EPILOG}"
    parser.add_argument("uri", metavar="URI", help="the conference: sip:name@host[:port][;transport=tcp], or sips:")
    parser.add_argument("--seconds", type=seconds, metavar="N", help="unsubscribe after N seconds")
    parser.add_argument("--once", action="store_true", help="print the roster as it is now and stop")
    parser.add_argument("--expires", type=whole, metavar="N", help="how long to subscribe at a time; default 3600")
    parser.add_argument("--json", action="store_true", help="print a JSON object for each change, one a line")
    add_outward_arguments(parser, "who watches; default sip:watcher@ADDRESS")
    add_listening_arguments(parser, "any free port, on the way to the other side")


def run(parsed: argparse.Namespace) -> int:
    """Watches until a signal, the time or the other side ends it."""
    return Command(the_reactor(), parsed).run()


class Command:
    """One run of the command."""

    def __init__(self, reactor: Running, parsed: argparse.Namespace) -> None:
        self._reactor = reactor
        self._parsed = parsed
        self._view: View = JsonLines(sys.stdout) if parsed.json else Lines(sys.stdout)
        self._status = REFUSED
        self._leaving = False
        self._over = False
        self._stood = False
        self._watcher: Watcher
        self._driving: Driving

    def run(self) -> int:
        """Begins, and goes on until the reactor stops; the exit status."""
        try:
            self._open()
        except (Trouble, Refusal, OSError, UnicodeDecodeError) as trouble:
            print(f"disco-ref: {said(trouble)}", file=sys.stderr)
            return TROUBLE
        at_end(self._reactor, self._leave)
        if self._parsed.seconds is not None:
            self._reactor.callLater(self._parsed.seconds, self._leave)
        self._reactor.run(installSignalHandlers=False)
        self._view.close()
        return self._status

    def _open(self) -> None:
        parsed = self._parsed
        target = sip_target(parsed.uri)
        proxy = sip_target(parsed.route) if parsed.route else None
        host = stand(parsed, proxy or target)
        address = sip_target(parsed.sender or f"sip:watcher@{host}")
        keys = keyring(parsed.password_file, address)
        self._watcher = Watcher(address, os.urandom, lambda response, request: keys.answer(request, response))
        self._watcher.speaks(transport_of(proxy or target))
        self._driving = open_element(
            self._reactor, parsed, self._watcher, log=standard_log, delivered=self._delivered, dials=True
        ).driving
        self._driving.start()
        if not parsed.json and sys.stdout.isatty():
            self._view = Picture(Console(), parsed.uri)
        expires = 0 if parsed.once else parsed.expires
        self._driving.perform(self._watcher.watch(target, self._driving.now(), expires=expires, route=through(proxy)))

    # --- what happens --------------------------------------------------------------------------------------------------

    def _delivered(self, event: object) -> None:
        say = self._view.say
        if isinstance(event, RosterChanged):
            self._stood = True
            self._view.roster(event.document, event.version)
        elif isinstance(event, Granted) and not self._stood and not self._parsed.once:
            say("subscribed", f"subscribed for {event.expires} seconds", expires=event.expires)
        elif isinstance(event, Waiting):
            say("pending", "somebody has yet to allow it")
        elif isinstance(event, Missed):
            say("missed", f"{event.why}; the full state is asked for", why=event.why)
        elif isinstance(event, WatchEnded):
            self._ended(event)

    def _ended(self, event: WatchEnded) -> None:
        why = _words(event)
        if event.again is not None:
            wait = max(0.0, event.again - self._driving.now())
            text = f"{why}; subscribing again" + (f" in {wait:.0f} seconds" if wait >= 1 else "")
            self._view.say("again", text, status=event.status, reason=event.reason, seconds=round(wait, 3))
            return
        wanted = self._leaving or (self._parsed.once and self._stood)
        if wanted and event.status == 0 and event.why != _NOTHING_CAME:
            self._status = IN_ORDER
        elif not self._stood:
            self._status = REFUSED
        else:
            self._status = IN_ORDER if event.reason == "noresource" else LOST
        text = "unsubscribed" if self._leaving and self._status == IN_ORDER else why
        if not (self._parsed.once and self._status == IN_ORDER):
            self._view.say("ended", text, status=event.status, reason=event.reason, exit=self._status)
        self._over = True
        self._reactor.callLater(LINGER, self._stop)

    # --- the end -------------------------------------------------------------------------------------------------------

    def _leave(self) -> None:
        """Unsubscribes; a second time: stops at once."""
        if self._over:
            return
        if self._leaving:
            self._stop()
            return
        self._leaving = True
        self._driving.perform(self._watcher.leave(self._driving.now()))
        self._reactor.callLater(PATIENCE, self._give_up)

    def _give_up(self) -> None:
        if not self._over:
            self._status = LOST if self._stood else REFUSED
            self._view.say("ended", "the other side did not confirm the end", status=0, reason="", exit=self._status)
            self._stop()

    def _stop(self) -> None:
        if self._reactor.running:
            self._driving.stop().addBoth(lambda _: self._reactor.stop() if self._reactor.running else None)


_NOTHING_CAME = "no NOTIFY came"


def _words(event: WatchEnded) -> str:
    if event.status:
        meaning = REASONS.get(event.status, "")
        return f"refused: {event.status} {meaning}".rstrip() + (f" ({event.why})" if event.status in (408, 503) else "")
    if event.reason == "noresource":
        return "the conference is over (noresource)"
    return f"ended by the other side: {event.reason}" if event.reason else event.why

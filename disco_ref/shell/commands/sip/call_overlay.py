"""The telephone of ``disco-ref call --config``: the same one, whose calls go over an overlay (RFC 7904, from memory)."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Sequence

from disco_ref.peer.effects import Note
from disco_ref.peer.overlay import effects as peer
from disco_ref.reload.topology.chord.joining import Joined, JoinFailed
from disco_ref.shell.commands.sip.call_line import FAILED, Line
from disco_ref.shell.overlay.node_file import NodeFile
from disco_ref.shell.overlay.telephone import Linked, OverlayGround, own_address
from disco_ref.shell.overlay.wire.security import key_log
from disco_ref.shell.sip.trouble import Trouble
from disco_ref.shell.sip.wire import Reactor
from disco_ref.sip.header.addressing.contact import Contact
from disco_ref.sip.transport.listening import Listening
from disco_ref.sip.uri import SipUri
from disco_ref.usage.registering import Registered, RegistrationFailed, RegistrationRemoved


class OverlayLine(Line):
    """One run of the command."""

    def __init__(self, parsed: argparse.Namespace, reactor: Reactor, file: NodeFile) -> None:
        """Trouble where the options make no sense together."""
        self._file = file
        self._stands = self._joined = self._gone = False
        super().__init__(parsed, reactor)

    def _settle(self) -> SipUri:
        parsed = self._parsed
        for name in ("sender", "route", "udp", "tcp", "tls", "password_file", "register"):
            if getattr(parsed, name) not in (None, []):
                raise Trouble("with --config the overlay is the only way, and the certificate says who we are")
        self._proxy = None
        return own_address(self._file)

    def _stand(self) -> OverlayGround:
        parsed = self._parsed
        keys = None if parsed.key_log is None else key_log(parsed.key_log)
        self._overlay = OverlayGround(
            self._reactor, self._file, self._agent, log=self._note, delivered=self._told, keys=keys
        )
        contact = Contact(None, str(self._overlay.contact))
        self._calls.identity = dataclasses.replace(self._calls.identity, contact=contact, contacts={})
        self._show("joining", f"joining {self._file.overlay.name}", overlay=self._file.overlay.name)
        return self._overlay

    def _listens(self, where: Sequence[Listening]) -> None:
        """The Contact is a GRUU, wherever the node is."""

    def _media_hosts(self) -> tuple[dict[int, str], dict[int, str]]:
        host = self._overlay.host
        hosts = {6 if ":" in host else 4: host}
        return hosts, hosts

    def _note(self, note: Note | peer.Note) -> None:
        super()._note(Note(note.level, note.text))

    def _begin(self, listening: Sequence[Listening]) -> None:
        """Whatever it does, it does once it has joined."""

    def _told(self, event: object) -> None:
        match event:
            case Joined():
                # Told while the peer is in the middle of something: what follows comes after it.
                self._later(0.0, self._is_in)
            case JoinFailed(why) if self._target is not None:
                self._show("failed", f"not joined: {why}", reason=str(why))
                self._done(FAILED)
            case JoinFailed(why):
                self._show("note", f"not joined, and tried again: {why}", said=str(why))
            case Linked(flow, node_id):
                near, far = str(flow.local), str(flow.remote)
                self._show("linked", f"a link for SIP: {near} to {far}, node {node_id.hex()}", near=near, far=far)
            case Registered(aor, lifetime):
                self._stands = True
                self._show("registered", f"{aor} is reached here, for {lifetime} seconds", uri=aor, seconds=lifetime)
            case RegistrationFailed(aor, why):
                self._show("failed", f"{aor} is not registered: {why}", uri=aor, reason=str(why))
                if self._over is not None:
                    self._go()
            case RegistrationRemoved():
                self._show("unregistered", "no longer registered")
                self._go()
            case _:
                super()._told(event)

    def _is_in(self) -> None:
        if self._joined or self._over is not None:
            return
        self._joined = True
        node_id = self._overlay.peer.member.node_id.hex()
        self._show("joined", f"joined as {node_id}", node_id=node_id, uri=str(self._address))
        if self._parsed.wait:
            self._overlay.register(self._parsed.expires)
        if self._target is not None:
            self._dial(self._target)

    def _unregister(self) -> None:
        if self._stands:
            self._overlay.unregister()
        else:
            self._go()

    def _go(self) -> None:
        """Leaves the overlay, once nothing is stored there any more that leads here."""
        self._stands = False
        self._overlay.leave().addCallback(self._left)

    def _left(self, _: object) -> None:
        self._gone = True

    def _unregistered(self) -> bool:
        return self._gone

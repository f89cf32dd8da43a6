"""A party's end of a link that ICE makes: connectivity checks, and the handshake behind them (RFC 6940, sections 6.5.1.3 to 6.5.1.13).

It is one socket for one candidate.  It answers the subject's checks; where the party has asked to attach it nominates, and is the
server of DTLS.  Every message of STUN is a fact of the evidence.
"""

from __future__ import annotations

import ipaddress
import os
import secrets
import socket
from collections.abc import Mapping

from conformance.lab import rules, stun
from conformance.lab.presentation.refusal import Json, LabRefusal
from conformance.live.network.streams import end_of
from conformance.live.overlay import courtesy
from conformance.live.overlay.peer import Peer
from conformance.live.overlay.peer import end_of as place_of
from conformance.live.overlay.sockets.session import Session
from conformance.live.overlay.sockets.settings import settings
from conformance.live.subject import End

HOST_PRIORITY = 0x7E0000FF
STEP = 0.02
"""Seconds between two looks at the socket."""
AGAIN = 0.3
"""Seconds until a check is sent again."""
MOST_PLACES = 4


class Meeting:
    """One attempt of a party to have a link with ICE."""

    def __init__(self, peer: Peer, *, asks: bool) -> None:
        """``asks``: the party sends the Attach, and is controlling."""
        self.peer = peer
        self.asks = asks
        self.user, self.password = secrets.token_hex(4), secrets.token_hex(16)
        self._far: tuple[str, str] = ("", "")
        self._places: list[End] = []
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((peer.end[0], 0))
        self._socket.setblocking(False)
        self._tie = os.urandom(8)
        self._session = Session(settings("dtls", peer.identity, _untold), server=asks, datagrams=True)
        self._next = 0.0
        self._nominated: End | None = None
        self.questions: list[float] = []
        """When the subject took this end for a STUN server, and asked how it is seen."""
        self.met = False
        """Whether a check of the party was answered."""

    @property
    def open(self) -> bool:
        """Whether the handshake is over."""
        return self._session.open

    def body(self, *, role: str) -> dict[str, Json]:
        """The body of an Attach, or of its answer."""
        place = end_of(self._socket.getsockname())
        candidate: dict[str, Json] = {
            "addr_port": courtesy.address(place), "overlay_link": "DTLS-UDP-SR", "foundation": "31",
            "priority": HOST_PRIORITY, "type": "host", "extensions": [],
        }  # fmt: skip
        return {
            "ufrag": self.user.encode().hex(), "password": self.password.encode().hex(), "role": role.encode().hex(),
            "candidates": [candidate], "send_update": False,
        }  # fmt: skip

    def heard(self, offered: Mapping[str, Json]) -> None:
        """What the subject has said of itself, in its Attach or in its answer."""
        words = [bytes.fromhex(str(offered[name])).decode("utf-8", "replace") for name in ("ufrag", "password")]
        self._far = (words[0], words[1])
        found = [place_of(one["addr_port"]) for one in rules.objects(offered.get("candidates"))]
        self._places = [one for one in found if ipaddress.ip_address(one[0]).version == 4][:MOST_PLACES]

    def meet(self, seconds: float, *, until_open: bool = False) -> None:
        """Let time pass, answer, check, and shake hands; no longer than until the link is open, where that is enough."""
        stage = self.peer.stage
        limit = stage.now + seconds
        while stage.now < limit and not (until_open and self.open):
            self.step()
            stage.wait(STEP)

    def step(self) -> None:
        """What has come is taken, and what is due is sent."""
        now = self.peer.stage.now
        self._take()
        if now >= self._next and self._far[0] and not self._nominated:
            self._next = now + AGAIN
            for place in self._places:
                self._check(place)
        if self._nominated is not None:
            if (patience := self._session.patience) is not None and patience <= 0:
                self._session.expire()
            self._push()

    def close(self) -> None:
        """No more of it."""
        self._session.close()
        self._push()
        self._socket.close()

    def _take(self) -> None:
        while True:
            try:
                octets, source = self._socket.recvfrom(65536)
            except OSError:
                return
            if stun.is_stun(octets):
                self._tell(octets, by_subject=True)
                self._answer(octets, end_of(source))
            elif self.asks or self._nominated is not None:
                self._nominated = self._nominated or end_of(source)
                self._session.arrived(octets)
                self._push()

    def _answer(self, octets: bytes, source: End) -> None:
        try:
            message = stun.read(octets)
        except LabRefusal:
            return
        if message.type == stun.SUCCESS:
            self.met = True
            if self.asks:
                self._nominated = self._nominated or source
        if message.type != stun.REQUEST:
            return
        if not message.user:
            self.questions.append(self.peer.stage.now)
        here = stun.mapped(int(ipaddress.ip_address(source[0])), source[1])
        self._send(stun.written(stun.SUCCESS, message.transaction, [(stun.MAPPED, here)], self.password), source)
        if source not in self._places:
            self._places.append(source)
        if not self.asks and message.first(stun.USE_CANDIDATE) is not None and self._nominated is None:
            self._nominated = source
            self._session.begin()

    def _check(self, place: End) -> None:
        role = (stun.CONTROLLING, self._tie) if self.asks else (stun.CONTROLLED, self._tie)
        rows = [(stun.USERNAME, f"{self._far[0]}:{self.user}".encode()), (stun.PRIORITY, (HOST_PRIORITY - 1).to_bytes(4)), role]  # fmt: skip
        rows += [(stun.USE_CANDIDATE, b"")] if self.asks else []
        self._send(stun.written(stun.REQUEST, os.urandom(12), rows, self._far[1]), place)

    def _send(self, octets: bytes, place: End) -> None:
        try:
            self._socket.sendto(octets, place)
        except OSError:
            return
        if stun.is_stun(octets):
            self._tell(octets, by_subject=False)

    def _push(self) -> None:
        while self._session.outgoing and self._nominated is not None:
            self._send(self._session.outgoing.popleft(), self._nominated)

    def _tell(self, octets: bytes, *, by_subject: bool) -> None:
        stage = self.peer.stage
        who = "the subject" if by_subject else self.peer.name
        facts: dict[str, Json] = {
            "what": "stun", "link": 0, "party": self.peer.name, "by": "subject" if by_subject else "harness",
            "octets": octets.hex(), "at": int(stage.now * 1000), "open": self.open, "user": self.user, "password": self.password,
        }  # fmt: skip
        stage.record.note(stage.now, f"{who}: STUN {octets[:2].hex()}", facts=facts)


def _untold(_: bytes) -> None:
    """The keys of this session are kept by nobody."""

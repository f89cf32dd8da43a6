"""Responses that cannot be delivered where their request came from: the places that are left (RFC 3261, section 18.2.2).

A response whose connection is gone, and for which none could be made to the source either, goes to the server that the sent-by
of its topmost Via leads to (RFC 3263, section 5, from memory).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from disco_ref.clock import Duration, Instant
from disco_ref.entropy import Entropy
from disco_ref.errors import Malformed
from disco_ref.machine.deadlines import Deadlines
from disco_ref.peer.effects import Handle, Locate, Transmit
from disco_ref.peer.ways.asking import Asking, Found
from disco_ref.sip.flow import Hop, Transport, numeric
from disco_ref.sip.header.identity.via import Via
from disco_ref.sip.location.questions import Answers, Question
from disco_ref.sip.location.search import search
from disco_ref.sip.location.table import Table
from disco_ref.sip.location.target import Target
from disco_ref.sip.message import Limits, Response, read

LIFE = Duration(128.0)
"""Seconds for which the places of a response are tried: eight of them, each as long as a connection may take to come about."""


class GivenUp(NamedTuple):
    """There is no other place: the transaction is to be told."""

    handle: Handle


Further = Transmit | Locate | GivenUp

_TRANSPORTS = {each.value: each for each in Transport}


_Key = tuple[Handle, bytes]
"""A response of a transaction, which may have several."""


class Returning:
    """The responses that are on their way to another place than the one that their request came from."""

    __slots__ = ("_asking", "_deadlines", "_entropy", "_known", "_left", "_limits", "_most")

    def __init__(self, entropy: Entropy, known: Table, limits: Limits, most: int) -> None:
        self._entropy = entropy
        self._known = known
        self._limits = limits
        self._most = most
        self._left: dict[_Key, list[Hop]] = {}
        """What is left to try of each; none before the search for it has ended."""
        self._asking: Asking[_Key] = Asking()
        self._deadlines: Deadlines[_Key] = Deadlines()

    def __len__(self) -> int:
        """How many there are."""
        return len(self._left)

    @property
    def deadline(self) -> Instant | None:
        """When the first is to be given up."""
        return self._deadlines.next

    def undelivered(self, handle: Handle, octets: bytes, now: Instant) -> list[Further]:
        """What is to be tried next for a response that could not be delivered; requests are given up."""
        key = handle, octets
        if key in self._left:
            return self._next(key)
        target = self._target(octets) if len(self._left) < self._most else None
        if target is None:
            return [GivenUp(handle)]
        transport = target.transport or Transport.UDP
        self._left[key] = []
        self._deadlines.set(key, Instant(now + LIFE))
        return self._asked(self._asking.begin(key, search(target, frozenset((transport,)), self._entropy, self._known)))

    def _target(self, octets: bytes) -> Target | None:
        """The server that the topmost Via names; None for what is no response, or tells no more than its source did."""
        try:
            message = read(octets, self._limits)
            if not isinstance(message, Response):
                return None
            via = message.headers.via
            # = rfc3261:18.2.2/4
            # = rfc3261:18.2.2/8
            # = rfc3263:5/0
            transport = _TRANSPORTS.get(via.transport.upper())
            return None if transport is None or _tried(via) else Target(_host(via), via.port, transport, False)
        except Malformed:
            return None

    def located(self, question: Question, answers: Answers) -> list[Further]:
        """The answer to a question, which may be somebody else's."""
        return self._asked(self._asking.located(question, answers))

    def _asked(self, steps: Iterator[Locate | Found[_Key]]) -> list[Further]:
        """What comes of searches: more questions, or the first place; nothing for what has been given up meanwhile."""
        further: list[Further] = []
        for step in steps:
            if isinstance(step, Locate):
                further.append(step)
            elif step.of in self._left:
                self._left[step.of] = step.hops
                further += self._next(step.of)
        return further

    def _next(self, key: _Key) -> list[Further]:
        handle, octets = key
        hops = self._left[key]
        if not hops:
            del self._left[key]
            self._deadlines.cancel(key)
            return [GivenUp(handle)]
        return [Transmit(octets, None, hops.pop(0), handle)]

    def expire(self, now: Instant) -> None:
        """Gives up what has had its time; most of it has arrived, which nobody says."""
        for key in self._deadlines.due(now):
            self._left.pop(key, None)


def _host(via: Via) -> str:
    return numeric(via.host) or via.host.lower().rstrip(".")


def _tried(via: Via) -> bool:
    """Whether the sent-by is the address that was tried before any other."""
    address = numeric(via.host)
    return address is not None and address == (numeric(via.received or "") or address)

"""Which INFO packages each side of a dialog is willing to receive, as its messages have said (RFC 6086, section 5.2)."""

from __future__ import annotations

from typing import NamedTuple

from disco_ref.sip.header.events.info_package import RECV_INFO
from disco_ref.sip.message import Message
from disco_ref.sip.refusals import BadRequest

MOST_OVER = 8
"""Exchanges of one dialog that copies of responses can come of yet."""


class Exchange(NamedTuple):
    """A request within the dialog, or the one that began it, with its responses."""

    ours: bool
    """Whether this side sent the request."""
    number: int
    """Its CSeq."""


class Willingness:
    """What one side is willing to receive: what it has said last holds until it says something else (section 5.2.2)."""

    __slots__ = ("_before", "_exchange", "packages")

    def __init__(self) -> None:
        self.packages: tuple[str, ...] | None = None
        """None: it has not said that it knows of packages."""
        self._before: tuple[str, ...] | None = None
        self._exchange: Exchange | None = None

    def said(self, message: Message, exchange: Exchange) -> None:
        """A message of this side, a request or a response that does not reject one; without Recv-Info it changes nothing."""
        packages = recv_info_of(message)
        if packages is None:
            return
        if exchange != self._exchange:
            self._exchange, self._before = exchange, self.packages
        # = rfc6086:5.2.2/3
        self.packages = packages

    def roll_back(self, exchange: Exchange) -> None:
        """The request of an exchange has been rejected: what was said in it, last of all, is as if it had not been."""
        # = rfc6086:5.2.4/1
        if exchange == self._exchange:
            self.packages, self._exchange = self._before, None

    def admits(self, package: str) -> bool:
        """Whether an INFO of this package may be sent to this side."""
        # = rfc6086:4.2.1/4b
        # = rfc6086:5.2.2/4
        return self.packages is not None and package in self.packages


class Willing:
    """Both sides of a dialog."""

    __slots__ = ("_over", "ours", "theirs")

    def __init__(self) -> None:
        self.ours = Willingness()
        self.theirs = Willingness()
        self._over: tuple[Exchange, ...] = ()
        """The last ones that had their final response: a copy of it says nothing new."""

    def said(self, message: Message, exchange: Exchange, *, by_us: bool) -> None:
        """A message of either side."""
        if exchange not in self._over:
            (self.ours if by_us else self.theirs).said(message, exchange)

    def accepted(self, exchange: Exchange) -> None:
        """A request has its 2xx: what was said holds."""
        if exchange not in self._over:
            self._over = (*self._over[1 - MOST_OVER :], exchange)

    def roll_back(self, exchange: Exchange) -> None:
        """A request was rejected: both sides forget what it and its responses have said (section 5.2.4)."""
        if exchange not in self._over:
            self.ours.roll_back(exchange)
            self.theirs.roll_back(exchange)
            self.accepted(exchange)


def recv_info_of(message: Message) -> tuple[str, ...] | None:
    """The packages in Recv-Info, None where there is no such field or it is malformed."""
    if "recv-info" not in message.headers:
        return None
    try:
        return tuple([each.value for each in message.headers.all(RECV_INFO)])
    except BadRequest:
        # = rfc3261:8.2.2/2
        return None

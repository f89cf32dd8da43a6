"""Whose packets these are, where all come in on one port: told by the announced address, else by the only one it can be.

The specifications are silent about this: a session description says where its maker listens, not where it sends from.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Generic, NamedTuple, TypeVar

from disco_ref.sip.flow import Address

Key = TypeVar("Key", bound=Hashable)


class Port(NamedTuple):
    """One of the ports that all participants share."""

    media: str
    """``audio`` or ``video``: streams of a session must not share an address (RFC 4566, section 5.14)."""
    family: int
    """4 or 6."""
    reports: bool = False
    """RTCP, else RTP."""


class _Expected(NamedTuple):
    announced: Address | None
    signalled: str
    hosts: tuple[str, ...]


class Latches(Generic[Key]):
    """Sources by port and address; every operation takes constant time."""

    __slots__ = ("_announced", "_expected", "_sources", "_taken", "_waiting")

    def __init__(self) -> None:
        self._expected: dict[tuple[Key, Port], _Expected] = {}
        self._announced: dict[tuple[Port, Address], dict[str, dict[Key, None]]] = {}
        self._waiting: dict[tuple[Port, str], dict[Key, None]] = {}
        self._taken: dict[tuple[Port, Address], Key] = {}
        self._sources: dict[tuple[Key, Port], Address] = {}

    def __len__(self) -> int:
        """How many are expected on all ports."""
        return len(self._expected)

    def expect(self, key: Key, port: Port, announced: Address | None, signalled: str) -> None:
        """Somebody will send to this port, from the announced address, or from its host, or from where its signalling came.

        A newcomer with the same address and the same signalling host as an older one takes its place: a phone that lost its
        call and calls again.
        """
        hosts = tuple({signalled, announced.host}) if announced is not None else (signalled,)
        self._expected[key, port] = _Expected(announced, signalled, hosts)
        if announced is not None:
            self._announced.setdefault((port, announced), {}).setdefault(signalled, {})[key] = None
            older = self._taken.get((port, announced))
            if older is not None and self._expected[older, port].signalled == signalled:
                self._release(older, port)
        for host in hosts:
            self._waiting.setdefault((port, host), {})[key] = None

    def forget(self, key: Key, port: Port) -> None:
        """Nobody of this name sends to this port any more."""
        expected = self._expected.pop((key, port), None)
        if expected is None:
            return
        source = self._sources.pop((key, port), None)
        if source is not None:
            del self._taken[port, source]
        if expected.announced is not None:
            by_host = self._announced[port, expected.announced]
            del by_host[expected.signalled][key]
            if not by_host[expected.signalled]:
                del by_host[expected.signalled]
            if not by_host:
                del self._announced[port, expected.announced]
        self._arrived(key, port, expected)

    def source(self, key: Key, port: Port) -> Address | None:
        """Where it sends from, once it has been heard."""
        return self._sources.get((key, port))

    def find(self, port: Port, source: Address) -> Key | None:
        """Whose packet this is; None for a stranger, or where it may be one of several."""
        key = self._taken.get((port, source))
        if key is not None:
            return key
        by_host = self._announced.get((port, source))
        if by_host is not None:
            if len(by_host) > 1:
                return None
            key = next(reversed(next(iter(by_host.values()))))
        else:
            waiting = self._waiting.get((port, source.host))
            if waiting is None or len(waiting) != 1:
                return None
            key = next(iter(waiting))
        self._latch(key, port, source)
        return key

    def _latch(self, key: Key, port: Port, source: Address) -> None:
        self._release(key, port)
        self._taken[port, source] = key
        self._sources[key, port] = source
        self._arrived(key, port, self._expected[key, port])

    def _release(self, key: Key, port: Port) -> None:
        source = self._sources.pop((key, port), None)
        if source is not None:
            del self._taken[port, source]

    def _arrived(self, key: Key, port: Port, expected: _Expected) -> None:
        for host in expected.hosts:
            waiting = self._waiting.get((port, host))
            if waiting is not None:
                waiting.pop(key, None)
                if not waiting:
                    del self._waiting[port, host]

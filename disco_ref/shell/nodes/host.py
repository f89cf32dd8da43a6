"""The nodes of one adapter process, by their names: ``node.start`` and its like (conformance/SUBJECT.md)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random

from disco_ref.clock import Instant
from disco_ref.shell.formats.format import Json
from disco_ref.shell.formats.unsupported import Unsupported
from disco_ref.shell.nodes.arrival import Arrival
from disco_ref.shell.nodes.kinds import KINDS, Hosted
from disco_ref.shell.nodes.settings import BadSetting, address
from disco_ref.sip.flow import Address

MOST_NODES = 100
"""Nodes that run at once."""

NOWHERE = Address("0.0.0.0", 0)

Params = Mapping[str, Json]


class Host:
    """Starts nodes, tells them what happens, and says what they send."""

    def __init__(self) -> None:
        self._nodes: dict[str, Hosted] = {}

    @property
    def commands(self) -> Mapping[str, Callable[[Params], Json]]:
        """By the name in a request."""
        return {
            "node.start": self._start,
            "node.receive": self._receive,
            "node.advance": self._advance,
            "node.trigger": self._trigger,
            "node.stop": self._stop,
        }

    def _start(self, params: Params) -> Json:
        name, role = _text(params, "node"), _text(params, "role")
        if role not in KINDS:
            raise Unsupported("role", role, KINDS)
        if len(self._nodes) >= MOST_NODES:
            raise BadSetting(f"{MOST_NODES} nodes run already; stop one first")
        # What is random for a node follows from its name, so that a run can be repeated to the octet.
        node = self._nodes[name] = KINDS[role](role, name, params, Random(f"{role} {name}"), _now(params))
        return {**node.reply(), "media": True} if node.media else node.reply()

    def _receive(self, params: Params) -> Json:
        node = self._node(params)
        arrival = _arrival(params)
        node.advance(_now(params))
        node.arrived(arrival)
        return node.reply()

    def _advance(self, params: Params) -> Json:
        node = self._node(params)
        node.advance(_now(params))
        return node.reply()

    def _trigger(self, params: Params) -> Json:
        node = self._node(params)
        node.advance(_now(params))
        node.act(_text(params, "do"), params)
        return node.reply()

    def _stop(self, params: Params) -> Json:
        self._nodes.pop(_text(params, "node"), None)
        return {"sent": [], "wake": None}

    def _node(self, params: Params) -> Hosted:
        name = _text(params, "node")
        if name not in self._nodes:
            raise BadSetting(f"no node is called {name[:40]!r}; `node.start` makes one")
        return self._nodes[name]


def _text(params: Params, name: str) -> str:
    value = params.get(name)
    if not isinstance(value, str) or not value:
        raise BadSetting(f"`{name}` is a string")
    return value


def _now(params: Params) -> Instant:
    value = params.get("now")
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadSetting("`now` is a number of seconds")
    return Instant(float(value))


def _arrival(params: Params) -> Arrival:
    number, way = params.get("connection") or 0, params.get("transport")
    if not isinstance(number, int):
        raise BadSetting("`connection` is a number, or null")
    closed = params.get("closed") is True
    if closed:
        return Arrival("", NOWHERE, NOWHERE, number, b"", None, True)
    if not isinstance(way, str):
        raise BadSetting("`transport` is a string")
    source, destination = (address(params.get(end), end) for end in ("source", "destination"))
    return Arrival(way, source, destination, number, _octets(params.get("octets"), "octets"), _shown(params), False)


def _shown(params: Params) -> tuple[bytes, ...] | None:
    shown = params.get("certificates")
    if shown is None:
        return None
    if not isinstance(shown, list):
        raise BadSetting("`certificates` is an array of certificates in DER")
    return tuple(_octets(each, "certificates") for each in shown)


def _octets(digits: Json, name: str) -> bytes:
    try:
        if isinstance(digits, str):
            return bytes.fromhex(digits)
    except ValueError:
        pass
    raise BadSetting(f"`{name}` is a string of hexadecimal digits")

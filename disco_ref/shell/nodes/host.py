"""The nodes of one adapter process, by their names: ``node.start`` and its like (conformance/SUBJECT.md)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random

from disco_ref.clock import Instant
from disco_ref.shell.formats.format import Json
from disco_ref.shell.formats.unsupported import Unsupported
from disco_ref.shell.nodes.roles import ROLES
from disco_ref.shell.nodes.settings import BadSetting, address, settings, transport
from disco_ref.shell.nodes.virtual import VirtualNode

MOST_NODES = 100
"""Nodes that run at once."""

Params = Mapping[str, Json]


class Host:
    """Starts nodes, tells them what happens, and says what they send."""

    def __init__(self) -> None:
        self._nodes: dict[str, VirtualNode] = {}

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
        if role not in ROLES:
            raise Unsupported("role", role, ROLES)
        if len(self._nodes) >= MOST_NODES:
            raise BadSetting(f"{MOST_NODES} nodes run already; stop one first")
        # What is random for a node follows from its name, so that a run can be repeated to the octet.
        entropy = Random(f"{role} {name}")
        wanted = settings(params)
        node = VirtualNode(name, ROLES[role](wanted, entropy.randbytes), wanted.listening, entropy, wanted.names)
        self._nodes[name] = node
        node.advance(_now(params))
        return {**node.reply(), "media": True} if node.media else node.reply()

    def _receive(self, params: Params) -> Json:
        node = self._node(params)
        way = transport(params.get("transport"))
        number = params.get("connection") or 0
        if not isinstance(number, int):
            raise BadSetting("`connection` is a number, or null")
        node.advance(_now(params))
        if params.get("closed") is True:
            node.closed(number)
        else:
            source, destination = (address(params.get(end), end) for end in ("source", "destination"))
            node.receive(_octets(params), way, source, destination, number)
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

    def _node(self, params: Params) -> VirtualNode:
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


def _octets(params: Params) -> bytes:
    digits = params.get("octets")
    try:
        if isinstance(digits, str):
            return bytes.fromhex(digits)
    except ValueError:
        pass
    raise BadSetting("`octets` is a string of hexadecimal digits")

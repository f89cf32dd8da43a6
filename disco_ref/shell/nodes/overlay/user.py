"""Who runs a node of an overlay behind the adapter, and what can be wanted of it (``node.trigger``, conformance/SUBJECT.md)."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address

from disco_ref.clock import Instant
from disco_ref.errors import Refusal
from disco_ref.peer.overlay.assembly import Peer
from disco_ref.peer.overlay.client import Client
from disco_ref.reload.actions import About, Action, Ask, Connect, ConnectApplication, Incoming, Link
from disco_ref.reload.forwarding.app_attaching import ApplicationLink
from disco_ref.reload.forwarding.passing import node_place
from disco_ref.reload.forwarding.ping import PingReq
from disco_ref.reload.message.destination import Destination
from disco_ref.reload.registries import MessageCode
from disco_ref.reload.storage.client import StorageClient, Where
from disco_ref.reload.storage.data_models import APPEND
from disco_ref.shell.formats.format import Json
from disco_ref.shell.formats.unsupported import Unsupported
from disco_ref.shell.nodes.overlay.settings import hexadecimal
from disco_ref.shell.nodes.settings import BadSetting
from disco_ref.usage.turn_serving import TurnServing, may_serve, server_address

APPLICATIONS = (5060, 5061)
"""The applications that every node takes links for: SIP, and SIP that calls itself secure."""

TRIGGERS = ("store", "fetch", "stat", "find", "ping", "attach", "app-attach", "configure", "turn", "leave")


class OverlayUser:
    """Asks, and makes nothing of the answers; what comes of it is seen on the wire."""

    def __init__(self, node: Peer | Client) -> None:
        self._node = node
        self._storage = StorageClient(node.member, node.chord)
        self._turn = TurnServing(node.member, node.chord)
        self._asked = 0
        for each in APPLICATIONS:
            node.rooms.app_attaching.register(each, self)

    def act(self, what: str, params: Mapping[str, Json], now: Instant) -> list[Action]:
        """What the user wants done, ``leave`` apart; Unsupported where it cannot be."""
        self._asked += 1
        about: About = (what, self._asked)
        match what:
            case "store" | "fetch" | "stat" | "find":
                try:
                    return self._about_values(what, about, params, now)
                except ValueError as fault:
                    raise Unsupported("trigger", f"{what}: {fault}") from None
            case "ping":
                return [Ask(self, about, (self._place(params),), MessageCode.ping_req, PingReq(b""))]
            case "attach":
                return [Connect(self, about, (self._place(params),))]
            case "app-attach":
                application = _number(params, "application")
                self._node.rooms.app_attaching.register(application, self)
                return [ConnectApplication(application, about, (self._place(params),))]
            case "configure":
                return self._node.rooms.configuring.adopt(_text(params, "configuration").encode(), now)
            case "turn":
                return self._offer(_text(params, "address"), now)
        raise Unsupported("trigger", what, TRIGGERS)

    def _offer(self, address: str, now: Instant) -> list[Action]:
        """There is a TURN server at this address, which is offered where it may be (section 9)."""
        host, _, port = address.rpartition(":")
        try:
            host = str(ip_address(host.strip("[]")))
            return self._turn.offer(server_address(host, int(port)), now) if may_serve(host, ()) else []
        except ValueError as fault:
            raise BadSetting(f"`address` is an IP address and a port: {fault}") from None

    def _about_values(self, what: str, about: About, params: Mapping[str, Json], now: Instant) -> list[Action]:
        kind, resource = _number(params, "kind"), hexadecimal(params.get("resource"), "resource")
        where = self._where(kind, params)
        places = () if where is None or where == APPEND else (where,)
        match what:
            case "store":
                value = hexadecimal(params["value"], "value") if params.get("value") is not None else None
                return self._storage.store_at(about, resource, kind, value, now, where=where)
            case "fetch":
                return self._storage.fetch_at(about, resource, kind, where=places)
            case "stat":
                return self._storage.stat_at(about, resource, kind, where=places)
            case _:
                return self._storage.find(about, resource, kind)

    def _where(self, kind: int, params: Mapping[str, Json]) -> Where:
        if params.get("key") is not None:
            return hexadecimal(params["key"], "key")
        if params.get("index") is not None:
            return _number(params, "index")
        definition = self._node.member.overlay.kinds.get(kind)
        return APPEND if definition is not None and definition.data_model.name == "array" else None

    def _place(self, params: Mapping[str, Json]) -> Destination:
        node_id = hexadecimal(params.get("node_id"), "node_id")
        if len(node_id) != self._node.member.overlay.node_id_length:
            raise BadSetting("`node_id` has as many octets as the overlay's Node-IDs")
        return node_place(node_id)

    # --- as a room

    def asked(self, request: Incoming, now: Instant) -> list[Action]:
        """No request is for whoever runs the node."""
        raise RuntimeError("no request is for whoever runs the node")

    def answered(self, about: About, answer: Incoming, now: Instant) -> list[Action]:
        """An answer has come."""
        return []

    def failed(self, about: About, why: Refusal, now: Instant) -> list[Action]:
        """Nothing has come of it."""
        return []

    def connected(self, about: About, node_id: bytes, now: Instant) -> list[Action]:
        """The connection is there."""
        return []

    def passed(self, about: About, now: Instant) -> list[Action]:
        """No timer was set."""
        return []

    # --- as an application

    def admits(self, application: int, node_id: bytes) -> bool:
        """Everybody may have a link."""
        return True

    def opened(self, link: ApplicationLink, now: Instant) -> list[Action]:
        """The link is up, and stays."""
        return []

    def received(self, link: Link, octets: bytes, now: Instant) -> list[Action]:
        """Nobody makes anything of the octets."""
        return []

    def closed(self, link: Link, why: str, now: Instant) -> list[Action]:
        """The link is gone."""
        return []

    def unreached(self, about: About, why: Refusal, now: Instant) -> list[Action]:
        """There is no link."""
        return []


def _text(params: Mapping[str, Json], name: str) -> str:
    value = params.get(name)
    if not isinstance(value, str) or not value:
        raise BadSetting(f"`{name}` is a string")
    return value


def _number(params: Mapping[str, Json], name: str) -> int:
    """A number, or its digits, for triggers come by command lines too."""
    value = params.get(name)
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 20:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 1 << 32:
        raise BadSetting(f"`{name}` is a number")
    return value

"""Nodes of an overlay behind their commands, wired to one another, for tests."""

from __future__ import annotations

import dataclasses
from collections import deque
from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple, cast

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from disco_ref.peer.overlay.test.members import configuration, identity, node_id, overlay, private_key
from disco_ref.reload.enrollment.configuration import BootstrapNode
from disco_ref.reload.enrollment.document import sign_document, sign_kinds
from disco_ref.reload.enrollment.signing import blob_signer
from disco_ref.reload.link.fragmentation import Assembly, add, read_fragment, whole
from disco_ref.reload.link.framing import Data, read_frames
from disco_ref.reload.message.bodies import Body
from disco_ref.reload.message.envelope import decode_message
from disco_ref.reload.registries import MessageCode
from disco_ref.shell.formats.format import Json
from disco_ref.shell.nodes.host import Host

SIGNER = 70
"""Who signs the configuration."""
BEGIN = 1_800_000_000.0
MOST_PIECES = 5_000
"""Pieces that are carried within one command; more would be nodes that never come to rest."""

Piece = Mapping[str, Json]


class Said(NamedTuple):
    """A message that a node has sent over a link."""

    node: str
    code: str
    body: Body


class _Way(NamedTuple):
    """One end of a connection: whose it is, and by which number."""

    node: str
    number: int


@cache
def document(sequence: int = 1, bad_node: tuple[bytes, ...] = ()) -> str:
    """The configuration document of the tests; its bootstrap node is the first one."""
    nodes = (BootstrapNode(address=host(0), port=6084),)
    bare = configuration(sequence, (node_id(SIGNER),), bad_node)
    who = identity(SIGNER)
    made = dataclasses.replace(bare, bootstrap_node=nodes, kind_signer=(node_id(SIGNER),))
    sign = blob_signer(who.signer, who.certificates, overlay().context)
    return sign_document((sign_kinds(made, sign),), sign).decode()


def host(which: int) -> str:
    """The address of a node."""
    return f"192.0.2.{which + 1}"


class Wired:
    """Some nodes of one host; what they send one another arrives at once."""

    def __init__(self, transport: str = "tls") -> None:
        self.host = Host()
        self.now = BEGIN
        self.transport = transport
        self.pieces: list[Piece] = []
        """Everything that was sent."""
        self.wakes: dict[str, float | None] = {}
        self._places: dict[str, str] = {}
        self._others: dict[_Way, _Way] = {}
        self._octets: dict[_Way, bytes] = {}
        """What was sent on each connection so far, and is no whole frame yet."""
        self._parts: dict[tuple[str, int], Assembly | None] = {}
        """The fragments of each message so far, by who sends it."""
        self.said: list[Said] = []
        """Every message, in order, from hop to hop."""
        self._numbers = 0

    def start(self, which: int, role: str = "peer", **settings: Json) -> str:
        """A node comes to be, and all that follows at once."""
        name, address = f"n{which}", f"{host(which)}:6084"
        self._places[host(which)] = name
        key = private_key(which).private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        certificates: list[Json] = [each.hex() for each in identity(which).certificates]
        given: dict[str, Json] = {"configuration": document(), "certificates": certificates, "key": key.hex()}
        listening: list[Json] = [{"transport": self.transport, "address": address}]
        self.do(name, "node.start", role=role, listening=listening, settings={**given, "first": which == 0, **settings})
        return name

    def trigger(self, name: str, do: str, **params: Json) -> None:
        """The user of a node wants something."""
        self.do(name, "node.trigger", do=do, **params)

    def run(self, seconds: float) -> None:
        """Time passes."""
        until = self.now + seconds
        while True:
            at, name = min(((at, name) for name, at in self.wakes.items() if at is not None), default=(until, ""))
            if at >= until:
                self.now = until
                return
            self.now = max(self.now, at)
            self.do(name, "node.advance")

    def do(self, name: str, command: str, **params: Json) -> None:
        """A command, and whatever follows of it."""
        waiting = deque([(name, command, params)])
        for _ in range(MOST_PIECES):
            if not waiting:
                return
            name, command, params = waiting.popleft()
            for piece in self.ask(name, command, **params):
                self.pieces.append(piece)
                self._read(name, piece)
                to, arrives = self._carried(name, piece)
                waiting.append((to, "node.receive", arrives))
        raise AssertionError("the nodes never come to rest")

    def ask(self, name: str, command: str, **params: Json) -> Sequence[Piece]:
        """One command, and what the node sends at once."""
        reply = cast("Piece", self.host.commands[command]({"node": name, "now": self.now, **params}))
        self.wakes[name] = cast("float | None", reply["wake"])
        return cast("Sequence[Piece]", reply["sent"])

    def codes(self, since: int = 0) -> list[tuple[str, str]]:
        """Who has said what, by the names of message codes."""
        return [(each.node, each.code) for each in self.said[since:]]

    def _read(self, name: str, piece: Piece) -> None:
        way = _Way(name, cast("int", piece["connection"]))
        if way not in self._others and "certificates" not in piece:
            return
        octets = self._octets.get(way, b"") + bytes.fromhex(str(piece["octets"]))
        context = overlay().context
        frames, self._octets[way] = read_frames(octets, context)
        for frame in frames:
            if isinstance(frame.frame, Data):
                self._read_message(name, frame.frame.message)

    def _read_message(self, name: str, octets: bytes) -> None:
        context = overlay().context
        fragment = read_fragment(octets, context)
        key = name, fragment.transaction_id
        parts = self._parts[key] = add(self._parts.get(key), fragment)
        message = whole(parts)
        if message is not None:
            del self._parts[key]
            contents = decode_message(message, context).message_contents
            code = next((each.name for each in MessageCode if each == contents.message_code), "?")
            self.said.append(Said(name, code, contents.message_body))

    def _carried(self, name: str, piece: Piece) -> tuple[str, dict[str, Json]]:
        """Whom a piece arrives at, and as what; where nobody is, the connection is closed."""
        here = _Way(name, cast("int", piece["connection"]))
        there = self._others.get(here)
        arrives = dict(piece)
        if there is None:
            to = self._places.get(str(piece["destination"]).rpartition(":")[0])
            if to is None:
                return name, {**arrives, "closed": True, "octets": ""}
            self._numbers += 1
            there = _Way(to, self._numbers)
            self._others[here], self._others[there] = there, here
        return there.node, {**arrives, "connection": there.number}

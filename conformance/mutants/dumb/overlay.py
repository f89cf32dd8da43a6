"""Nodes of an overlay that do one thing whatever comes (SUBJECT.md, "Nodes of an overlay").

They show their certificate and acknowledge, where it is not said otherwise, and what they answer is signed as it should be.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_private_key

from conformance.judge.links import ACK, DATA
from conformance.lab import rules
from conformance.lab.certificates import read_certificate
from conformance.lab.context import Context
from conformance.lab.presentation.refusal import Json as LabJson
from conformance.lab.presentation.refusal import LabRefusal
from conformance.lab.reload import Message, encode_framed, read_message
from conformance.live.overlay import writing
from conformance.live.overlay.identity import Identity
from conformance.live.overlay.writing import Sealing
from conformance.mutants.dumb.nodes import Ended
from conformance.run.model import Json

FORBIDDEN, ERROR, PING_ANS = 2, 0xFFFF, 24
BEFORE_THE_END = 2
"""Frames that the subject which crashes takes."""
INCOMPATIBLE = 6
"""Error_Incompatible_with_Overlay (section 14.9)."""


class OverlayNode:
    """One node."""

    wake: float | None = None

    def __init__(self, name: str, settings: Mapping[str, Json]) -> None:
        self._name = name
        self._shown = [str(one) for one in _list(settings.get("certificates"))]
        self._identity = _identity(settings, self._shown)
        self._heard = 0
        self._frames: dict[int, int] = {}
        self._peers: dict[int, bytes] = {}
        """The Node-ID at the other end of each connection."""

    def advance(self, now: float) -> list[Json]:
        """Nothing is ever due."""
        return []

    def receive(self, now: float, params: Mapping[str, Json]) -> list[Json]:
        """What is sent for one arrival; raises Ended."""
        shows = _list(params.get("certificates"))
        number = int(str(params["connection"]))
        if shows:
            self._peers[number] = _node_id(str(shows[0]))
            closes = self._name == "closes-every-link"
            return [self._one(params, b"", {"closed": True} if closes else {"certificates": list(self._shown)})]
        octets = bytes.fromhex(str(params["octets"]))
        if not octets:
            return []
        return self._answered(params, number, octets)

    def _answered(self, params: Mapping[str, Json], number: int, octets: bytes) -> list[Json]:
        self._heard += 1
        match self._name:
            case "crashes" if self._heard > BEFORE_THE_END:
                raise Ended
            case "answers-nothing":
                return []
            case "closes-after-a-message":
                return [self._one(params, b"", {"closed": True})]
            case "echoes":
                return [self._one(params, octets, {})]
            case "sends-garbage":
                return [self._one(params, b"\x80\xff" + octets[::-1], {})]
        if octets[0] != DATA or len(octets) < 8:
            return []
        found = [self._one(params, ACK.to_bytes(1) + octets[1:5] + bytes(4), {})]
        written = self._message(octets[8:], self._peers.get(number, bytes(16)))
        if written:
            self._frames[number] = sequence = self._frames.get(number, -1) + 1
            frame: LabJson = {"type": "data", "sequence": sequence, "message": written.hex()}
            found.append(self._one(params, encode_framed({"frames": [frame], "rest": ""}, Context()), {}))
        return found

    def _message(self, octets: bytes, to: bytes) -> bytes:
        """The one answer, where it gives any; to what it can read only."""
        says = ANSWERS.get(self._name)
        if says is None or self._identity is None:
            return b""
        try:
            asked = read_message(octets, Context())
        except LabRefusal:
            return b""
        code, body = says(asked)
        number = rules.number(asked.contents["message_code"])
        if not code or number % 2 == 0 or number == ERROR:
            return b""
        back: list[LabJson] = [writing.node(to), *reversed(list(rules.objects(asked.header["via_list"])))]
        changed: dict[str, LabJson] = {"via_list": [], "destination_list": back[:2], "options": []}
        header = {**asked.header, **changed, "fragment": rules.WHOLE}
        del header["length"]
        return writing.message(header, code, body, Sealing(by=self._identity), Context())

    def _one(self, params: Mapping[str, Json], octets: bytes, more: dict[str, Json]) -> Json:
        return {
            "transport": params["transport"], "source": params["destination"], "destination": params["source"],
            "octets": octets.hex(), "connection": params["connection"], **more,
        }  # fmt: skip


def _success(asked: Message) -> tuple[int, bytes]:
    """Of this request, with an empty list as its body."""
    code = rules.number(asked.contents["message_code"])
    return code + 1, bytes(16 if code + 1 == PING_ANS else 4)


def _error(code: int) -> Callable[[Message], tuple[int, bytes]]:
    return lambda _: (ERROR, code.to_bytes(2) + bytes(4))


ANSWERS: Mapping[str, Callable[[Message], tuple[int, bytes]]] = {
    "always-success": _success,
    "always-the-same-answer": lambda _: (PING_ANS, bytes(16)),
    "always-forbidden": _error(FORBIDDEN),
    "always-incompatible": _error(INCOMPATIBLE),
    "crashes": _success,
}
"""Code and body of the answers of those that answer."""


def _identity(settings: Mapping[str, Json], shown: Sequence[str]) -> Identity | None:
    """Who it is; None where it is not told."""
    if not shown or "key" not in settings:
        return None
    key = load_der_private_key(bytes.fromhex(str(settings["key"])), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return Identity(node_ids=(_node_id(shown[0]),), user="", key=key, certificate=bytes.fromhex(shown[0]))


def _node_id(certificate: str) -> bytes:
    """The first Node-ID of a certificate; nobody's where it names none."""
    try:
        found = read_certificate(bytes.fromhex(certificate), Context()).node_ids
    except (LabRefusal, ValueError):
        return bytes(16)
    return found[0] if found else bytes(16)


def _list(value: Json) -> Sequence[Json]:
    return value if isinstance(value, list) else []

"""A subject that does one thing whatever comes, of any role (SUBJECT.md, ``node.*``): ``python -m conformance.mutants.dumb.subject NAME``.

It never looks at what it is asked for: a check that it passes has not looked either, or asks for no more than this one thing.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from conformance.mutants.dumb import nodes
from conformance.mutants.dumb.nodes import Ended
from conformance.run.model import Json

if TYPE_CHECKING:
    from conformance.mutants.dumb.overlay import OverlayNode

ROLES = ("user-agent", "registrar", "proxy", "notifier", "focus", *nodes.ROLES)
SETTINGS = ("uri", "route", "names", "host", "info_packages", "pending", "redirects")
"""Taken, and put aside."""
BEFORE_THE_END = 2
"""Messages that the subject which crashes answers."""
AGAIN, FOR = 0.5, 8.0
"""Seconds between copies, and how long they are sent."""
MOST_COPIES = 64
"""Messages that are sent again and again at the same time."""
CRLF = "\r\n"
COPIED = ("via", "v", "from", "f", "to", "t", "call-id", "i", "cseq")
SDP = CRLF.join(
    ["v=0", "o=- 1 1 IN IP4 192.0.2.1", "s=-", "c=IN IP4 192.0.2.1", "t=0 0", "m=audio 40000 RTP/AVP 0", ""]
)


class Status(NamedTuple):
    """The one response."""

    line: str
    tag: bool = True
    contact: bool = False
    body: str = ""

    def to(self, octets: bytes) -> bytes:
        """What a request is answered with; nothing for a response and for ACK."""
        head = octets.decode("utf-8", "replace").lstrip().partition(CRLF * 2)[0].split(CRLF)
        if head[0].startswith(("SIP/", "ACK ")) or len(head) < 2:
            return b""
        rows = [row for row in head[1:] if row.partition(":")[0].strip().lower() in COPIED]
        rows = [f"{row};tag=dumb" if self.tag and self._bare(row) else row for row in rows]
        rows += ["Contact: <sip:192.0.2.1:5060>"] if self.contact else []
        rows += ["Content-Type: application/sdp"] if self.body else []
        return CRLF.join([f"SIP/2.0 {self.line}", *rows, f"Content-Length: {len(self.body)}", "", self.body]).encode()

    @staticmethod
    def _bare(row: str) -> bool:
        return row.partition(":")[0].strip().lower() in ("to", "t") and ";tag=" not in row


def _nothing(octets: bytes) -> bytes:
    return b""


def _echo(octets: bytes) -> bytes:
    return octets


def _garbage(octets: bytes) -> bytes:
    return b"\x00\xffSIP/9.9 what? \r\n\r\n" + octets[:20][::-1]


ANSWERS: Mapping[str, Callable[[bytes], bytes]] = {
    "answers-nothing": _nothing,
    "always-200": Status("200 OK").to,
    "always-200-without-tag": Status("200 OK", tag=False).to,
    "always-200-with-sdp": Status("200 OK", contact=True, body=SDP).to,
    "always-180": Status("180 Ringing", contact=True).to,
    "always-400": Status("400 Bad Request").to,
    "always-500": Status("500 Server Internal Error").to,
    "always-503": Status("503 Service Unavailable").to,
    "echoes": _echo,
    "sends-garbage": _garbage,
    "retransmits-everything": Status("200 OK", contact=True, body=SDP).to,
    "crashes": Status("200 OK", contact=True, body=SDP).to,
}
"""What each dumb subject says to a message of SIP."""
NAMES = tuple(dict.fromkeys((*ANSWERS, *nodes.NAMES)))


def names_of(role: str) -> Sequence[str]:
    """The dumb subjects of a role."""
    return nodes.NAMES if role in nodes.ROLES else tuple(ANSWERS)


class Node:
    """One subject; what it is called says what it does."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._answer = ANSWERS[name]
        self._heard = 0
        self._copies: list[tuple[float, float, Json]] = []

    def receive(self, now: float, params: Mapping[str, Json]) -> list[Json]:
        """What is sent for one arrival; raises Ended."""
        self._heard += 1
        if self._name == "crashes" and self._heard > BEFORE_THE_END:
            raise Ended
        octets = self._answer(bytes.fromhex(str(params["octets"])))
        if not octets:
            return []
        one: Json = {
            "transport": params["transport"], "source": params["destination"], "destination": params["source"],
            "octets": octets.hex(), "connection": params.get("connection"),
        }  # fmt: skip
        if self._name == "retransmits-everything" and len(self._copies) < MOST_COPIES:
            self._copies.append((now + AGAIN, now + FOR, one))
        return [one]

    def advance(self, now: float) -> list[Json]:
        """What is due: copies."""
        due = [one for at, _, one in self._copies if at <= now]
        later = [(at + AGAIN if at <= now else at, end, one) for at, end, one in self._copies]
        self._copies = [each for each in later if each[0] <= each[1]]
        return due

    @property
    def wake(self) -> float | None:
        """When it wants to be asked again."""
        return min((at for at, _, _ in self._copies), default=None)


def _of_overlay(name: str, settings: Mapping[str, Json]) -> OverlayNode:
    from conformance.mutants.dumb.overlay import OverlayNode

    return OverlayNode(name, settings)


class Dumb:
    """The adapter around it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._nodes: dict[str, Node | OverlayNode] = {}

    def reply(self, command: str, params: Mapping[str, Json]) -> dict[str, Json]:
        """The reply to one command; raises Ended.  A trigger is taken, and nothing is done."""
        if command == "hello":
            more: dict[str, Json] = {"formats": [], "settings": list(SETTINGS)}
            return {"result": {"name": self.name, "version": "1", "roles": list(ROLES), **more}}
        if not command.startswith("node."):
            return {"unsupported": command}
        name, now = str(params["node"]), float(str(params["now"]))
        if command == "node.start":
            settings = params.get("settings")
            told = settings if isinstance(settings, Mapping) else {}
            of_overlay = params.get("role") in nodes.ROLES
            self._nodes[name] = _of_overlay(self.name, told) if of_overlay else Node(self.name)
        node = self._nodes.get(name)
        if node is None:
            return {"unsupported": f"there is no node {name}"}
        sent = node.advance(now)
        if command == "node.receive" and params.get("closed") is not True:
            sent += node.receive(now, params)
        return {"result": {"sent": sent, "wake": node.wake}}


def main(arguments: list[str]) -> int:
    """Answer until the input ends; 2 without a name of one of the subjects."""
    if len(arguments) != 1 or arguments[0] not in NAMES:
        sys.stderr.write(f"one of {', '.join(NAMES)}\n")
        return 2
    dumb = Dumb(arguments[0])
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            said = dumb.reply(asked["command"], asked["params"])
        except Ended:
            return 1
        sys.stdout.write(json.dumps({"id": asked["id"], **said}) + "\n")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

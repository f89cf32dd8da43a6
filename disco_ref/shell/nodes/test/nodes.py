"""A node behind its commands, for tests: what it is told, and the messages that it says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from disco_ref.media.rtp import is_media
from disco_ref.shell.formats.format import Json
from disco_ref.shell.nodes.host import Host
from disco_ref.sip.message import Message, Request, Response, read
from disco_ref.sip.respond import respond

NODE, PEER = "192.0.2.1:5060", "192.0.2.11:5060"
DESCRIPTION = b"v=0\r\no=- 1 1 IN IP4 192.0.2.11\r\ns=-\r\nc=IN IP4 192.0.2.11\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n"


class Node:
    """One node of a host, with one peer over UDP."""

    def __init__(self, role: str = "user-agent", **settings: Json) -> None:
        self.host = Host()
        self.now = 1000.0
        self.wake: float | None = None
        self.pieces: list[Mapping[str, Json]] = []
        """Everything it has sent, as it stands in replies."""
        places = [
            {"transport": each, "address": f"192.0.2.1:{5061 if each == 'tls' else 5060}"}
            for each in ("udp", "tcp", "tls")
        ]
        given = {"uri": "sip:alice@192.0.2.1", "media": True, **settings}
        self.do("node.start", role=role, listening=cast("Json", places), settings=cast("Json", given))

    def do(self, command: str, **params: Json) -> list[Message]:
        """A command, and the messages over UDP that it led to."""
        reply = cast("Mapping[str, Json]", self.host.commands[command]({"node": "n", "now": self.now, **params}))
        sent = cast("Sequence[Mapping[str, Json]]", reply["sent"])
        self.wake = cast("float | None", reply["wake"])
        self.pieces += sent
        octets = [bytes.fromhex(str(each["octets"])) for each in sent]
        return [read(each) for each in octets if each and not is_media(each)]

    def hear(self, message: Message | bytes) -> list[Message]:
        """A datagram of the peer."""
        octets = message if isinstance(message, bytes) else bytes(message)
        return self.do("node.receive", transport="udp", source=PEER, destination=NODE, octets=octets.hex())

    def user(self, what: str, **params: str) -> list[Message]:
        """The user does something."""
        return self.do("node.trigger", do=what, **params)

    def wait(self, seconds: float) -> list[Message]:
        """Time passes."""
        self.now += seconds
        return self.do("node.advance")

    def answer(
        self, request: Message, status: int, *lines: str, body: bytes = b"", tag: str = "peer-tag"
    ) -> list[Message]:
        """The peer answers a request of the node."""
        assert isinstance(request, Request)
        more = ["Content-Type: application/sdp"] if body else []
        contact = [f"Contact: <sip:peer@{PEER}>"] if 100 < status < 300 else []
        return self.hear(respond(request, status, None, [*contact, *lines, *more], body, tag, record_route=True))


def asked(
    method: str, uri: str = "sip:alice@192.0.2.1", *lines: str, body: bytes = b"", to: str = "", number: int = 1, call: str = "c1"
) -> bytes:  # fmt: skip
    """A request of the peer."""
    rows = [
        f"{method} {uri} SIP/2.0",
        f"Via: SIP/2.0/UDP {PEER};branch=z9hG4bK-{method}-{call}-{number};rport",
        "Max-Forwards: 70",
        f"From: <sip:peer@{PEER}>;tag=p",
        f"To: {to or f'<{uri}>'}",
        f"Call-ID: {call}",
        f"CSeq: {number} {method}",
        f"Contact: <sip:peer@{PEER}>",
        *lines,
        f"Content-Length: {len(body)}",
    ]
    return "\r\n".join([*rows, "", ""]).encode() + body


def invite(*lines: str, call: str = "c1") -> bytes:
    """An INVITE of the peer with an offer."""
    return asked("INVITE", "sip:alice@192.0.2.1", "Content-Type: application/sdp", *lines, body=DESCRIPTION, call=call)


def statuses(messages: Sequence[Message]) -> list[int | str]:
    """The status of each response, the method of each request."""
    return [each.status_code if isinstance(each, Response) else each.method for each in messages]

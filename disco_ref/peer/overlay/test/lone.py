"""One peer that has the whole overlay, and parties that are linked to it and may say whatever they like."""

from __future__ import annotations

from typing import NamedTuple

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.clock import Instant
from disco_ref.entropy import Entropy
from disco_ref.notation.codec import decode, encode
from disco_ref.peer.overlay.assembly import Peer
from disco_ref.peer.overlay.effects import Effect, Note, Send
from disco_ref.peer.overlay.node import Up
from disco_ref.peer.overlay.test.members import identity, node_id, overlay
from disco_ref.reload.actions import Link
from disco_ref.reload.forwarding.passing import launched, node_place
from disco_ref.reload.forwarding.ping import PingReq
from disco_ref.reload.identity import Identity
from disco_ref.reload.link.framed_stream import FramedStream
from disco_ref.reload.message.bodies import Body
from disco_ref.reload.message.contents import Contents, MessageExtension
from disco_ref.reload.message.destination import Destination
from disco_ref.reload.message.envelope import Message
from disco_ref.reload.message.error_response import ErrorResponse
from disco_ref.reload.message.forwarding_header import RELO_TOKEN, VERSION, WHOLE, ForwardingHeader
from disco_ref.reload.message.security_block import CertificateType, GenericCertificate, SecurityBlock
from disco_ref.reload.overlay import Overlay
from disco_ref.reload.security.signing import signed_by

PEER = 90
"""The number of the member that is the peer."""

BEGIN = Instant(1_800_000_000.0)
_PING = PingReq(b"")

LENIENT = overlay().context._replace(initial_ttl=255)


def counted() -> Entropy:
    """Octets that are never the same twice."""
    drawn = 0

    def entropy(count: int) -> bytes:
        nonlocal drawn
        drawn += 1
        return drawn.to_bytes(8, "big").rjust(count, b"\x5a")[-count:]

    return entropy


class Came(NamedTuple):
    """What has come back over a link."""

    message: Message
    octets: bytes

    @property
    def error(self) -> int | None:
        """The code of the error it is, None where it is none."""
        body = self.message.message_contents.message_body
        return body.error_code if isinstance(body, ErrorResponse) else None


class Lone:
    """The peer, its time, and what it has sent to each party."""

    def __init__(self, of: Overlay | None = None) -> None:
        self.now = BEGIN
        self.peer = Peer(of or overlay(), identity(PEER), counted(), self.now)
        self.sent: dict[Link, list[Came]] = {}
        self.raw: dict[Link, list[bytes]] = {}
        """The same in octets, fragments among them."""
        self.others: list[Effect] = []
        """All other effects."""
        self.ends: dict[Link, FramedStream] = {}
        self.do(self.peer.perform(self.peer.chord.begin(True, self.now), self.now))

    @property
    def node_id(self) -> bytes:
        """Of the peer."""
        return self.peer.member.node_id

    def notes(self) -> list[str]:
        """What the peer has put into its log."""
        return [each.text for each in self.others if isinstance(each, Note)]

    def party(self, which: Identity) -> Party:
        """Somebody with a link that nobody has asked for."""
        link = len(self.ends) + 1
        self.ends[link] = FramedStream(LENIENT)
        self.sent[link], self.raw[link] = [], []
        up = Up(link, None, which.certificates, FramedStream(self.peer.member.overlay.context))
        self.do(self.peer.up(up, self.now))
        return Party(self, which, link)

    def do(self, effects: list[Effect]) -> None:
        """Carry out what the peer wants."""
        for each in effects:
            if not isinstance(each, Send) or each.link not in self.ends:
                self.others.append(each)
                continue
            carried = self.ends[each.link].receive(each.octets, self.now)
            self.raw[each.link] += carried.messages
            for message in carried.messages:
                if int.from_bytes(message[12:16], "big") == WHOLE:
                    self.sent[each.link].append(Came(decode(Message, message, LENIENT), message))
            for reply in carried.replies:
                self.do(self.peer.received(each.link, reply, self.now))

    def later(self, seconds: float) -> None:
        """Time passes."""
        self.now = Instant(self.now + seconds)
        self.do(self.peer.expire(self.now))


class Party:
    """Somebody at the other end of a link."""

    def __init__(self, lone: Lone, which: Identity, link: Link) -> None:
        self.lone = lone
        self.identity = which
        self.link = link
        self._transactions = 1000 * link

    def message(
        self,
        to: tuple[Destination, ...] | None = None,
        code: int = 23,
        body: Body = _PING,
        by: Identity | None = None,
        extensions: tuple[MessageExtension, ...] = (),
        **header: object,
    ) -> bytes:
        """A message that is right but for what is said otherwise; fields of the header by their names."""
        self._transactions += 1
        found = ForwardingHeader(
            RELO_TOKEN, LENIENT.overlay or 0, 1, VERSION, 100, WHOLE, 0, self._transactions, 0,
            (), to or (node_place(self.lone.node_id),), (),
        )._replace(**header)  # type: ignore[arg-type]  # fmt: skip
        who = by or self.identity
        contents = encode(Contents(code, body, extensions), LENIENT)
        head = found.overlay.to_bytes(4, "big") + found.transaction_id.to_bytes(8, "big")
        signature = signed_by(who.signer, head + contents, LENIENT)
        bucket = tuple(GenericCertificate(CertificateType.X_509, each) for each in who.certificates)
        return launched(found, contents + encode(SecurityBlock(bucket, signature), LENIENT), LENIENT)

    def send(self, octets: bytes) -> list[Came]:
        """Send octets; what comes back over the same link."""
        before = len(self.lone.sent[self.link])
        for frame in self.lone.ends[self.link].send(octets, self.lone.now):
            self.lone.do(self.lone.peer.received(self.link, frame, self.lone.now))
        return self.lone.sent[self.link][before:]

    def heard(self) -> list[Came]:
        """All that has ever come over the link."""
        return self.lone.sent[self.link]

    @property
    def raw(self) -> list[bytes]:
        """The same in octets, fragments among them."""
        return self.lone.raw[self.link]


class Between(SynchronousTestCase):
    """A peer and two parties, one on either side of it."""

    def setUp(self) -> None:
        """Everybody is linked."""
        self.lone = Lone()
        self.left, self.right = self.lone.party(identity(1)), self.lone.party(identity(2))
        self.to_right = (node_place(node_id(2)),)

    def error(self, octets: bytes) -> int | None:
        """The code of the one error that comes back, None where nothing does; nothing has gone on."""
        before = len(self.right.heard())
        came = self.left.send(octets)
        self.assertEqual(len(self.right.heard()), before)
        self.assertLessEqual(len(came), 1)
        return came[0].error if came else None

    def bent(self, at: int, octets: bytes, message: bytes | None = None) -> bytes:
        """A message with other octets at a place of its header."""
        whole = message or self.left.message()
        return whole[:at] + octets + whole[at + len(octets) :]

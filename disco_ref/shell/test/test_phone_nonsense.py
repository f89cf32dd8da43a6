"""A telephone among peers that talk nonsense: whatever they say, nothing is raised and nothing is left (RFC 3261, section 8.2)."""

from __future__ import annotations

from random import Random

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.clock import Duration
from disco_ref.errors import Refusal
from disco_ref.peer.phone import Manners
from disco_ref.shell.memory_network import MemoryNetwork
from disco_ref.shell.test.test_phone import BOB, CAROL, Party
from disco_ref.sip.flow import Address
from disco_ref.sip.message import Message, Request, Response, read

ODD = (
    "Supported: ,,",
    "Supported: 100rel",
    "Require: 100rel",
    "Require: ,",
    "Record-Route: <sip:p;lr;lr>",
    "Record-Route: <sip:p>",
    "Contact: *",
    "Contact: <sip:a@b;x=1;x=2>",
    "Contact: <tel:+1>",
    "Contact: <sips:a@b;transport=udp>",
    "Contact: <sip:192.0.2.3:99999>",
    "Contact: <sip:192.0.2.3>",
    "Expires: x",
    "Expires: 0",
    "Expires: 4294967295",
    "Replaces: x",
    "Replaces: a;to-tag=1;from-tag=2",
    "RSeq: 0",
    "RSeq: 4",
    "RSeq: 4294967295",
    "RAck: 1 1 INVITE",
    "RAck: x",
    "Content-Disposition: ;;",
    "Max-Forwards: 0",
    "Retry-After: x",
    "Warning: x",
    "Content-Encoding: gzip",
    "Accept: text/plain",
)
_HEAD = b"v=0\r\no=- 1 1 IN IP4 192.0.2.3\r\ns=-\r\nc=IN IP4 192.0.2.3\r\nt=0 0\r\n"
BODIES = (
    b"",
    b"junk",
    _HEAD,
    _HEAD + b"m=audio 4000 RTP/AVP 0\r\n",
    _HEAD + b"m=audio 0 RTP/AVP 0\r\n",
    _HEAD + b"m=video 4000 RTP/AVP 96\r\n",
    _HEAD + b"m=audio 4000 RTP/AVP 0\r\nm=audio 4002 RTP/AVP 8\r\n",
)
METHODS = ("INVITE", "INVITE", "ACK", "BYE", "CANCEL", "PRACK", "UPDATE", "OPTIONS", "INFO")
STATUSES = (100, 180, 183, 183, 200, 200, 200, 302, 401, 407, 422, 487, 491, 500)


class Nonsense(SynchronousTestCase):
    """Carol says what she likes."""

    def begin(self, seed: int) -> None:
        """Bob has a telephone, Carol a mouth."""
        self.random = Random(seed)
        self.network = MemoryNetwork(seed)
        manners = Manners(delay=Duration(self.random.choice([0.0, 0.5])), late_offer=self.random.random() < 0.3)
        self.bob = Party(self.network, BOB, manners)
        self.carol = self.network.raw(Address(CAROL, 5060))

    def heard(self) -> list[Message]:
        """What Carol has heard."""
        found: list[Message] = []
        for _, octets, _ in self.carol.received:
            try:
                found.append(read(octets))
            except Refusal as refusal:
                raise AssertionError(f"{octets!r}: {refusal}") from refusal
        return found

    def say(self, first: str, *lines: str) -> None:
        """Says something, with odd lines and some body, and waits a little."""
        body = self.random.choice(BODIES)
        odd = self.random.sample(ODD, self.random.choice([0, 0, 1, 2]))
        kind = ["Content-Type: application/sdp"] if body else []
        text = "\r\n".join([first, *lines, *odd, *kind, f"Content-Length: {len(body)}", "", ""])
        self.carol.send(text.encode() + body, self.bob.address)
        self.network.run(self.random.choice([0.01, 0.3, 1.0]))

    def end(self) -> None:
        """Bob hangs up whatever he has, and has nothing."""
        self.network.run(self.random.choice([0.0, 40.0]))
        for id in self.bob.calls.ids():
            self.bob.hang_up(id)
        self.network.run(300.0)
        self.assertEqual((self.bob.kept(), len(self.bob.phone)), ((0, 0, 0), 0))

    def test_requests(self) -> None:
        """Requests in and out of turn, with odd fields and bodies."""
        for seed in range(150):
            self.begin(seed)
            number, tag = self.random.choice([0, 1, 5]), ""
            for turn in range(self.random.randrange(1, 9)):
                method = self.random.choice(METHODS) if turn else "INVITE"
                number = max(0, number + self.random.choice([1, 1, 1, 0, -1, 3]) * (method not in ("ACK", "CANCEL")))
                rack: list[str] = []
                for message in self.heard():
                    if isinstance(message, Response) and message.status_code < 300 and message.headers.to.tag:
                        tag = f";tag={message.headers.to.tag}"
                        if method == "PRACK" and "rseq" in message.headers:
                            rack = [f"RAck: {message.headers.texts('rseq')[0]} {message.headers.cseq}"]
                branch = self.random.randrange(turn + 1) if method == "CANCEL" else turn
                self.say(
                    f"{method} sip:bob@{BOB} SIP/2.0",
                    f"Via: SIP/2.0/UDP {CAROL}:5060;branch=z9hG4bK{branch}",
                    "From: <sip:carol@example.com>;tag=c",
                    f"To: <sip:bob@{BOB}>{tag if self.random.random() < 0.9 else ''}",
                    "Call-ID: n1",
                    f"CSeq: {number} {method}",
                    *rack,
                )
            self.end()

    def test_responses(self) -> None:
        """Responses to whatever Bob has sent, with odd fields and bodies."""
        for seed in range(150):
            self.begin(seed)
            self.bob.dial(f"sip:carol@{CAROL}")
            self.network.run(0.05)
            for _ in range(self.random.randrange(1, 9)):
                sent = self.random.choice([message for message in self.heard() if isinstance(message, Request)])
                headers = sent.headers
                tag = "" if headers.to.tag else self.random.choice(["", ";tag=1", ";tag=1", ";tag=2"])
                self.say(
                    f"SIP/2.0 {self.random.choice(STATUSES)} X",
                    f"Via: {headers.via}",
                    f"From: {headers.from_}",
                    f"To: {headers.to}{tag}",
                    f"Call-ID: {headers.call_id}",
                    f"CSeq: {headers.cseq}",
                )
                if self.random.random() < 0.2:
                    for id in self.bob.calls.ids():
                        self.bob.hang_up(id)
            self.end()

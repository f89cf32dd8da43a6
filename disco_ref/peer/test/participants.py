"""Participants that are played message by message, and a focus for them on a network in memory."""

from __future__ import annotations

from collections.abc import Callable

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.clock import Duration
from disco_ref.conference.document import ConferenceInfo
from disco_ref.conference.focus.policy import Policy, Reserved
from disco_ref.media.offer_answer.capabilities import relaying
from disco_ref.peer.focus import FocusNode, focus_node
from disco_ref.shell.memory_network import MemoryNetwork, Raw
from disco_ref.sip.flow import Address, Transport
from disco_ref.sip.message import Message, Request, Response, read

FOCUS = Address("192.0.2.100", 5060)
SDP = """v=0
o=- 1 {version} IN IP4 {host}
s=-
c=IN IP4 {host}
t=0 0
m=audio 6000 RTP/AVP {formats}
a={direction}
"""


def sdp(host: str, direction: str = "sendrecv", formats: str = "0", version: int = 1) -> bytes:
    """A session description."""
    text = SDP.format(host=host, direction=direction, formats=formats, version=version)
    return text.replace("\n", "\r\n").encode()


class Participant:
    """Somebody with a telephone, or only a pen."""

    serial = 0

    def __init__(self, network: MemoryNetwork, number: int) -> None:
        self.network = network
        self.host = f"192.0.2.{number}"
        self.uri = f"sip:p{number}@{self.host}"
        self.place: Raw = network.raw(Address(self.host, 5060))
        self._read = 0
        self._number = 0
        self.to = ""
        self.call_id = ""
        self.target = ""

    def send(self, method: str, uri: str, *lines: str, body: bytes = b"", number: int = 0, again: bool = False) -> None:
        """A request, in the dialog that stands if there is one."""
        Participant.serial += 1
        self._number += method not in ("ACK", "CANCEL")
        if not self.call_id:
            self.call_id = f"call-{Participant.serial}@{self.host}"
        head = [
            f"{method} {uri} SIP/2.0",
            f"Via: SIP/2.0/UDP {self.host}:5060;branch=z9hG4bK{Participant.serial}",
            f"From: <{self.uri}>;tag=mine",
            f"To: {self.to or f'<{uri}>'}",
            f"Call-ID: {self.call_id}",
            f"CSeq: {number or self._number} {method}",
            "Max-Forwards: 70",
            f"Contact: <{self.uri}>",
            *lines,
            *(["Content-Type: application/sdp"] if body else []),
            f"Content-Length: {len(body)}",
        ]
        self.place.send("\r\n".join([*head, "", ""]).encode() + body, FOCUS)

    def got(self, seconds: float = 0.2) -> list[Message]:
        """What has come in since it last looked."""
        self.network.run(seconds)
        found = [read(octets) for _, octets, _ in self.place.received[self._read :]]
        self._read = len(self.place.received)
        return found

    def listened(self, seconds: float) -> list[Message]:
        """The same, with every NOTIFY answered at once."""
        found: list[Message] = []
        for _ in range(round(seconds * 10)):
            for one in self.got(0.1):
                if isinstance(one, Request) and one.method == "NOTIFY":
                    self.answer(one, 200)
                found.append(one)
        return found

    def answers(self, seconds: float = 0.2) -> list[int]:
        """The statuses that have come in."""
        return [one.status_code for one in self.got(seconds) if isinstance(one, Response)]

    def dial(self, uri: str, *lines: str, body: bytes | None = None) -> Response:
        """Calls; the final response, acknowledged."""
        self.call_id = self.to = ""
        self.send("INVITE", uri, *lines, body=sdp(self.host) if body is None else body)
        number = self._number
        answer = [one for one in self.got() if isinstance(one, Response) and one.status_code >= 200][-1]
        if answer.status_code < 300:
            self.to = answer.headers.texts("to")[0]
            self.target = answer.headers.texts("contact")[0].partition("<")[2].partition(">")[0]
            self.send("ACK", self.target, number=number)
            self.network.run(0.1)
        return answer

    def hang_up(self) -> list[int]:
        """Says BYE."""
        self.send("BYE", self.target)
        return self.answers()

    def answer(self, request: Request, status: int, *lines: str, body: bytes = b"") -> None:
        """Answers a request."""
        kept = [
            line for line in request.headers.lines if line.split(":")[0].lower() in ("via", "from", "call-id", "cseq")
        ]
        to = request.headers.texts("to")[0]
        head = [
            f"SIP/2.0 {status} Whatever",
            *kept,
            f"To: {to}" if "tag=" in to else f"To: {to};tag=mine",
            f"Contact: <{self.uri}>",
            *lines,
            *(["Content-Type: application/sdp"] if body else []),
            f"Content-Length: {len(body)}",
        ]
        self.place.send("\r\n".join([*head, "", ""]).encode() + body, FOCUS)


class FocusCase(SynchronousTestCase):
    """A focus on a network."""

    policy = Policy(reserved=(Reserved(name="team", subject="Team talk"), Reserved(name="closed", locked=True)))
    authenticate: Callable[..., object] | None = None

    def setUp(self) -> None:
        """The focus and three participants."""
        self.network = MemoryNetwork(3)
        able = relaying({4: FOCUS.host}, {4: 4000}, {4: 4002})
        self.node: FocusNode = focus_node(
            self.policy, able, self.network.entropy, interval=Duration(0), authenticate=self.authenticate
        )
        self.element = self.network.element(self.node.core, (Transport.UDP, FOCUS), (Transport.TCP, FOCUS))
        self.one, self.other, self.third = (Participant(self.network, number) for number in (1, 2, 3))

    def uri(self, name: str) -> str:
        """A conference URI."""
        return f"sip:{name}@{FOCUS.host}:5060"

    def told(self, *kinds: type) -> list[object]:
        """What the focus reported."""
        return [one for one in self.network.told(self.element) if isinstance(one, kinds)]

    def shown(self, name: str = "room") -> ConferenceInfo:
        """The state of a conference."""
        conference = self.node.focus.conferences.get(name)
        assert conference is not None
        return conference.document()

    def leaves_nothing(self) -> None:
        """No call, dialog, medium or timer is left, soon after all have gone."""
        self.network.run(200)
        self.assertEqual((len(self.node.calls), len(self.node.dialogs), len(self.node.relay)), (0, 0, 0))
        self.assertEqual(self.node.focus.conferences.calls, 0)
        self.assertEqual(self.element.held["timers"], 0)
        self.assertEqual(self.element.held["transactions"], 0)

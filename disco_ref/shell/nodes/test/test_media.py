"""RTP of nodes in virtual time."""

from __future__ import annotations

from typing import cast

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.media.rtp import Header, is_media, read
from disco_ref.shell.formats.format import Json
from disco_ref.shell.nodes.host import Host
from disco_ref.shell.nodes.test.nodes import NODE, PEER, asked, invite
from disco_ref.sip.message import Response
from disco_ref.sip.message import read as read_message

PHONE, OPEN, SHUT = "192.0.2.11:4000", "192.0.2.1:40000", "192.0.2.1:39000"
PLACES: Json = [{"transport": "udp", "address": NODE}]


class MediaTests(SynchronousTestCase):
    """A telephone whose media are told."""

    def setUp(self) -> None:
        """It has started."""
        self.host = Host()
        self.said = self.do(
            "node.start",
            0.0,
            role="user-agent",
            listening=PLACES,
            settings={"uri": "sip:alice@192.0.2.1", "media": True},
        )

    def do(self, command: str, now: float, **params: Json) -> dict[str, Json]:
        """What is answered."""
        return cast("dict[str, Json]", self.host.commands[command]({"node": "n", "now": now, **params}))

    def hear(self, now: float, octets: bytes, source: str = PHONE, destination: str = OPEN) -> dict[str, Json]:
        """A datagram."""
        return self.do(
            "node.receive", now, transport="udp", source=source, destination=destination, octets=octets.hex()
        )

    def pieces(self, said: dict[str, Json]) -> list[tuple[str, str, bytes]]:
        """What was sent: sources, destinations, octets."""
        sent = cast("list[dict[str, str]]", said["sent"])
        return [(each["source"], each["destination"], bytes.fromhex(each["octets"])) for each in sent]

    def test_it_says_that_it_has_media(self) -> None:
        """Only where it is asked for."""
        self.assertIs(self.said["media"], True)
        plain: dict[str, Json] = {"node": "m", "now": 0.0, "role": "user-agent", "listening": PLACES}
        self.assertNotIn("media", cast("dict[str, Json]", self.host.commands["node.start"](plain)))

    def test_ports(self) -> None:
        """Those of its descriptions take packets, of media and of reports; another one refuses them."""
        packet = Header(0, 1, 1, 1).octets(b"\xff" * 160)
        self.assertNotIn("refused", self.hear(0.0, packet))
        self.assertNotIn("refused", self.hear(0.0, packet, destination="192.0.2.1:40001"))
        self.assertIs(self.hear(0.0, packet, destination=SHUT)["refused"], True)
        self.assertNotIn("refused", self.do("node.advance", 0.0))

    def test_silence_until_the_call_ends(self) -> None:
        """Who speaks to it hears it every 20 ms, from the port that it has named."""
        said = self.pieces(
            self.hear(
                0.0,
                invite(),
                PEER,
                NODE,
            )
        )
        answer = read_message(said[-1][2])
        assert isinstance(answer, Response)
        to = str(answer.headers.texts("to")[0])
        self.hear(0.0, asked("ACK", to=to), PEER, NODE)
        self.hear(0.1, Header(0, 1, 1, 1).octets(b"\xff" * 160))
        heard = [each for each in self.pieces(self.do("node.advance", 1.1)) if is_media(each[2])]
        self.assertIn(len(heard), range(49, 53))
        self.assertEqual({each[:2] for each in heard}, {(OPEN, PHONE)})
        self.assertEqual({read(each[2])[0].payload_type for each in heard}, {0})
        self.hear(1.1, asked("BYE", to=to, number=2), PEER, NODE)
        self.assertEqual(self.pieces(self.do("node.advance", 60.0)), [])

"""Tests of answers: which streams are accepted, in which formats and directions."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from disco_ref.errors import Refusal
from disco_ref.media.offer_answer.agreement import Agreement
from disco_ref.media.offer_answer.capabilities import Ability, Capabilities, relaying
from disco_ref.media.offer_answer.direction import Direction
from disco_ref.media.offer_answer.formats import STATIC, Codec, Format
from disco_ref.media.offer_answer.negotiation import Negotiation
from disco_ref.media.offer_answer.refusals import NotAcceptable, WarningCode
from disco_ref.media.sdp import MalformedDescription, read, write
from disco_ref.sip.flow import Address

ABLE = relaying({4: "192.0.2.10", 6: "2001:db8::10"}, {4: 5004, 6: 5004}, {4: 5006})


HEAD = ("v=0", "o=a 1 1 IN IP4 192.0.2.1", "s= ", "c=IN IP4 192.0.2.1", "t=0 0")
PIECES = (
    *("m=audio 6000 RTP/AVP 0", "m=audio 0 RTP/AVP 0", "m=video 6002 RTP/AVP 96 97", "m=audio 6000 RTP/AVP 8 101 0"),
    *("m=image 6000 udptl t38", "m=audio 6000/2 RTP/AVP 0", "c=IN IP4 0.0.0.0", "c=IN IP6 ::1", "c=IN IP4 224.1.1.1/3"),
    *("c=IN IP4 name.example", "a=rtpmap:96 VP8/90000", "a=rtpmap:97 H264/90000", "a=rtpmap:101 telephone-event/8000"),
    *(
        "a=rtpmap:0",
        "a=rtpmap:x y",
        "a=rtpmap:96 VP8/0",
        "a=rtpmap:96 VP8/99999999999",
        "a=fmtp:97 packetization-mode=1",
    ),
    *("a=fmtp:97", "a=sendonly", "a=inactive", "a=recvonly", "a=rtcp:1", "a=rtcp:x", "a=rtcp:5 IN IP4 0.0.0.0"),
    *("a=ptime:0", "a=ptime:x", "a=ptime:99999999999", "b=AS:64", "k=clear:x", "i=x", "t=0 0", "nonsense"),
)
"""Lines of offers, good and bad."""


def entropy(count: int) -> bytes:
    """The same octets each time."""
    return b"\xff" * count


def offered(*media: str, connection: str = "IN IP4 192.0.2.1", session: str = "", times: str = "t=0 0") -> bytes:
    """An offer with these lines from the first m= on."""
    head = ["v=0", "o=a 1 1 IN IP4 192.0.2.1", "s= ", f"c={connection}", times]
    lines = [*head, *([session] if session else []), *(line for one in media for line in one.split("|"))]
    return "".join(f"{line}\r\n" for line in lines).encode()


def answered(
    octets: bytes, able: Capabilities = ABLE, wanted: dict[int, Direction] | None = None
) -> tuple[list[str], Agreement]:
    """The lines of the answer from the first m= on, and what is agreed."""
    negotiation = Negotiation(able, entropy)
    answer = negotiation.answer(octets, wanted or {})
    if write(read(answer)) != answer:
        raise AssertionError("an answer that is read as something else")
    lines = answer.decode().splitlines()
    start = next((n for n, line in enumerate(lines) if line.startswith("m=")), len(lines))
    return lines[start:], negotiation.agreement


class Answers(SynchronousTestCase):
    """Section 6."""

    # = rfc3264:6/1 test
    # = rfc3264:6/5 test
    # = rfc3264:5/6 test
    # = rfc3264:5/3 test
    # = rfc3264:5/4 test
    def test_session(self) -> None:
        """The session's lines: an origin of our own, the times of the offer, our address."""
        octets = offered("m=audio 6000 RTP/AVP 0", times="t=2873397496 2873404696")
        lines = Negotiation(ABLE, entropy).answer(octets).decode().splitlines()
        self.assertEqual(
            lines[:5],
            ["v=0", f"o=- {2**61 - 1} 1 IN IP4 192.0.2.10", "s=-", "c=IN IP4 192.0.2.10", "t=2873397496 2873404696"],
        )

    # = rfc3264:6/2 test
    # = rfc3264:6/3 test
    # = rfc3264:6/8 test
    # = rfc3264:6/9 test
    # = rfc3264:6.1/2 test
    def test_line_by_line(self) -> None:
        """Every line has its answer in the same place: accepted, or refused by a port of zero."""
        lines, agreed = answered(
            offered(
                "m=message 7 TCP/MSRP *",
                "m=audio 6000 RTP/AVP 0",
                "m=video 6002 RTP/SAVP 96|a=rtpmap:96 VP8/90000",
                "m=audio 6004 RTP/AVP 0",
                "m=video 6006 RTP/AVP 96|a=rtpmap:96 VP8/90000",
                "m=audio 6008 RTP/AVP 98|a=rtpmap:98 mystery/8000",
            )
        )
        self.assertEqual(
            [line for line in lines if line.startswith("m=")],
            [
                "m=message 0 TCP/MSRP *",
                "m=audio 5004 RTP/AVP 0",
                "m=video 0 RTP/SAVP 96",
                "m=audio 0 RTP/AVP 0",
                "m=video 5006 RTP/AVP 96",
                "m=audio 0 RTP/AVP 98",
            ],
        )
        self.assertEqual([one.position for one in agreed], [1, 4])

    # = rfc3264:6/4 test
    def test_nothing_offered(self) -> None:
        """An offer without streams gets an answer without streams; one that ends all is answered too."""
        self.assertEqual(answered(offered()), ([], ()))
        # = rfc3264:8.2/2 test
        # = rfc3264:5.1/5 test
        self.assertEqual(answered(offered("m=audio 0 RTP/AVP 0")), (["m=audio 0 RTP/AVP 0"], ()))

    # = rfc3264:6.1/13 test
    # = rfc3264:6.1/14a test
    # = rfc3264:6.1/14b test
    # = rfc3264:6.1/19 test
    def test_numbers_kept(self) -> None:
        """Codecs go by their names, under the offer's numbers, with rtpmap and the offer's parameters."""
        lines, agreed = answered(
            offered("m=audio 6000 RTP/AVP 120 9 0|a=rtpmap:120 Telephone-Event/8000|a=fmtp:120 0-11,66|a=ptime:30")
        )
        self.assertEqual(
            lines,
            [
                "m=audio 5004 RTP/AVP 0 120",
                "a=rtpmap:0 PCMU/8000",
                "a=rtpmap:120 Telephone-Event/8000",
                "a=fmtp:120 0-11,66",
                "a=ptime:20",
                "a=sendrecv",
            ],
        )
        self.assertEqual((agreed[0].address, agreed[0].rtcp), (Address("192.0.2.1", 6000), Address("192.0.2.1", 6001)))
        self.assertEqual(agreed[0].packet_time, 30)

    # = rfc3264:6.1/15 test
    # = rfc3264:6.1/17a test
    # = rfc3264:6.1/17b test
    # = rfc3264:6.1/18 test
    def test_order(self) -> None:
        """In the order of the offer; the relay has a reason for its own: all are to use the same codec."""
        ability = Ability("audio", (Format(0, STATIC[0]), Format(8, STATIC[8])), {4: 5004})
        lines, _ = answered(offered("m=audio 6000 RTP/AVP 8 22 0"), Capabilities({4: "192.0.2.10"}, (ability,)))
        self.assertEqual(lines[0], "m=audio 5004 RTP/AVP 8 0")
        self.assertEqual(answered(offered("m=audio 6000 RTP/AVP 8 22 0"))[0][0], "m=audio 5004 RTP/AVP 0 8")

    def test_same_codec_only(self) -> None:
        """Clock rate, channels and the packetization mode of H264 tell codecs apart; the case of the name does not."""
        for listed, accepted in (
            ("m=audio 6000 RTP/AVP 97|a=rtpmap:97 pcmu/8000", True),
            ("m=audio 6000 RTP/AVP 97|a=rtpmap:97 PCMU/16000", False),
            ("m=audio 6000 RTP/AVP 97|a=rtpmap:97 PCMU/8000/2", False),
            ("m=audio 6000 RTP/AVP 97", False),
            ("m=audio 6000 RTP/AVP 0|a=rtpmap:0 mystery/8000", False),
            ("m=video 6000 RTP/AVP 97|a=rtpmap:97 H264/90000|a=fmtp:97 packetization-mode=2", False),
            ("m=video 6000 RTP/AVP 97|a=rtpmap:97 H264/90000|a=fmtp:97 x=1;packetization-mode=1", True),
            ("m=video 6000 RTP/AVP 97|a=rtpmap:97 H264/90000", True),
            ("m=audio 6000 RTP/AVP 101|a=rtpmap:101 telephone-event/8000", False),
            ("m=audio 6000 RTP/AVP 128 xyz 00000", False),
        ):
            if accepted:
                answered(offered(listed))
            else:
                with self.assertRaises(NotAcceptable, msg=listed) as raised:
                    answered(offered(listed))
                self.assertIs(raised.exception.code, WarningCode.INCOMPATIBLE_MEDIA_FORMAT)

    # = rfc3264:6.1/3 test
    # = rfc3264:6.1/4 test
    # = rfc3264:6.1/5 test
    # = rfc3264:6.1/6 test
    # = rfc3264:8.4/1 test
    def test_directions(self) -> None:
        """Each direction has its reverse; what we want narrows it; the session's direction holds where the stream has none."""
        table = {
            "sendrecv": ("sendrecv", "sendonly"),
            "sendonly": ("recvonly", "inactive"),
            "recvonly": ("sendonly", "sendonly"),
            "inactive": ("inactive", "inactive"),
        }
        for said, (usual, narrowed) in table.items():
            for octets in (
                offered(f"m=audio 6000 RTP/AVP 0|a={said}"),
                offered("m=audio 6000 RTP/AVP 0", session=f"a={said}"),
            ):
                self.assertEqual(answered(octets)[0][-1], f"a={usual}")
                self.assertEqual(answered(octets, wanted={0: Direction.sendonly})[0][-1], f"a={narrowed}")
        both = offered("m=audio 6000 RTP/AVP 0|a=recvonly", session="a=sendonly")
        self.assertEqual(answered(both)[0][-1], "a=sendonly")

    # = rfc3264:8.4/3 test
    def test_unspecified_address(self) -> None:
        """An address of 0.0.0.0 is a hold: neither media nor reports have a destination."""
        for connection in ("IN IP4 0.0.0.0", "IN IP6 ::"):
            _, agreed = answered(offered("m=audio 6000 RTP/AVP 0|a=rtcp:6005", connection=connection))
            self.assertEqual((agreed[0].address, agreed[0].rtcp), (None, None))

    # = rfc3264:6.1/1 test
    # = rfc3264:6.1/12 test
    def test_addresses(self) -> None:
        """The family of the offer is that of the answer, for each stream; reports go where a=rtcp says."""
        octets = offered("m=audio 6000 RTP/AVP 0|c=IN IP6 2001:db8::1|a=rtcp:7001", "m=video 6002 RTP/AVP 34")
        lines, agreed = answered(octets)
        self.assertEqual([one.rtcp for one in agreed], [Address("2001:db8::1", 7001), Address("192.0.2.1", 6003)])
        self.assertIn("c=IN IP4 192.0.2.10", lines)
        elsewhere = answered(offered("m=audio 6000 RTP/AVP 0|a=rtcp:7001 IN IP4 192.0.2.2"))[1]
        self.assertEqual(elsewhere[0].rtcp, Address("192.0.2.2", 7001))
        for broken in ("0", "x", "99999", "1 IN IP4"):
            found = answered(offered(f"m=audio 6000 RTP/AVP 0|a=rtcp:{broken}"))[1]
            self.assertIn(found[0].rtcp, (Address("192.0.2.1", 6001), Address("192.0.2.1", 1)))

    # = rfc3264:6/6 test
    def test_refused_whole(self) -> None:
        """Where nothing is acceptable the offer is refused by 488, with the reason of the first stream."""
        for octets, code in (
            (offered("m=text 6000 RTP/AVP 98"), WarningCode.MEDIA_TYPE_NOT_AVAILABLE),
            (offered("m=audio 6000 RTP/SAVP 0"), WarningCode.INCOMPATIBLE_TRANSPORT_PROTOCOL),
            (offered("m=audio 6000 RTP/AVP 9"), WarningCode.INCOMPATIBLE_MEDIA_FORMAT),
            (offered("m=audio 6000 RTP/AVP 0|c=IN IP4 224.2.1.1/127"), WarningCode.MULTICAST_NOT_AVAILABLE),
            (
                offered("m=video 6000 RTP/AVP 34|c=IN IP6 2001:db8::1"),
                WarningCode.INCOMPATIBLE_NETWORK_ADDRESS_FORMATS,
            ),
            (offered("m=audio 6000 RTP/AVP 0|c=ATM NSAP 47"), WarningCode.INCOMPATIBLE_NETWORK_ADDRESS_FORMATS),
        ):
            with self.assertRaises(NotAcceptable) as raised:
                answered(octets)
            self.assertEqual((raised.exception.status, raised.exception.code), (488, code))

    # = rfc3264:5/5 test
    def test_two_descriptions(self) -> None:
        """One description only."""
        with self.assertRaises(MalformedDescription):
            answered(offered("m=audio 6000 RTP/AVP 0") * 2)

    def test_codec_values(self) -> None:
        """A codec with channels is described with them."""
        ability = Ability("audio", (Format(96, Codec("opus", 48000, 2)),), {4: 5004})
        lines, _ = answered(
            offered("m=audio 6000 RTP/AVP 111|a=rtpmap:111 opus/48000/2"), Capabilities({4: "192.0.2.10"}, (ability,))
        )
        self.assertEqual(lines[1], "a=rtpmap:111 opus/48000/2")

    @settings(deadline=None, derandomize=True, max_examples=300)
    @given(st.lists(st.sampled_from(PIECES), max_size=14))
    def test_anything(self, pieces: list[str]) -> None:
        """Whatever is offered is answered line by line, or refused."""
        octets = "".join(f"{line}\r\n" for line in (*HEAD, *pieces)).encode()
        try:
            lines, agreed = answered(octets)
        except Refusal:
            return
        self.assertEqual(sum(line.startswith("m=") for line in lines), sum(line.startswith("m=") for line in pieces))
        self.assertEqual(sum(line.startswith("m=") and line.split()[1] != "0" for line in lines), len(agreed))

"""Reading session descriptions: the grammar of RFC 4566, line by line."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.media.sdp import Attribute, Connection, MalformedDescription, Repeat, ZoneAdjustment, read, write
from disco_ref.media.sdp.grammar import LONGEST_DESCRIPTION

# = rfc4566:5/0 test
EXAMPLE = (
    "v=0\r\no=jdoe 2890844526 2890842807 IN IP4 10.47.16.5\r\ns=SDP Seminar\r\n"
    "i=A Seminar on the session description protocol\r\nu=http://www.example.com/seminars/sdp.pdf\r\n"
    "e=j.doe@example.com (Jane Doe)\r\nc=IN IP4 224.2.17.12/127\r\nt=2873397496 2873404696\r\na=recvonly\r\n"
    "m=audio 49170 RTP/AVP 0\r\nm=video 51372 RTP/AVP 99\r\na=rtpmap:99 h263-1998/90000\r\n"
)

START = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\n"


def with_line(line: str) -> bytes:
    """A description with one session-level line between the name and the time, or behind the time."""
    before, after = ("", line) if line[0] in "zkarmt" else (line, "")
    middle = "" if line[0] == "t" else "t=0 0\r\n"
    end = f"{after}\r\n" if after else ""
    return f"{START}{before}{chr(13) + chr(10) if before else ''}{middle}{end}".encode()


class ReadingTest(SynchronousTestCase):
    """What is read."""

    def test_example(self) -> None:
        """The example of section 5 is read, and written octet for octet."""
        # = rfc4566:5/0 test
        found = read(EXAMPLE.encode())
        self.assertEqual(found.origin.session_id, "2890844526")
        self.assertEqual(found.emails, ("j.doe@example.com (Jane Doe)",))
        self.assertEqual(found.connection, Connection(network_type="IN", address_type="IP4", address="224.2.17.12/127"))
        self.assertEqual(found.attributes, (Attribute(name="recvonly"),))
        self.assertEqual([one.port for one in found.media], [49170, 51372])
        self.assertEqual(found.media[1].attributes, (Attribute(name="rtpmap", value="99 h263-1998/90000"),))
        self.assertEqual(write(found), EXAMPLE.encode())

    def test_line_feed_alone(self) -> None:
        """Lines that end in a line feed alone are read, and written with both characters."""
        # = rfc4566:5/0 test
        self.assertEqual(write(read(EXAMPLE.replace("\r\n", "\n").encode())), EXAMPLE.encode())

    def test_repeats_and_zone(self) -> None:
        """The examples of sections 5.10 and 5.11 are read."""
        # = rfc4566:5.10/0 test
        # = rfc4566:5.11/0 test
        # = rfc3264:5/0 test
        octets = f"{START}t=3034423619 3042462419\r\nr=7d 1h 0 25h\r\nz=2882844526 -1h 2898848070 0\r\n".encode()
        found = read(octets)
        self.assertEqual(found.times[0].repeats, (Repeat(interval="7d", duration="1h", offsets=("0", "25h")),))
        self.assertEqual(found.zone[0], ZoneAdjustment(time="2882844526", offset="-1h"))
        self.assertEqual(write(found), octets)

    def test_accepted_lines(self) -> None:
        """Each of these lines is accepted and survives."""
        # = rfc4566:9/0 test
        # = rfc3264:5/2 test
        # = rfc3264:8.4/3 test
        for line in (
            "e=Jane Doe <j.doe@example.com>",
            'e="jane doe"@example.com',
            "e=jane@[192.0.2.1]",
            "p=+1 617 555-6011",
            "p=+44-171-380-7777 (Mark Handley)",
            "p=Mark Handley <+44 171 380 7777>",
            "c=IN IP6 FF15::101/3",
            "c=IN IP6 2001:db8::1",
            "c=IN IP4 host.example.com",
            "c=IN IP4 0.0.0.0",
            "c=ATM NSAP 47.0091.8100.0000",
            "b=X-YZ:128",
            "k=prompt",
            "k=clear:secret",
            "k=base64:c2VjcmV0",
            "k=uri:https://example.com/key?a=%20",
            "a=charset:ISO-8859-1",
            "a=unknown:anything at all: \x01",
            "a=x!#$%&'*+-.^_`{|}~",
            "t=0 0",
        ):
            octets = with_line(line)
            if line.startswith("c=IN IP6 FF"):
                octets = (
                    f"{START}t=0 0\r\nm=audio 1 RTP/AVP 0\r\n{line}\r\n"  # layers stand in media only
                ).encode()
            self.assertEqual(write(read(octets)), octets, line)

    def test_octets_that_are_not_utf8(self) -> None:
        """Attribute values and, under a=charset, texts keep octets that are not UTF-8."""
        # = rfc4566:5/0 test
        latin = START.encode().replace(b"s=-", b"s=x\xe9") + b"t=0 0\r\na=charset:ISO-8859-1\r\na=x:\xff\xfe\r\n"
        self.assertEqual(write(read(latin)), latin)

    def test_ports(self) -> None:
        """The number of ports is read apart from the port."""
        # = rfc4566:5.14/0 test
        media = read(f"{START}c=IN IP4 192.0.2.1\r\nt=0 0\r\nm=video 49170/2 RTP/AVP 31\r\n".encode()).media[0]
        self.assertEqual((media.port, media.port_count), (49170, 2))


class RefusalTest(SynchronousTestCase):
    """What is refused, and where."""

    def refused(self, octets: bytes, where: str) -> str:
        """Assert a refusal at the place; the reason."""
        refusal = self.assertRaises(MalformedDescription, read, octets)
        self.assertEqual(refusal.where, where, octets)
        return str(refusal)

    def test_order(self) -> None:
        """A line out of order is refused with its number."""
        # = rfc4566:9/0 test
        swapped = EXAMPLE.replace("s=SDP Seminar\r\n", "").replace("t=28", "s=SDP Seminar\r\nt=28")
        self.refused(swapped.encode(), "line 3 (i=)")
        late = EXAMPLE.replace("e=j.doe@example.com (Jane Doe)\r\n", "") + "e=j.doe@example.com\r\n"
        self.refused(late.encode(), "line 12 (e=)")

    def test_missing(self) -> None:
        """A required line that is missing is refused where it had to stand."""
        # = rfc4566:9/0 test
        self.refused(b"", "line 1")
        self.refused(b"v=0\r\n", "end")
        self.refused(START.encode(), "end")
        self.refused(EXAMPLE.replace("v=0\r\n", "").encode(), "line 1 (o=)")

    def test_twice(self) -> None:
        """A line that may stand once is refused the second time."""
        # = rfc4566:9/0 test
        # = rfc3264:5/5 test
        self.refused(EXAMPLE.replace("s=SDP Seminar", "s=SDP Seminar\r\ns=-").encode(), "line 4 (s=)")
        self.refused(EXAMPLE.replace("c=IN", "c=IN IP4 192.0.2.1\r\nc=IN").encode(), "line 8 (c=)")

    def test_lines(self) -> None:
        """Each of these lines is refused in its place."""
        # = rfc4566:9/0 test
        # = rfc4566:5.7/0 test
        # = rfc4566:5.8/0 test
        # = rfc4566:5.12/0 test
        # = rfc4566:5.13/0 test
        for line in (
            "e=no address",
            "e=a@b@c",
            "p=phone",
            "u=http://example.com/%zz",
            "u=http://example.com/a b",
            "c=IN IP4 256.1.1.1",
            "c=IN IP4 192.0.2.1/127",
            "c=IN IP4 224.2.1.1",
            "c=IN IP4 224.2.1.1/256",
            "c=IN IP4 224.2.1.1/127/3",
            "c=IN IP4 2001:db8::1",
            "c=IN IP6 192.0.2.1",
            "c=IN IP6 FF15::101/3",
            "c=IN IP6 2001:db8::1::2",
            "c=IN IP4",
            "c=IN  IP4 192.0.2.1",
            "b=AS",
            "b=AS:12k",
            "b=AS:9999999999999999999999",
            "t=1 0",
            "t=0",
            "t=2873397496 2873404696 0",
            "r=",
            "z=2882844526",
            "z=0 -1h",
            "k=prompt:x",
            "k=clear",
            "k=clear:",
            "k=base64:c2V=cmV0",
            "k=other:x",
            "a=",
            "a=name:",
            "a=na me",
            "i=",
        ):
            octets = with_line(line)
            number = 4 if octets.split(b"\r\n")[3] == line.encode() else 5
            self.refused(octets, f"line {number} ({line[0]}=)")

    def test_media(self) -> None:
        """Each of these media lines is refused."""
        # = rfc4566:5.14/0 test
        # = rfc3264:6/9 test
        for line in ("audio 49170 RTP/AVP", "audio 49170/0 RTP/AVP 0", "audio x RTP/AVP 0", "audio 65536 RTP/AVP 0"):
            self.refused(f"{START}c=IN IP4 192.0.2.1\r\nt=0 0\r\nm={line}\r\n".encode(), "line 6 (m=)")

    def test_no_connection(self) -> None:
        """Media without a c= line of its own nor one for the session is refused at its m= line."""
        # = rfc4566:5.7/0 test
        self.refused(f"{START}t=0 0\r\nm=audio 1 RTP/AVP 0\r\n".encode(), "line 5 (m=)")

    def test_several_unicast_connections(self) -> None:
        """Several c= lines for one medium are refused unless they are multicast."""
        # = rfc4566:5.7/0 test
        several = f"{START}t=0 0\r\nm=audio 1 RTP/AVP 0\r\nc=IN IP4 192.0.2.1\r\nc=IN IP4 192.0.2.2\r\n"
        self.refused(several.encode(), "line 6 (c=)")
        multicast = several.replace("192.0.2.1\r\nc", "224.2.1.1/9\r\nc").replace("192.0.2.2", "224.2.1.2/9")
        self.assertEqual(len(read(multicast.encode()).media[0].connections), 2)

    def test_several_connections_of_other_kinds(self) -> None:
        """Several c= lines of a network or address type that is not known are left alone, whatever they look like."""
        for one in ("ATM NSAP 47.0091", "IN IP9 FF1::1::2", "IN IP9 1.2.3.4.5/3", "ATM E164 1"):
            octets = f"{START}t=0 0\r\nm=audio 1 RTP/AVP 0\r\nc={one}\r\nc={one}\r\n".encode()
            self.assertEqual(len(read(octets).media[0].connections), 2)

    def test_too_long(self) -> None:
        """A description beyond the bound is refused before it is taken apart."""
        octets = f"{START}t=0 0\r\n".encode()
        longest = octets + b"a=" + b"x" * (LONGEST_DESCRIPTION - len(octets) - 4) + b"\r\n"
        self.assertEqual(len(longest), LONGEST_DESCRIPTION)
        self.assertEqual(len(read(longest).attributes), 1)
        self.refused(longest + b"a=y\r\n", "line 1")

    def test_unknown_letter(self) -> None:
        """A type letter that is not understood makes the whole description unusable."""
        # = rfc4566:5/0 test
        self.refused(with_line("t=0 0") + b"x=1\r\n", "line 5")

    def test_no_lines(self) -> None:
        """What is no line of letter, equals sign and value is refused; so is the last one without its end."""
        self.refused(b"v=0\r\n\r\n", "line 2")
        self.refused(b"v =0\r\n", "line 1")
        self.refused(b"v=0", "line 1")
        self.refused(b"v=0\ro=-\r\n", "line 1")

    def test_version(self) -> None:
        """Only version 0 is read."""
        # = rfc4566:5.1/0 test
        self.refused(EXAMPLE.replace("v=0", "v=1").encode(), "line 1 (v=)")

    def test_text_that_is_not_utf8(self) -> None:
        """A text that is not UTF-8 is refused where no a=charset of the session allows it."""
        bad = START.encode().replace(b"s=-", b"s=x\xe9") + b"t=0 0\r\n"
        self.refused(bad, "line 3 (s=)")

    def test_one_line(self) -> None:
        """A refusal is one line that says line number, octet and reason."""
        self.assertEqual(
            self.refused(START.encode() + b"t=0\r\n", "line 4 (t=)"),
            "line 4 (t=) at byte 36: expected `t=start stop`, single spaces between the fields",
        )

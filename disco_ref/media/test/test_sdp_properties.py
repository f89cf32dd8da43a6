"""What holds for every session description, and for any octets at all."""

from __future__ import annotations

import time

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from disco_ref.media.sdp import (
    Attribute,
    Bandwidth,
    Connection,
    Key,
    MalformedDescription,
    MediaDescription,
    Origin,
    Repeat,
    SessionDescription,
    Timing,
    ZoneAdjustment,
    read,
    write,
)
from disco_ref.media.test.test_sdp_reading import EXAMPLE

token = st.from_regex(r"[A-Za-z0-9.\-+]{1,8}", fullmatch=True)
text = st.from_regex(r"[^\x00\r\n\ud800-\udfff]{1,12}", fullmatch=True)
ntp = st.from_regex("[1-9][0-9]{9}", fullmatch=True)
moment = st.one_of(ntp, st.just("0"))
span = st.from_regex("[0-9]{1,5}[dhms]?", fullmatch=True)
connection = st.sampled_from(
    [("IN", "IP4", "192.0.2.1"), ("IN", "IP6", "2001:db8::1"), ("IN", "IP4", "224.2.1.1/127"), ("X", "Y", "any/1/2/3")]
).map(lambda each: Connection(network_type=each[0], address_type=each[1], address=each[2]))
bandwidth = st.builds(Bandwidth, type=token, value=st.integers(0, 10**9))
attribute = st.builds(Attribute, name=token, value=st.one_of(st.none(), text))
key = st.sampled_from([Key(method="prompt"), Key(method="clear", value="k y"), Key(method="base64", value="QUI=")])


def several(one: st.SearchStrategy[object]) -> st.SearchStrategy[tuple[object, ...]]:
    """Up to three of them."""
    return st.lists(one, max_size=3).map(tuple)


media = st.builds(
    MediaDescription,
    media=token,
    port=st.integers(0, 65535),
    port_count=st.one_of(st.none(), st.integers(1, 9)),
    protocol=st.sampled_from(["RTP/AVP", "udp", "TCP/TLS/BFCP"]),
    formats=st.lists(token, min_size=1, max_size=3).map(tuple),
    information=st.one_of(st.none(), text),
    connections=connection.map(lambda one: (one,)),
    bandwidths=several(bandwidth),
    key=st.one_of(st.none(), key),
    attributes=several(attribute),
)
repeat = st.builds(
    Repeat,
    interval=st.from_regex("[1-9][0-9]{0,3}[dhms]?", fullmatch=True),
    duration=span,
    offsets=st.lists(span, min_size=1, max_size=3).map(tuple),
)
description = st.builds(
    SessionDescription,
    origin=st.builds(
        Origin,
        username=token,
        session_id=ntp,
        session_version=ntp,
        network_type=st.just("IN"),
        address_type=st.just("IP4"),
        unicast_address=st.sampled_from(["192.0.2.1", "host.example.com"]),
    ),
    session_name=text,
    information=st.one_of(st.none(), text),
    uri=st.one_of(st.none(), st.just("http://example.com/%41#a")),
    emails=several(st.sampled_from(["a@example.com", "Bo <b.c@example.com>"])),
    phones=several(st.just("+1 617 555-6011")),
    connection=st.one_of(st.none(), connection),
    bandwidths=several(bandwidth),
    times=st.lists(st.builds(Timing, start=moment, stop=moment, repeats=several(repeat)), min_size=1, max_size=2).map(
        tuple
    ),
    zone=several(st.builds(ZoneAdjustment, time=ntp, offset=st.sampled_from(["-1h", "0", "3600"]))),
    key=st.one_of(st.none(), key),
    attributes=several(attribute),
    media=st.lists(media, max_size=2).map(tuple),
)


class PropertyTest(SynchronousTestCase):
    """Round trips and bad input."""

    @settings(max_examples=60, deadline=None, derandomize=True)
    @given(description)
    def test_round_trip(self, one: SessionDescription) -> None:
        """A description is written to octets that are read as the same description."""
        self.assertEqual(read(write(one)), one)

    @settings(max_examples=300, deadline=None, derandomize=True)
    @given(st.binary(max_size=200))
    def test_any_octets(self, octets: bytes) -> None:
        """Any octets give a description or a refusal."""
        self.judge(octets)

    @settings(max_examples=300, deadline=None, derandomize=True)
    @given(st.integers(0, len(EXAMPLE)), st.integers(0, 8), st.binary(max_size=8))
    def test_mutations(self, place: int, cut: int, put: bytes) -> None:
        """A description with a piece cut out and another put in gives a description or a refusal."""
        octets = EXAMPLE.encode()
        self.judge(octets[:place] + put + octets[place + cut :])

    def judge(self, octets: bytes) -> None:
        """Read; what was read must be written to octets that are read as the same."""
        try:
            found = read(octets)
        except MalformedDescription:
            return
        self.assertEqual(read(write(found)), found)

    def test_long_lines(self) -> None:
        """Long lines that almost fit a rule are refused in time that grows with their length only."""
        size = 200_000
        start = "v=0\r\no=- 1 1 IN IP4 a\r\ns=-\r\n"
        began = time.process_time()
        for line in (
            "e=" + " " * size,
            "e=" + "a." * size,
            'e="' + "\\" * size,
            "p=1" + " " * size + "x",
            "u=" + "%" * size,
        ):
            self.assertRaises(MalformedDescription, read, f"{start}{line}\r\nt=0 0\r\n".encode())
        self.assertLess(time.process_time() - began, 5)

    def test_a_line_end_inside_a_text(self) -> None:
        """A text that would be read as two lines is not written."""
        found = read(EXAMPLE.encode())
        for bad in ("a\r\na=evil", "", "a\x00"):
            broken = SessionDescription(origin=found.origin, session_name=bad, times=found.times)
            self.assertRaises(MalformedDescription, write, broken)

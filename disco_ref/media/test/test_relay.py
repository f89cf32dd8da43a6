"""Tests of the relay and of how it tells participants apart."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from disco_ref.clock import Instant
from disco_ref.media import rtp
from disco_ref.media.latching import Latches, Port
from disco_ref.media.offer_answer.agreement import AgreedStream
from disco_ref.media.offer_answer.direction import Direction
from disco_ref.media.offer_answer.formats import STATIC, Codec, Format
from disco_ref.media.relay import Rates, Relay
from disco_ref.sip.flow import Address

AUDIO = Port("audio", 4)
REPORTS = Port("audio", 4, reports=True)
PCMU, PCMA = Format(0, STATIC[0]), Format(8, STATIC[8])
REPORT = bytes.fromhex("80c90001 00000001")
NOW = Instant(1000.0)


def at(seconds: float) -> Instant:
    """So many seconds after the start."""
    return Instant(NOW + seconds)


def entropy(count: int) -> bytes:
    """The same octets each time."""
    return bytes(range(1, count + 1))


def voice(number: int = 0, sequence: int = 1) -> bytes:
    """A packet of media."""
    return rtp.Header(number, sequence, 160 * sequence, 77).octets(b"tone")


def stream(
    host: str,
    port: int = 6000,
    *formats: Format,
    direction: Direction = Direction.sendrecv,
    media: str = "audio",
    family: int = 4,
    held: bool = False,
) -> AgreedStream:
    """An agreed stream of one who listens there."""
    listed = formats or (PCMU,)
    address, reports = (None, None) if held else (Address(host, port), Address(host, port + 1))
    return AgreedStream(0, media, family, host, address, reports, direction, listed, listed)


class Relays(SynchronousTestCase):
    """Packets among participants."""

    def setUp(self) -> None:
        """A relay with two participants, a and b, in one conference."""
        self.relay = Relay(entropy)
        self.join("a", stream("192.0.2.1"))
        self.join("b", stream("192.0.2.2"))

    def join(
        self, name: str, *agreed: AgreedStream, room: str = "room", signalled: str = "", seconds: float = 0
    ) -> None:
        """Somebody takes part."""
        self.relay.join(room, (name,), agreed, signalled or agreed[0].host, at(seconds))

    def say(
        self, octets: bytes, host: str, port: int = 6000, to: Port = AUDIO, seconds: float = 0
    ) -> list[tuple[bytes, str]]:
        """What goes out for a packet: octets and host."""
        return [
            (one.octets, one.destination.host)
            for one in self.relay.receive(octets, Address(host, port), to, at(seconds))
        ]

    def test_passed_on(self) -> None:
        """A packet of one goes to the others as it is, not back, and not into other conferences."""
        self.join("c", stream("192.0.2.3"))
        self.join("d", stream("192.0.2.4"), room="other")
        self.assertEqual(self.say(voice(), "192.0.2.1"), [(voice(), "192.0.2.2"), (voice(), "192.0.2.3")])

    def test_stranger(self) -> None:
        """Packets from elsewhere, or of something else, are dropped."""
        self.assertEqual(self.say(voice(), "198.51.100.1"), [])
        for octets in (b"", b"\0" * 40, b"OPTIONS sip:x SIP/2.0\r\n", voice()[:11], voice() + bytes(3000), REPORT):
            self.assertEqual(self.say(octets, "192.0.2.1"), [])

    def test_reports(self) -> None:
        """Reports go to the other's report address, from the report port."""
        found = self.relay.receive(REPORT, Address("192.0.2.1", 6001), REPORTS, NOW)
        self.assertEqual([(one.destination, one.port) for one in found], [(Address("192.0.2.2", 6001), REPORTS)])
        self.assertEqual(self.say(voice(), "192.0.2.1", 6001, REPORTS), [])

    # = rfc3264:8.3.2/5c test
    def test_codec_must_fit(self) -> None:
        """A number that was not agreed with its sender, or a codec not agreed with the receiver, goes nowhere."""
        self.join("c", stream("192.0.2.3", 6000, PCMA))
        self.assertEqual(self.say(voice(0), "192.0.2.1"), [(voice(0), "192.0.2.2")])
        self.assertEqual(self.say(voice(8), "192.0.2.1"), [])
        self.assertEqual(self.say(voice(8), "192.0.2.3"), [])

    # = rfc3264:5.1/10 test
    def test_number_rewritten(self) -> None:
        """The same codec under another number: the number is rewritten, the marker stays."""
        speex = Codec("speex", 8000)
        self.join("a", stream("192.0.2.1", 6000, Format(97, speex)))
        self.join("b", stream("192.0.2.2", 6000, Format(110, Codec("SPEEX", 8000))))
        marked = rtp.Header(97, 1, 2, 3, marker=True).octets(b"x")
        self.assertEqual(
            self.say(marked, "192.0.2.1"), [(rtp.Header(110, 1, 2, 3, marker=True).octets(b"x"), "192.0.2.2")]
        )

    # = rfc3264:5.1/3 test
    # = rfc3264:8.4/3 test
    def test_hold(self) -> None:
        """Who only sends gets nothing; who only listens is not heard; an unspecified address gets nothing at all."""
        self.join("b", stream("192.0.2.2", direction=Direction.recvonly))
        self.assertEqual(self.say(voice(), "192.0.2.1"), [])
        self.assertEqual(self.say(voice(), "192.0.2.2"), [(voice(), "192.0.2.1")])
        self.join("b", stream("192.0.2.2", direction=Direction.sendonly))
        self.assertEqual(self.say(voice(), "192.0.2.2"), [])
        self.assertEqual(self.say(voice(), "192.0.2.1"), [(voice(), "192.0.2.2")])
        self.join("b", stream("192.0.2.2", held=True))
        self.assertEqual(self.say(voice(), "192.0.2.1"), [])
        self.assertEqual(self.say(REPORT, "192.0.2.1", 6001, REPORTS), [])

    def test_leaving(self) -> None:
        """Who has left neither hears nor is heard, and nothing of it is kept."""
        self.say(voice(), "192.0.2.1")
        self.assertEqual(self.say(voice(), "192.0.2.2"), [(voice(), "192.0.2.1")])
        self.relay.leave("room", ("a",))
        self.relay.leave("room", ("a",))
        self.assertEqual(self.say(voice(), "192.0.2.1"), [])
        self.assertEqual(self.say(voice(), "192.0.2.2"), [])
        self.relay.leave("room", ("b",))
        self.assertIsNone(self.relay.deadline)
        self.assertEqual(len(self.relay), 0)

    def test_translated_address(self) -> None:
        """Behind a translator of addresses: the only one it can be is latched, and media goes to where it came from."""
        self.join("b", stream("10.0.0.2"), signalled="203.0.113.9")
        self.assertEqual(self.say(voice(), "192.0.2.1"), [])
        self.assertEqual(self.say(voice(), "203.0.113.9", 40000), [(voice(), "192.0.2.1")])
        found = self.relay.receive(voice(), Address("192.0.2.1", 6000), AUDIO, NOW)
        self.assertEqual(found[0].destination, Address("203.0.113.9", 40000))
        self.assertEqual(self.say(voice(), "203.0.113.9", 40001), [])

    def test_other_port(self) -> None:
        """Who sends from another port than it announced still gets media at the announced one."""
        self.assertEqual(len(self.say(voice(), "192.0.2.2", 7000)), 1)
        found = self.relay.receive(voice(), Address("192.0.2.1", 6000), AUDIO, NOW)
        self.assertEqual(found[0].destination, Address("192.0.2.2", 6000))

    def test_second_stream(self) -> None:
        """Audio and video of one member keep apart."""
        for name, host in (("a", "192.0.2.1"), ("b", "192.0.2.2")):
            vp8 = Format(96, Codec("VP8", 90000))
            self.join(name, stream(host), stream(host, 7000, vp8, media="video"))
        self.assertEqual(len(self.say(voice(96), "192.0.2.1", 7000, Port("video", 4))), 1)
        self.assertEqual(self.say(voice(96), "192.0.2.1", 6000), [])
        self.join("b", stream("192.0.2.2"))
        self.assertEqual(self.say(voice(96), "192.0.2.1", 7000, Port("video", 4)), [])

    def test_families(self) -> None:
        """Participants of two address families hear each other, each through its own port."""
        self.join("b", stream("2001:db8::2", family=6))
        found = self.relay.receive(voice(), Address("192.0.2.1", 6000), AUDIO, NOW)
        self.assertEqual([one.port for one in found], [Port("audio", 6)])

    def test_flood(self) -> None:
        """One participant cannot bring more than its rate, all together not more than the total."""
        relay = Relay(entropy, Rates(total=150, audio=100))
        for number in range(4):
            relay.join("room", (str(number),), (stream(f"192.0.2.{number}"),), f"192.0.2.{number}", NOW)
        sent = sum(len(relay.receive(voice(), Address("192.0.2.0", 6000), AUDIO, NOW)) for _ in range(1000))
        self.assertEqual(sent, 150)
        again = sum(len(relay.receive(voice(), Address("192.0.2.0", 6000), AUDIO, at(0.5))) for _ in range(1000))
        self.assertEqual(again, 75)

    @settings(deadline=None, derandomize=True, max_examples=200)
    @given(st.binary(max_size=60), st.booleans())
    def test_anything(self, octets: bytes, reports: bool) -> None:
        """Any octets from a participant are passed on as they are, or not at all."""
        relay = Relay(entropy)
        for name, host in (("a", "192.0.2.1"), ("b", "192.0.2.2")):
            relay.join("room", (name,), (stream(host),), host, NOW)
        source = Address("192.0.2.1", 6001 if reports else 6000)
        found = relay.receive(octets, source, REPORTS if reports else AUDIO, NOW)
        self.assertIn([one.octets for one in found], ([], [octets]))


class Silences(SynchronousTestCase):
    """Silence for who gets nothing else."""

    def setUp(self) -> None:
        """One participant who is alone and has been heard."""
        self.relay = Relay(entropy)
        self.relay.join("room", ("a",), (stream("192.0.2.1"),), "192.0.2.1", NOW)

    def run_until(self, end: float) -> list[tuple[float, bytes]]:
        """What the deadlines bring, with its time."""
        found: list[tuple[float, bytes]] = []
        while (due := self.relay.deadline) is not None and due <= at(end):
            found += [(due, one.octets) for one in self.relay.expire(due)]
        return found

    def heard(self, host: str = "192.0.2.1", seconds: float = 0.0) -> None:
        """A packet comes from there."""
        self.relay.receive(voice(), Address(host, 6000), AUDIO, at(seconds))

    def test_alone(self) -> None:
        """Fifty packets a second, in order, for as long as the call stands: a phone does not hang up."""
        for second in range(130):
            self.heard(seconds=float(second))
            found = self.run_until(second + 0.99)
            self.assertIn(len(found), (49, 50, 51))
        headers = [rtp.read(octets)[0] for _, octets in found]
        for first, second_one in zip(headers, headers[1:], strict=False):
            self.assertEqual((second_one.sequence - first.sequence) & 0xFFFF, 1)
            self.assertEqual((second_one.timestamp - first.timestamp) & 0xFFFFFFFF, 160)

    def test_late_shell(self) -> None:
        """A shell that is late now and then still brings fifty a second."""
        self.heard()
        count = 0
        clock = 0.0
        while clock < 10:
            clock += 0.023
            count += len(self.relay.expire(at(clock)))
            while self.relay.deadline is not None and self.relay.deadline <= at(clock):
                count += len(self.relay.expire(at(clock)))
        self.assertGreater(count, 495)

    def test_two(self) -> None:
        """While another one talks there is no silence; it comes when the talk stops."""
        self.relay.join("room", ("b",), (stream("192.0.2.2"),), "192.0.2.2", NOW)
        self.heard()
        self.run_until(0.02)
        for step in range(50):
            self.heard("192.0.2.2", 0.03 + step * 0.02)
            self.heard("192.0.2.1", 0.03 + step * 0.02)
            self.assertLessEqual(len(self.run_until(0.03 + step * 0.02)), 1 if step == 0 else 0)
        self.assertGreater(len(self.run_until(2.0)), 30)

    def test_not_heard(self) -> None:
        """Before anything was heard silence is slow, and stops after a while: the address may be somebody else's."""
        self.assertLess(len(self.run_until(1000)), 15)
        self.assertIsNone(self.relay.deadline)

    def test_held(self) -> None:
        """No silence for one who only sends, or whose address is unspecified."""
        for held in (
            stream("192.0.2.1", direction=Direction.recvonly),
            stream("192.0.2.1", direction=Direction.inactive),
            stream("192.0.2.1", held=True),
        ):
            self.relay.join("room", ("a",), (held,), "192.0.2.1", NOW)
            self.heard()
            self.assertEqual(self.run_until(10), [])
        self.relay.join("room", ("a",), (stream("192.0.2.1"),), "192.0.2.1", at(10))
        self.heard(seconds=10)
        self.assertGreater(len(self.run_until(11)), 40)

    def test_same_again(self) -> None:
        """Joining again with the same streams changes nothing: the numbers of the silence go on."""
        self.heard()
        before = rtp.read(self.run_until(1)[-1][1])[0]
        self.relay.join("room", ("a",), (stream("192.0.2.1"),), "192.0.2.1", at(1))
        after = rtp.read(self.run_until(1.5)[0][1])[0]
        self.assertEqual((after.sequence, after.ssrc), (before.sequence + 1, before.ssrc))

    # = rfc3264:8.3.4/2 test
    def test_other_packets(self) -> None:
        """Who wants longer packets from now on gets them."""
        self.heard()
        self.assertEqual({len(octets) for _, octets in self.run_until(1)}, {172})
        wanted = stream("192.0.2.1")._replace(packet_time=40)
        self.relay.join("room", ("a",), (wanted,), "192.0.2.1", at(1))
        self.assertEqual({len(octets) for _, octets in self.run_until(2)}, {332})


class Latching(SynchronousTestCase):
    """Whose packet it is."""

    def setUp(self) -> None:
        """Nobody is expected."""
        self.latches: Latches[str] = Latches()

    def test_ambiguous(self) -> None:
        """Two behind one address that send from elsewhere than announced are not guessed at; one heard leaves the other."""
        self.latches.expect("a", AUDIO, Address("10.0.0.1", 6000), "203.0.113.9")
        self.latches.expect("b", AUDIO, Address("10.0.0.2", 6000), "203.0.113.9")
        self.assertIsNone(self.latches.find(AUDIO, Address("203.0.113.9", 40000)))
        self.assertEqual(self.latches.find(AUDIO, Address("10.0.0.1", 6000)), "a")
        self.assertEqual(self.latches.find(AUDIO, Address("203.0.113.9", 40000)), "b")

    def test_stolen(self) -> None:
        """Who announces another's address from elsewhere does not get its packets, and takes none away once it was heard."""
        victim = Address("192.0.2.1", 6000)
        self.latches.expect("a", AUDIO, victim, "192.0.2.1")
        self.assertEqual(self.latches.find(AUDIO, victim), "a")
        self.latches.expect("thief", AUDIO, victim, "198.51.100.1")
        self.assertEqual(self.latches.find(AUDIO, victim), "a")

    def test_called_again(self) -> None:
        """A phone that lost its call and calls again with the same port is the newer call; when that ends, the older."""
        phone = Address("192.0.2.1", 6000)
        self.latches.expect("old", AUDIO, phone, "192.0.2.1")
        self.assertEqual(self.latches.find(AUDIO, phone), "old")
        self.latches.expect("new", AUDIO, phone, "192.0.2.1")
        self.assertEqual(self.latches.find(AUDIO, phone), "new")
        self.latches.forget("new", AUDIO)
        self.assertEqual(self.latches.find(AUDIO, phone), "old")

    def test_announced_wins(self) -> None:
        """A guess gives way to the announced address."""
        self.latches.expect("a", AUDIO, Address("192.0.2.1", 6000), "192.0.2.1")
        self.assertEqual(self.latches.find(AUDIO, Address("192.0.2.1", 9999)), "a")
        self.assertEqual(self.latches.find(AUDIO, Address("192.0.2.1", 6000)), "a")
        self.assertEqual(self.latches.source("a", AUDIO), Address("192.0.2.1", 6000))
        self.assertIsNone(self.latches.find(AUDIO, Address("192.0.2.1", 9999)))

    def test_empty_again(self) -> None:
        """Nothing stays of those who went."""
        for name in "abc":
            self.latches.expect(name, AUDIO, Address("192.0.2.1", 6000), name)
        self.latches.expect("d", AUDIO, None, "192.0.2.1")
        self.latches.find(AUDIO, Address("192.0.2.1", 6001))
        for name in "abcde":
            self.latches.forget(name, AUDIO)
        self.assertEqual(len(self.latches), 0)
        for place in (self.latches._announced, self.latches._waiting, self.latches._taken, self.latches._sources):
            self.assertEqual(len(place), 0)

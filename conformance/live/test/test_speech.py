"""Silence that keeps calls up."""

from __future__ import annotations

import socket
import time

from twisted.trial.unittest import SynchronousTestCase

from conformance.live.network.speech import Speech, closed, format_of, packet, place_of
from conformance.live.network.voices import Voices

SDP = b"v=0\r\no=- 1 1 IN IP4 %s\r\ns=-\r\nc=IN IP4 %s\r\nt=0 0\r\nm=%s %d RTP/AVP 0\r\n"


class SpeechTests(SynchronousTestCase):
    """Packets, where they go, and that they go."""

    def test_packet(self) -> None:
        """Version 2, payload type 0, 160 octets; sequence number and timestamp count up."""
        self.assertEqual(packet(0, 5)[:12].hex(), "808000000000000000000005")
        self.assertEqual(packet(2, 5)[:12].hex(), "800000020000014000000005")
        self.assertEqual(len(packet(1, 5)), 172)

    def test_place(self) -> None:
        """The address and port of the first audio stream that is not refused."""
        self.assertEqual(place_of(SDP % (b"192.0.2.1", b"192.0.2.1", b"audio", 4000)), ("192.0.2.1", 4000))
        for description in (b"", SDP % (b"h", b"0.0.0.0", b"audio", 4000), SDP % (b"h", b"192.0.2.1", b"audio", 0),
                            SDP % (b"h", b"192.0.2.1", b"video", 4000), SDP % (b"h", b"phone.invalid", b"audio", 4000)):  # fmt: skip
            self.assertEqual(place_of(description), None)

    def test_sent(self) -> None:
        """They arrive one behind the other, until it is closed."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
            listening.bind(("127.0.0.1", 0))
            listening.settimeout(5.0)
            speech = Speech("127.0.0.1")
            self.addCleanup(speech.close)
            speech.speak(listening.getsockname())
            first, second = listening.recv(2000), listening.recv(2000)
            self.assertEqual((first[3], second[3], first[1], second[1]), (0, 1, 0x80, 0))

    def test_heard(self) -> None:
        """Packets are counted by source and format; what is no RTP is not."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as speaking:
            speaking.bind(("127.0.0.1", 0))
            speech = Speech("127.0.0.1")
            self.addCleanup(speech.close)
            for octets in (packet(0, 5), b"hello", packet(1, 5)):
                speaking.sendto(octets, ("127.0.0.1", speech.port))
            for _ in range(100):
                heard = list(speech.heard())
                if heard and heard[0][4] == 2:
                    break
                time.sleep(0.02)
            self.assertEqual(heard, [(*speaking.getsockname(), 0, 160, 2)])

    def test_format(self) -> None:
        """The payload number without its marker; RTCP has none."""
        self.assertEqual([format_of(packet(0, 5)), format_of(packet(1, 5)), format_of(b"")], [0, 0, None])
        self.assertIsNone(format_of(bytes([0x80, 200]) + bytes(20)))

    def test_closed(self) -> None:
        """A port where somebody listens takes packets, and refuses them when he is gone."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
            listening.bind(("127.0.0.1", 0))
            place = listening.getsockname()
            self.assertFalse(closed("127.0.0.1", place))
        self.assertTrue(closed("127.0.0.1", place))

    def test_virtual(self) -> None:
        """In virtual time a voice speaks every 20 ms, from when it begins; what comes to it is counted until it forgets."""
        voices = Voices()
        first, second = voices.open("h"), voices.open("h")
        self.assertNotEqual(first.port, second.port)
        self.assertIsNone(voices.next(5.0))
        first.speak(("s", 1))
        self.assertEqual(voices.next(5.0), 5.0)
        self.assertEqual([spoken[0][3] for spoken in voices.spoken(5.05)], [0, 1, 2])
        self.assertTrue(voices.hears(packet(0, 5), ("s", 1), second.end))
        self.assertFalse(voices.hears(packet(0, 5), ("s", 1), ("h", 1)))
        self.assertEqual(list(second.heard()), [("s", 1, 0, 160, 1)])
        second.forget()
        first.close()
        self.assertEqual((list(second.heard()), voices.next(6.0)), ([], None))

"""Speech of a party: silence in PCMU from a port of its own, so that a phone does not end a call for want of sound (RFC 3550, 3551).

Only live: in virtual time nobody listens.  Nothing of it is kept as evidence, and what the subject sends is not looked at.
"""

from __future__ import annotations

import ipaddress
import socket
import struct
import threading

from conformance.lab.sip import LabRefusal, decode
from conformance.lab.sip.value import number_at, pick, text_at

PERIOD = 0.02
"""Seconds between packets (RFC 3551, section 4.2)."""
SILENCE = b"\xff" * 160
"""20 ms of PCMU."""
PCMU = 0


def packet(number: int, source: int) -> bytes:
    """One packet of silence; the first has the marker."""
    marker = 0x80 if number == 0 else 0
    return struct.pack("!BBHII", 0x80, PCMU | marker, number & 0xFFFF, number * 160 & 0xFFFFFFFF, source) + SILENCE


def place_of(description: bytes) -> tuple[str, int] | None:
    """Where the first audio stream of a session description wants its packets; None where there is none."""
    try:
        value = decode("sdp", None, description)
    except LabRefusal:
        return None
    streams = pick(value, "media")
    for stream in streams if isinstance(streams, list) else []:
        host = text_at(stream, "connections", 0, "address") or text_at(value, "connection", "address")
        port = number_at(stream, "port")
        if pick(stream, "media") == "audio" and port and host and _numeric(host):
            return host, port
    return None


def _numeric(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return False


class Speech:
    """A socket that sends silence until it is closed."""

    def __init__(self, host: str) -> None:
        self._socket = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((host, 0))
        self.port = int(self._socket.getsockname()[1])
        """The port for a session description."""
        self._end = threading.Event()
        self._speaking: threading.Thread | None = None

    def speak(self, to: tuple[str, int]) -> None:
        """Begin, once."""
        if self._speaking is None:
            self._speaking = threading.Thread(target=self._run, args=(to,), daemon=True)
            self._speaking.start()

    def _run(self, to: tuple[str, int]) -> None:
        number = 0
        while not self._end.wait(PERIOD):
            try:
                self._socket.sendto(packet(number, 0x0D15C0), to)
            except OSError:  # nobody there; it may come yet
                continue
            finally:
                number += 1

    def close(self) -> None:
        """Stop."""
        self._end.set()
        if self._speaking is not None:
            self._speaking.join(1.0)
        self._socket.close()

"""A target is one string: ``exec:./adapter``, ``capture:run.pcapng``, ``docs:folder/``, ``sip:udp:192.0.2.1:5060``, ``reload:tls:192.0.2.1:6084``."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass

from conformance.errors import Misuse

SCHEMES = {
    "exec": "an adapter: a program that speaks the contract of SUBJECT.md",
    "capture": "a capture file, pcap or pcapng",
    "docs": "an XML document, or a folder of them",
    "sip": "a SIP element on the network: sip:udp:HOST:PORT, sip:tcp:, sip:tls:; an IPv6 address in brackets",
    "reload": "a node of an overlay on the network: reload:tls:HOST:PORT, reload:dtls:",
    "https": "a configuration and enrolment server of an overlay: https:HOST:PORT, or https://HOST:PORT/PATH",
}
"""The schemes that can be judged."""

TRANSPORTS = {"sip": {"udp": 5060, "tcp": 5060, "tls": 5061}, "reload": {"tls": 6084, "dtls": 6084}}
"""The transports of targets on the network with their default ports."""


@dataclass(frozen=True, slots=True)
class Address:
    """A target taken apart."""

    text: str
    scheme: str
    rest: str

    @property
    def arguments(self) -> list[str]:
        """The words of an ``exec:`` target; raises Misuse for an unclosed quote or nothing at all."""
        try:
            words = shlex.split(self.rest)
        except ValueError as error:
            raise Misuse(f"{self.text!r}: {error}") from None
        if not words:
            raise Misuse(f"{self.text!r} names no program; an example: 'exec:./adapter --flag'")
        return words

    @property
    def element(self) -> tuple[str, str, int]:
        """Transport, host (IPv6 without brackets) and port of a target on the network; raises Misuse."""
        known = TRANSPORTS[self.scheme]
        found = re.fullmatch(r"(\w+):(\[[0-9A-Fa-f:.%]+\]|[^:\[\]\s/]+)(?::(\d{1,5}))?", self.rest)
        transport = found[1].lower() if found else ""
        if found is None or transport not in known:
            *others, last = (f"{self.scheme}:{one}:HOST:PORT" for one in known)
            raise Misuse(f"{self.text!r} is not {', '.join(others)} or {last}")
        port = int(found[3] or known[transport])
        if not 0 < port < 65536:
            raise Misuse(f"{self.text!r}: a port is between 1 and 65535")
        return transport, found[2].strip("[]"), port


def parse_target(text: str) -> Address:
    """Take a target string apart; raises Misuse for a scheme that is unknown."""
    scheme, colon, rest = text.partition(":")
    if colon and scheme in SCHEMES:
        if not rest.strip():
            raise Misuse(f"the target {text!r} names nothing after {scheme}:")
        return Address(text, scheme, rest)
    known = ", ".join(f"{name}: ({what})" for name, what in SCHEMES.items())
    raise Misuse(f"{text!r} is not a target; known are {known}")

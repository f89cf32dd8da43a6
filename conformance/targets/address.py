"""A target is one string: ``exec:./adapter --flag``, ``capture:run.pcapng``, ``docs:folder/``, ``sip:udp:192.0.2.1:5060``."""

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
}
"""The schemes that can be judged."""

LATER = {
    "reload": "a RELOAD peer on the network",
}
"""Schemes of the target language that this version does not judge yet."""


TRANSPORTS = {"udp": 5060, "tcp": 5060, "tls": 5061}
"""The transports of a ``sip:`` target with their default ports."""


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
        """Transport, host (IPv6 without brackets) and port of a ``sip:`` target; raises Misuse."""
        found = re.fullmatch(r"(\w+):(\[[0-9A-Fa-f:.%]+\]|[^:\[\]\s/]+)(?::(\d{1,5}))?", self.rest)
        transport = found[1].lower() if found else ""
        if found is None or transport not in TRANSPORTS:
            raise Misuse(f"{self.text!r} is not sip:udp:HOST:PORT, sip:tcp:HOST:PORT or sip:tls:HOST:PORT")
        port = int(found[3] or TRANSPORTS[transport])
        if not 0 < port < 65536:
            raise Misuse(f"{self.text!r}: a port is between 1 and 65535")
        return transport, found[2].strip("[]"), port


def parse_target(text: str) -> Address:
    """Take a target string apart; raises Misuse for a scheme that is unknown or not judged yet."""
    scheme, colon, rest = text.partition(":")
    if colon and scheme in SCHEMES:
        if not rest.strip():
            raise Misuse(f"the target {text!r} names nothing after {scheme}:")
        return Address(text, scheme, rest)
    known = ", ".join(f"{name}: ({what})" for name, what in SCHEMES.items())
    if colon and scheme in LATER:
        raise Misuse(f"the target scheme {scheme}: ({LATER[scheme]}) is not judged by this version; known are {known}")
    raise Misuse(f"{text!r} is not a target; known are {known}")

"""A target is one string: ``exec:./adapter --flag``, ``capture:run.pcapng``, ``docs:folder/``."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from conformance.errors import Misuse

SCHEMES = {
    "exec": "an adapter: a program that speaks the contract of SUBJECT.md",
    "capture": "a capture file, pcap or pcapng",
    "docs": "an XML document, or a folder of them",
}
"""The schemes that can be judged."""

LATER = {
    "sip": "a SIP user agent on the network",
    "reload": "a RELOAD peer on the network",
}
"""Schemes of the target language that this version does not judge yet."""


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

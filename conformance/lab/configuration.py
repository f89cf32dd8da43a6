"""Signatures of configuration documents (RFC 6940, section 11.1).

What is signed are the bytes of the ``configuration`` element as they stand in the file, from the
first ``<`` of its start tag to the ``>`` of its end tag; the places come from expat.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from xml.parsers import expat

from conformance.lab import rules
from conformance.lab.context import Context
from conformance.lab.presentation.decoding import Decoder
from conformance.lab.presentation.definitions import specified
from conformance.lab.presentation.refusal import Json, LabRefusal
from conformance.lab.signatures import verify

_SPACE = b" \t\r\n"
_NAMESPACE = "urn:ietf:params:xml:ns:p2p:config-base"


@dataclass(slots=True)
class Element:
    """A child of ``overlay``: its name, where it begins and ends, and its text."""

    name: str
    start: int
    end: int = -1
    text: str = ""


class _Children:
    """The children of the root in order, with their places in the file."""

    def __init__(self, octets: bytes) -> None:
        self.found: list[Element] = []
        self._depth = 0
        self._parser = expat.ParserCreate("UTF-8", " ")
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text
        self._parser.DefaultHandler = self._other
        self._parser.buffer_text = False
        self._parser.Parse(octets, True)

    def _other(self, text: str) -> None:
        """The event behind an element: where it begins, the element ends."""
        if self.found and self.found[-1].end < 0 and self._depth == 1:
            self.found[-1].end = self._parser.CurrentByteIndex

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._other("")
        self._depth += 1
        if self._depth == 2:
            self.found.append(Element(name, self._parser.CurrentByteIndex))

    def _end(self, name: str) -> None:
        self._other("")
        self._depth -= 1

    def _text(self, text: str) -> None:
        self._other("")
        if self._depth == 2:
            self.found[-1].text += text


def verify_configurations(octets: bytes, context: Context) -> None:
    """Every configuration is followed by a signature of one of ``context.certificates``; LabRefusal where one is not.

    The document is one that the grammar accepts.
    """
    children = _Children(octets).found
    name, signed = f"{_NAMESPACE} signature", f"{_NAMESPACE} configuration"
    behind: dict[int, list[Element]] = {}
    for index, one in enumerate(children):
        if one.name == signed:
            behind[index] = []
        elif one.name == name and behind:
            behind[max(behind)].append(one)
        elif one.name == name:
            # = rfc6940:11.1/36b
            raise LabRefusal("signature", None, "stands before any configuration", clause="rfc6940:11.1/36b")
    for index, signatures in behind.items():
        _verify_one(octets[children[index].start : children[index].end], signatures, context)


def _verify_one(element: bytes, signatures: list[Element], context: Context) -> None:
    """One of the signatures behind a configuration holds."""
    why = LabRefusal("signature", None, "none follows the configuration", clause="rfc6940:11.1/38")
    for one in signatures:
        try:
            # = rfc6940:11.1/35a
            # = rfc6940:11.1/35b
            verify(_signature(one.text, context), element, [], context)
        except LabRefusal as refusal:
            why = refusal
        else:
            return
    # = rfc6940:11.1/38
    raise why


def _signature(text: str, context: Context) -> Json:
    """The Signature in the SecurityBlock that is in base64."""
    # = rfc6940:11.1/36a
    try:
        octets = base64.b64decode(bytes(one for one in text.encode() if one not in _SPACE), validate=True)
    except binascii.Error as error:
        raise LabRefusal("signature", None, f"no base64: {error}", clause="rfc6940:11.1/36a") from None
    return Decoder(specified(), context, rules.check).whole("SecurityBlock", octets)["signature"]


__all__ = ["Element", "verify_configurations"]

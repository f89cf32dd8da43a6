"""Examples of a draft against the grammar they rest on: SIP URIs and header fields, Node-IDs, documents."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator

from conformance.draft.lint.finding import Block, Draft, Finding
from conformance.lab.sip import LabRefusal, decode

_URI = re.compile(r"(?<![\w:])sips?:[^\s<>\"',)]+")
_HEADER = re.compile(r"['\"“]([A-Z][A-Za-z-]+): ([^'\"”]+)['\"”]")
_NODE_ID = re.compile(r"\bNode-ID\s*[:=]\s*([0-9a-fA-F]{4,})\b")
_FIELD = re.compile(r"^\s*([A-Z][A-Za-z-]*): +(\S.*)$")
_LEAST_NODE_ID = 16
"""Octets (RFC 6940, section 6.3.1.1)."""

_START = re.compile(r"^\s*(?:[A-Z]+ sips?:\S+ SIP/2\.0|SIP/2\.0 \d{3}\b)")


def check(draft: Draft) -> Iterator[Finding]:
    """Every example that breaks the grammar of the specification it uses."""
    for section in draft.text.sections:
        if not section.number or "References" in section.title:
            continue
        for paragraph in section.paragraphs:
            for line in paragraph.lines:
                if not _is_grammar(line.text):
                    yield from _uris(line.number, line.text)
                    yield from _headers(line.number, line.text)
                    yield from _node_ids(line.number, line.text)
    for block in draft.blocks:
        yield from _message(block)


def _is_grammar(text: str) -> bool:
    return bool(re.search(r"::=|^\s*[A-Za-z-]+\s+=[/ ]|xmlns|targetNamespace", text))


def _refused(form: str, name: str | None, text: str) -> str:
    try:
        decode(form, name, text.encode())
    except LabRefusal as refusal:
        return str(refusal)
    return ""


def _uris(number: int, text: str) -> Iterator[Finding]:
    for found in _URI.finditer(text):
        uri = found[0].rstrip(".:;")
        why = _refused("sip.uri", None, uri)
        if why:
            hint = ""
            if re.search(r"[;?][\w-]+=[A-Za-z0-9+/]+=+(?:[;?]|$)", uri):
                hint = "; the padding of Base64 has to be escaped there (%3D)"
            message = f"the example {uri} is no SIP URI by RFC 3261, section 25.1: {why}{hint}"
            yield Finding(number, found.start() + 1, "example-breaks-grammar", "error", message)
        yield from _coordinate(number, found.start() + 1, uri)


def _coordinate(number: int, column: int, uri: str) -> Iterator[Finding]:
    """A Base64 value that is said to be one thing and decodes to another."""
    found = re.search(r";([\w-]+)=([A-Za-z0-9+/]{8,}={0,2})", uri)
    if not found:
        return
    try:
        inside = base64.b64decode(found[2], validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return
    if re.fullmatch(r"[\w.+-]+@[\w.-]+", inside):
        message = f"the value of the parameter {found[1]} decodes to the address {inside}, which is no {found[1]} value"
        yield Finding(number, column, "example-misleads", "warning", message)


def _headers(number: int, text: str) -> Iterator[Finding]:
    for found in _HEADER.finditer(text):
        why = _refused("sip.header", found[1], found[2])
        if why:
            message = f"the example header field {found[1]} breaks its grammar: {why}"
            yield Finding(number, found.start(1) + 1, "example-breaks-grammar", "error", message)


def _node_ids(number: int, text: str) -> Iterator[Finding]:
    for found in _NODE_ID.finditer(text):
        digits = len(found[1])
        if digits % 2 or not _LEAST_NODE_ID <= digits // 2 <= 20:
            message = (
                f"a Node-ID of {digits} hexadecimal digits: RFC 6940, section 6.3.1.1, has 16 to 20 octets, "
                "so 32 to 40 digits"
            )
            yield Finding(number, found.start(1) + 1, "example-breaks-grammar", "error", message)


def _message(block: Block) -> Iterator[Finding]:
    """A block that prints a SIP message is judged header field by header field."""
    lines = [text for _, text in block.lines]
    start = next((index for index, text in enumerate(lines) if _START.match(text)), None)
    if start is None:
        return
    for index in range(start + 1, len(lines)):
        if not lines[index].strip():
            return
        field = _FIELD.match(lines[index])
        if not field or field[2].rstrip().endswith("..."):
            continue
        follows = (
            index + 1 < len(lines) and re.match(r"\s+[;\w]", lines[index + 1]) and not _FIELD.match(lines[index + 1])
        )
        value = field[2].strip() + (lines[index + 1].strip() if follows else "")
        why = _refused("sip.header", field[1], value)
        if why:
            message = f"the example header field {field[1]} breaks its grammar: {why}"
            yield Finding(block.lines[index][0], field.start(1) + 1, "example-breaks-grammar", "error", message)

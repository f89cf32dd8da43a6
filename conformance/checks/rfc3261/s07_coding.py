"""Content-Encoding and what the body shows of it (RFC 3261, section 7.4.1)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, rule
from conformance.lab.sip import Message
from conformance.lab.sip.value import text_at

MAGIC = (b"\x1f\x8b", b"\x1f\x9d")
"""How bodies begin that gzip and compress have coded."""
BEGINNINGS = {"application/sdp": b"v=", "message/sipfrag": b"SIP/2.0 "}
"""How plain bodies of some types begin."""


def _plain(message: Message) -> bool | None:
    """Whether a body is as its type says, without a coding; None where its type does not tell."""
    if message.body.startswith(MAGIC):
        return False
    value = message.first("content-type")
    kind = f"{text_at(value, 'type')}/{text_at(value, 'subtype')}".lower()
    if kind.endswith("+xml"):
        return True if message.body.lstrip().startswith(b"<") else None
    return True if kind in BEGINNINGS and message.body.startswith(BEGINNINGS[kind]) else None


@check("rfc3261/s07_4_1/coding-told", "Content-Encoding is there where the body is coded, and only there.", "rfc3261:7.4.1/2a", "rfc3261:7.4.1/2b",
       needs="a message with a body whose octets show whether it is coded")  # fmt: skip
def coding_told(evidence: Evidence) -> Iterator[Ruling]:
    """The header against the first octets of the body."""
    for event, message in evidence.judged:
        plain = _plain(message) if message.body else None
        if plain is None:
            continue
        codings = [line.strip().lower() for line in message.lines("content-encoding")]
        told = any(line and line != "identity" for line in codings)
        expected, seen = "no Content-Encoding" if plain else "Content-Encoding", ", ".join(codings) or "none"
        why = "a plain body is called coded" if plain else "the coding is not told"
        yield rule(told is not plain, event, why=why, expected=expected, seen=seen, place="Content-Encoding")

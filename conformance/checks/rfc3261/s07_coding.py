"""Content-Encoding and what the body shows of it (RFC 3261, sections 7.4.1 and 20.12)."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence

from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, right, rule, unclear, wrong
from conformance.lab.sip import Message
from conformance.lab.sip.value import text_at

MAGIC = (b"\x1f\x8b", b"\x1f\x9d")
"""How bodies begin that gzip and compress have coded."""
BEGINNINGS = {"application/sdp": b"v=", "message/sipfrag": b"SIP/2.0 "}
"""How plain bodies of some types begin."""
WINDOWS = {"gzip": 31, "x-gzip": 31, "deflate": 15}
"""Codings that can be undone here, with the window and form by which zlib knows them."""
LARGEST = 1 << 20
"""Octets to which a body is unfolded."""


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


def _undone(body: bytes, codings: Sequence[str]) -> bytes | None:
    """A body without codings, the first of these undone first; None where one of them is not that of the octets."""
    for coding in codings:
        unfolding = zlib.decompressobj(WINDOWS[coding])
        try:
            body = unfolding.decompress(body, LARGEST)
        except zlib.error:
            return None
        if not unfolding.eof or unfolding.unused_data:
            return None
    return body


@check("rfc3261/s20_12/order-of-codings", "Several content codings are listed in the order in which they were applied.", "rfc3261:20.12/2",
       needs="a message whose body has several codings of different kinds")  # fmt: skip
def order_of_codings(evidence: Evidence) -> Iterator[Ruling]:
    """Undone from the last to the first the octets unfold; where they do in the other order only, the list is the wrong way round."""
    for event, message in evidence.judged:
        listed = [str(one).lower() for one in message.values("content-encoding")]
        codings = [one for one in listed if one != "identity"]
        if not message.body or len({one.removeprefix("x-") for one in codings}) < 2:
            continue
        if not set(codings) <= set(WINDOWS):
            yield unclear(event, why=f"not every coding of {', '.join(codings)} can be undone here")
        elif _undone(message.body, codings[::-1]) is not None:
            yield right(event)
        elif _undone(message.body, codings) is not None:
            expected, seen = ", ".join(codings[::-1]), ", ".join(codings)
            yield wrong(event, why="listed the wrong way round", expected=expected, seen=seen, place="Content-Encoding")
        else:
            yield unclear(event, why=f"the body is not what {', '.join(codings)} makes of anything")

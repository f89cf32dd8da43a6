"""The order of headers (RFC 3261, section 7.3.1)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, rule

FOR_PROXIES = ("via", "route", "record-route", "proxy-require", "max-forwards", "proxy-authorization")


@check("rfc3261/s07_3_1/proxies-first", "What proxies read stands towards the top of the headers.", "rfc3261:7.3.1/1",
       needs="a message with headers about its body", level="SHOULD")  # fmt: skip
def proxies_first(evidence: Evidence) -> Iterator[Ruling]:
    """Headers about the body, which no proxy needs, do not come before those that every proxy reads."""
    for event, message in evidence.judged:
        names = [entry.name for entry in message.fields]
        about = [place for place, name in enumerate(names) if name.startswith("content-")]
        read = [place for place, name in enumerate(names) if name in FOR_PROXIES]
        if about and read:
            late = [message.fields[place].spelled for place in read if place > about[0]]
            why, expected = "behind the headers of the body", "before Content-Length and the like"
            yield rule(not late, event, why=why, expected=expected, seen=late, place=", ".join(late))

"""AppAttach: links for applications (RFC 6940, section 6.5.2)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc6940.exchanges import body_of
from conformance.checks.rfc6940.live.attaching.courses import APP_ATTACH, APP_ATTACH_ANS, own_attach, with_party
from conformance.checks.rfc6940.live.configuring.effects import granted
from conformance.checks.rfc6940.live.labelled import put
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, rule, unclear, wrong

NOT_FOUND = 3
"""Error_Not_Found (section 14.9)."""
PASSIVE = b"passive".hex()


@check(
    "rfc6940/s06_5_2_2/unknown-application",
    "A link for an application that is not supported is refused with Error_Not_Found.",
    "rfc6940:6.5.2.2/3",
    needs="an AppAttach for an application that nobody has",
    role="peer",
    protocol="reload",
    scenarios=("peer/app-attach-unknown",),
)
def unknown_application(evidence: Evidence) -> Iterator[Ruling]:
    """The error code."""
    for one in put(evidence, "unknown application"):
        events = [one.event, *(event for event, _ in one.answers[:1])]
        yield rule(one.error == NOT_FOUND, *events, why="the answer", expected=f"error {NOT_FOUND}", seen=one.outcome)


@check(
    "rfc6940/s06_5_2_2/answered",
    "A request for a link of an application that is supported is answered by an AppAttachAns, and the link follows.",
    "rfc6940:6.5.2.2/1",
    needs="an AppAttach for SIP, which the subject supports",
    level="SHOULD",
    role="peer",
    protocol="reload",
    scenarios=("peer/app-attached-to",),
)
def answered(evidence: Evidence) -> Iterator[Ruling]:
    """Who is asked by somebody passive opens the link."""
    for one in put(evidence, "application"):
        if one.error == NOT_FOUND:
            yield unclear(one.event, why="it does not support SIP")
            continue
        if not granted(one, APP_ATTACH_ANS):
            yield wrong(one.event, why="the answer", expected="an AppAttachAns", seen=one.outcome)
            continue
        found = any(link.by_subject for link in with_party(evidence, "ann", one.event.number))
        yield rule(
            found, one.event, one.answers[0][0], why="the link", expected="the subject opens it", seen="it does not"
        )


@check(
    "rfc6940/s06_5_2_2/link-after-answer",
    "With the answer to its AppAttach in hand, a peer makes the link: it opens it, or takes it, by its role.",
    "rfc6940:6.5.2.2/2",
    needs="an AppAttach of the subject that is answered",
    level="SHOULD",
    role="peer",
    protocol="reload",
    scenarios=("peer/app-attaches",),
)
def link_after_answer(evidence: Evidence) -> Iterator[Ruling]:
    """Without ICE the handshake takes the place of connectivity checks."""
    for one in put(evidence, "answer"):
        own = own_attach(evidence, one, APP_ATTACH)
        waits = own is not None and body_of(own.request).get("role") == PASSIVE
        found = [
            link for link in with_party(evidence, "bob", one.event.number)
            if link.by_subject is not waits and not link.closed_by_subject
        ]  # fmt: skip
        yield rule(bool(found), one.event, why="the link", expected="it comes about", seen="it does not")

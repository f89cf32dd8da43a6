"""Two nodes that ask each other to attach at once (RFC 6940, section 6.5.1.2)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc6940.exchanges import code_of, judged
from conformance.checks.rfc6940.live.attaching.courses import ATTACH_ANS, own_attach, pinged, with_party
from conformance.checks.rfc6940.live.configuring.effects import granted
from conformance.checks.rfc6940.live.labelled import put
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, rule, unclear

IN_PROGRESS = 17
"""Error_In_Progress (section 14.9)."""


@check(
    "rfc6940/s06_5_1_2/in-progress",
    "Who has an answer to its Attach, and waits for the link, answers the other one's Attach by Error_In_Progress.",
    "rfc6940:6.5.1.2/3",
    needs="an Attach to a subject whose own was answered",
    level="SHOULD",
    role="peer",
    protocol="reload",
    scenarios=("peer/attach-in-progress",),
)
def in_progress(evidence: Evidence) -> Iterator[Ruling]:
    """The error code."""
    for one in put(evidence, "crossing"):
        events = [one.event, *(event for event, _ in one.answers[:1])]
        yield rule(
            one.error == IN_PROGRESS, *events, why="the answer", expected=f"error {IN_PROGRESS}", seen=one.outcome
        )


@check(
    "rfc6940/s06_5_1_2/lesser-answers",
    "Of two that ask at once, the one with the lesser Node-ID answers, and opens the link.",
    "rfc6940:6.5.1.2/6",
    "rfc6940:6.5.1.2/4",
    "rfc6940:6.5.1.2/1",
    needs="crossing Attaches, of which the subject's is not answered, with a greater Node-ID",
    role="peer",
    protocol="reload",
    scenarios=("peer/attach-glare-greater",),
)
def lesser_answers(evidence: Evidence) -> Iterator[Ruling]:
    """The AttachAns, and who opens the link."""
    for one in put(evidence, "crossing"):
        events = [one.event, *(event for event, _ in one.answers[:1])]
        yield rule(granted(one, ATTACH_ANS), *events, why="the answer", expected="an AttachAns", seen=one.outcome)
        if granted(one, ATTACH_ANS):
            opened = any(link.by_subject for link in with_party(evidence, "bob", one.event.number))
            yield rule(opened, *events, why="the link", expected="the subject opens it", seen="it does not")


@check(
    "rfc6940/s06_5_1_2/lesser-stops",
    "Of two that ask at once, the one with the lesser Node-ID does not repeat its own request any more.",
    "rfc6940:6.5.1.2/5",
    needs="crossing Attaches, of which the subject's is not answered, with a greater Node-ID",
    role="peer",
    protocol="reload",
    scenarios=("peer/attach-glare-greater",),
)
def lesser_stops(evidence: Evidence) -> Iterator[Ruling]:
    """Copies of the subject's Attach, on whatever link, after it has answered the other one's."""
    for one in put(evidence, "crossing"):
        own = own_attach(evidence, one)
        if own is None or not granted(one, ATTACH_ANS) or not evidence.alive_after(one.event):
            yield unclear(one.event, why="it has not answered, or is silent altogether")
            continue
        same = own.request.header["transaction_id"]
        late = [
            event for event, message in judged(evidence)
            if event.number > one.answers[0][0].number and code_of(message) == own.code
            and message.header["transaction_id"] == same
        ]  # fmt: skip
        yield rule(not late, own.event, one.event, *late[:1], why="repetitions", expected="none", seen=len(late))


@check(
    "rfc6940/s06_5_1_2/greater-goes-on",
    "Of two that ask at once, the one with the greater Node-ID answers Error_In_Progress, and completes its own Attach.",
    "rfc6940:6.5.1.2/7",
    "rfc6940:6.5.1.2/4",
    "rfc6940:6.5.1.2/1",
    needs="crossing Attaches with a lesser Node-ID",
    role="peer",
    protocol="reload",
    scenarios=("peer/attach-glare-lesser",),
)
def greater_goes_on(evidence: Evidence) -> Iterator[Ruling]:
    """The error; then the link that the other side opens is used."""
    for one in put(evidence, "crossing"):
        events = [one.event, *(event for event, _ in one.answers[:1])]
        yield rule(
            one.error == IN_PROGRESS, *events, why="the answer", expected=f"error {IN_PROGRESS}", seen=one.outcome
        )
        used = any(answered for _, answered in pinged(evidence, "over the link"))
        yield rule(used, *events, why="its own Attach", expected="the link is taken, and used", seen="it is not")

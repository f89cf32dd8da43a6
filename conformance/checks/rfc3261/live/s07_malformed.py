"""Malformed requests, and sound ones that do not look it (RFC 3261, sections 7, 8.1.1, 8.2.6 and 18.3)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc3261.live.stimuli import BOTH, SERVER, status_of, survived
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, right, rule, wrong

WRONG = (
    "user-agent/malformed-missing", "user-agent/malformed-values", "user-agent/malformed-twice", "user-agent/malformed-start",
    "user-agent/malformed-lengths",
)  # fmt: skip
ODD = ("user-agent/malformed-odd",)
TOLERABLE = ("bad-max-forwards", "bad-expires-range", "bad-two-max-forwards", "bad-two-spaces", "bad-trailing-space")
"""What a forgiving server may well serve: it can tell what was meant, or does not need the header."""


@check(
    "rfc3261/s07/survives-malformed", "Whatever comes, the next good request is answered.", "rfc3261:11/1", "rfc3261:7/0",
    "rfc3261:18.3/0", needs="malformed messages, each followed by a sane exchange", role=BOTH,
    scenarios=(*WRONG, "user-agent/malformed-large"),
)  # fmt: skip
def survives(evidence: Evidence) -> Iterator[Ruling]:
    """The probe behind each."""
    return survived(evidence, "bad-", "large-")


@check(
    "rfc3261/s08_1_1/incomplete-refused", "A request without one of the headers that every request has is not served.", "rfc3261:8.1.1/1",
    "rfc3261:21.4/0", needs="requests without From, To, Call-ID or CSeq", level="SHOULD", role=SERVER,
    scenarios=("user-agent/malformed-missing",),
)  # fmt: skip
def incomplete_refused(evidence: Evidence) -> Iterator[Ruling]:
    """A refusal or silence, but no success."""
    yield from _refused(evidence)


@check(
    "rfc3261/s07/malformed-refused", "A request that breaks the grammar where it matters is not served.", "rfc3261:7/0", "rfc3261:7.3.1/0",
    "rfc3261:21.4/0", "rfc3261:8.1.1.5/1", needs="malformed requests", level="SHOULD", role=SERVER,
    scenarios=("user-agent/malformed-values", "user-agent/malformed-twice", "user-agent/malformed-start"),
)  # fmt: skip
def malformed_refused(evidence: Evidence) -> Iterator[Ruling]:
    """A refusal or silence, but no success."""
    yield from _refused(evidence)


def _refused(evidence: Evidence) -> Iterator[Ruling]:
    for one in evidence.transactions:
        name = one.event.label
        if not name.startswith("bad-") or name in TOLERABLE:
            continue
        if one.final is not None:
            good = status_of(one) >= 300
            why = f"{name.partition('-')[2]}: served as if nothing were wrong"
            yield rule(good, one.event, one.final[0], why=why, expected="a refusal", seen=one.final[1].title)
        elif evidence.alive_after(one.event):
            yield right(one.event, why="passed over in silence")


@check(
    "rfc3261/s21_5_6/version-505", "A request of another version of SIP gets 505.", "rfc3261:7.1/0", "rfc3261:21.5/0",
    needs="a request of SIP/7.0", level="SHOULD", role=SERVER, scenarios=("user-agent/malformed-start",),
)  # fmt: skip
def version_505(evidence: Evidence) -> Iterator[Ruling]:
    """The status, where it is answered."""
    for one in evidence.asked("bad-version"):
        if one.final is not None:
            good = status_of(one) == 505
            yield rule(good, one.event, one.final[0], why="another version", expected="505", seen=one.final[1].title)


@check(
    "rfc3261/s18_3/short-body-400", "A request in a datagram that ends before its body does gets 400.", "rfc3261:18.3/3",
    needs="a request whose Content-Length lies beyond its datagram", level="SHOULD", role="transport",
    scenarios=("user-agent/malformed-lengths",),
)  # fmt: skip
def short_body(evidence: Evidence) -> Iterator[Ruling]:
    """The status."""
    for event in evidence.labelled("bad-length-beyond"):
        one = next((one for one in evidence.transactions if one.event is event), None)
        if one is not None and one.final is not None:
            good = status_of(one) == 400
            yield rule(good, event, one.final[0], why="a body cut short", expected="400", seen=one.final[1].title)
        elif evidence.alive_after(event) is not None:
            yield wrong(event, why="a body cut short", expected="400", seen="no answer")


@check(
    "rfc3261/s07/odd-served", "Compact names, folded lines, spaces, unknown parameters, leading line ends: what is sound is served.",
    "rfc3261:7.3.1/0", "rfc3261:7.3.3/0", "rfc3261:7.5/0", "rfc3261:18.3/1", "rfc3261:25.1/0",
    needs="sound requests in unusual forms", role=SERVER, scenarios=ODD,
)  # fmt: skip
def odd_served(evidence: Evidence) -> Iterator[Ruling]:
    """No 400 and no silence."""
    for one in evidence.transactions:
        name = one.event.label
        if not name.startswith("odd-") or name == "odd-no-max-forwards":
            continue
        told = name.partition("-")[2]
        if one.final is None:
            if evidence.alive_after(one.event):
                yield wrong(one.event, why=f"{told}: not answered", expected="an answer", seen="no answer")
            continue
        good = status_of(one) not in (400, 420, 500, 501, 505)
        why = f"{told}: refused though it is sound"
        yield rule(good, one.event, one.final[0], why=why, expected="as a plain request", seen=one.final[1].title)

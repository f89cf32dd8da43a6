"""Values that are removed, and values whose lifetime ends (RFC 6940, sections 7 and 7.4.1.3)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from conformance.checks.rfc6940.live.storage.outcomes import ROLE, TOO_OLD, empty, fetched, granted, refused, unspoilt
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, rule

storing = partial(check, role=ROLE, protocol="reload")


@storing("rfc6940/s07_4_1_3/removed", "A removed value stands like every other, signed and with its time, until something newer comes.",
         "rfc6940:7.4.1.3/2", needs="a removal", scenarios=("storing-peer/removal",))  # fmt: skip
def removed(evidence: Evidence) -> Iterator[Ruling]:
    """What was there before does not come back."""
    yield from granted(evidence, "good", "remove")
    yield from refused(evidence, "bad: older", codes=(TOO_OLD,), why="a value older than the removal")
    yield from _kept(evidence, "fetch: removed", "fetch: still removed")
    yield from unspoilt(evidence, "fetch")


def _kept(evidence: Evidence, *labels: str) -> Iterator[Ruling]:
    for one, event, found in fetched(evidence, *labels):
        good = len(found) == 1 and not found[0].exists and found[0].signed
        expected = "one value that does not exist, signed"
        yield rule(good, one.event, event, why="what was removed", expected=expected, seen=str(found))


@storing("rfc6940/s07_4_1_3/removal-expires", "A removed value is there until its lifetime ends, and no longer.",
         "rfc6940:7.4.1.3/2", needs="a removal with a lifetime", scenarios=("storing-peer/lifetimes",))  # fmt: skip
def removal_expires(evidence: Evidence) -> Iterator[Ruling]:
    """Something older is taken afterwards."""
    yield from granted(evidence, "remove", "good: again")
    yield from _kept(evidence, "fetch: removed")


@storing("rfc6940/s07/lifetime", "A value is there until its lifetime ends, and no longer.",
         "rfc6940:7/0", needs="a value with a lifetime", scenarios=("storing-peer/lifetimes",))  # fmt: skip
def lifetime(evidence: Evidence) -> Iterator[Ruling]:
    """One for a minute, one for a day."""
    yield from granted(evidence, "good")
    yield from unspoilt(evidence, "fetch")
    yield from empty(evidence, "fetch: over")


@storing("rfc6940/s07_4_1_3/expiry-leaves-gap", "Where a value of an array expires, a gap is left that nobody has signed; the others stay.",
         "rfc6940:7.4.1.3/2", "rfc6940:7.4.2.2/0", needs="an array of which one value expires", scenarios=("storing-peer/lifetimes",))  # fmt: skip
def expiry_leaves_gap(evidence: Evidence) -> Iterator[Ruling]:
    """The first of two."""
    for one, event, found in fetched(evidence, "fetch: gap"):
        told = [(each.place, each.exists, each.signed) for each in found]
        wanted = [(0, False, False), (1, True, True)]
        yield rule(sorted(told, key=str) == wanted, one.event, event, why="the array", expected=str(wanted), seen=told)

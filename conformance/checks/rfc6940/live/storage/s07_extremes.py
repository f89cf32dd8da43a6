"""Stores and Fetches at the edge of what can be written, and beyond (RFC 6940, sections 7, 7.2 and 7.4.1.1)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from conformance.checks.rfc6940.live.storage.outcomes import ROLE, answer, fetched, granted, labelled, refused, unspoilt
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, rule, unclear

storing = partial(check, role=ROLE, protocol="reload")


@storing("rfc6940/s07/other-clocks", "What a storage time is compared with is the one stored before, not the clock of the peer.",
         "rfc6940:7/0", needs="Stores whose time is far from now", level="SHOULD", scenarios=("storing-peer/other-clocks",))  # fmt: skip
def other_clocks(evidence: Evidence) -> Iterator[Ruling]:
    """Years before and behind."""
    yield from granted(evidence, "good", why="a first Store, by another clock")
    yield from unspoilt(evidence, "fetch")


@storing("rfc6940/s07_2_1/empty", "A value that exists and has no bytes is another thing than one that does not exist.",
         "rfc6940:7.2.1/0", needs="a Store of an empty value", scenarios=("storing-peer/empty-values",))  # fmt: skip
def empty_exists(evidence: Evidence) -> Iterator[Ruling]:
    """A single one, and one in an array."""
    yield from granted(evidence, "empty", why="an empty value")
    for one, event, found in fetched(evidence, "fetch: empty"):
        good = [each for each in found if each.exists and not each.octets and each.signed]
        yield rule(
            len(good) == 1,
            one.event,
            event,
            why="an empty value",
            expected="one that exists, without bytes",
            seen=str(found),
        )


@storing("rfc6940/s07_4/odd-survived", "Requests for nothing and for very much are answered, or refused, and the peer goes on.",
         "rfc6940:7.4.1.1/0", "rfc6940:7.4.2.1/0", needs="odd requests", scenarios=("storing-peer/odd-requests", "storing-peer/highest-counter"))  # fmt: skip
def odd_survived(evidence: Evidence) -> Iterator[Ruling]:
    """What is right is served behind all of them."""
    for one in labelled(evidence, "odd:"):
        alive = evidence.alive_after(one.event)
        if alive is None:
            yield unclear(one.event, why="nobody asked whether it lives")
        else:
            said = "no answer" if answer(one) is None else "an answer"
            good = alive and said == "an answer"
            yield rule(
                good,
                one.event,
                why=one.event.label,
                expected="an answer, or an error, and life",
                seen=f"{said}, alive: {alive}",
            )
    yield from granted(evidence, "good")
    yield from unspoilt(evidence, "fetch")


@storing("rfc6940/s07_4_1_1/broken-refused", "A Store that names a Kind twice, or is a copy with the counter 0, changes nothing.",
         "rfc6940:7.4.1.1/1", "rfc6940:7.4.1.1/15", needs="a Store that breaks the rules for senders", level="SHOULD",
         scenarios=("storing-peer/broken-stores",))  # fmt: skip
def broken_refused(evidence: Evidence) -> Iterator[Ruling]:
    """An error, or no answer."""
    yield from granted(evidence, "good")
    yield from refused(evidence, "bad:", why="a Store against the rules", silence=True)
    yield from unspoilt(evidence, "fetch")

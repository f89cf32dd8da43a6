"""Messages in fragments (RFC 6940, section 6.7)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc6940.live.labelled import Put, party_of, put
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, right, rule, unclear, wrong
from conformance.judge.seen import Seen

PEER = "peer"
NODES = ("peer/fragments",)
ALIGNED = 16
"""Octets by which pieces may differ that are as equal as their number and a word allow."""


def messages_of(evidence: Evidence, label: str) -> list[list[Put]]:
    """The fragments that were sent under a label, message by message."""
    groups: dict[str, list[Put]] = {}
    for one in put(evidence, label):
        groups.setdefault(one.transaction, []).append(one)
    return list(groups.values())


def served(group: list[Put]) -> bool:
    """Whether a message in fragments was answered without an error."""
    return bool(group[0].answers) and not group[0].error


def taken(evidence: Evidence, *labels: str) -> Iterator[Ruling]:
    """Messages whose fragments are all there."""
    for label in labels:
        for group in messages_of(evidence, label):
            answers = [event for event, _ in group[0].answers[:1]]
            good, events = served(group), [group[0].event, group[-1].event, *answers]
            yield rule(good, *events, why="not taken", expected="an answer", seen=group[0].outcome)


def not_taken(evidence: Evidence, label: str, positive: str) -> Iterator[Ruling]:
    """Messages that cannot be put together; an error is no harm."""
    good = any(served(group) for group in messages_of(evidence, positive))
    for group in messages_of(evidence, label):
        last = group[-1].event
        alive = evidence.alive_after(last)
        if served(group):
            yield wrong(group[0].event, last, why="taken", expected="no answer", seen=group[0].outcome)
        elif alive is False:
            yield wrong(group[0].event, last, why="it is dead", expected="life", seen="no answer to a sane request")
        elif alive is None or not good:
            yield unclear(last, why="nothing shows that it takes fragments at all")
        else:
            yield right(group[0].event, last)


@check(
    "rfc6940/s06_7/put-together", "The fragments of a message are put together, in whatever order, twice or overlapping they come.",
    "rfc6940:6.7/0", needs="messages in fragments", role=PEER, protocol="reload", scenarios=NODES,
)  # fmt: skip
def put_together(evidence: Evidence) -> Iterator[Ruling]:
    """The answers."""
    yield from taken(evidence, "whole")


@check(
    "rfc6940/s06_7/incomplete-not-served", "A message with a fragment missing is not served.", "rfc6940:6.7/0", "rfc6940:6.7/6",
    needs="a message without one of its fragments, and one with all", role=PEER, protocol="reload", scenarios=NODES,
)  # fmt: skip
def incomplete(evidence: Evidence) -> Iterator[Ruling]:
    """No answer."""
    yield from not_taken(evidence, "one-missing", "whole")


@check(
    "rfc6940/s06_7/contradiction-dropped", "A message whose fragments contradict one another is dropped.", "rfc6940:6.7/0",
    needs="fragments that have other octets in one place, and some that have not", role=PEER, protocol="reload", scenarios=NODES,
    errata=("interp-32",),
)  # fmt: skip
def contradiction(evidence: Evidence) -> Iterator[Ruling]:
    """No answer."""
    yield from not_taken(evidence, "contradicting", "whole")


@check(
    "rfc6940/s06_7/kept-for-a-lifetime", "Fragments wait for their rest as long as a request lives.", "rfc6940:6.7/4", level="SHOULD",
    needs="a message whose rest comes after ten seconds", role=PEER, protocol="reload", scenarios=("peer/late-fragments",),
)  # fmt: skip
def kept(evidence: Evidence) -> Iterator[Ruling]:
    """The answer."""
    yield from taken(evidence, "in-time")


@check(
    "rfc6940/s06_7/given-up", "Fragments without their rest are given up after 15 seconds.", "rfc6940:6.7/4", level="SHOULD",
    needs="a message whose rest comes after sixteen seconds, and one whose rest comes in time", role=PEER, protocol="reload",
    scenarios=("peer/late-fragments",),
)  # fmt: skip
def given_up(evidence: Evidence) -> Iterator[Ruling]:
    """No answer."""
    yield from not_taken(evidence, "too-late", "in-time")


@check(
    "rfc6940/s06_7/no-room", "What there is no room for is dropped, and others are served all the while.", "rfc6940:6.7/5",
    needs="the beginnings of hundreds of messages", role=PEER, protocol="reload", scenarios=("peer/fragments-without-end",),
)  # fmt: skip
def no_room(evidence: Evidence) -> Iterator[Ruling]:
    """A request in between, and one in fragments when the others have been given up."""
    last = next(reversed(list(evidence.labelled("beginning"))), None)
    if last is None:
        return
    if evidence.alive_after(last) is False:
        yield wrong(last, why="it is dead", expected="life", seen="no answer to a sane request")
        return
    yield from taken(evidence, "meanwhile", "afterwards")


@check(
    "rfc6940/s06_7/too-long-dropped", "A message in fragments that is longer than max-message-size is not served.", "rfc6940:6.7/5",
    "rfc6940:6.6/0", needs="such a message, and one that is short enough", role=PEER, protocol="reload", scenarios=("peer/fragments-too-long",),
)  # fmt: skip
def too_long(evidence: Evidence) -> Iterator[Ruling]:
    """No answer."""
    yield from not_taken(evidence, "too-long", "whole")


@check(
    "rfc6940/s06_7/passed-on-alone", "A fragment for another node is passed on without waiting for the others.", "rfc6940:6.7/0",
    needs="a fragment for a client of the subject", role=PEER, protocol="reload", scenarios=("peer/fragment-for-another",),
)  # fmt: skip
def passed_on_alone(evidence: Evidence) -> Iterator[Ruling]:
    """A fragment of the same message on the link of the client."""
    for one in put(evidence, "fragment"):
        found = [
            event for event in evidence.events
            if event.number > one.event.number and event.direction == "sent" and event.header is not None
            and str(event.header["transaction_id"]) == one.transaction and party_of(evidence, event) == "ben"
        ]  # fmt: skip
        yield rule(
            bool(found), one.event, *found[:1], why="kept back", expected="the fragment at the client", seen="nothing"
        )


@check(
    "rfc6940/s06_7/equal-sizes", "The fragments of a message are equal in size.", "rfc6940:6.7/3b", level="SHOULD",
    needs="an answer over DTLS in fragments", role=PEER, protocol="reload", scenarios=("peer/long-answers",),
)  # fmt: skip
def equal_sizes(evidence: Evidence) -> Iterator[Ruling]:
    """Sizes; what does not divide evenly makes a difference of some octets."""
    for one in put(evidence, "long-answer"):
        pieces: list[Seen] = [
            event for event in evidence.events
            if event.number > one.event.number and event.direction == "sent" and event.protocol == "reload" and not event.assembled
            and event.header is not None and str(event.header["transaction_id"]) == one.transaction
        ]  # fmt: skip
        sizes = [len(event.octets) for event in pieces]
        if len(sizes) < 2:
            yield unclear(one.event, why="the answer is in one piece")
            continue
        good = max(sizes) - min(sizes) <= max(len(sizes), ALIGNED)
        yield rule(good, one.event, *pieces, why="other sizes", expected="equal ones", seen=", ".join(map(str, sizes)))

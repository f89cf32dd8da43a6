"""Frames, acknowledgements and repetitions (RFC 6940, sections 6.6.2, 6.6.3.1 and 6.6.5)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from conformance.checks.rfc6940.exchanges import body_of
from conformance.checks.rfc6940.live.labelled import FRAME, closed, fails, granted, put
from conformance.checks.rfc6940.s06_6_links import frames, sent_again
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, right, rule, unclear, wrong
from conformance.judge.seen import Seen
from conformance.lab import rules
from conformance.live.overlay.peer import end_of
from conformance.live.subject import shown

PEER = "peer"
MOST_ACKS = 32
"""Frames that an acknowledgement looks back on."""
TRANSMISSIONS = 5
"""Times that a message is sent at most (section 6.6.3.1)."""
COUNTINGS: dict[str, Callable[[int], int]] = {
    "from the lowest bit as bit 0": lambda back: 1 << back,
    "from the lowest bit as bit 1": lambda back: 1 << back - 1,
    "from the highest bit as bit 0": lambda back: 1 << 31 - back,
    "from the highest bit as bit 1": lambda back: 1 << 32 - back,
}
"""How bits can be numbered (see interp-35)."""


@check(
    "rfc6940/s06_6_2/received-bits", "An acknowledgement tells which frames came, of the 32 before it and with a number shortly before its own.",
    "rfc6940:6.6.2/2", "rfc6940:6.6.2/0", needs="data frames with gaps and in another order", role=PEER, protocol="reload",
    scenarios=("peer/frames-in-any-order",),
)  # fmt: skip
def received_bits(evidence: Evidence) -> Iterator[Ruling]:
    """The mask of each acknowledgement of a link, by the one way of counting bits that suits most of them."""
    links: dict[tuple[str, str], list[tuple[Seen, int, list[int]]]] = {}
    came: dict[tuple[str, str], list[int]] = {}
    order = sorted([*frames(evidence, "data"), *frames(evidence, "ack")], key=lambda one: one[1].number)
    for key, event, number, mask in order:
        if event.direction == "received" and event.link is not None and event.link["type"] == "data":
            came.setdefault(key, []).append(number)
        elif event.direction == "sent" and event.link is not None and event.link["type"] == "ack":
            heard = came.get((key[1], key[0]), [])
            if number in heard:
                before = heard[: len(heard) - 1 - heard[::-1].index(number)][-MOST_ACKS:]
                back = [number - one for one in before if 0 < number - one < MOST_ACKS]
                links.setdefault(key, []).append((event, mask, sorted(set(back))))
    for told in links.values():
        if len(told) < MOST_ACKS // 4:
            continue
        name = max(COUNTINGS, key=lambda one: sum(mask == bits(one, back) for _, mask, back in told))
        for event, mask, back in told:
            wanted = bits(name, back)
            yield rule(
                mask == wanted,
                event,
                why=f"counted {name}",
                expected=f"{wanted:#x}",
                seen=f"{mask:#x}",
                place="received",
            )


def bits(counting: str, back: list[int]) -> int:
    """The mask for frames so far back."""
    return sum(COUNTINGS[counting](one) for one in back)


@check(
    "rfc6940/s06_6_2/any-order-served", "Messages are taken whatever the order and the gaps of their sequence numbers.", "rfc6940:6.6.2/0",
    needs="data frames with gaps and in another order", role=PEER, protocol="reload", scenarios=("peer/frames-in-any-order",),
)  # fmt: skip
def any_order_served(evidence: Evidence) -> Iterator[Ruling]:
    """The answer to each."""
    for one in put(evidence, "in-any-order"):
        yield granted(one)


@check(
    "rfc6940/s06_6_2/copies-acknowledged", "A data frame that comes twice is acknowledged twice.", "rfc6940:6.6.2/1", level="SHOULD",
    needs="a data frame that comes twice over DTLS", role=PEER, protocol="reload", scenarios=("peer/frames-twice",),
)  # fmt: skip
def copies_acknowledged(evidence: Evidence) -> Iterator[Ruling]:
    """Acknowledgements behind each copy."""
    for event in evidence.labelled("twice"):
        if event.link is None:
            continue
        number = rules.number(event.link["sequence"])
        back = (event.destination, event.source)
        acks = [(ack, told) for key, ack, told, _ in frames(evidence, "ack") if key == back]
        found = [ack for ack, told in acks if ack.number > event.number and told == number]
        yield (
            right(event, found[0])
            if found
            else wrong(event, why="not acknowledged", expected=f"ACK of {number}", seen="none")
        )


@check(
    "rfc6940/s06_6_2/pieces-served", "Frames are found in a stream whatever pieces it comes in.", "rfc6940:6.6.2/0",
    needs="frames in pieces of an octet, and several in one", role=PEER, protocol="reload", scenarios=("peer/octet-by-octet",),
)  # fmt: skip
def pieces_served(evidence: Evidence) -> Iterator[Ruling]:
    """The answer to each."""
    for one in put(evidence, "in-one-piece", "in-halves", "octet-by-octet"):
        yield granted(one)


@check(
    "rfc6940/s06_6_2/broken-survived", "What is no frame, or holds no message, harms nobody but its own link.", "rfc6940:6.6.2/0",
    "rfc6940:6.3.1.1/1a", needs="octets that are no frame, over a link that was served before", role=PEER, protocol="reload",
    scenarios=("peer/broken-frames",),
)  # fmt: skip
def broken_survived(evidence: Evidence) -> Iterator[Ruling]:
    """A sane exchange behind each."""
    good = [one.event.source for one in put(evidence, "good") if one.answers and not one.error]
    known: set[str] = set()
    for event in evidence.labelled("broken"):
        if event.source in known or event.source not in good:
            continue
        known.add(event.source)
        alive = evidence.alive_after(event)
        if alive is None:
            yield unclear(event, why="nobody asked whether it lives")
        else:
            yield rule(alive, event, why="it is dead", expected="life", seen="no answer to a sane request")


# --- repetitions


def own_series(evidence: Evidence) -> Iterator[list[Seen]]:
    """The frames by which the subject sends one answer over datagrams, where there are several."""
    answers = {answer.octets for one in put(evidence, "new", "has-worked") for _, answer in one.answers}
    return (one for one in sent_again(evidence) if one[0].direction == "sent" and one[0].octets[FRAME:] in answers)


@check(
    "rfc6940/s06_6_3_1/waits-exact", "Each wait before a repetition is twice as long as the one before.", "rfc6940:6.6.3.1/6",
    needs="a message sent three times over DTLS, in virtual time", role=PEER, protocol="reload", scenarios=("peer/unacknowledged",),
)  # fmt: skip
def waits_exact(evidence: Evidence) -> Iterator[Ruling]:
    """Times between the frames of one message."""
    if evidence.play is None or not evidence.play.virtual:
        return
    for series in own_series(evidence):
        waits = [after.time - before.time for before, after in zip(series, series[1:], strict=False)]
        for number, (before, after) in enumerate(zip(waits, waits[1:], strict=False)):
            good = abs(after - 2 * before) <= evidence.play.slack
            yield rule(
                good,
                *series[number : number + 3],
                why="another time",
                expected=f"{2 * before:.3f} s",
                seen=f"{after:.3f} s",
            )


@check(
    "rfc6940/s06_6_3_1/five-transmissions", "A message that is never acknowledged is sent again, and five times at most.", "rfc6940:6.6.3.1/5",
    level="SHOULD", needs="an answer over DTLS that is never acknowledged", role=PEER, protocol="reload", scenarios=("peer/unacknowledged",),
)  # fmt: skip
def five_transmissions(evidence: Evidence) -> Iterator[Ruling]:
    """Frames with the answer."""
    series = {one[0].number: one for one in own_series(evidence)}
    for one in put(evidence, "new", "has-worked"):
        if not one.answers:
            yield fails(one, "an answer", "not answered")
            continue
        found = next(
            (
                each
                for each in series.values()
                if each[0].number >= one.event.number and each[0].destination == one.event.source
            ),
            [],
        )
        expected = f"2 to {TRANSMISSIONS} times"
        good = 2 <= len(found) <= TRANSMISSIONS
        yield rule(
            good, one.event, *found[-1:], why="repetitions", expected=expected, seen=f"{max(1, len(found))} times"
        )


@check(
    "rfc6940/s06_6_3_1/gives-up", "When all repetitions of a message were in vain, the link is closed.", "rfc6940:6.6.3.1/8", level="SHOULD",
    needs="an answer over DTLS that is never acknowledged", role=PEER, protocol="reload", scenarios=("peer/unacknowledged",),
)  # fmt: skip
def gives_up(evidence: Evidence) -> Iterator[Ruling]:
    """The end of the link."""
    for one in put(evidence, "new", "has-worked"):
        if one.answers:
            yield rule(
                closed(evidence, one.event), one.event, why="open", expected="the link closed", seen="an open one"
            )


@check(
    "rfc6940/s06_6_3_1/not-whole-seconds", "A time-out that is estimated is not rounded up to a second.", "rfc6940:6.6.3.1/4b", level="SHOULD",
    needs="an answer that is not acknowledged over a fast link that has worked", role=PEER, protocol="reload",
    scenarios=("peer/unacknowledged",),
)  # fmt: skip
def not_whole_seconds(evidence: Evidence) -> Iterator[Ruling]:
    """The first wait on the link whose round trips are much shorter; where it is the same on a new link, nothing is estimated."""
    first = {label: first_wait(evidence, label) for label in ("new", "has-worked")}
    known, found = first["new"], first["has-worked"]
    if found is None:
        return
    wait = found[1].time - found[0].time
    slack = evidence.play.slack if evidence.play else 0.0
    if wait >= 1.0 and known is not None and abs(known[1].time - known[0].time - wait) <= slack:
        yield unclear(*found, why="it waits as long on a new link, so nothing is estimated")
    else:
        yield rule(wait < 1.0, *found, why="too late", expected="less than a second", seen=f"{wait:.3f} s")


def first_wait(evidence: Evidence, label: str) -> tuple[Seen, Seen] | None:
    """The first two frames of the answer to what was sent under a label."""
    for one in put(evidence, label):
        for series in own_series(evidence):
            if series[0].number > one.event.number and series[0].destination == one.event.source:
                return series[0], series[1]
    return None


@check(
    "rfc6940/s06_6_3_1/any-transmission", "A message is not sent again when any of its transmissions is acknowledged.", "rfc6940:6.6.3.1/5",
    needs="an answer whose first transmission is acknowledged behind its third", role=PEER, protocol="reload",
    scenarios=("peer/late-acknowledgement",),
)  # fmt: skip
def any_transmission(evidence: Evidence) -> Iterator[Ruling]:
    """No further frame with the answer; the link serves the next request."""
    told = next(iter(evidence.labelled("late")), None)
    for one in put(evidence, "acknowledged-late") if told is not None else ():
        if not one.answers or told is None:
            yield fails(one, "an answer", "not answered")
            continue
        octets = one.answers[0][1].octets
        again = [
            event
            for _, event, _, _ in frames(evidence, "data")
            if event.number > told.number and event.octets[FRAME:] == octets
        ]
        if again:
            yield wrong(told, again[0], why="sent again", expected="no further transmission", seen="the answer")
        else:
            yield from (granted(after) for after in put(evidence, "afterwards"))


@check(
    "rfc6940/s06_6_5/passive-candidate", "Of the candidates for TLS without ICE, one takes links.", "rfc6940:6.6.5/4",
    needs="an answer to an Attach with such a candidate, to which a link is opened", role=PEER, protocol="reload",
    scenarios=("peer/attach-answered",),
)  # fmt: skip
def passive_candidate(evidence: Evidence) -> Iterator[Ruling]:
    """Whether the link comes up."""
    for one in put(evidence, "attach"):
        if not one.answers or one.error or evidence.play is None:
            yield fails(one, "an answer")
            continue
        event, answer = one.answers[0]
        ends = [
            shown(end_of(each["addr_port"])) for each in rules.objects(body_of(answer).get("candidates"))
            if each["overlay_link"] == "TLS-TCP-FH-NO-ICE"
        ]  # fmt: skip
        if not ends:
            yield unclear(event, why="it has no candidates for TLS")
            continue
        facts = evidence.play.facts
        up = [
            fact
            for number, fact in facts
            if number >= event.number and fact.get("what") == "open" and fact.get("far") in ends
        ]
        yield rule(bool(up), event, why="none takes links", expected="a link", seen=f"candidates {', '.join(ends)}")

"""Links: framing, acknowledgements, fragments (RFC 6940, sections 6.6.2, 6.6.3 and 6.7)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from conformance.checks.rfc6940.exchanges import destinations
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, right, rule, unclear, wrong
from conformance.judge.seen import Seen
from conformance.lab import rules

PEER = "peer"
MOST_ACKS = 32


def frames(evidence: Evidence, kind: str) -> Iterator[tuple[tuple[str, str], Seen, int, int]]:
    """Every frame of a kind: its direction, the event, its sequence number and, of an ACK, the mask."""
    for event in evidence.events:
        if event.link is not None and event.link["type"] == kind:
            number = event.link["sequence" if kind == "data" else "ack_sequence"]
            yield (
                (event.source, event.destination),
                event,
                rules.number(number),
                rules.number(event.link.get("received", 0)),
            )


def sent_again(evidence: Evidence) -> list[list[Seen]]:
    """The data frames over datagrams that carry one message in one direction, where there are several."""
    series: dict[tuple[str, str, str], list[Seen]] = {}
    for key, event, _, _ in frames(evidence, "data"):
        if event.transport == "udp" and event.link is not None:
            series.setdefault((*key, str(event.link["message"])), []).append(event)
    return [found for found in series.values() if len(found) > 1]


def masked(number: int, mask: int) -> list[int]:
    """The sequence numbers that a mask tells as received: bit N-M stands for M, counted from the lowest bit as bit 0."""
    return [number - bit for bit in range(MOST_ACKS) if mask >> bit & 1]


@check("rfc6940/s06_6_2/well-formed", "A link carries data frames and acknowledgements and nothing else.", "rfc6940:6.6.2/0",
       needs="a framed link", role=PEER, protocol="reload")  # fmt: skip
def well_formed(evidence: Evidence) -> Iterator[Ruling]:
    """Whatever cannot be read as a frame."""
    for event in evidence.of("reload-link"):
        yield rule(not event.fault, event, why=event.fault, expected="a frame", seen=event.octets[:16].hex())


@check("rfc6940/s06_6_2/sequence-by-one", "The sequence numbers of a connection begin at zero and grow by one.", "rfc6940:6.6.2/0",
       "rfc6940:6.6.3.1/7", needs="two data frames in one direction", role=PEER, protocol="reload")  # fmt: skip
def sequence_by_one(evidence: Evidence) -> Iterator[Ruling]:
    """Numbers of consecutive data frames."""
    last: dict[tuple[str, str], tuple[Seen, int]] = {}
    for key, event, number, _ in frames(evidence, "data"):
        before = last.get(key)
        last[key] = (event, number)
        if before is not None and event.direction != "received":
            wanted = (before[1] + 1) % 2**32
            yield rule(
                number == wanted, before[0], event, why="sequence", expected=str(wanted), seen=number, place="sequence"
            )


@check("rfc6940/s06_6_2/ack-of-received", "An acknowledgement names a data frame that was received, and so does each bit of its mask.",
       "rfc6940:6.6.2/2", "rfc6940:6.6.2/0", needs="an acknowledgement on a link whose data frames were seen", role=PEER,
       protocol="reload")  # fmt: skip
def ack_of_received(evidence: Evidence) -> Iterator[Ruling]:
    """Acknowledged numbers against the data frames of the other direction before them."""
    sent: dict[tuple[str, str], set[int]] = {}
    order = sorted([*frames(evidence, "data"), *frames(evidence, "ack")], key=lambda one: one[1].number)
    for key, event, number, mask in order:
        if event.link is None:
            continue
        if event.link["type"] == "data":
            sent.setdefault(key, set()).add(number)
            continue
        known = sent.get((key[1], key[0]), set())
        if event.direction == "received" or not known:
            continue
        first = min(known)
        missing = [one for one in [number, *masked(number, mask)] if one not in known and one >= first]
        seen = f"{number}, mask {mask:#x}"
        yield rule(
            not missing,
            event,
            why=f"{missing} was never sent",
            expected="numbers that were sent",
            seen=seen,
            place="ack_sequence",
        )


@check("rfc6940/s06_6_2/acknowledged", "Every data frame is acknowledged at once.", "rfc6940:6.6.2/1", needs="a data frame", level="SHOULD",
       role=PEER, protocol="reload")  # fmt: skip
def acknowledged(evidence: Evidence) -> Iterator[Ruling]:
    """An ACK with its number, or a later one whose mask has its bit, behind each data frame.

    A datagram whose message was sent again may never have arrived; nobody is blamed for it.
    """
    acks: dict[tuple[str, str], list[tuple[Seen, set[int]]]] = {}
    for key, event, number, mask in frames(evidence, "ack"):
        told = {number, *masked(number, mask)}
        acks.setdefault(key, []).append((event, told))
    last = evidence.events[-1].time if evidence.events else 0.0
    lost = {event.number for series in sent_again(evidence) for event in series[:-1]}
    for key, event, number, _ in frames(evidence, "data"):
        if event.direction == "sent":
            continue
        good = any(ack.number > event.number and number in told for ack, told in acks.get((key[1], key[0]), []))
        if not good and event.number in lost:
            yield unclear(event, why="a frame that was sent again, so one of the two was lost")
        elif not good and last - event.time < 0.5:
            yield unclear(event, why="the capture ends before an acknowledgement could be seen")
        else:
            yield rule(good, event, why="never acknowledged", expected=f"ACK of {number}", seen="none")


@check("rfc6940/s06_6_3_1/stop-and-wait", "Over datagrams only one message is unacknowledged at a time.", "rfc6940:6.6.3.1/1",
       needs="two data frames in one direction over UDP", role=PEER, protocol="reload")  # fmt: skip
def stop_and_wait(evidence: Evidence) -> Iterator[Ruling]:
    """Between two data frames with different messages lies an ACK of the first."""
    waiting: dict[tuple[str, str], tuple[Seen, set[int]]] = {}
    order = sorted([*frames(evidence, "data"), *frames(evidence, "ack")], key=lambda one: one[1].number)
    for key, event, number, mask in order:
        if event.transport != "udp" or event.link is None:
            continue
        if event.link["type"] == "ack":
            held = waiting.get((key[1], key[0]))
            told = {number, *masked(number, mask)}
            if held and held[1] & told:
                waiting.pop((key[1], key[0]))
            continue
        before = waiting.get(key)
        again = before is not None and before[0].link is not None and before[0].link["message"] == event.link["message"]
        if again and before is not None:
            before[1].add(number)
            continue
        waiting[key] = (event, {number})
        if event.direction == "received":
            continue
        if before is None:
            yield right(event)
        elif event.time - before[0].time > 4.0:
            # Five transmissions from 500 ms on have failed by then; the message was given up.
            yield right(before[0], event)
        else:
            yield wrong(before[0], event, why="another is unacknowledged", expected="its ACK first", seen="none")


@check("rfc6940/s06_6_3_1/waits-doubled", "Each wait before a message is sent again is twice the one before.", "rfc6940:6.6.3.1/6",
       needs="a message sent three times over UDP", role=PEER, protocol="reload")  # fmt: skip
def waits_doubled(evidence: Evidence) -> Iterator[Ruling]:
    """Times between the frames of one message, with a fifth for the machine that recorded them; longer is no harm.

    A message that was acknowledged and comes again is a request repeated from end to end, by other timers.
    """
    told = _told(evidence)
    for series in sent_again(evidence):
        pairs = list(zip(series, series[1:], strict=False))
        if series[0].direction == "received" or any(_told_before(told, *pair) for pair in pairs):
            continue
        waits = [after.time - before.time for before, after in pairs]
        for number, (before, after) in enumerate(zip(waits, waits[1:], strict=False)):
            good, expected = after >= 2 * before * 0.8, f"{2 * before:.3f} seconds"
            yield rule(
                good, *series[number : number + 3], why="too early", expected=expected, seen=f"{after:.3f} seconds"
            )


@check("rfc6940/s06_6_3_1/sent-again", "The originator of a message that is not acknowledged sends it again.", "rfc6940:6.6.3.1/5",
       needs="a message over UDP without acknowledgement, 3 seconds before the end, or one that was sent again", level="SHOULD",
       role=PEER, protocol="reload")  # fmt: skip
def retransmitted(evidence: Evidence) -> Iterator[Ruling]:
    """Frames without ACK; peers that forward do not repeat at this layer, so the TTL is whole and the Via List empty."""
    again = {event.number: series[-1] for series in sent_again(evidence) for event in series[:-1]}
    told, copies = _told(evidence), {last.number for last in again.values()}
    headers = ((event.octets, event.header) for event in evidence.events if event.header is not None)
    started = {octets for octets, header in headers if header["ttl"] == 100 and not destinations(header["via_list"])}
    last = evidence.events[-1].time if evidence.events else 0.0
    for _, event, _, _ in frames(evidence, "data"):
        own = event.octets[8:] in started and event.transport == "udp" and event.direction != "received"
        if own and event.number in again:
            yield right(event, again[event.number])
        elif own and _name(event) not in told and last - event.time >= 3.0 and event.number not in copies:
            if _cut_short(evidence, event):
                continue
            yield wrong(event, why="never sent again", expected="the message again", seen="nothing")


def _cut_short(evidence: Evidence, event: Seen) -> bool:
    """Whether the link of a frame was closed before it could be repeated, or already when it was sent."""
    ends = {event.source, event.destination}
    facts = (
        [(at, fact["what"]) for at, fact in evidence.play.facts if {fact.get("near"), fact.get("far")} == ends]
        if evidence.play
        else []
    )
    before = [what for at, what in facts if at < event.number]
    after = [evidence.events[at - 1].time for at, what in facts if at >= event.number and what == "closed"]
    return before[-1:] == ["closed"] or any(time - event.time < 3.0 for time in after)


def _told(evidence: Evidence) -> dict[tuple[str, str, int], int]:
    """Source, destination and number of the data frames that acknowledgements name, and the first event that does."""
    told: dict[tuple[str, str, int], int] = {}
    for key, event, number, mask in frames(evidence, "ack"):
        for one in (number, *masked(number, mask)):
            told.setdefault((key[1], key[0], one), event.number)
    return told


def _name(event: Seen) -> tuple[str, str, int]:
    return (event.source, event.destination, rules.number((event.link or {}).get("sequence")))


def _told_before(told: dict[tuple[str, str, int], int], event: Seen, other: Seen) -> bool:
    """Whether a frame was acknowledged before another event."""
    return told.get(_name(event), other.number) < other.number


@check("rfc6940/s06_6_3_1/pause-after-ack", "Between an ACK and the next message the sender waits 10 milliseconds.", "rfc6940:6.6.3.1/11",
       needs="a data frame over UDP after an acknowledgement", role=PEER, protocol="reload")  # fmt: skip
def pause_after_ack(evidence: Evidence) -> Iterator[Ruling]:
    """Times of both, with 2 ms for the clock; a capture away from the sender sees the pause longer, never shorter."""
    acked: dict[tuple[str, str], Seen] = {}
    order = sorted([*frames(evidence, "data"), *frames(evidence, "ack")], key=lambda one: one[1].number)
    for key, event, _, _ in order:
        if event.transport != "udp" or event.link is None:
            continue
        if event.link["type"] == "ack":
            acked[(key[1], key[0])] = event
        elif event.direction != "received" and (before := acked.pop(key, None)) is not None:
            pause = event.time - before.time
            seen = f"{pause * 1000:.1f} ms"
            yield rule(pause >= 0.008, before, event, why="too early", expected="10 ms", seen=seen)


@check("rfc6940/s06_7/fragments-alike", "All fragments of a message have the same Via List, Destination List and options.",
       "rfc6940:6.7/1a", needs="two fragments of one message", role=PEER, protocol="reload")  # fmt: skip
def fragments_alike(evidence: Evidence) -> Iterator[Ruling]:
    """The three lists against those of the first fragment."""
    for group in _groups(evidence):
        first = group[0]
        if first.direction == "received":
            continue
        for event in group[1:]:
            differing = [name for name in ("via_list", "destination_list", "options")
                         if destinations((event.header or {}).get(name)) != destinations((first.header or {}).get(name))]  # fmt: skip
            names = ", ".join(differing)
            yield rule(
                not differing, first, event, why=f"another {names}", expected="the same", seen=names, place=names
            )


@check("rfc6940/s06_7/fragment-size", "A fragment other than the last has at least 256 bytes of the message.", "rfc6940:6.7/1b",
       needs="a fragment that is not the last", role=PEER, protocol="reload")  # fmt: skip
def fragment_size(evidence: Evidence) -> Iterator[Ruling]:
    """Offsets of consecutive fragments."""
    for group in _groups(evidence):
        offsets = sorted({_offset(event) for event in group})
        for event in group:
            later = [offset for offset in offsets if offset > _offset(event)]
            if later and event.direction != "received":
                size = later[0] - _offset(event)
                yield rule(
                    size >= 256, event, why="too small", expected="256 bytes or more", seen=size, place="fragment"
                )


@check("rfc6940/s06_7/reassembles", "The fragments of a message make a whole one, the last is marked.", "rfc6940:6.7/6", "rfc6940:6.7/0",
       needs="a message in fragments", role=PEER, protocol="reload")  # fmt: skip
def reassembles(evidence: Evidence) -> Iterator[Ruling]:
    """Whether the reader could put them together."""
    whole = {
        str((event.header or {}).get("transaction_id"))
        for event in evidence.events
        if event.assembled and not event.fault
    }
    groups = _groups(evidence)
    came = {str((one[0].header or {}).get("transaction_id")) for one in groups if one[0].direction == "received"}
    for group in groups:
        passed = str((group[0].header or {}).get("transaction_id")) in came
        if group[0].direction == "received" or passed:
            continue  # who passes fragments on need not have all of them
        good = str((group[0].header or {}).get("transaction_id")) in whole
        if not good and _cut_off(evidence, group):
            yield unclear(group[-1], why="the link was closed before the last fragment came")
            continue
        seen = f"{len(group)} fragments that do not"
        yield rule(good, group[0], group[-1], why="not whole", expected="a whole message", seen=seen, place="fragment")


def _cut_off(evidence: Evidence, group: Sequence[Seen]) -> bool:
    """Whether the harness has closed the link behind fragments of which none is the last."""
    marked = any(rules.number((one.header or {}).get("fragment")) & rules.LAST_FRAGMENT for one in group)
    facts = evidence.play.facts if evidence.play else ()
    closed = any(
        number >= group[-1].number and fact.get("what") == "closed" and fact.get("near") == group[-1].destination
        for number, fact in facts
    )
    return closed and not marked


def _offset(event: Seen) -> int:
    return rules.number((event.header or {}).get("fragment")) & 0x00FFFFFF


def _groups(evidence: Evidence) -> list[list[Seen]]:
    groups: dict[tuple[str, str, str], list[Seen]] = {}
    for event in evidence.events:
        if (
            event.protocol == "reload"
            and event.header is not None
            and event.reload is None
            and not event.assembled
            and not event.fault
        ):
            key = (event.source, event.destination, str(event.header["transaction_id"]))
            groups.setdefault(key, []).append(event)
    return list(groups.values())

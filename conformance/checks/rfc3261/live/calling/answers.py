"""What a caller makes of the answers to its INVITE (RFC 3261, sections 8.1.3, 13.2.2 and 17.1.1)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc3261.live.stimuli import CLIENT, told
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, right, rule, unclear, wrong
from conformance.judge.seen import Seen
from conformance.judge.transactions import Pair
from conformance.lab.sip import Message

CALLED = ("user-agent/called",)
SOON = 0.6
"""Seconds within which a caller reacts."""


def answers_to(evidence: Evidence, *labels: str) -> Iterator[tuple[Seen, Message]]:
    """The responses that the harness sent under one of these names."""
    for event in evidence.labelled(*labels):
        if event.sip is not None:
            yield event, event.sip


def acks_of(evidence: Evidence, message: Message, after: Seen) -> list[Pair]:
    """The subject's ACKs for a response, sent behind it."""
    return [
        (event, ack) for event, ack in evidence.acks.get(message.call_id, ())
        if event.direction == "sent" and event.number > after.number and ack.to_tag == message.to_tag
        and ack.cseq is not None and message.cseq is not None and ack.cseq[0] == message.cseq[0]
    ]  # fmt: skip


@check(
    "rfc3261/s17_1_1_2/invite-sent", "A call that its user asks for sends an INVITE.", "rfc3261:17.1.1.2/2",
    needs="a subject that is told to call", role="transaction", scenarios=CALLED,
)  # fmt: skip
def invite_sent(evidence: Evidence) -> Iterator[Ruling]:
    """The INVITE is there; that its user asked for it stands in the notes."""
    for one in told(evidence, "INVITE"):
        yield right(one.event)
        return
    if evidence.play is not None and any(note.startswith("trigger: invite") for note in evidence.play.notes):
        yield wrong(why="its user asked for a call", expected="INVITE", seen="nothing")


@check(
    "rfc3261/s13_2_2/each-copy-acknowledged", "Each copy of the 2xx makes the caller send its ACK once more.", "rfc3261:13.2.2/10",
    needs="a 2xx that is sent several times", role=CLIENT, scenarios=("user-agent/called-copies",),
)  # fmt: skip
def each_copy(evidence: Evidence) -> Iterator[Ruling]:
    """As many ACKs as copies."""
    copies = list(answers_to(evidence, "accepted"))
    if copies:
        acks = acks_of(evidence, copies[0][1], copies[0][0])
        why, expected = "not every copy is acknowledged", f"{len(copies)} ACKs"
        events = [event for event, _ in copies]
        yield rule(len(acks) >= len(copies), *events, why=why, expected=expected, seen=f"{len(acks)} ACKs")


@check(
    "rfc3261/s13_2_2/each-fork-acknowledged", "The 2xx of every fork is acknowledged: each makes one more dialog.", "rfc3261:13.2.2/4",
    needs="two 2xx with different tags", role=CLIENT, scenarios=("user-agent/called-forked",),
)  # fmt: skip
def each_fork(evidence: Evidence) -> Iterator[Ruling]:
    """An ACK with the tag of each."""
    seen: set[str | None] = set()
    for event, message in answers_to(evidence, "accepted"):
        if message.to_tag not in seen:
            seen.add(message.to_tag)
            acks = acks_of(evidence, message, event)
            why = "a 2xx is not acknowledged"
            yield rule(bool(acks), event, why=why, expected=f"ACK with tag {message.to_tag}", seen="no ACK")


@check(
    "rfc3261/s13_2_2/surplus-ended", "A caller ends by BYE the accepted calls that it does not want.", "rfc3261:13.2.2/11",
    needs="two 2xx with different tags", role=CLIENT, scenarios=("user-agent/called-forked",),
)  # fmt: skip
def surplus_ended(evidence: Evidence) -> Iterator[Ruling]:
    """A BYE of the subject for one of the two, or both calls stand: then our BYE to each gets 200."""
    tags = {message.to_tag: event for event, message in answers_to(evidence, "accepted")}
    if len(tags) < 2:
        return
    first = next(iter(tags.values()))
    if any(message.to_tag in tags for _, message in evidence.requests("BYE")):
        yield right(*tags.values())
        return
    refused = [
        one for one in evidence.transactions
        if one.method == "BYE" and one.event.direction == "received" and one.final and one.final[1].status != 200
    ]  # fmt: skip
    why = "the second call is neither kept nor ended"
    if refused and refused[0].final is not None:
        yield wrong(first, refused[0].event, why=why, expected="BYE of the caller", seen=refused[0].final[1].title)
    else:
        yield right(*tags.values(), why="both calls stand")


@check(
    "rfc3261/s08_1_3_2/provisional-known", "100, 183 and provisional answers that nobody knows leave the call as it is: it goes on to its 2xx.",
    "rfc3261:8.1.3.2/2", "rfc3261:8.1.3.2/3", needs="100, 183 and 199, then a 2xx", role=CLIENT,
    scenarios=("user-agent/called-provisional",),
)  # fmt: skip
def provisional_known(evidence: Evidence) -> Iterator[Ruling]:
    """No CANCEL in between, and the ACK behind the 2xx."""
    for event, message in answers_to(evidence, "accepted"):
        cancels = [other for other, request in evidence.requests("CANCEL") if request.call_id == message.call_id]
        good = bool(acks_of(evidence, message, event)) and not cancels
        seen = "CANCEL" if cancels else "no ACK"
        yield rule(good, event, why="the call did not survive the answers before", expected="ACK", seen=seen)
        return


@check(
    "rfc3261/s08_1_3_2/final-known", "A final answer that nobody knows counts as the x00 of its class, which every client knows.",
    "rfc3261:8.1.3.2/1a", "rfc3261:8.1.3.2/1b", needs="499, 599 and 699, 400, 500 and 600 to a call", role=CLIENT,
    scenarios=("user-agent/called-unknown-finals",),
)  # fmt: skip
def final_known(evidence: Evidence) -> Iterator[Ruling]:
    """Each gets its ACK, and the call is over: nothing but a call with credentials may follow in it."""
    for event, message in answers_to(evidence, "unknown-final"):
        acks = acks_of(evidence, message, event)
        why = f"{message.status} is not understood"
        yield rule(bool(acks), event, why=why, expected="ACK", seen="no ACK")


@check(
    "rfc3261/s08_1_3_3/two-vias", "An answer with two Vias is thrown away.", "rfc3261:8.1.3.3/1",
    needs="a 2xx with two Vias, and then the right one", level="SHOULD", role=CLIENT, scenarios=("user-agent/called-two-vias",),
)  # fmt: skip
def two_vias(evidence: Evidence) -> Iterator[Ruling]:
    """No ACK for its tag, and one for the right answer."""
    yield from _discarded(evidence, "two-vias")


@check(
    "rfc3261/s18_1_2/foreign-via", "An answer whose first Via is not one's own vanishes.", "rfc3261:18.1.2/1",
    needs="a 2xx whose Via names another sender, and then the right one", role="transport", scenarios=("user-agent/called-foreign-via",),
)  # fmt: skip
def foreign_via(evidence: Evidence) -> Iterator[Ruling]:
    """No ACK for its tag, and one for the right answer."""
    yield from _discarded(evidence, "foreign-via")


def _discarded(evidence: Evidence, label: str) -> Iterator[Ruling]:
    accepted = next(answers_to(evidence, "accepted"), None)
    for event, message in answers_to(evidence, label):
        acks = acks_of(evidence, message, event)
        if acks:
            yield wrong(event, acks[0][0], why="it is believed", expected="nothing", seen="ACK")
        elif accepted is not None and acks_of(evidence, accepted[1], accepted[0]):
            yield right(event)
        else:
            yield unclear(event, why="the right answer had no ACK either")
        return


@check(
    "rfc3261/s13_2_2/route-from-2xx", "The route set of a call is that of its 2xx, not of the provisional answers before.",
    "rfc3261:13.2.2/3a", "rfc3261:13.2.2/3b", needs="a 180 and a 2xx with different Record-Route", role=CLIENT,
    scenarios=("user-agent/called-late-route",),
)  # fmt: skip
def route_from_2xx(evidence: Evidence) -> Iterator[Ruling]:
    """The Route of the ACK."""
    for event, message in answers_to(evidence, "accepted"):
        for other, ack in acks_of(evidence, message, event)[:1]:
            lines = "".join(ack.lines("route"))
            why = "another route set"
            good = "from=final" in lines and "from=early" not in lines
            yield rule(
                good, event, other, why=why, expected="the route of the 2xx", seen=lines or "no Route", place="Route"
            )
        return


@check(
    "rfc3261/s12_1_2/old-to", "A 2xx without tag in To, as RFC 2543 had it, makes a dialog; what is sent in it has none either.",
    "rfc3261:12.1.2/11", "rfc3261:12.2.1.1/5", needs="a 2xx without To tag", role=CLIENT, scenarios=("user-agent/called-no-to-tag",),
)  # fmt: skip
def old_to(evidence: Evidence) -> Iterator[Ruling]:
    """An ACK without a tag in To."""
    for event, message in answers_to(evidence, "no-tag"):
        acks = [pair for pair in evidence.acks.get(message.call_id, ()) if pair[0].number > event.number]
        if not acks:
            yield wrong(event, why="a callee of old is not understood", expected="ACK", seen="no ACK")
        else:
            why, seen = "a tag is invented", acks[0][1].to_tag
            yield rule(seen is None, event, acks[0][0], why=why, expected="no tag in To", seen=seen)
        return


@check(
    "rfc3261/s20/odd-headers", "Headers that do not belong into a response are passed over.", "rfc3261:20/9b",
    needs="a 2xx with Max-Forwards and an unknown header", role=CLIENT, scenarios=("user-agent/called-odd-headers",),
)  # fmt: skip
def odd_headers(evidence: Evidence) -> Iterator[Ruling]:
    """The ACK comes."""
    for event, message in answers_to(evidence, "accepted"):
        acks = acks_of(evidence, message, event)
        yield rule(bool(acks), event, why="an odd header is held against the callee", expected="ACK", seen="no ACK")
        return


@check(
    "rfc3262/s04/no-prack-for-100", "A 100 never gets a PRACK, whatever it claims.", "rfc3262:4/4a", "rfc3262:4/4b",
    needs="a 100 with Require: 100rel and RSeq", role=CLIENT, scenarios=("user-agent/called-trying-100rel",),
)  # fmt: skip
def no_prack_for_100(evidence: Evidence) -> Iterator[Ruling]:
    """No PRACK, and the call goes on."""
    accepted = next(answers_to(evidence, "accepted"), None)
    for event, message in answers_to(evidence, "trying"):
        pracks = [other for other, request in evidence.requests("PRACK") if request.call_id == message.call_id]
        if pracks:
            yield wrong(event, pracks[0], why="a 100 is acknowledged", expected="no PRACK", seen="PRACK")
        elif accepted is not None and acks_of(evidence, accepted[1], accepted[0]):
            yield right(event)
        else:
            yield unclear(event, why="the call did not go on")
        return


@check(
    "rfc3261/s17_1_1_2/refusals-acknowledged", "Each copy of a refusal is acknowledged again.", "rfc3261:17.1.1.2/22a",
    "rfc3261:17.1.1.2/21", needs="a refusal that is sent several times", role="transaction", scenarios=("user-agent/called-refused",),
)  # fmt: skip
def refusals_acknowledged(evidence: Evidence) -> Iterator[Ruling]:
    """As many ACKs as copies, over datagrams."""
    copies = list(answers_to(evidence, "refused"))
    if copies and copies[0][0].transport == "udp":
        acks = acks_of(evidence, copies[0][1], copies[0][0])
        why, expected = "not every copy is acknowledged", f"{len(copies)} ACKs"
        events = [event for event, _ in copies]
        yield rule(len(acks) >= len(copies), *events, why=why, expected=expected, seen=f"{len(acks)} ACKs")


@check(
    "rfc3261/s17_1_1_2/timer-a", "Over UDP an INVITE is first repeated after T1.", "rfc3261:17.1.1.2/3",
    needs="an INVITE over UDP that nobody answers", role="transaction", scenarios=("user-agent/called-silence", "user-agent/called-never"),
)  # fmt: skip
def timer_a(evidence: Evidence) -> Iterator[Ruling]:
    """The time of the first copy."""
    slack = evidence.play.slack if evidence.play else 0.4
    for one in told(evidence, "INVITE"):
        if one.event.transport != "udp":
            continue
        if not one.copies:
            yield wrong(one.event, why="the INVITE is not repeated", expected="a copy after 0.5 s", seen="no copy")
            continue
        gap = one.copies[0][0].time - one.event.time
        good = abs(gap - 0.5) <= slack
        yield rule(good, one.event, one.copies[0][0], why="the first interval", expected="0.5 s", seen=f"{gap:.2f} s")


@check(
    "rfc3261/s17_1_1_2/timer-b", "After 64*T1 an unanswered INVITE is given up: no more copies, and no ACK.", "rfc3261:17.1.1.2/5",
    "rfc3261:17.1.1.2/14", needs="an INVITE that nobody ever answers", role="transaction", scenarios=("user-agent/called-never",),
)  # fmt: skip
def timer_b(evidence: Evidence) -> Iterator[Ruling]:
    """The last copy lies within 32 seconds, nothing is acknowledged, and time went on."""
    complete = evidence.play is not None and evidence.play.complete
    for one in told(evidence, "INVITE"):
        last = one.copies[-1][0] if one.copies else one.event
        late = last.time - one.event.time
        if late > 32.5:
            yield wrong(one.event, last, why="repeated beyond 64*T1", expected="within 32 s", seen=f"{late:.1f} s")
        elif evidence.acks.get(one.request.call_id):
            ack = evidence.acks[one.request.call_id][0][0]
            yield wrong(one.event, ack, why="silence is acknowledged", expected="no ACK", seen="ACK")
        elif complete:
            yield right(one.event, last)

"""How calls are taken and refused (RFC 3261, sections 11.2, 13.3 and 20.11)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc3261.live.stimuli import BOTH, SERVER, accepted, answered_by, asked, rung, silent, status_of
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, right, rule, unclear, wrong
from conformance.judge.transactions import Transaction

T1, T2 = 0.5, 4.0
COPIES = 0.45
"""Share by which the interval between two copies may differ from the rule on a live network."""


@check(
    "rfc3261/s11/options-served", "Every user agent answers OPTIONS.", "rfc3261:11/1", needs="an OPTIONS outside of dialogs", role=BOTH,
    scenarios=("user-agent/capabilities", "user-agent/options"),
)  # fmt: skip
def options_served(evidence: Evidence) -> Iterator[Ruling]:
    """There is a final response, and it does not refuse the method."""
    for one in asked(evidence, "OPTIONS"):
        if one.final is None:
            yield _no_answer(evidence, one, "OPTIONS is not answered")
            continue
        good = status_of(one) not in (405, 501)
        yield rule(
            good,
            one.event,
            one.final[0],
            why="OPTIONS is not known",
            expected="no 405, no 501",
            seen=one.final[1].title,
        )


def _no_answer(evidence: Evidence, one: Transaction, why: str) -> Ruling:
    complete = evidence.play is not None and evidence.play.complete
    if complete or silent(evidence, one):
        return wrong(one.event, why=why, expected="a final response", seen="no answer")
    return unclear(one.event, why="no final response was seen")


@check(
    "rfc3261/s11_2/as-invite", "OPTIONS gets the status that an INVITE would get.", "rfc3261:11.2/1",
    needs="OPTIONS and INVITE to the subject in one state", role=SERVER, scenarios=("user-agent/options-as-invite",),
)  # fmt: skip
def as_invite(evidence: Evidence) -> Iterator[Ruling]:
    """The first of each."""
    options, invite = next(asked(evidence, "OPTIONS"), None), next(asked(evidence, "INVITE"), None)
    if options is None or invite is None or options.final is None or invite.final is None:
        return
    wanted = 200 if accepted(invite) else status_of(invite)
    yield answered_by(evidence, options, wanted, why="another status than INVITE gets")


@check(
    "rfc3261/s20_1/no-accept", "Where Accept is missing, application/sdp counts as welcome.", "rfc3261:20.1/1",
    needs="a request without Accept", level="SHOULD", role=SERVER, scenarios=("user-agent/capabilities",),
)  # fmt: skip
def no_accept(evidence: Evidence) -> Iterator[Ruling]:
    """OPTIONS without Accept gets no 406."""
    for one in asked(evidence, "OPTIONS"):
        if not one.request.has("accept") and one.final is not None:
            why = "a missing Accept held against the client"
            yield rule(
                status_of(one) != 406, one.event, one.final[0], why=why, expected="not 406", seen=one.final[1].title
            )


@check(
    "rfc3261/s13_1/call-methods", "Who can be called also knows ACK, CANCEL and BYE.", "rfc3261:13.1/1",
    needs="a call that the subject takes, CANCEL and BYE", role=BOTH, scenarios=("user-agent/call", "user-agent/cancel-ringing"),
)  # fmt: skip
def call_methods(evidence: Evidence) -> Iterator[Ruling]:
    """CANCEL and BYE are not refused as methods."""
    for one in asked(evidence, "CANCEL", "BYE"):
        if one.final is None:
            yield _no_answer(evidence, one, f"{one.method} is not answered")
            continue
        good = status_of(one) not in (405, 501)
        why = f"{one.method} is not known"
        yield rule(good, one.event, one.final[0], why=why, expected="a method that is known", seen=one.final[1].title)


@check(
    "rfc3261/s13_2_1/both-models", "An INVITE without an offer is taken, with the offer in the 2xx, as one with an offer is.",
    "rfc3261:13.2.1/16", "rfc3261:13.2.1/17a", "rfc3261:13.3.1/4", "rfc3261:13.3.1.4/3",
    needs="a call with an offer that is taken, and an INVITE without", role=BOTH, scenarios=("user-agent/late-offer",),
)  # fmt: skip
def both_models(evidence: Evidence) -> Iterator[Ruling]:
    """The INVITE without a body gets a 2xx with a description."""
    for one in asked(evidence, "INVITE"):
        if one.request.body:
            continue
        if not accepted(one) or one.final is None:
            yield answered_by(evidence, one, 200, why="an INVITE without an offer")
            continue
        event, message = one.final
        why = "no offer in the 2xx"
        yield rule(bool(message.body), one.event, event, why=why, expected="a session description", seen="no body")


@check(
    "rfc3261/s13_3_1_4/repeated-until-ack", "A 2xx to INVITE is sent again until its ACK comes, first after T1, then at intervals that double up to T2.",
    "rfc3261:13.3.1.4/0", needs="a 2xx of the subject that is left without ACK for some seconds", role=SERVER,
    scenarios=("user-agent/no-ack", "user-agent/late-ack"),
)  # fmt: skip
def repeated_until_ack(evidence: Evidence) -> Iterator[Ruling]:
    """The times of the copies, until the ACK."""
    for one in asked(evidence, "INVITE"):
        copies = [event for event, message in one.responses if 200 <= (message.status or 0) < 300]
        acks = [event.number for event, ack in evidence.acks.get(one.request.call_id, ()) if ack.cseq]
        copies = [event for event in copies if not acks or event.number < acks[0]]
        if not copies:
            continue
        if len(copies) < 3:
            seen = f"{len(copies) - 1} copies"
            yield wrong(one.event, *copies, why="the 2xx is not sent again", expected="copies", seen=seen)
            continue
        slack = evidence.play.slack if evidence.play else 0.4
        for number, (before, after) in enumerate(zip(copies, copies[1:], strict=False)):
            wanted, got = min(T1 * 2**number, T2), after.time - before.time
            good = abs(got - wanted) <= slack + COPIES * wanted * (0 if slack < 0.1 else 1)
            why = "the interval between two copies"
            yield rule(good, before, after, why=why, expected=f"{wanted:.1f} s", seen=f"{got:.2f} s")


@check(
    "rfc3261/s13_3_1_4/ack-ends-copies", "With the ACK a 2xx is no longer sent.", "rfc3261:13.3.1.4/0", needs="an ACK that came late",
    role=SERVER, scenarios=("user-agent/late-ack",),
)  # fmt: skip
def ack_ends_copies(evidence: Evidence) -> Iterator[Ruling]:
    """No copy more than a moment behind the ACK."""
    for one in asked(evidence, "INVITE"):
        acks = [event for event, _ in evidence.acks.get(one.request.call_id, ()) if event.direction == "received"]
        if not acks or not accepted(one):
            continue
        late = [event for event, _ in one.responses if event.time > acks[0].time + 0.25]
        if late:
            yield wrong(acks[0], late[0], why="sent again although acknowledged", expected="no copy", seen="a copy")
        elif len(one.responses) > 1 or one.event.transport != "udp":
            yield right(one.event, acks[0])
        else:
            yield unclear(one.event, why="the 2xx was not sent again before the ACK either")


@check(
    "rfc3261/s13_3_1_4/no-ack-bye", "A callee that gets no ACK for 64*T1 ends the session.", "rfc3261:13.3.1.4/4", "rfc3261:14.2/6",
    needs="a 2xx of the subject that is never acknowledged", level="SHOULD", role=SERVER, scenarios=("user-agent/no-ack",),
)  # fmt: skip
def no_ack_bye(evidence: Evidence) -> Iterator[Ruling]:
    """A BYE of the subject in that call."""
    for one in asked(evidence, "INVITE"):
        if not accepted(one) or one.final is None:
            continue
        until = one.final[0].time + 64 * T1
        if any(event.time < until for event, _ in evidence.acks.get(one.request.call_id, ())):
            continue
        byes = [event for event, message in evidence.requests("BYE") if message.call_id == one.request.call_id]
        if byes:
            yield right(one.event, byes[0])
        elif evidence.play is not None and evidence.play.complete:
            yield wrong(one.event, why="the call goes on without an ACK", expected="BYE", seen="no BYE")


@check(
    "rfc3261/s13_3_1_3/no-codec-488", "An offer of which nothing can be met is refused with 488.", "rfc3261:13.3.1.3/3",
    needs="an INVITE that offers codecs which nobody has", level="SHOULD", role=SERVER, scenarios=("user-agent/no-common-codec",),
)  # fmt: skip
def no_codec_488(evidence: Evidence) -> Iterator[Ruling]:
    """The status; to accept with all streams refused is also an answer (RFC 3264, section 6)."""
    for one in asked(evidence, "INVITE"):
        if b"X-NOBODY-KNOWS" not in one.request.body:
            continue
        refused = accepted(one) and one.final is not None and b"m=audio 0 " in one.final[1].body
        if refused and one.final is not None:
            yield right(one.event, one.final[0])
        else:
            yield answered_by(evidence, one, 488, 606, why="an offer without a common codec")


@check(
    "rfc3261/s13_3_1_3/busy-486", "A callee that is engaged and takes no second call answers 486.", "rfc3261:13.3.1.3/1",
    "rfc3261:13.3.1.3/2", needs="a second call that the engaged subject refuses", level="SHOULD", role=SERVER,
    scenarios=("user-agent/second-call",),
)  # fmt: skip
def busy_486(evidence: Evidence) -> Iterator[Ruling]:
    """The status of the second call, where it is refused."""
    for one in list(asked(evidence, "INVITE"))[1:]:
        if one.final is not None and one.initial:
            if accepted(one):
                yield right(one.event, one.final[0], why="a second call is taken")
            else:
                yield answered_by(evidence, one, 486, 600, why="engaged, but refused otherwise")


@check(
    "rfc3261/s13_3_1/expired-487", "An invitation that runs out while it rings gets 487.", "rfc3261:13.3.1/1",
    needs="an INVITE with a short Expires to a ringing subject", level="SHOULD", role=SERVER, scenarios=("user-agent/invitation-expires",),
)  # fmt: skip
def expired_487(evidence: Evidence) -> Iterator[Ruling]:
    """The final response to it."""
    for one in asked(evidence, "INVITE"):
        if one.request.has("expires") and rung(one):
            if one.final is None or one.final[0].number > _first_cancel(evidence):
                yield wrong(one.event, why="it rings on", expected="487", seen="no final response")
            else:
                yield answered_by(evidence, one, 487, why="the invitation ran out")


def _first_cancel(evidence: Evidence) -> int:
    return next((one.event.number for one in asked(evidence, "CANCEL")), len(evidence.events) + 1)


@check(
    "rfc3261/s13_3_1_1/each-minute", "While it rings, a callee sends a provisional response other than 100 every minute.",
    "rfc3261:13.3.1.1/3", needs="a subject that is left ringing beyond a minute", role=SERVER, scenarios=("user-agent/rings-long",),
)  # fmt: skip
def each_minute(evidence: Evidence) -> Iterator[Ruling]:
    """The times of provisional responses above 100, and of what ended the ringing."""
    for one in asked(evidence, "INVITE"):
        times = [event for event, message in one.responses if (message.status or 0) > 100]
        cancels = [other.event for other in asked(evidence, "CANCEL")]
        times += cancels[:1] if cancels and not (one.final and one.final[0].number < cancels[0].number) else []
        for before, after in zip(times, times[1:], strict=False):
            gap = after.time - before.time
            if gap > 60 or after is times[-1]:
                seen = f"{gap:.0f} s"
                yield rule(gap <= 63, before, after, why="silent while it rings", expected="at most 60 s", seen=seen)

"""Responses on their way back (RFC 3261, section 16.7)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc3261.proxy.ways import PROXY, finals, lines_of, status, went
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, right, rule, wrong
from conformance.lab.sip.value import has

KEPT = ("proxy/answer-kept",)


@check(
    "rfc3261/s16_7/provisional-passed", "A provisional response other than 100 goes to the caller at once.", "rfc3261:16.7/13",
    needs="a phone that rings", role=PROXY, scenarios=("proxy/call", "proxy/refused", "proxy/fork-answered"),
)  # fmt: skip
def provisional_passed(evidence: Evidence) -> Iterator[Ruling]:
    """Each 180 on both hops."""
    slack = evidence.play.slack if evidence.play else 0.4
    for one, branches in went(evidence, "call"):
        for branch in branches:
            for event, message in branch.responses:
                if not 100 < (message.status or 0) < 200 or any(
                    status((e, m)) >= 200 and e.number < event.number for e, m in one.responses
                ):
                    continue
                back = [
                    e
                    for e, m in one.responses
                    if m.status == message.status and m.to_tag == message.to_tag and e.number > event.number
                ]
                if back and back[0].time - event.time <= 0.5 + slack:
                    yield right(event, back[0])
                else:
                    yield wrong(event, why="kept by the proxy", expected=message.title, seen="nothing at once")


@check(
    "rfc3261/s16_7/no-100-passed", "A 100 from behind stays with the proxy.", "rfc3261:16.7/17", needs="a phone that sends 100",
    role=PROXY, scenarios=("proxy/call", "proxy/tries-for-ever"),
)  # fmt: skip
def no_100_passed(evidence: Evidence) -> Iterator[Ruling]:
    """No 100 with the phone's header."""
    for one, branches in went(evidence, "call"):
        came = [event for branch in branches for event, message in branch.responses if message.status == 100]
        passed = [event for event, message in one.responses if message.status == 100 and message.has("x-hop")]
        if came and passed:
            yield wrong(came[0], passed[0], why="passed on", expected="no 100 of the phone", seen="100 Trying")
        elif came:
            yield right(one.event, came[0])


@check(
    "rfc3261/s16_7/to-tag-kept", "The To tag of the other end reaches the caller as it is.", "rfc3261:16.7/30", "rfc3261:16.7/31",
    "rfc3261:16.7/32", "rfc3261:16.7/33", needs="responses seen before and behind a proxy", role=PROXY,
    scenarios=("proxy/call", "proxy/refused", "proxy/methods"),
)  # fmt: skip
def to_tag_kept(evidence: Evidence) -> Iterator[Ruling]:
    """Tags by status."""
    for one, branches in went(evidence, "call", "change", "bye", "ask"):
        for event, message in one.responses:
            came = [m.to_tag for branch in branches for _, m in branch.responses if m.status == message.status]
            if message.status == 100 or not came:
                continue
            seen = message.to_tag
            yield rule(seen in came, one.event, event, why="another tag", expected=str(came[0]), seen=seen, place="To")


@check(
    "rfc3261/s16_7/response-untouched", "A response passes with all its headers as they are, but for the proxy's own Via.",
    "rfc3261:16.7/43", "rfc3261:16.7/18", "rfc3261:16.7/29", needs="a response with many headers", role=PROXY, scenarios=KEPT,
)  # fmt: skip
def response_untouched(evidence: Evidence) -> Iterator[Ruling]:
    """Lines behind and before the proxy, the topmost Via aside."""
    for one, branches in went(evidence, "ask"):
        for event, message in finals(one):
            came = [m for branch in branches for _, m in branch.responses if m.status == message.status]
            if came:
                # Both messages are held without the topmost Via: that of the one is the proxy's, of the other the caller's.
                wanted = [row for row in lines_of(came[0]) if row[0] != "via"]
                got = [row for row in lines_of(message) if row[0] != "via"]
                changed = [row for row in wanted if row not in got] + [row for row in got if row not in wanted]
                yield rule(not changed, one.event, event, why="headers changed", expected="as they came", seen=changed)


@check(
    "rfc3261/s16_7/body-untouched", "The body of a response passes as it is.", "rfc3261:16.7/42", needs="a response with a body",
    role=PROXY, scenarios=("proxy/answer-kept", "proxy/call"),
)  # fmt: skip
def body_untouched(evidence: Evidence) -> Iterator[Ruling]:
    """Octets of both."""
    for one, branches in went(evidence, "ask", "call"):
        for event, message in finals(one):
            came = [m for branch in branches for _, m in branch.responses if m.status == message.status and m.body]
            if came:
                good, seen = came[0].body == message.body, f"{len(message.body)} octets"
                yield rule(
                    good,
                    one.event,
                    event,
                    why="another body",
                    expected=f"{len(came[0].body)} octets",
                    seen=seen,
                    place="body",
                )


@check(
    "rfc3261/s16_7/received-kept", "What the proxy wrote into the caller's Via stays there in the response.", "rfc3261:16.7/44",
    "rfc3261:18.2.1/0", needs="a request whose Via names a host other than its source", role=PROXY, scenarios=KEPT,
)  # fmt: skip
def received_kept(evidence: Evidence) -> Iterator[Ruling]:
    """The parameter received in the response's Via."""
    for one, branches in went(evidence, "ask"):
        if one.final is None or not branches:
            continue
        event, message = one.final
        good = has(message.first("via"), "parameters", "received")
        yield rule(good, one.event, event, why="not there", expected="received", seen=message.lines("via"), place="Via")


@check(
    "rfc3261/s16_7/every-2xx", "Every 200 to an INVITE goes to the caller, copies and those of other phones too.", "rfc3261:16.7/15",
    "rfc3261:16.7/13", "rfc3261:16.7/46", needs="a 200 that comes several times, or from several phones", role=PROXY,
    scenarios=("proxy/accepted-copies", "proxy/fork-both"),
)  # fmt: skip
def every_2xx(evidence: Evidence) -> Iterator[Ruling]:
    """Numbers of 200s on both hops, by tag."""
    for one, branches in went(evidence, "call"):
        came = [(event, m.to_tag) for branch in branches for event, m in branch.responses if m.status == 200]
        for tag in dict.fromkeys(tag for _, tag in came):
            sent = [event for event, other in came if other == tag]
            back = [event for event, m in one.responses if m.status == 200 and m.to_tag == tag]
            seen = f"{len(back)} of {len(sent)}"
            good = len(back) >= len(sent)
            yield rule(good, *sent, why="a 200 was kept", expected=f"{len(sent)} at the caller", seen=seen)


@check(
    "rfc3261/s16_7/not-ours", "A response that has no Via but the proxy's own, or belongs to no request, reaches nobody.",
    "rfc3261:16.7/6", "rfc3261:16.7/1", "rfc3261:17.1.3/0", needs="responses that are wrong, from a phone", role=PROXY,
    scenarios=("proxy/malformed-responses",),
)  # fmt: skip
def not_ours(evidence: Evidence) -> Iterator[Ruling]:
    """No response between each of them and the sane exchange behind it; the right one is passed on at last."""
    for event in evidence.labelled("bad-one-via", "bad-no-via", "bad-stray", "bad-cseq"):
        later = [one for one in evidence.events if one.number > event.number]
        end = next((one.number for one in later if one.label), len(evidence.events) + 1)
        passed = [
            one
            for one in later
            if one.number < end and one.direction == "sent" and one.sip is not None and not one.sip.is_request
        ]
        if passed:
            yield wrong(
                event, passed[0], why=f"{event.label[4:]}: passed on", expected="nothing", seen=passed[0].summary
            )
        elif evidence.alive_after(event):
            yield right(event)
    for one, branches in went(evidence, "ask"):
        if branches and one.final is not None:
            seen = one.final[1].title
            yield rule(
                status(one.final) == 200, one.event, one.final[0], why="the right response", expected="200", seen=seen
            )


@check(
    "rfc3261/s17_1_1_3/refusal-acknowledged", "A proxy acknowledges the refusal that it gets from behind itself, on the branch of the INVITE.",
    "rfc3261:17.1.1.3/0", "rfc3261:16.6/60", "rfc3261:17.1.1.2/0", needs="a refused call", role=PROXY,
    scenarios=("proxy/refused", "proxy/fork-classes"),
)  # fmt: skip
def refusal_acknowledged(evidence: Evidence) -> Iterator[Ruling]:
    """An ACK on each refused branch."""
    for _, branches in went(evidence, "call"):
        for branch in branches:
            if branch.final is not None and status(branch.final) >= 300:
                acks = [event for event, _ in branch.acks if event.direction == "sent"]
                if acks:
                    yield right(branch.final[0], acks[0])
                else:
                    yield wrong(
                        branch.final[0], why="no ACK", expected="ACK on the branch of the INVITE", seen="no ACK"
                    )

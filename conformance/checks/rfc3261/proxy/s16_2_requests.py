"""Requests on their way through a stateful proxy (RFC 3261, sections 11.2, 16.1, 16.2 and 17.2)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc3261.proxy.ways import PROXY, onward, sent_on, went
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, right, rule, wrong

TRYING = 0.2
OWN = ("proxy/hops", "proxy/require", "proxy/scheme", "proxy/unknown-user", "proxy/registered-nowhere")


@check(
    "rfc3261/s16_1/answers-as-server", "What a proxy answers itself is a response as a server gives it: To with a tag, the rest as it came.",
    "rfc3261:16.1/2", "rfc3261:16.3/2", needs="a request that the proxy refuses itself", role=PROXY, scenarios=OWN,
)  # fmt: skip
def answers_as_server(evidence: Evidence) -> Iterator[Ruling]:
    """To tag, From, Call-ID, CSeq and Via of the refusals."""
    for one in evidence.transactions:
        if one.event.direction != "received" or not one.event.label or one.final is None or onward(evidence, one):
            continue
        event, message = one.final
        copied = all(message.lines(name)[:1] == one.request.lines(name)[:1] for name in ("from", "call-id", "cseq"))
        good = copied and bool(message.to_tag) and len(message.values("via")) == len(one.request.values("via"))
        seen = f"To {message.lines('to')}, CSeq {message.lines('cseq')}, Via {message.lines('via')}"
        yield rule(
            good, one.event, event, why="not as a server answers", expected="a To tag, the rest copied", seen=seen
        )


@check(
    "rfc3261/s16_2/trying", "An INVITE that is not answered at once gets 100 from the proxy within 200 ms.", "rfc3261:16.2/1",
    "rfc3261:17.2.1/1a", needs="an INVITE whose phone is slow", role=PROXY, scenarios=("proxy/over-tcp", "proxy/silent"),
)  # fmt: skip
def trying(evidence: Evidence) -> Iterator[Ruling]:
    """The time to the first response."""
    slack = evidence.play.slack if evidence.play else 0.4
    for one in evidence.asked("call"):
        if not one.responses:
            if evidence.alive_after(one.event):
                yield wrong(one.event, why="no provisional response", expected="100 within 0.2 s", seen="no response")
            continue
        event, message = one.responses[0]
        late = event.time - one.event.time
        good = late <= TRYING + slack and (message.status or 0) < 200
        yield rule(
            good,
            one.event,
            event,
            why="the first response",
            expected="100 within 0.2 s",
            seen=f"{message.title} after {late:.2f} s",
        )


@check(
    "rfc3261/s16_2/no-trying", "A proxy sends no 100 to other requests than INVITE.", "rfc3261:16.2/2",
    needs="a MESSAGE that is answered late", level="SHOULD", role=PROXY, scenarios=("proxy/slow-answer",),
)  # fmt: skip
def no_trying(evidence: Evidence) -> Iterator[Ruling]:
    """No provisional response."""
    for one, branches in went(evidence, "ask"):
        if branches and one.final is not None:
            early = [message.title for _, message in one.responses if (message.status or 0) < 200]
            yield rule(not early, one.event, one.final[0], why="a provisional response", expected="none", seen=early)


@check(
    "rfc3261/s16_2/any-method", "A request is forwarded whatever its method and whatever unknown headers it has.", "rfc3261:16.2/3",
    "rfc3261:16.3/7", "rfc3261:16.6/7", needs="requests of known and unknown methods", role=PROXY, scenarios=("proxy/methods",),
)  # fmt: skip
def any_method(evidence: Evidence) -> Iterator[Ruling]:
    """Each method goes on, with the unknown header."""
    for one, branches in went(evidence, "ask"):
        yield sent_on(evidence, one, branches, one.method)
        for branch in branches:
            seen = branch.request.lines("x-nobody-knows")
            good = seen == one.request.lines("x-nobody-knows")
            yield rule(
                good,
                one.event,
                branch.event,
                why="an unknown header",
                expected="as it came",
                seen=seen,
                place="X-Nobody-Knows",
            )


@check(
    "rfc3261/s16_1/keeps-state", "Between TCP and UDP a proxy keeps state: it repeats over UDP by itself.", "rfc3261:16.1/7",
    "rfc3261:17.1.1.2/0", "rfc3261:16.6/62", needs="an INVITE from TCP to UDP whose phone is slow", role=PROXY, scenarios=("proxy/over-tcp",),
)  # fmt: skip
def keeps_state(evidence: Evidence) -> Iterator[Ruling]:
    """Copies behind the proxy."""
    for one, branches in went(evidence, "call"):
        for branch in branches:
            seen = f"{len(branch.copies)} copies within 1.8 s"
            yield rule(bool(branch.copies), one.event, branch.event, why="not repeated", expected="copies", seen=seen)


@check(
    "rfc3261/s17_2_1/proxy-absorbs-copies", "A copy of an INVITE is answered by the proxy and goes no further.", "rfc3261:17.2.1/5",
    "rfc3261:16.2/0", "rfc3261:17.2.3/0", needs="an INVITE sent again while the phone rings", role=PROXY, scenarios=("proxy/copies",),
)  # fmt: skip
def absorbs_copies(evidence: Evidence) -> Iterator[Ruling]:
    """Behind the copy: a provisional response, and no INVITE."""
    for one, branches in went(evidence, "call"):
        if not one.copies or not branches:
            continue
        copy = one.copies[-1][0]
        invites = [event for branch in branches for event, _ in branch.copies if event.number > copy.number]
        invites += [branch.event for branch in branches if branch.event.number > copy.number]
        back = [event for event, _ in one.responses if event.number > copy.number and event.time < copy.time + 0.9]
        if invites:
            yield wrong(copy, invites[0], why="the copy was forwarded", expected="no further INVITE", seen="an INVITE")
        elif not back:
            yield wrong(copy, why="the copy is not answered", expected="the 180 again", seen="no response")
        else:
            yield right(copy, back[0])


@check(
    "rfc3261/s11_2/no-allow", "A proxy that answers OPTIONS for itself leaves Allow out.", "rfc3261:11.2/3",
    needs="a 200 of the proxy to OPTIONS for itself", level="SHOULD", role=PROXY, scenarios=("proxy/own-options",),
)  # fmt: skip
def no_allow(evidence: Evidence) -> Iterator[Ruling]:
    """Absence of Allow."""
    for one, branches in went(evidence, "own"):
        if one.final is not None and one.final[1].status == 200 and not branches:
            event, message = one.final
            yield rule(
                not message.has("allow"), one.event, event, why="Allow", expected="none", seen=message.lines("allow")
            )


@check(
    "rfc3261/s16_3/options-without-hops", "OPTIONS with no hops left is answered by the proxy, and goes no further.", "rfc3261:16.3/9",
    "rfc3261:16.3/10", needs="OPTIONS with Max-Forwards 0", role=PROXY, scenarios=("proxy/own-options",),
)  # fmt: skip
def options_without_hops(evidence: Evidence) -> Iterator[Ruling]:
    """200 or 483, nothing behind the proxy."""
    for one, branches in went(evidence, "no-hops"):
        if branches:
            yield wrong(
                one.event, branches[0].event, why="forwarded", expected="not forwarded", seen=branches[0].request.title
            )
        elif one.final is not None:
            event, message = one.final
            yield rule(
                message.status in (200, 483), one.event, event, why="no hops", expected="200 or 483", seen=message.title
            )

"""Silence, timer C, failures and CANCEL (RFC 3261, sections 16.6 to 16.10)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc3261.proxy.ways import PROXY, cancel_of, status, went
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, right, rule, wrong

THREE_MINUTES = 180.0
GIVING_UP = 32.0
"""64*T1."""


@check(
    "rfc3261/s16_7/silence-408", "Where no branch says a word, the caller gets 408.", "rfc3261:16.7/21", "rfc3261:16.8/3",
    "rfc3261:17.1.1.2/0", needs="an INVITE to a phone that is silent", role=PROXY, scenarios=("proxy/silent",),
)  # fmt: skip
def silence_408(evidence: Evidence) -> Iterator[Ruling]:
    """The status at the caller."""
    for one, branches in went(evidence, "call"):
        if not branches:
            continue
        if one.final is None:
            yield wrong(one.event, why="the phone is silent", expected="408", seen="no final response")
        else:
            good = status(one.final) == 408
            yield rule(
                good, one.event, one.final[0], why="the phone is silent", expected="408", seen=one.final[1].title
            )


@check(
    "rfc3261/s16_8/given-up", "A call that rings for ever is ended by the proxy: by CANCEL, once timer C has fired.", "rfc3261:16.6/63",
    "rfc3261:16.8/1", "rfc3261:16.8/2", needs="a phone that rings and rings", role=PROXY, scenarios=("proxy/rings-for-ever",),
)  # fmt: skip
def given_up(evidence: Evidence) -> Iterator[Ruling]:
    """A CANCEL on the branch."""
    yield from _given_up(evidence, "rings and rings")


@check(
    "rfc3261/s16_8/trying-given-up", "A branch that said 100 and nothing else is ended by CANCEL too.", "rfc3261:16.8/2",
    needs="a phone that says 100 and nothing else", role=PROXY, scenarios=("proxy/tries-for-ever",),
)  # fmt: skip
def trying_given_up(evidence: Evidence) -> Iterator[Ruling]:
    """A CANCEL on the branch."""
    yield from _given_up(evidence, "says 100 and no more")


def _given_up(evidence: Evidence, why: str) -> Iterator[Ruling]:
    for one, branches in went(evidence, "call"):
        for branch in branches:
            cancel = cancel_of(evidence, branch)
            if cancel is None:
                seen = one.final[1].title if one.final else "nothing"
                yield wrong(
                    branch.event, why=f"the phone {why}", expected="CANCEL", seen=f"no CANCEL; to the caller: {seen}"
                )
            else:
                yield right(branch.event, cancel.event)


@check(
    "rfc3261/s16_6/timer-c", "Timer C is more than three minutes.", "rfc3261:16.6/64", "rfc3261:16.6/63",
    needs="a phone that rings until it is cancelled", role=PROXY, scenarios=("proxy/rings-for-ever",),
)  # fmt: skip
def timer_c(evidence: Evidence) -> Iterator[Ruling]:
    """The time from INVITE to CANCEL."""
    for _, branches in went(evidence, "call"):
        for branch in branches:
            cancel = cancel_of(evidence, branch)
            if cancel is not None:
                passed = cancel.event.time - branch.event.time
                why, expected = "given up too early", "more than 180 s"
                yield rule(
                    passed > THREE_MINUTES,
                    branch.event,
                    cancel.event,
                    why=why,
                    expected=expected,
                    seen=f"{passed:.1f} s",
                )


@check(
    "rfc3261/s16_7/timer-c-anew", "A provisional response other than 100 sets timer C anew, to more than three minutes.", "rfc3261:16.7/4",
    "rfc3261:16.7/5b", needs="a phone that says again that it rings", role=PROXY, scenarios=("proxy/rings-again",),
)  # fmt: skip
def timer_c_anew(evidence: Evidence) -> Iterator[Ruling]:
    """The time from the last provisional response to the CANCEL."""
    for _, branches in went(evidence, "call"):
        for branch in branches:
            cancel = cancel_of(evidence, branch)
            early = [event for event, message in branch.responses if 100 < (message.status or 0) < 200]
            if cancel is not None and early:
                last = [event for event in early if event.number < cancel.event.number] or early
                passed = cancel.event.time - last[-1].time
                again = len(last) > 1
                why, expected = "given up too early", "more than 180 s behind the last response"
                seen = f"{passed:.1f} s" if again else "before the phone could say so again"
                yield rule(
                    again and passed > THREE_MINUTES, last[-1], cancel.event, why=why, expected=expected, seen=seen
                )


@check(
    "rfc3261/s09_1/not-for-ever", "A branch that was cancelled and never ends is given up after half a minute.", "rfc3261:9.1/0",
    "rfc3261:16.10/2", needs="a phone that is cancelled and does not end its INVITE", level="SHOULD", role=PROXY,
    scenarios=("proxy/cancel-unheard",),
)  # fmt: skip
def not_for_ever(evidence: Evidence) -> Iterator[Ruling]:
    """A final response at the caller 64*T1 behind the CANCEL."""
    for one, branches in went(evidence, "call"):
        cancels = [cancel for branch in branches if (cancel := cancel_of(evidence, branch)) is not None]
        if not cancels:
            continue
        if one.final is None:
            yield wrong(one.event, why="cancelled", expected="487 or 408", seen="no final response")
        else:
            passed = one.final[0].time - cancels[0].event.time
            good = passed <= GIVING_UP + 2
            yield rule(good, cancels[0].event, one.final[0], why="late", expected="within 32 s", seen=f"{passed:.1f} s")


@check(
    "rfc3261/s16_9/others-go-on", "A branch that cannot be delivered does not end the others.", "rfc3261:16.9/2", "rfc3261:16.9/1",
    needs="two contacts of which one refuses connections", level="SHOULD", role=PROXY, scenarios=("proxy/unreachable",),
)  # fmt: skip
def others_go_on(evidence: Evidence) -> Iterator[Ruling]:
    """No CANCEL to the phone that rings, and its own answer at the caller."""
    for one, branches in went(evidence, "call"):
        for branch in branches:
            cancel = cancel_of(evidence, branch)
            if cancel is not None:
                yield wrong(branch.event, cancel.event, why="cancelled", expected="no CANCEL", seen="CANCEL")
            elif one.final is not None:
                good = status(one.final) == status(branch.final)
                yield rule(
                    good, branch.event, one.final[0], why="another answer", expected="486", seen=one.final[1].title
                )


@check(
    "rfc3261/s16_9/as-503", "A request that cannot be delivered counts as answered with 503, which goes to the caller as 500.",
    "rfc3261:16.9/1", "rfc3261:16.7/28", needs="a contact that refuses connections", role=PROXY, scenarios=("proxy/all-unreachable",),
)  # fmt: skip
def as_503(evidence: Evidence) -> Iterator[Ruling]:
    """The status at the caller."""
    for one in evidence.asked("all-unreachable"):
        if one.final is None:
            yield wrong(one.event, why="not delivered", expected="500 or 503", seen="no final response")
        else:
            good = status(one.final) in (500, 503)
            yield rule(
                good, one.event, one.final[0], why="not delivered", expected="500 or 503", seen=one.final[1].title
            )


@check(
    "rfc3261/s16_10/cancel-200", "A CANCEL that matches a call gets 200 from the proxy at once.", "rfc3261:16.10/4", "rfc3261:9.2/0",
    needs="a CANCEL of a call that rings", role=PROXY, scenarios=("proxy/cancelled", "proxy/cancelled-fork"),
)  # fmt: skip
def cancel_200(evidence: Evidence) -> Iterator[Ruling]:
    """Status and time."""
    slack = evidence.play.slack if evidence.play else 0.4
    for one in evidence.asked("cancel"):
        if one.final is None:
            yield wrong(one.event, why="not answered", expected="200", seen="no answer")
        else:
            late = one.final[0].time - one.event.time
            good = status(one.final) == 200 and late <= 0.3 + slack
            seen = f"{one.final[1].title} after {late:.2f} s"
            yield rule(good, one.event, one.final[0], why="a CANCEL that matches", expected="200 at once", seen=seen)


@check(
    "rfc3261/s16_10/branches-cancelled", "A CANCEL reaches every phone that rings, and none that has answered.", "rfc3261:16.10/2",
    "rfc3261:16.10/5", "rfc3261:9.1/0", needs="a CANCEL of a call that rings", role=PROXY,
    scenarios=("proxy/cancelled", "proxy/cancelled-fork"),
)  # fmt: skip
def branches_cancelled(evidence: Evidence) -> Iterator[Ruling]:
    """A CANCEL on each branch that was pending."""
    for one in evidence.asked("cancel"):
        for _, branches in went(evidence, "call"):
            for branch in branches:
                over = branch.final is not None and branch.final[0].number < one.event.number
                cancel = cancel_of(evidence, branch)
                if over and cancel is not None:
                    yield wrong(one.event, cancel.event, why="over already", expected="no CANCEL", seen="CANCEL")
                elif not over and cancel is None:
                    yield wrong(one.event, branch.event, why="still rings", expected="CANCEL", seen="no CANCEL")
                else:
                    yield right(one.event, branch.event)


@check(
    "rfc3261/s16_10/cancel-487", "The call that was cancelled ends for the caller with the 487 of the phone.", "rfc3261:16.10/2",
    "rfc3261:16.7/19", needs="487 from a phone that was cancelled", role=PROXY, scenarios=("proxy/cancelled",),
)  # fmt: skip
def cancel_487(evidence: Evidence) -> Iterator[Ruling]:
    """The status at the caller."""
    for one, branches in went(evidence, "call"):
        if any(status(branch.final) == 487 for branch in branches):
            if one.final is None:
                yield wrong(one.event, why="cancelled", expected="487", seen="no final response")
            else:
                good = status(one.final) == 487
                yield rule(good, one.event, one.final[0], why="cancelled", expected="487", seen=one.final[1].title)


@check(
    "rfc3261/s16_10/unknown-passed", "A CANCEL that matches nothing is passed on.", "rfc3261:16.10/6", needs="a CANCEL of no call",
    role=PROXY, scenarios=("proxy/cancel-of-nothing",),
)  # fmt: skip
def unknown_passed(evidence: Evidence) -> Iterator[Ruling]:
    """It is seen behind the proxy."""
    for one in evidence.asked("cancel-of-nothing"):
        on = [
            other.event for other in evidence.transactions
            if other.method == "CANCEL" and other.event.direction == "sent" and other.request.call_id == one.request.call_id
        ]  # fmt: skip
        if on:
            yield right(one.event, on[0])
        elif evidence.alive_after(one.event):
            seen = one.final[1].title if one.final else "nothing"
            yield wrong(one.event, why="not passed on", expected="the CANCEL behind the proxy", seen=seen)

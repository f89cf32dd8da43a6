"""Further checks: numbers of a callee, Contact outside of its call, redirections that serve once, connections, URIs of REFER."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc3261.live.calling.answers import acks_of, answers_to
from conformance.checks.rfc3261.live.stimuli import BOTH, CLIENT, SERVER, accepted, answered_by, asked, status_of, told
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, right, rule, wrong
from conformance.lab.sip.value import number_at, text_at

FIRST = ("user-agent/called-first-number",)


@check(
    "rfc3261/s12_2_2/first-number", "The number of a callee's first request is whatever it is; later ones have to exceed it.",
    "rfc3261:12.1.2/8", "rfc3261:12.2.2/3", needs="a first request of the callee with a high number, and a lower one behind it",
    role=BOTH, scenarios=FIRST,
)  # fmt: skip
def first_number(evidence: Evidence) -> Iterator[Ruling]:
    """The first is served, the second gets 500."""
    for one in evidence.asked("first-number"):
        yield answered_by(evidence, one, 200, 488, why="a first number")
    for one in evidence.asked("late"):
        yield answered_by(evidence, one, 500, why="a request out of order")


@check(
    "rfc3261/s08_1_1_8/contact-reachable", "The address in Contact works for requests outside of the dialog too.", "rfc3261:8.1.1.8/2",
    "rfc3261:12.1.1/5", "rfc3261:18.2.1/1", needs="an OPTIONS to the Contact of a 2xx, outside of its dialog", role=BOTH,
    scenarios=("user-agent/contact-outside",),
)  # fmt: skip
def contact_reachable(evidence: Evidence) -> Iterator[Ruling]:
    """A response other than 404 and 481."""
    for one in evidence.asked("to-contact"):
        if one.final is None:
            yield answered_by(evidence, one, 200, why="the Contact does not answer")
        else:
            why, seen = "the Contact is not known outside", one.final[1].title
            good = status_of(one) not in (404, 481)
            yield rule(good, one.event, one.final[0], why=why, expected="served", seen=seen)


@check(
    "rfc3261/s08_2_3/language-415", "A 415 because of the language lists known ones in Accept-Language.", "rfc3261:8.2.3/4",
    needs="a body in an unknown language that is refused with 415", role=SERVER, scenarios=("user-agent/unknown-language",),
)  # fmt: skip
def language_415(evidence: Evidence) -> Iterator[Ruling]:
    """The header in the 415."""
    for one in asked(evidence, "INVITE"):
        if one.request.has("content-language") and status_of(one) == 415 and one.final is not None:
            event, message = one.final
            yield rule(
                message.has("accept-language"),
                one.event,
                event,
                why="none told",
                expected="Accept-Language",
                seen="none",
            )


@check(
    "rfc3261/s20_5/no-allow", "A missing Allow does not mean that its sender knows no methods.", "rfc3261:20.5/2",
    needs="a call by a client that sends no Allow", role=BOTH, scenarios=("user-agent/call",),
)  # fmt: skip
def no_allow(evidence: Evidence) -> Iterator[Ruling]:
    """The INVITE is taken all the same."""
    for one in asked(evidence, "INVITE"):
        if not one.request.has("allow") and one.final is not None:
            why, seen = "refused for want of Allow", one.final[1].title
            yield rule(accepted(one), one.event, one.final[0], why=why, expected="a call", seen=seen)


@check(
    "rfc3261/s21_3/once", "The address of a 302 without expiry serves for one call only.", "rfc3261:21.3/9",
    needs="a second call behind a redirection to the same address", role=CLIENT, scenarios=("user-agent/redirected-once",),
)  # fmt: skip
def serves_once(evidence: Evidence) -> Iterator[Ruling]:
    """Where the last call goes first."""
    moved = next(answers_to(evidence, "moved"), None)
    if moved is None:
        return
    old = next((one for one in told(evidence, "INVITE") if one.request.call_id == moved[1].call_id), None)
    calls = [one for one in told(evidence, "INVITE") if one.event.number > moved[0].number]
    if old is None:
        return
    again = [one for one in calls if one.request.request_uri == old.request.request_uri]
    elsewhere = [one for one in calls if one not in again]
    if again:
        yield right(old.event, again[-1].event)
    elif len(elsewhere) > 1:
        seen = elsewhere[-1].request.title
        yield wrong(
            moved[0], elsewhere[-1].event, why="the redirection is kept", expected=old.request.request_uri, seen=seen
        )


@check(
    "rfc3261/s18_1_1/way-back", "A client takes the response where its Via names it: from the connection it used, or at its address and port.",
    "rfc3261:18.1.1/8", "rfc3261:18.1.1/11", needs="a call of the subject and the answer to it", role="transport",
    scenarios=("user-agent/called",),
)  # fmt: skip
def way_back(evidence: Evidence) -> Iterator[Ruling]:
    """The 2xx went there, and the ACK shows that it was heard."""
    for one in told(evidence, "INVITE"):
        if one.final is None:
            continue
        event, message = one.final
        via = one.request.first("via")
        named = f"{text_at(via, 'host')}:{number_at(via, 'port') or 5060}"
        if event.transport != "udp" or event.destination == named:
            acks = acks_of(evidence, message, event)
            yield rule(bool(acks), one.event, event, why="the answer is not heard", expected="ACK", seen="no ACK")


@check(
    "rfc3261/s19_1_5/method-taken", "The method parameter of a URI is the method of the request that is formed from it.", "rfc3261:19.1.5/2",
    needs="a REFER to a URI with method=OPTIONS, which is followed", role=CLIENT, scenarios=("user-agent/refer-method",),
)  # fmt: skip
def method_taken(evidence: Evidence) -> Iterator[Ruling]:
    """The method of what reaches the target."""
    for refer in evidence.asked("refer-method"):
        for one in [one for one in told(evidence) if one.initial and one.event.number > refer.event.number][:1]:
            why = "another method"
            yield rule(one.method == "OPTIONS", refer.event, one.event, why=why, expected="OPTIONS", seen=one.method)


@check(
    "rfc3261/s19_1_5/no-unknown-require", "No request goes out that demands an extension which its sender lacks.", "rfc3261:19.1.5/12",
    "rfc3261:19.1.5/10", needs="a REFER to a URI whose header part has Require", role=CLIENT, scenarios=("user-agent/refer-require",),
)  # fmt: skip
def no_unknown_require(evidence: Evidence) -> Iterator[Ruling]:
    """No request with that Require, and the subject alive behind it."""
    for refer in evidence.asked("refer-require"):
        sent = [one for one in told(evidence) if "nothing-i-support" in "".join(one.request.lines("require"))]
        alive = any(one.method == "BYE" and accepted(one) for one in asked(evidence))
        if sent:
            yield wrong(
                refer.event, sent[0].event, why="demanded from the URI", expected="nothing", seen=sent[0].request.title
            )
        elif alive and refer.final is not None:
            yield right(refer.event, refer.final[0])


@check(
    "rfc3515/s02_4_4/early-notify", "A referrer takes a NOTIFY that overtakes the answer to its REFER.", "rfc3515:2.4.4/4",
    needs="a NOTIFY before the 202 to the subject's REFER", role=CLIENT, scenarios=("user-agent/subject-refers",),
)  # fmt: skip
def early_notify(evidence: Evidence) -> Iterator[Ruling]:
    """The status of the NOTIFY."""
    for one in evidence.asked("early-notify"):
        yield answered_by(evidence, one, 200, why="a NOTIFY before the 202")


@check(
    "rfc3515/s02/refer-on-route", "A REFER in a dialog goes along its route set.", "rfc3515:2/3",
    needs="a REFER of the subject in a dialog with a route", role=CLIENT, scenarios=("user-agent/subject-refers",),
)  # fmt: skip
def refer_on_route(evidence: Evidence) -> Iterator[Ruling]:
    """Route of the REFER."""
    for one in told(evidence, "REFER"):
        lines = one.request.lines("route")
        yield rule(
            bool(lines) and "lr" in lines[0], one.event, why="off the route", expected="the route", seen=lines or "none"
        )


@check(
    "rfc3262/s04/gap-waits", "A reliable response that skips a number is not acknowledged.", "rfc3262:4/13a",
    needs="reliable responses 1 and 3 to a caller with the extension", role=CLIENT, scenarios=("user-agent/called-rseq-gap",),
)  # fmt: skip
def gap_waits(evidence: Evidence) -> Iterator[Ruling]:
    """No PRACK for 3."""
    for event, _ in answers_to(evidence, "rseq-3"):
        pracks = [one for one in told(evidence, "PRACK") if "".join(one.request.lines("rack")).startswith("3 ")]
        accepted_one = next(answers_to(evidence, "accepted"), None)
        if pracks:
            yield wrong(
                event, pracks[0].event, why="acknowledged out of order", expected="no PRACK", seen="PRACK for 3"
            )
        elif accepted_one and acks_of(evidence, accepted_one[1], accepted_one[0]):
            yield right(event)
        return

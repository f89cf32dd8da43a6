"""Where requests of a caller go, and where it hears answers (RFC 3261, sections 16.6, 17, 18 and 21.3; RFC 3581)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc3261.live.calling.answers import acks_of, answers_to
from conformance.checks.rfc3261.live.stimuli import CLIENT, answered_by, told
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, right, rule, wrong

LIFE = 32.0
"""64*T1 in seconds."""


def _heard(evidence: Evidence, label: str, place: str) -> Iterator[Ruling]:
    for event, message in answers_to(evidence, label):
        acks = [each for each in acks_of(evidence, message, event) if each[0].time - event.time < 2.0]
        yield rule(bool(acks), event, why=f"not heard at {place}", expected="ACK", seen="ACK" if acks else "no ACK")


@check(
    "rfc3581/s03/heard-at-source", "Over UDP a client hears the answer where it sent from.", "rfc3581:3/3",
    needs="a 2xx at the source of the subject's INVITE", role=CLIENT, scenarios=("user-agent/answered-at-source",),
)  # fmt: skip
def heard_at_source(evidence: Evidence) -> Iterator[Ruling]:
    """Its ACK."""
    yield from _heard(evidence, "at-source", "its source")


@check(
    "rfc3581/s03/heard-at-sent-by", "Over UDP a client hears the answer at the port that its Via names.", "rfc3581:3/4",
    needs="a 2xx at the sent-by of the subject's INVITE", role=CLIENT, scenarios=("user-agent/answered-at-sent-by",),
)  # fmt: skip
def heard_at_sent_by(evidence: Evidence) -> Iterator[Ruling]:
    """Its ACK."""
    yield from _heard(evidence, "at-sent-by", "its sent-by")


@check(
    "rfc3261/s18_1_1/new-connection", "Who sent a request over a connection also hears the answer over a new one, at the port of its Via.",
    "rfc3261:18.1.1/9", needs="a 2xx over a new connection", role="transport", scenarios=("user-agent/answered-anew",),
)  # fmt: skip
def new_connection(evidence: Evidence) -> Iterator[Ruling]:
    """Its ACK; where no connection can be made the scenario says so."""
    yield from _heard(evidence, "anew", "a new connection")


@check(
    "rfc3261/s18_1_1/heard-at-group", "Who asks a multicast group hears answers that are sent to that group.", "rfc3261:18.1.1/13",
    needs="a request of the subject to a multicast group", role="transport", scenarios=("user-agent/asks-a-group",),
)  # fmt: skip
def heard_at_group(evidence: Evidence) -> Iterator[Ruling]:
    """The request is not sent again behind the answer."""
    for event, message in answers_to(evidence, "to-the-group"):
        for one in [each for each in told(evidence, "OPTIONS") if each.request.call_id == message.call_id]:
            late = [copy for copy, _ in one.copies if copy.number > event.number]
            if late:
                yield wrong(event, late[0], why="not heard at the group", expected="no copy", seen=one.request.title)
            elif evidence.alive_after(event):
                yield right(event)


@check(
    "rfc3261/s21_3/by-the-proxy", "After 305 nobody calls but through the proxy that it names.", "rfc3261:21.3/11",
    needs="a 305 to the subject's call", role=CLIENT, scenarios=("user-agent/use-proxy",),
)  # fmt: skip
def by_the_proxy(evidence: Evidence) -> Iterator[Ruling]:
    """No INVITE at the callee behind it."""
    for event, message in answers_to(evidence, "use-proxy"):
        again = [each.event for each in told(evidence, "INVITE") if each.event.number > event.number]
        past = [each for each in again if each.destination == event.source]
        if past:
            yield wrong(event, past[0], why="past the proxy", expected="nothing, or by the proxy", seen=message.title)
        elif again or evidence.alive_after(event):
            yield right(event, *again)


@check(
    "rfc3261/s16_6/route-in-its-dialog", "A URI from Record-Route is used in its dialog only.", "rfc3261:16.6/31",
    needs="a call that came by a proxy, and a later one of the subject to its caller", role="user-agent",
    scenarios=("user-agent/called-behind-route",),
)  # fmt: skip
def route_in_its_dialog(evidence: Evidence) -> Iterator[Ruling]:
    """Route of the later INVITE."""
    recorded = [line for _, message in evidence.sip for line in message.lines("record-route") if message.is_request]
    for one in [each for each in told(evidence, "INVITE") if each.initial and recorded]:
        own = [line for line in one.request.lines("route") if any(part in line for part in map(_place, recorded))]
        yield rule(
            not own, one.event, why="used outside of its dialog", expected="another way", seen=own, place="Route"
        )


def _place(line: str) -> str:
    return line.strip("<>").partition(":")[2].partition(";")[0]


@check(
    "rfc3261/s17_1_2/timer-f-proceeding", "64*T1 after its start a transaction that got nothing but 100 is over: no copy follows.",
    "rfc3261:17.1.2.2/8b", needs="an OPTIONS of the subject by UDP, and 100", role="transaction", scenarios=("user-agent/asks-without-end",),
)  # fmt: skip
def timer_f_proceeding(evidence: Evidence) -> Iterator[Ruling]:
    """The time of the last copy."""
    for one in told(evidence, "OPTIONS"):
        last = max((event.time for event, _ in one.copies), default=one.event.time) - one.event.time
        if one.responses and evidence.alive_after(one.event):
            good = last <= LIFE + 0.5 + (evidence.play.slack if evidence.play else 0.0)
            yield rule(good, one.event, why="it goes on", expected="no copy after 32 s", seen=f"one after {last:.1f} s")


@check(
    "rfc3261/s26_3_1/sips-understood", "Who speaks TLS understands SIPS URIs.", "rfc3261:26.3.1/6", needs="a call over TLS to a SIPS URI",
    role="user-agent", scenarios=("user-agent/call-secure",),
)  # fmt: skip
def sips_understood(evidence: Evidence) -> Iterator[Ruling]:
    """The status is not 416."""
    for one in evidence.transactions:
        secure = one.request.request_uri.lower().startswith("sips:") and one.initial
        if one.method == "INVITE" and one.event.direction == "received" and secure:
            if one.final is None:
                yield answered_by(evidence, one, 200, why="a SIPS URI")
            else:
                event, message = one.final
                good = message.status != 416
                yield rule(good, one.event, event, why="the scheme is refused", expected="200", seen=message.title)


@check(
    "rfc3261/s22_3/not-across-dialogs", "Credentials for a proxy that a call needed do not go into the next one by themselves.", "rfc3261:22.3/9a",
    needs="a call that a proxy challenged, and a later one", role=CLIENT, scenarios=("user-agent/challenged-again",),
)  # fmt: skip
def not_across_dialogs(evidence: Evidence) -> Iterator[Ruling]:
    """Proxy-Authorization of the first INVITE of the second call, where the first one had it."""
    calls = list(told(evidence, "INVITE"))
    proved = [
        one
        for one in calls
        if one.request.has("proxy-authorization") and one.request.call_id == calls[0].request.call_id
    ]
    later = [one for one in calls if one.request.call_id != calls[0].request.call_id]
    if proved and later:
        good, why = not later[0].request.has("proxy-authorization"), "credentials of another dialog"
        yield rule(good, proved[0].event, later[0].event, why=why, expected="none", seen="Proxy-Authorization")

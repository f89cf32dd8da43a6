"""What a caller does next: cancelling, following redirections, proving who it is, ending (RFC 3261, sections 8.1.3, 9.1, 12.2.1.2, 15.1.1, 21.3, 22)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc3261.live.calling.answers import acks_of, answers_to
from conformance.checks.rfc3261.live.stimuli import BOTH, CLIENT, told
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, right, rule, unclear, wrong
from conformance.judge.transactions import Transaction
from conformance.lab.sip.value import text_at

MOVED = ("user-agent/redirected",)


def later(evidence: Evidence, number: int, *methods: str) -> list[Transaction]:
    """The subject's requests behind an event."""
    return [one for one in told(evidence, *methods) if one.event.number > number]


@check(
    "rfc3261/s09_1/waits-for-provisional", "A call that its user cancels is cancelled once a provisional response came, and not before.",
    "rfc3261:9.1/8a", "rfc3261:9.1/8b", needs="a subject that is told to give up before any response", role=CLIENT,
    scenarios=("user-agent/called-cancels-early",),
)  # fmt: skip
def waits_for_provisional(evidence: Evidence) -> Iterator[Ruling]:
    """The place of the CANCEL among the responses."""
    for one in told(evidence, "INVITE"):
        cancels = [other for other in told(evidence, "CANCEL") if other.request.call_id == one.request.call_id]
        first = next((event for event, message in one.responses if (message.status or 0) < 200), None)
        for cancel in cancels[:1]:
            early = first is None or cancel.event.number < first.number
            why, expected = "cancelled before any response", "a provisional response first"
            yield rule(not early, one.event, cancel.event, why=why, expected=expected, seen="CANCEL at once")


@check(
    "rfc3261/s15/crossed-cancel", "A 2xx that crosses the CANCEL is acknowledged, and the call is ended by BYE.", "rfc3261:13.2.2/11",
    "rfc3261:15/0", needs="a 2xx behind the subject's CANCEL", role=CLIENT, scenarios=("user-agent/called-answer-overtakes",),
)  # fmt: skip
def crossed_cancel(evidence: Evidence) -> Iterator[Ruling]:
    """ACK, then BYE."""
    for event, message in answers_to(evidence, "accepted"):
        acks = acks_of(evidence, message, event)
        byes = [one for one in later(evidence, event.number, "BYE") if one.request.call_id == message.call_id]
        seen = "no ACK" if not acks else "no BYE"
        yield rule(bool(acks and byes), event, why="the call is left standing", expected="ACK and BYE", seen=seen)
        return


@check(
    "rfc3261/s08_1_3_4/follows", "A redirected caller tries the address that Contact gives.", "rfc3261:8.1.3.4/1", "rfc3261:21.3/7",
    needs="a 302", level="SHOULD", role=CLIENT, scenarios=MOVED,
)  # fmt: skip
def follows(evidence: Evidence) -> Iterator[Ruling]:
    """An INVITE behind the redirection."""
    for event, _ in answers_to(evidence, "moved"):
        found = later(evidence, event.number, "INVITE")
        yield rule(bool(found), event, why="the redirection is not followed", expected="INVITE", seen="nothing")


@check(
    "rfc3261/s08_1_3_4/whole-uri", "The new Request-URI is the address of the redirection without its method and its header part.",
    "rfc3261:8.1.3.4/8", "rfc3261:19.1.5/4", needs="a 302 whose Contact has a method, headers and an unknown parameter", role=CLIENT,
    scenarios=("user-agent/redirected-with-parts",),
)  # fmt: skip
def whole_uri(evidence: Evidence) -> Iterator[Ruling]:
    """The Request-URI of the INVITE behind it."""
    for event, _ in answers_to(evidence, "moved-parts"):
        for one in later(evidence, event.number, "INVITE")[:1]:
            uri = one.request.request_uri
            good = "method=" not in uri.lower() and "?" not in uri and "keep=me" in uri
            why, expected = "another URI than Contact gives", "the URI with keep=me, without method and headers"
            yield rule(good, event, one.event, why=why, expected=expected, seen=uri, place="Request-URI")


@check(
    "rfc3261/s08_1_3_4/once-each", "A caller that is redirected tries no address a second time.", "rfc3261:8.1.3.4/2",
    needs="redirections that go in a circle", role=CLIENT, scenarios=("user-agent/redirected-back",),
)  # fmt: skip
def once_each(evidence: Evidence) -> Iterator[Ruling]:
    """No INVITE to a Request-URI that had one."""
    for event, _ in list(answers_to(evidence, "moved-back"))[:1]:
        found = later(evidence, event.number, "INVITE")
        if found:
            yield wrong(
                event, found[0].event, why="an address is tried again", expected="nothing", seen=found[0].request.title
            )
        elif evidence.play is not None and evidence.play.complete:
            yield right(event)


@check(
    "rfc3261/s08_1_3_4/next-address", "When an address fails, the next one of the redirection is tried.", "rfc3261:8.1.3.4/7",
    needs="a redirection with two addresses of which the first refuses", level="SHOULD", role=CLIENT,
    scenarios=("user-agent/redirected-two",),
)  # fmt: skip
def next_address(evidence: Evidence) -> Iterator[Ruling]:
    """Two INVITEs behind it, to different addresses."""
    for event, _ in answers_to(evidence, "moved-two"):
        found = {one.request.request_uri for one in later(evidence, event.number, "INVITE")}
        if found:
            seen = ", ".join(sorted(found))
            yield rule(len(found) > 1, event, why="the second address is not tried", expected="both", seen=seen)


@check(
    "rfc3261/s08_1_3_4/same-call", "A redirected request is as before in its headers and its body.", "rfc3261:8.1.3.4/13",
    needs="a redirected request and the one that follows", level="SHOULD", role=CLIENT, scenarios=MOVED,
)  # fmt: skip
def same_call(evidence: Evidence) -> Iterator[Ruling]:
    """To, Supported, Allow and the type of the body."""
    for event, message in answers_to(evidence, "moved"):
        before = next((one for one in told(evidence, "INVITE") if one.request.call_id == message.call_id), None)
        after = next(iter(later(evidence, event.number, "INVITE")), None)
        if before is None or after is None:
            continue
        names = ("supported", "allow", "content-type")
        differing = [name for name in names if before.request.lines(name) != after.request.lines(name)]
        seen = ", ".join(differing)
        yield rule(not differing, before.event, after.event, why="changed on the way", expected="the same", seen=seen)


@check(
    "rfc3261/s21_4/not-again", "What was refused with 4xx is not tried again unchanged, and after 403 not at all.", "rfc3261:21.4/1",
    "rfc3261:21.4/3", needs="a 4xx to the subject's INVITE", level="SHOULD", role=CLIENT,
    scenarios=("user-agent/called-forbidden", "user-agent/called-refused"),
)  # fmt: skip
def not_again(evidence: Evidence) -> Iterator[Ruling]:
    """No INVITE behind it."""
    for event, message in list(answers_to(evidence, "refused"))[:1]:
        found = later(evidence, event.number, "INVITE")
        if found:
            why = f"tried again after {message.status}"
            yield wrong(event, found[0].event, why=why, expected="nothing", seen=found[0].request.title)
        elif evidence.play is not None and evidence.play.complete and acks_of(evidence, message, event):
            yield right(event)


@check(
    "rfc3261/s22/proves-itself", "A caller with credentials answers a challenge by the same call with credentials and the next number.",
    "rfc3261:8.1.3.5/1", "rfc3261:22.2/3", "rfc3261:22.3/5", "rfc3261:21.4/5", needs="401 or 407 to a subject that has credentials",
    level="SHOULD", role=CLIENT, scenarios=("user-agent/challenged",),
)  # fmt: skip
def proves_itself(evidence: Evidence) -> Iterator[Ruling]:
    """Credentials in the next INVITE, for the nonce that was given."""
    for label, header in (("challenge-proxy", "proxy-authorization"), ("challenge-server", "authorization")):
        for event, message in answers_to(evidence, label):
            found = later(evidence, event.number, "INVITE")
            if not found:
                yield wrong(
                    event, why="the challenge is not answered", expected="INVITE with credentials", seen="nothing"
                )
                continue
            values = found[0].request.values(header)
            nonces = [text_at(value, "parameters", "nonce") for value in values]
            wanted = f"{label.rpartition('-')[2]}-nonce-of-the-harness"
            why = "no credentials for the challenge"
            yield rule(
                wanted in nonces, event, found[0].event, why=why, expected=header, seen=nonces or "none", place=header
            )
            number = found[0].request.cseq[0] if found[0].request.cseq else 0
            grown = message.cseq is not None and number > message.cseq[0]
            yield rule(
                grown,
                event,
                found[0].event,
                why="the old number",
                expected="the next number",
                seen=number,
                place="CSeq",
            )


@check(
    "rfc3261/s22_3/proxy-credentials-kept", "Credentials for a proxy are used in later requests of the dialog too.", "rfc3261:22.3/8",
    "rfc3261:22.1/8", needs="a call through a proxy that challenged its INVITE", level="SHOULD", role=CLIENT,
    scenarios=("user-agent/challenged",),
)  # fmt: skip
def proxy_credentials_kept(evidence: Evidence) -> Iterator[Ruling]:
    """ACK and BYE behind the 2xx."""
    for event, message in answers_to(evidence, "accepted"):
        for other, ack in acks_of(evidence, message, event)[:1]:
            why = "the ACK has no credentials"
            yield rule(ack.has("proxy-authorization"), event, other, why=why, expected="as in the INVITE", seen="none")
        return


@check(
    "rfc3261/s15_1_1/over-anyway", "481 to BYE ends session and dialog all the same.", "rfc3261:15.1.1/2",
    needs="a BYE of the subject that gets 481", role=CLIENT, scenarios=("user-agent/bye-refused",),
)  # fmt: skip
def over_anyway(evidence: Evidence) -> Iterator[Ruling]:
    """Nothing more in the dialog."""
    for one in told(evidence, "BYE"):
        if one.final is None or one.final[1].status != 481:
            continue
        found = [
            other for other in later(evidence, one.final[0].number) if other.request.call_id == one.request.call_id
        ]
        if found:
            yield wrong(
                one.final[0], found[0].event, why="the dialog goes on", expected="nothing", seen=found[0].request.title
            )
        elif evidence.play is not None and evidence.play.complete:
            yield right(one.event, one.final[0])


@check(
    "rfc3261/s14_1/refused-keeps-own", "A re-INVITE of one's own that is refused leaves the session as it was.", "rfc3261:14.1/9",
    needs="a 488 to the subject's re-INVITE", role=BOTH, scenarios=("user-agent/hold-refused",),
)  # fmt: skip
def refused_keeps_own(evidence: Evidence) -> Iterator[Ruling]:
    """No BYE of the subject; the BYE of the other side gets 200."""
    for one in told(evidence, "INVITE"):
        if one.final is None or one.final[1].status != 488:
            continue
        byes = later(evidence, one.final[0].number, "BYE")
        if byes:
            yield wrong(one.final[0], byes[0].event, why="the call is ended", expected="the old session", seen="BYE")
            continue
        ends = [other for other in evidence.transactions if other.method == "BYE" and other.final is not None]
        for other in ends[:1]:
            seen = other.final[1].title if other.final else ""
            yield rule(
                seen.startswith("200"), one.event, other.event, why="the call is gone", expected="200", seen=seen
            )


@check(
    "rfc3261/s14_1/after-491", "A re-INVITE that got 491 is sent again after a random time.", "rfc3261:14.1/10", "rfc3261:14.1/11",
    needs="a 491 to the subject's re-INVITE", level="SHOULD", role=CLIENT, scenarios=("user-agent/glare",),
)  # fmt: skip
def after_491(evidence: Evidence) -> Iterator[Ruling]:
    """The time to the next re-INVITE: 2.1 to 4 seconds for the owner of the Call-ID, up to 2 for the other."""
    for one in told(evidence, "INVITE"):
        if one.final is None or one.final[1].status != 491:
            continue
        again = later(evidence, one.final[0].number, "INVITE")
        if not again:
            yield wrong(one.event, one.final[0], why="not tried again", expected="another re-INVITE", seen="nothing")
            continue
        gap = again[0].event.time - one.final[0].time
        yield rule(
            gap <= 2.2, one.final[0], again[0].event, why="the wrong time", expected="0 to 2 s", seen=f"{gap:.2f} s"
        )
        return


@check(
    "rfc3261/s12_2_1_2/481-ends", "A 481 inside a dialog is the end of that dialog.", "rfc3261:12.2.1.2/2",
    needs="a 481 to the subject's re-INVITE", level="SHOULD", role=CLIENT, scenarios=("user-agent/hold-481",),
)  # fmt: skip
def ends_on_481(evidence: Evidence) -> Iterator[Ruling]:
    """BYE, or at least nothing else in the dialog."""
    for one in told(evidence, "INVITE"):
        if one.final is None or one.final[1].status != 481:
            continue
        byes = later(evidence, one.final[0].number, "BYE")
        if byes:
            yield right(one.final[0], byes[0].event)
            continue
        probe = [other for other in evidence.transactions if other.event.label == "tidy" and other.final is not None]
        if not probe or probe[0].final is None:
            yield unclear(one.final[0], why="no request in the dialog followed")
            continue
        seen = probe[0].final[1].title
        why = "the dialog goes on"
        yield rule(
            not seen.startswith("200"), one.final[0], probe[0].event, why=why, expected="BYE, or 481 to BYE", seen=seen
        )
        return

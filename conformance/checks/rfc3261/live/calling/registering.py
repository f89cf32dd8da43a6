"""What a client does that registers, and that is asked who it is (RFC 3261, sections 10.2 and 22)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc3261.live.calling.answers import answers_to
from conformance.checks.rfc3261.live.stimuli import CLIENT, told
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, right, rule, wrong
from conformance.judge.seen import Seen
from conformance.judge.transactions import Transaction
from conformance.lab.sip.value import text_at

COURSE = ("user-agent/registers",)
KINDS = ("user-agent/proves-by",)


def _next(evidence: Evidence, event: Seen) -> Transaction | None:
    return next((one for one in told(evidence, "REGISTER") if one.event.number > event.number), None)


def _time(one: Transaction) -> int | None:
    """What a REGISTER asks for."""
    times = [
        text_at(value, "parameters", "expires") for value in one.request.values("contact") if isinstance(value, dict)
    ]
    lines = [time for time in times if time] or one.request.lines("expires")
    return int(lines[0]) if lines and lines[0].isdigit() else None


@check(
    "rfc3261/s10_2_4/refreshed", "A binding is refreshed before its time is over.", "rfc3261:10.2.4/0",
    needs="a binding of the subject that is granted for two minutes", role=CLIENT, scenarios=COURSE,
)  # fmt: skip
def refreshed(evidence: Evidence) -> Iterator[Ruling]:
    """The next REGISTER with Contact, within 120 seconds of the first 2xx."""
    if evidence.play is None or not evidence.play.virtual:
        return
    for event, _ in list(answers_to(evidence, "bound"))[:1]:
        again = _next(evidence, event)
        good = again is not None and again.event.time - event.time <= 120 and _time(again) != 0
        yield rule(good, event, why="the binding runs out", expected="REGISTER within 120 s", seen="none")


@check(
    "rfc3261/s10_2_2/removed", "A client that wants to be reached no more removes its binding.", "rfc3261:10.2.2/1",
    needs="a subject that is told to take its registration back", level="SHOULD", role=CLIENT, scenarios=COURSE,
)  # fmt: skip
def removed(evidence: Evidence) -> Iterator[Ruling]:
    """The last REGISTER asks for 0 seconds, for the same Contact or all."""
    series = list(told(evidence, "REGISTER"))
    if len(series) > 1:
        last, first = series[-1], series[0]
        seen = f"Expires {_time(last)}"
        same = last.request.lines("contact") == ["*"] or _uri(last) == _uri(first)
        yield rule(
            _time(last) == 0 and same,
            last.event,
            why="the binding stays",
            expected="Expires 0",
            seen=seen,
            place="Expires",
        )


def _uri(one: Transaction) -> str:
    line = (one.request.lines("contact") or [""])[0]
    return line.partition("<")[2].partition(">")[0] or line.partition(";")[0]


@check(
    "rfc3261/s10_2/no-route-set", "Record-Route in the answer to REGISTER makes no route set.", "rfc3261:10.2/2", "rfc3261:10.2/3",
    needs="a 2xx to REGISTER with Record-Route, and a REGISTER behind it", role=CLIENT, scenarios=("user-agent/registers-by-route",),
)  # fmt: skip
def no_route_set(evidence: Evidence) -> Iterator[Ruling]:
    """The next REGISTER has no Route, and comes."""
    for event, _ in answers_to(evidence, "bound"):
        again = _next(evidence, event)
        if again is None:
            if evidence.alive_after(event):
                yield wrong(event, why="the next REGISTER goes astray", expected="REGISTER", seen="nothing")
            continue
        route = "".join(again.request.lines("route"))
        yield rule(
            "192.0.2.99" not in route,
            event,
            again.event,
            why="a route set",
            expected="no Route",
            seen=route,
            place="Route",
        )


@check(
    "rfc3261/s10_2_7/not-at-once", "A REGISTER that nobody answers is not sent again at once.", "rfc3261:10.2.7/1",
    needs="a REGISTER that is never answered", level="SHOULD", role=CLIENT, scenarios=("user-agent/registers-nowhere",),
)  # fmt: skip
def not_at_once(evidence: Evidence) -> Iterator[Ruling]:
    """No other REGISTER within a few seconds of its end."""
    series = list(told(evidence, "REGISTER"))
    for before, after in zip(series, series[1:], strict=False):
        yield wrong(
            before.event, after.event, why="tried again at once", expected="nothing for a while", seen="REGISTER"
        )
    if len(series) == 1 and evidence.alive_after(series[0].event):
        yield right(series[0].event)


@check(
    "rfc3261/s10_2_8/longer", "After 423 a client that tries again asks for as long as Min-Expires says.", "rfc3261:10.2.8/1",
    needs="a 423 to the subject's REGISTER", level="SHOULD", role=CLIENT, scenarios=("user-agent/registers-too-briefly",),
)  # fmt: skip
def longer(evidence: Evidence) -> Iterator[Ruling]:
    """The time in the next REGISTER; who does not try again does as it may."""
    for event, message in answers_to(evidence, "too-brief"):
        again = _next(evidence, event)
        least = int(message.lines("min-expires")[0])
        time = _time(again) if again is not None else None
        if again is None or not time:
            yield right(event, why="not tried again")
        else:
            why, expected = "too brief again", f"{least} or more"
            yield rule(time >= least, event, again.event, why=why, expected=expected, seen=time, place="Expires")


@check(
    "rfc3261/s22_2/registration-proved", "A client with credentials answers the registrar's challenge with the next number.", "rfc3261:22.2/3", "rfc3261:26.3.1/10",
    "rfc3261:22.2/8", needs="a 401 to the REGISTER of a subject with credentials", level="SHOULD", role=CLIENT,
    scenarios=("user-agent/registers-proving",),
)  # fmt: skip
def registration_proved(evidence: Evidence) -> Iterator[Ruling]:
    """Authorization for the nonce, and CSeq."""
    for event, message in answers_to(evidence, "asked-1"):
        again = _next(evidence, event)
        if again is None:
            yield wrong(
                event, why="the challenge is not answered", expected="REGISTER with credentials", seen="nothing"
            )
            continue
        nonces = [text_at(value, "parameters", "nonce") for value in again.request.values("authorization")]
        good = "1-nonce-of-the-harness" in nonces
        yield rule(good, event, again.event, why="no proof", expected="credentials for the nonce", seen=nonces)
        before, after = message.cseq, again.request.cseq
        grown = before is not None and after is not None and after[0] == before[0] + 1
        yield rule(grown, event, again.event, why="the number", expected="the next one", seen=after, place="CSeq")


@check(
    "rfc3261/s22_1/stale-again", "Where only the nonce was old, the same credentials are offered for the new one.", "rfc3261:22.1/13",
    "rfc3261:22.4/0", needs="a 401 with stale=true to credentials", level="SHOULD", role=CLIENT, scenarios=("user-agent/registers-proving",),
)  # fmt: skip
def stale_again(evidence: Evidence) -> Iterator[Ruling]:
    """Credentials for the second nonce."""
    for event, _ in answers_to(evidence, "asked-2"):
        again = _next(evidence, event)
        values = again.request.values("authorization") if again is not None else []
        nonces = [text_at(value, "parameters", "nonce") for value in values]
        good = "2-nonce-of-the-harness" in nonces
        yield rule(good, event, why="given up", expected="credentials for the new nonce", seen=nonces or "nothing")


@check(
    "rfc3261/s22_1/gives-up", "A password that was rejected is not tried again and again.", "rfc3261:22.1/13",
    needs="a registrar that asks anew whatever is proved", role=CLIENT, scenarios=("user-agent/registers-in-vain",),
)  # fmt: skip
def gives_up(evidence: Evidence) -> Iterator[Ruling]:
    """One REGISTER with credentials, and no more: each challenge after it rejects them."""
    proved = [one for one in told(evidence, "REGISTER") if one.request.has("authorization")]
    if len(proved) > 1:
        yield wrong(
            proved[0].event, proved[1].event, why="the rejected password again", expected="nothing", seen="REGISTER"
        )
    elif proved and evidence.alive_after(proved[0].event):
        yield right(proved[0].event)


@check(
    "rfc3261/s22/first-known", "Of several challenges one that is understood is answered, never one with an unknown algorithm or scheme.",
    "rfc3261:22.4/2", "rfc3261:22.3/15", needs="a 401 with an unknown scheme, an unknown algorithm and MD5", role=CLIENT, scenarios=KINDS,
)  # fmt: skip
def first_known(evidence: Evidence) -> Iterator[Ruling]:
    """The algorithm of the credentials."""
    for event, _ in answers_to(evidence, "first-known"):
        again = _next(evidence, event)
        values = again.request.values("authorization") if again is not None else []
        names = [
            (text_at(value, "scheme") or "", text_at(value, "parameters", "algorithm") or "MD5") for value in values
        ]
        good = bool(names) and all(scheme == "Digest" and name.upper() == "MD5" for scheme, name in names)
        yield rule(
            good, event, why="not the challenge that is understood", expected="Digest, MD5", seen=names or "nothing"
        )


@check(
    "rfc3261/s22_4/old-challenge", "A challenge without qop is answered as RFC 2069 has it.", "rfc3261:22.4/1", "rfc3261:22.4/5",
    needs="a 401 without qop", role=CLIENT, scenarios=KINDS,
)  # fmt: skip
def old_challenge(evidence: Evidence) -> Iterator[Ruling]:
    """Credentials without qop, nc and cnonce."""
    for event, _ in answers_to(evidence, "without-qop"):
        again = _next(evidence, event)
        values = again.request.values("authorization") if again is not None else []
        extra = [name for value in values for name in ("qop", "nc", "cnonce") if text_at(value, "parameters", name)]
        seen = ", ".join(extra) or ("credentials" if values else "nothing")
        yield rule(bool(values) and not extra, event, why="not as of old", expected="neither qop nor cnonce", seen=seen)

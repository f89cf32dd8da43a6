"""What a proxy stops, and what it lets pass (RFC 3261, sections 16.3, 16.5 and 22.3)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc3261.live.stimuli import lists, survived
from conformance.checks.rfc3261.proxy.ways import PROXY, onward, sent_on, status, stopped, went
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, right, rule, wrong

ODD = ("date", "retry-after", "x-nobody-knows", "accept-language", "timestamp", "warning")
"""Headers that a proxy has no business with."""
WRONG = ("proxy/malformed-values", "proxy/malformed-missing")


@check(
    "rfc3261/s16_3/no-hops", "A request with no hops left gets 483 and goes no further.", "rfc3261:16.3/9", "rfc3261:16.3/11",
    "rfc3261:16.3/2", needs="MESSAGE and INVITE with Max-Forwards 0", role=PROXY, scenarios=("proxy/hops",),
)  # fmt: skip
def no_hops(evidence: Evidence) -> Iterator[Ruling]:
    """Status, and nothing behind the proxy."""
    for one, branches in went(evidence, "last-hop"):
        yield from stopped(evidence, one, branches, "no hops left", 483)


@check(
    "rfc3261/s16_3/hops-left", "A request with a hop left is forwarded, and so is one that says nothing about hops.", "rfc3261:16.3/9",
    "rfc3261:16.6/14a", needs="requests with Max-Forwards 1, 255 and none", role=PROXY, scenarios=("proxy/hops",),
)  # fmt: skip
def hops_left(evidence: Evidence) -> Iterator[Ruling]:
    """Each is seen behind the proxy."""
    for one, branches in went(evidence, "hops", "no-max-forwards"):
        yield sent_on(evidence, one, branches, f"Max-Forwards {one.request.lines('max-forwards')}")


@check(
    "rfc3261/s16_3/proxy-require", "An unknown option in Proxy-Require gets 420 that names it, and the request goes no further.",
    "rfc3261:16.3/15", "rfc3261:16.3/16", "rfc3261:16.3/2", needs="a request with unknown options in Proxy-Require", role=PROXY,
    scenarios=("proxy/require",),
)  # fmt: skip
def proxy_require(evidence: Evidence) -> Iterator[Ruling]:
    """Status and Unsupported."""
    for one, branches in went(evidence, "proxy-require"):
        yield from stopped(evidence, one, branches, "an unknown option", 420)
        if one.final is not None and status(one.final) == 420:
            event, message = one.final
            good = {"nobody-knows", "nor-this"} <= lists(message, "unsupported")
            seen = message.lines("unsupported")
            yield rule(
                good,
                one.event,
                event,
                why="Unsupported",
                expected="nobody-knows, nor-this",
                seen=seen,
                place="Unsupported",
            )


@check(
    "rfc3261/s16_3/require-passes", "What Require asks of the other end is none of the proxy's business.", "rfc3261:16.3/7",
    "rfc3261:20.32/0", needs="a request with an unknown option in Require", role=PROXY, scenarios=("proxy/require",),
)  # fmt: skip
def require_passes(evidence: Evidence) -> Iterator[Ruling]:
    """It goes on."""
    for one, branches in went(evidence, "require"):
        yield sent_on(evidence, one, branches, "Require")


@check(
    "rfc3261/s16_3/scheme-416", "A Request-URI of a scheme that the proxy cannot handle gets 416.", "rfc3261:16.3/8",
    needs="a request for a URI of an unknown scheme", level="SHOULD", role=PROXY, scenarios=("proxy/scheme",),
)  # fmt: skip
def scheme_416(evidence: Evidence) -> Iterator[Ruling]:
    """The status."""
    for one, branches in went(evidence, "scheme"):
        yield from stopped(evidence, one, branches, "an unknown scheme", 416)


@check(
    "rfc3261/s16_3/merged-passes", "The same request by another way is no error to a proxy.", "rfc3261:16.3/3",
    needs="two INVITEs alike but for their branch", role=PROXY, scenarios=("proxy/merged",),
)  # fmt: skip
def merged_passes(evidence: Evidence) -> Iterator[Ruling]:
    """The second one goes on as well."""
    for one, branches in went(evidence, "merged"):
        yield sent_on(evidence, one, branches, "the same request by another way")


@check(
    "rfc3261/s16_3/other-headers", "Headers that a proxy does not need are no ground for a refusal, and pass as they are.",
    "rfc3261:16.3/6", "rfc3261:16.6/7", needs="requests with broken headers that are none of the proxy's business", level="SHOULD",
    role=PROXY, scenarios=("proxy/odd-headers",),
)  # fmt: skip
def other_headers(evidence: Evidence) -> Iterator[Ruling]:
    """Each goes on, with the same line."""
    ours = {"via", "max-forwards", "record-route", "content-length", "route"}
    for one in evidence.transactions:
        if not one.event.label.startswith("odd-"):
            continue
        branches = onward(evidence, one)
        name = next((entry.name for entry in one.request.fields if entry.name in ODD), "a header")
        yield sent_on(evidence, one, branches, f"{name} is broken")
        for branch in branches:
            old = [(entry.name, entry.text) for entry in one.request.fields if entry.name not in ours]
            new = [(entry.name, entry.text) for entry in branch.request.fields if entry.name not in ours]
            changed = [f"{name}: {text}" for name, text in old if (name, text) not in new]
            yield rule(
                not changed, one.event, branch.event, why="headers changed", expected="as they came", seen=changed
            )


@check(
    "rfc3261/s16_3/spiral-passes", "A request that comes back with another Request-URI is no loop.", "rfc3261:16.6/58", "rfc3261:16.3/12",
    "rfc3261:16.3/14", needs="a request that comes to the proxy a second time with another Request-URI", role=PROXY,
    scenarios=("proxy/spiral",),
)  # fmt: skip
def spiral_passes(evidence: Evidence) -> Iterator[Ruling]:
    """It goes on."""
    for one, branches in went(evidence, "spiral"):
        yield sent_on(evidence, one, branches, "a spiral")


@check(
    "rfc3261/s16_3/survives-malformed", "Whatever comes, from before or from behind, the proxy answers the next good request.",
    "rfc3261:16.3/0", "rfc3261:7/0", needs="malformed messages, each followed by a sane exchange", role=PROXY,
    scenarios=(*WRONG, "proxy/malformed-responses"),
)  # fmt: skip
def survives(evidence: Evidence) -> Iterator[Ruling]:
    """The probe behind each."""
    return survived(evidence, "bad-")


@check(
    "rfc3261/s16_3/malformed-stops", "A request whose headers a proxy needs and cannot read goes no further.", "rfc3261:16.3/1",
    "rfc3261:16.3/4", "rfc3261:16.3/5", "rfc3261:16.3/2", needs="requests with broken mandatory headers", role=PROXY, scenarios=WRONG,
)  # fmt: skip
def malformed_stops(evidence: Evidence) -> Iterator[Ruling]:
    """No request of the proxy until the sane exchange behind it."""
    for event in evidence.events:
        if not event.label.startswith("bad-"):
            continue
        later = [one for one in evidence.events if one.number > event.number]
        end = next((one.number for one in later if one.label), len(evidence.events) + 1)
        on = [
            one
            for one in later
            if one.number < end and one.direction == "sent" and one.sip is not None and one.sip.is_request
        ]
        if on:
            why = f"{event.label[4:]}: forwarded"
            yield wrong(event, on[0], why=why, expected="not forwarded", seen=on[0].summary)
            continue
        answers = [one for one in later if one.number < end and one.direction == "sent" and one.sip is not None]
        served = next((one for one in answers if one.sip and 200 <= (one.sip.status or 0) < 300), None)
        if served is not None:
            yield wrong(event, served, why=f"{event.label[4:]}: served", expected="a refusal", seen=served.summary)
        elif evidence.alive_after(event):
            yield right(event)


@check(
    "rfc3261/s16_5/unknown-user", "A user of the proxy's domain who does not exist gets 404.", "rfc3261:16.5/15", "rfc3261:16.5/16a",
    needs="a request for an unknown user", role=PROXY, scenarios=("proxy/unknown-user",),
)  # fmt: skip
def unknown_user(evidence: Evidence) -> Iterator[Ruling]:
    """The status."""
    for one, branches in went(evidence, "unknown-user"):
        yield from stopped(evidence, one, branches, "nobody of that name", 404)


@check(
    "rfc3261/s16_5/registered-nowhere", "A user who exists and is registered nowhere gets 480.", "rfc3261:16.5/16b", "rfc3261:16.5/16a",
    needs="a request for a user whose bindings were removed", level="SHOULD", role=PROXY, scenarios=("proxy/registered-nowhere",),
)  # fmt: skip
def registered_nowhere(evidence: Evidence) -> Iterator[Ruling]:
    """The status."""
    for one, branches in went(evidence, "nowhere"):
        yield from stopped(evidence, one, branches, "registered nowhere", 480)


@check(
    "rfc3261/s22_3/only-proved", "A proxy that wants credentials forwards nothing without right ones, and asks for them by 407.",
    "rfc3261:16.3/17", "rfc3261:22.1/1b", "rfc3261:22.3/2", needs="a request of a user of the domain", role=PROXY,
    scenarios=("proxy/challenge",),
)  # fmt: skip
def only_proved(evidence: Evidence) -> Iterator[Ruling]:
    """Without credentials and with wrong ones."""
    for one, branches in went(evidence, "unproved"):
        if status(one.final) in (401, 407):
            yield from stopped(evidence, one, branches, "no credentials", 407)
    for one, branches in went(evidence, "wrong-password"):
        yield from stopped(evidence, one, branches, "a wrong password", 407, 403)


@check(
    "rfc3261/s22_3/proved-passes", "With right credentials the request goes on.", "rfc3261:16.3/17", "rfc3261:22.3/0",
    needs="a request with right credentials for the proxy's challenge", role=PROXY, scenarios=("proxy/challenge",),
)  # fmt: skip
def proved_passes(evidence: Evidence) -> Iterator[Ruling]:
    """It is seen behind the proxy."""
    for one, branches in went(evidence, "proved"):
        yield sent_on(evidence, one, branches, "right credentials")

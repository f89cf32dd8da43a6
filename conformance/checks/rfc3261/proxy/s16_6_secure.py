"""TLS on one side of a proxy and on both (RFC 3261, sections 16.6, 16.7 and 26.2.2)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc3261.proxy.ways import PROXY, finals, sent_on, status, stopped, went
from conformance.judge.dialogs import route_text
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, right, rule, wrong
from conformance.judge.transactions import Transaction
from conformance.lab.sip.value import pick, text_at


def _recorded(one: Transaction, branch: Transaction) -> list[tuple[str, str]]:
    """Scheme and transport of each value that the proxy added, the topmost first."""
    new, old = branch.request.values("record-route"), one.request.values("record-route")
    added = new[: len(new) - len(old)]
    return [(text_at(r, "uri", "scheme") or "", text_at(r, "uri", "parameters", "transport") or "") for r in added]


@check(
    "rfc3261/s16_6/not-secure-onward", "From TLS to a target that is not SIPS, the next hop sees no SIPS in Record-Route.", "rfc3261:16.6/25",
    needs="a call from TLS to UDP through a proxy that records itself", role=PROXY, scenarios=("proxy/tls-to-udp",),
)  # fmt: skip
def not_secure_onward(evidence: Evidence) -> Iterator[Ruling]:
    """The topmost value: what the phone sends its requests to."""
    for one, branches in went(evidence, "tls-to-udp"):
        for branch in branches:
            added = _recorded(one, branch)
            if added:
                seen = branch.request.lines("record-route")
                good = added[0][0] == "sip" and added[0][1].lower() not in ("tls", "tcp")
                yield rule(
                    good,
                    one.event,
                    branch.event,
                    why="SIPS for the phone",
                    expected="sip:",
                    seen=seen,
                    place="Record-Route",
                )


@check(
    "rfc3261/s16_6/recorded-for-sips", "A proxy that gets a request for a SIPS URI without TLS records itself, where it forwards it.",
    "rfc3261:16.6/24", needs="an INVITE for a SIPS URI over UDP", role=PROXY, scenarios=("proxy/sips-over-udp",),
)  # fmt: skip
def recorded_for_sips(evidence: Evidence) -> Iterator[Ruling]:
    """Record-Route of what is forwarded."""
    for one, branches in went(evidence, "sips-over-udp"):
        for branch in branches:
            good = bool(_recorded(one, branch))
            yield rule(
                good,
                one.event,
                branch.event,
                why="not recorded",
                expected="Record-Route",
                seen="none",
                place="Record-Route",
            )


@check(
    "rfc3261/s16_6/secure-hop", "What is for a SIPS URI goes on over TLS.", "rfc3261:16.6/40", "rfc3261:16.6/50", "rfc3261:26.2.2/0",
    needs="an INVITE for a SIPS URI", role=PROXY, scenarios=("proxy/sips", "proxy/sips-over-udp"),
)  # fmt: skip
def secure_hop(evidence: Evidence) -> Iterator[Ruling]:
    """The transport of what is forwarded; a request that came over TLS is forwarded in any case."""
    for one, branches in went(evidence, "sips", "sips-over-udp"):
        if one.event.label == "sips":
            yield sent_on(evidence, one, branches, "a SIPS URI")
        for branch in branches:
            over = "TLS" if branch.event.secure else branch.event.transport
            yield rule(branch.event.secure, one.event, branch.event, why="in the open", expected="TLS", seen=over)


@check(
    "rfc3261/s16_6/no-open-hop", "What is for a SIPS URI does not go to a contact without TLS.", "rfc3261:16.6/40", "rfc3261:26.2.2/0",
    needs="a request for a SIPS URI of a user who has SIP contacts only", role=PROXY, scenarios=("proxy/sips-no-contact",),
)  # fmt: skip
def no_open_hop(evidence: Evidence) -> Iterator[Ruling]:
    """Refused, or forwarded over TLS."""
    for one, branches in went(evidence, "sips-no-contact"):
        open_ones = [branch for branch in branches if not branch.event.secure]
        if open_ones or not branches:
            yield from stopped(evidence, one, open_ones, "no secure contact")


@check(
    "rfc3261/s16_7/secure-for-caller", "A caller that came over TLS finds the proxy over TLS in Record-Route.", "rfc3261:16.7/36",
    "rfc3261:16.7/38", needs="a 200 to a call from TLS to UDP", role=PROXY, scenarios=("proxy/tls-to-udp",),
)  # fmt: skip
def secure_for_caller(evidence: Evidence) -> Iterator[Ruling]:
    """The last value: the caller's next hop. SIPS, or TLS by its transport."""
    for one, _ in went(evidence, "tls-to-udp"):
        yield from _last(one, True)


@check(
    "rfc3261/s16_7/open-for-caller", "A caller that came without TLS is not asked for it in Record-Route.", "rfc3261:16.7/37",
    "rfc3261:16.7/39", needs="a 200 to a call from UDP to TLS", role=PROXY, scenarios=("proxy/udp-to-tls",),
)  # fmt: skip
def open_for_caller(evidence: Evidence) -> Iterator[Ruling]:
    """The last value: the caller's next hop."""
    for one, _ in went(evidence, "udp-to-tls"):
        yield from _last(one, False)


def _last(one: Transaction, secure: bool) -> Iterator[Ruling]:
    for event, message in finals(one):
        routes = message.values("record-route")
        if status((event, message)) == 200 and routes:
            scheme, over = (
                text_at(routes[-1], "uri", "scheme"),
                text_at(routes[-1], "uri", "parameters", "transport") or "",
            )
            good = (scheme == "sips" or over.lower() == "tls") is secure
            expected = "sips or transport=tls" if secure else "neither sips nor transport=tls"
            yield rule(
                good,
                one.event,
                event,
                why="the caller's hop",
                expected=expected,
                seen=route_text(routes[-1]),
                place="Record-Route",
            )
        elif status((event, message)) == 200 and not routes and pick(message.first("contact"), "uri") is None:
            yield wrong(one.event, event, why="no way back", expected="Record-Route or Contact", seen="neither")


@check(
    "rfc3261/s16_7/no-open-recursion", "A request for a SIPS URI is not sent on to the SIP URI of a redirection.", "rfc3261:16.7/8",
    needs="302 to a SIP URI in answer to a request for a SIPS URI", level="SHOULD", role=PROXY, scenarios=("proxy/sips-redirected",),
)  # fmt: skip
def no_open_recursion(evidence: Evidence) -> Iterator[Ruling]:
    """Nothing goes out in the open behind the 302."""
    for one, branches in went(evidence, "sips-redirected"):
        redirected = [branch for branch in branches if status(branch.final) == 302]
        open_ones = [branch for branch in branches if not branch.event.secure]
        if redirected and open_ones:
            event = open_ones[0].event
            yield wrong(one.event, event, why="followed in the open", expected="no further request", seen=event.summary)
        elif redirected and redirected[0].final is not None:
            yield right(one.event, redirected[0].final[0])

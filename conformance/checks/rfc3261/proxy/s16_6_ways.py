"""The way on from a proxy: proxies that its policy wants to be passed, addresses that are tried one after the other, and redirection (RFC 3261, sections 8.3, 16.6 and 17.2.2)."""

from __future__ import annotations

import json
from collections.abc import Iterator

from conformance.checks.rfc3261.proxy.ways import PROXY, lines_of, onward, sent_on, went
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, right, rule, unclear, wrong
from conformance.judge.transactions import Pair, Transaction

CONFIGURED = "configured: "


def _policy(evidence: Evidence) -> list[str]:
    """The Route values that the proxy was given."""
    notes = evidence.play.notes if evidence.play else ()
    told = [json.loads(note.removeprefix(CONFIGURED)) for note in notes if note.startswith(CONFIGURED)]
    return [str(value) for settings in told for value in settings.get("route", [])]


def _route(one: Transaction) -> list[str]:
    return [part.strip() for line in one.request.lines("route") for part in line.split(",")]


def _passed(evidence: Evidence, one: Transaction, branches: list[Transaction]) -> Iterator[Ruling]:
    """The request behind the proxy: where it goes, and its Route."""
    policy = _policy(evidence)
    yield sent_on(evidence, one, branches, "a policy route")
    for branch in branches[:1]:
        wanted = [*policy, *_route(one)[1:]]
        seen = _route(branch)
        why = "not by the proxies of the policy"
        yield rule(
            seen == wanted, one.event, branch.event, why=why, expected=", ".join(wanted), seen=seen, place="Route"
        )
        place = policy[0].strip("<>").removeprefix("sip:").partition(";")[0]
        got = branch.event.destination
        yield rule(got == place, one.event, branch.event, why="sent past them", expected=place, seen=got)


@check(
    "rfc3261/s16_6/policy-made", "Where a request has no Route, one is made of the proxies that it has to pass.", "rfc3261:16.6/37",
    needs="a request without Route at a proxy with a policy", role=PROXY, scenarios=("proxy/policy-route",),
)  # fmt: skip
def policy_made(evidence: Evidence) -> Iterator[Ruling]:
    """Route and place of the request behind the proxy."""
    for one, branches in went(evidence, "by-policy"):
        yield from _passed(evidence, one, branches)


@check(
    "rfc3261/s16_6/policy-first", "The proxies that a request has to pass come to the front of its Route.", "rfc3261:16.6/36",
    needs="a request with Route at a proxy with a policy", role=PROXY, scenarios=("proxy/policy-route-first",),
)  # fmt: skip
def policy_first(evidence: Evidence) -> Iterator[Ruling]:
    """Route and place of the request behind the proxy."""
    for one, branches in went(evidence, "by-policy"):
        yield from _passed(evidence, one, branches)


@check(
    "rfc3261/s16_6/next-address", "Where one address of the next hop cannot be reached, the next one is tried.", "rfc3261:16.6/51",
    needs="a target with several addresses, the first of them dead", role=PROXY, scenarios=("proxy/dead-address", "proxy/silent-address"),
)  # fmt: skip
def next_address(evidence: Evidence) -> Iterator[Ruling]:
    """The request at the last address."""
    for one in evidence.asked("dead-address", "silent-address"):
        if evidence.play is not None and not evidence.play.complete:
            yield unclear(one.event, why=evidence.play.why)
            continue
        attempts = _attempts(evidence, one)
        wanted = 1 if one.event.label == "dead-address" else 2
        if len(attempts) >= wanted:
            yield right(one.event, *(event for event, _ in attempts))
        else:
            seen = f"{len(attempts)} of {wanted} addresses"
            yield wrong(one.event, why="an address is not tried", expected="all until one can be reached", seen=seen)


def _attempts(evidence: Evidence, one: Transaction) -> list[Pair]:
    """The first request that went to each address."""
    places: dict[str, Pair] = {}
    for event, message in evidence.requests(one.method):
        if event.direction == "sent" and message.call_id == one.request.call_id:
            places.setdefault(event.destination, (event, message))
    return list(places.values())


@check(
    "rfc3261/s16_6/address-anew", "For each address the request is a new client transaction, and otherwise the same.", "rfc3261:16.6/52",
    needs="a request that went to two addresses of one target", role=PROXY, scenarios=("proxy/silent-address",),
)  # fmt: skip
def address_anew(evidence: Evidence) -> Iterator[Ruling]:
    """Branch and headers at both."""
    for one in evidence.asked("silent-address"):
        attempts = _attempts(evidence, one)
        if len(attempts) < 2:
            continue
        (event, first), (later, second) = attempts[:2]
        expected = f"another than {first.branch}"
        good = first.branch != second.branch
        yield rule(good, event, later, why="the old branch", expected=expected, seen=second.branch, place="Via")
        same = lines_of(first) == lines_of(second) and first.body == second.body
        yield rule(same, event, later, why="another request", expected="the same but for Via", seen="changed")


@check(
    "rfc3261/s17_2_2/provisional-again", "A copy of a request that was answered provisionally gets the last provisional response again.",
    "rfc3261:17.2.2/4", needs="a copy of a request other than INVITE behind a provisional response", role=PROXY,
    scenarios=("proxy/provisional-copies",),
)  # fmt: skip
def provisional_again(evidence: Evidence) -> Iterator[Ruling]:
    """The same response behind the copy, before the final one."""
    for one in evidence.asked("asked-twice"):
        early = [pair for pair in one.responses if (pair[1].status or 0) < 200]
        if not early or not one.copies:
            continue
        copy = one.copies[0][0]
        before = [pair for pair in early if pair[0].number < copy.number]
        behind = [pair for pair in early if pair[0].number > copy.number]
        if not before:
            continue
        good = bool(behind) and behind[0][1].received == before[-1][1].received
        seen = behind[0][1].title if behind else "nothing"
        why = "the copy is not answered by it"
        yield rule(good, before[-1][0], copy, why=why, expected=f"{before[-1][1].title} again", seen=seen)
        forwarded = [branch for branch in onward(evidence, one) if branch.event.number > copy.number]
        if forwarded:
            yield wrong(
                copy, forwarded[0].event, why="the copy goes on", expected="no second request", seen="forwarded"
            )


@check(
    "rfc3261/s08_3/redirects-whatever", "A redirect server redirects although it does not know a header, a required option or the method.",
    "rfc3261:8.3/5", needs="requests to a redirect server", role=PROXY, scenarios=("proxy/redirects",),
)  # fmt: skip
def redirects_whatever(evidence: Evidence) -> Iterator[Ruling]:
    """3xx with Contact to each; nothing goes on."""
    for one, branches in went(evidence, "redirected"):
        if branches:
            seen = branches[0].request.title
            yield wrong(one.event, branches[0].event, why="forwarded", expected="a redirection", seen=seen)
            continue
        if one.final is None:
            seen = "no answer"
            yield wrong(one.event, why="not redirected", expected="3xx with Contact", seen=seen)
            continue
        event, message = one.final
        good = 300 <= (message.status or 0) < 400 and message.has("contact")
        yield rule(good, one.event, event, why="not redirected", expected="3xx with Contact", seen=message.title)


@check(
    "rfc3261/s08_3/cancel-200", "A redirect server answers a sound CANCEL with a 2xx.", "rfc3261:8.3/1", level="SHOULD",
    needs="a CANCEL of a redirected request", role=PROXY, scenarios=("proxy/redirect-cancelled",),
)  # fmt: skip
def cancel_200(evidence: Evidence) -> Iterator[Ruling]:
    """The status; judged where the request itself was redirected."""
    redirected = [one for one in evidence.asked("redirected") if one.final and 300 <= (one.final[1].status or 0) < 400]
    for one in evidence.asked("cancelled"):
        if not redirected:
            yield unclear(one.event, why="the request was not redirected")
        elif one.final is None:
            yield wrong(one.event, why="a sound CANCEL", expected="2xx", seen="no answer")
        else:
            event, message = one.final
            good = 200 <= (message.status or 0) < 300
            yield rule(good, one.event, event, why="a sound CANCEL", expected="2xx", seen=message.title)

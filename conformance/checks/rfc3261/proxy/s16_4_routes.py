"""Where a request goes (RFC 3261, sections 10.3, 16.4, 16.5 and 16.6)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc3261.proxy.ways import PROXY, parsed, place_of, same_uri, sent_on, went
from conformance.judge.dialogs import route_text
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, right, rule, wrong
from conformance.judge.transactions import Transaction, uri_text
from conformance.lab.sip.value import Json, has, pick, text_at

CALL = ("proxy/call",)


def _contacts(evidence: Evidence) -> list[str]:
    """The contacts that were registered."""
    return [
        uri_text(pick(one, "uri"))
        for each in evidence.transactions if each.method == "REGISTER" and each.event.direction == "received"
        for one in each.request.values("contact") if one != "*"
    ]  # fmt: skip


def _to_contact(evidence: Evidence, label: str, why: str) -> Iterator[Ruling]:
    """A request that has to be forwarded to a registered contact."""
    known = _contacts(evidence)
    for one, branches in went(evidence, label):
        yield sent_on(evidence, one, branches, why)
        for branch in branches:
            got = uri_text(parsed(branch.request.request_uri))
            expected = ", ".join(known)
            yield rule(
                got in known,
                one.event,
                branch.event,
                why=f"{why}: another Request-URI",
                expected=expected,
                seen=got,
                place="Request-URI",
            )


@check(
    "rfc3261/s16_6/request-uri", "The Request-URI of what is forwarded is the contact of the user.", "rfc3261:16.6/11", "rfc3261:16.5/3",
    needs="a call to a registered user", role=PROXY, scenarios=("proxy/call", "proxy/refused"),
)  # fmt: skip
def request_uri(evidence: Evidence) -> Iterator[Ruling]:
    """Against what was registered."""
    yield from _to_contact(evidence, "call", "a call")


@check(
    "rfc3261/s16_5/canonical", "Escapes, parameters and upper case in the Request-URI lead to the same user.", "rfc3261:16.5/4",
    "rfc3261:10.3/15", needs="requests for an address of record in other spellings", role=PROXY, scenarios=("proxy/canonical",),
)  # fmt: skip
def canonical(evidence: Evidence) -> Iterator[Ruling]:
    """Each goes to the contact."""
    yield from _to_contact(evidence, "canonical", "another spelling")


@check(
    "rfc3261/s16_4/own-maddr", "A maddr that is the proxy's own address is taken off, and the user is looked up.", "rfc3261:16.4/4",
    "rfc3261:16.4/5", needs="a Request-URI with the proxy's address as maddr", role=PROXY, scenarios=("proxy/own-maddr",),
)  # fmt: skip
def own_maddr(evidence: Evidence) -> Iterator[Ruling]:
    """It goes to the contact."""
    yield from _to_contact(evidence, "own-maddr", "the proxy's own maddr")


@check(
    "rfc3261/s16_4/own-route-off", "A first Route that names the proxy is taken off.", "rfc3261:16.4/6",
    needs="a request with the proxy in its first Route", role=PROXY, scenarios=("proxy/own-route", "proxy/next-route"),
)  # fmt: skip
def own_route_off(evidence: Evidence) -> Iterator[Ruling]:
    """Routes before and behind the proxy."""
    for one, branches in went(evidence, "own-route", "next-route"):
        yield sent_on(evidence, one, branches, "the proxy's own Route")
        expected = [route_text(route) for route in one.request.values("route")][1:]
        for branch in branches:
            got = [route_text(route) for route in branch.request.values("route")]
            yield rule(
                got == expected, one.event, branch.event, why="Route", expected=str(expected), seen=got, place="Route"
            )


@check(
    "rfc3261/s16_4/strict-before", "Where a strict router has put the proxy into the Request-URI, the last Route takes its place.",
    "rfc3261:16.4/1", "rfc3261:16.4/2", "rfc3261:16.4/3", needs="a request with the proxy's Record-Route value as Request-URI",
    role=PROXY, scenarios=("proxy/strict-before",),
)  # fmt: skip
def strict_before(evidence: Evidence) -> Iterator[Ruling]:
    """Request-URI and Route behind the proxy."""
    for one, branches in went(evidence, "strict-before"):
        yield sent_on(evidence, one, branches, "the proxy in the Request-URI")
        routes = [pick(route, "uri") for route in one.request.values("route")]
        for branch in branches:
            got, left = (
                uri_text(parsed(branch.request.request_uri)),
                [route_text(r) for r in branch.request.values("route")],
            )
            wanted = uri_text(routes[-1]) if routes else ""
            good = got == wanted and wanted not in left
            seen = f"{got}, Route {left}"
            yield rule(
                good, one.event, branch.event, why="strict routing", expected=wanted, seen=seen, place="Request-URI"
            )


def _only_there(
    evidence: Evidence, one: Transaction, branches: list[Transaction], place: str, why: str
) -> Iterator[Ruling]:
    yield sent_on(evidence, one, branches, why)
    if branches:
        # A stream goes to the party's end of a connection, whose port is any.
        got, wanted = (
            (end if branches[0].event.transport == "udp" else end.rpartition(":")[0])
            for end in (branches[0].event.destination, place)
        )
        good = len(branches) == 1 and got == wanted
        seen = ", ".join(branch.event.destination for branch in branches)
        yield rule(good, one.event, branches[0].event, why=why, expected=f"{place} only", seen=seen)


@check(
    "rfc3261/s16_5/foreign-maddr", "A Request-URI with a foreign maddr is the only target.", "rfc3261:16.5/1a", "rfc3261:16.5/1b",
    needs="a Request-URI of the domain with somebody else's address as maddr", role=PROXY, scenarios=("proxy/foreign-maddr",),
)  # fmt: skip
def foreign_maddr(evidence: Evidence) -> Iterator[Ruling]:
    """Destination of what is forwarded."""
    for one, branches in went(evidence, "foreign-maddr"):
        uri = parsed(one.request.request_uri)
        port = pick(uri, "port") or 5060
        place = f"{text_at(uri, 'parameters', 'maddr')}:{port}"
        yield from _only_there(evidence, one, branches, place, "a foreign maddr")


@check(
    "rfc3261/s16_5/foreign-domain", "A Request-URI of another domain is the only target, and stays as it is.", "rfc3261:16.5/2a",
    "rfc3261:16.5/2b", "rfc3261:16.5/9", needs="a Request-URI of another domain", role=PROXY, scenarios=("proxy/foreign-domain",),
)  # fmt: skip
def foreign_domain(evidence: Evidence) -> Iterator[Ruling]:
    """Destination and Request-URI of what is forwarded."""
    for one, branches in went(evidence, "foreign-domain"):
        yield from _only_there(evidence, one, branches, place_of(parsed(one.request.request_uri)), "another domain")
        for branch in branches:
            seen = branch.request.request_uri
            good = same_uri(seen, one.request.request_uri)
            yield rule(
                good, one.event, branch.event, why="another Request-URI", expected=one.request.request_uri, seen=seen
            )


@check(
    "rfc3261/s16_5/once", "A target is tried once, however often and however spelled it is registered.", "rfc3261:16.5/8",
    "rfc3261:16.5/14", needs="a user with two contacts that are equal", role=PROXY, scenarios=("proxy/same-target",),
)  # fmt: skip
def once(evidence: Evidence) -> Iterator[Ruling]:
    """The number of branches."""
    for one, branches in went(evidence, "same-target"):
        if branches:
            good, seen = len(branches) == 1, ", ".join(branch.request.request_uri for branch in branches)
            yield rule(good, one.event, branches[-1].event, why="tried again", expected="1 branch", seen=seen)


@check(
    "rfc3261/s16_6/target-parameters", "Parts of a contact that a Request-URI cannot have are dropped: method and headers.",
    "rfc3261:16.6/12", "rfc3261:19.1.1/0", needs="a contact with method and headers", role=PROXY, scenarios=("proxy/target-parameters",),
)  # fmt: skip
def target_parameters(evidence: Evidence) -> Iterator[Ruling]:
    """The Request-URI that is forwarded."""
    for one, branches in went(evidence, "target-parameters"):
        for branch in branches:
            seen = branch.request.request_uri
            good = "?" not in seen and not has(parsed(seen), "parameters", "method")
            yield rule(
                good,
                one.event,
                branch.event,
                why="not for a Request-URI",
                expected="without them",
                seen=seen,
                place="Request-URI",
            )


@check(
    "rfc3261/s16_6/next-route", "What has a further Route goes there, with the Request-URI as it is.", "rfc3261:16.6/49", "rfc3261:16.6/38",
    needs="a request with a loose router behind the proxy's own Route", role=PROXY, scenarios=("proxy/next-route",),
)  # fmt: skip
def next_route(evidence: Evidence) -> Iterator[Ruling]:
    """Destination and Request-URI."""
    for one, branches in went(evidence, "next-route"):
        routes: list[Json] = one.request.values("route")
        yield from _only_there(evidence, one, branches, place_of(pick(routes[-1], "uri")), "the next Route")
        for branch in branches:
            seen = branch.request.request_uri
            good = same_uri(seen, one.request.request_uri)
            yield rule(
                good, one.event, branch.event, why="another Request-URI", expected=one.request.request_uri, seen=seen
            )


@check(
    "rfc3261/s16_6/strict-next", "For a strict router the Request-URI moves to the end of Route, and the router's URI takes its place.",
    "rfc3261:16.6/42", "rfc3261:16.6/43", "rfc3261:16.6/44", "rfc3261:16.6/48",
    needs="a request with a strict router behind the proxy's own Route", role=PROXY, scenarios=("proxy/strict-next",),
)  # fmt: skip
def strict_next(evidence: Evidence) -> Iterator[Ruling]:
    """Request-URI, Route and destination."""
    for one, branches in went(evidence, "strict-next"):
        routes = [pick(route, "uri") for route in one.request.values("route")][1:]
        yield from _only_there(evidence, one, branches, place_of(routes[0]), "a strict router")
        wanted = [uri_text(uri) for uri in (*routes[1:], parsed(one.request.request_uri))]
        for branch in branches:
            got = [route_text(route) for route in branch.request.values("route")]
            first = uri_text(parsed(branch.request.request_uri))
            good = first == uri_text(routes[0]) and got == wanted
            expected = f"{uri_text(routes[0])}, Route {wanted}"
            yield rule(
                good,
                one.event,
                branch.event,
                why="strict routing",
                expected=expected,
                seen=f"{first}, Route {got}",
                place="Route",
            )


@check(
    "rfc3261/s10_3/register-elsewhere", "A REGISTER for another domain is passed on.", "rfc3261:10.3/8",
    needs="a REGISTER for another domain", level="SHOULD", role=PROXY, scenarios=("proxy/register-elsewhere",),
)  # fmt: skip
def register_elsewhere(evidence: Evidence) -> Iterator[Ruling]:
    """It is seen behind the proxy."""
    for one, branches in went(evidence, "register-elsewhere"):
        yield sent_on(evidence, one, branches, "another domain")


@check(
    "rfc3261/s16_6/leads-back", "A proxy that puts itself into Record-Route is found there by both sides.", "rfc3261:16.6/22",
    "rfc3261:16.7/38", needs="requests inside a dialog along the recorded route", role=PROXY,
    scenarios=(*CALL, "proxy/tls-to-udp", "proxy/udp-to-tls", "proxy/sips"),
)  # fmt: skip
def leads_back(evidence: Evidence) -> Iterator[Ruling]:
    """A request of either side arrives at the other."""
    for one, branches in went(evidence, "change", "bye"):
        if one.request.has("route"):
            yield sent_on(evidence, one, branches, f"{one.method} along the recorded route")


@check(
    "rfc3261/s16_6/recorded-again", "A proxy that stays in the path puts itself into Record-Route inside the dialog too.",
    "rfc3261:16.6/16", needs="a re-INVITE through a proxy that recorded itself", level="SHOULD", role=PROXY, scenarios=CALL,
)  # fmt: skip
def recorded_again(evidence: Evidence) -> Iterator[Ruling]:
    """Record-Route of the re-INVITE."""
    first = [
        branch for _, branches in went(evidence, "call") for branch in branches if branch.request.has("record-route")
    ]
    for one, branches in went(evidence, "change"):
        if first and branches:
            good = branches[0].request.has("record-route")
            yield rule(
                good,
                one.event,
                branches[0].event,
                why="not in the path",
                expected="Record-Route",
                seen="none",
                place="Record-Route",
            )


@check(
    "rfc3261/s16_6/recorded-unknown", "A proxy that stays in the path of calls does so for methods that it does not know.",
    "rfc3261:16.6/28", needs="a request of an unknown method", level="SHOULD", role=PROXY, scenarios=("proxy/methods",),
)  # fmt: skip
def recorded_unknown(evidence: Evidence) -> Iterator[Ruling]:
    """Record-Route of the unknown method."""
    for one, branches in went(evidence, "ask"):
        if one.method == "NOBODYKNOWS" and branches:
            if branches[0].request.has("record-route"):
                yield right(one.event, branches[0].event)
            else:
                yield wrong(
                    one.event,
                    branches[0].event,
                    why="not in the path",
                    expected="Record-Route",
                    seen="none",
                    place="Record-Route",
                )

"""Where requests go by names and by a route that was configured (RFC 3261, sections 8.1.1.1, 8.1.2, 10.2.6, 18.1.1 and 21.5)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from conformance.checks.rfc3261.live.calling.answers import acks_of, answers_to
from conformance.checks.rfc3261.live.stimuli import CLIENT, told
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, rule, unclear, wrong
from conformance.judge.transactions import Transaction

CONFIGURED, WANTED = "configured: ", "wanted: "
TRIGGERED = "trigger: invite "
BY_ROUTE = ("user-agent/calls-by-route", "user-agent/calls-by-strict-route")


def told_by(evidence: Evidence, begin: str) -> list[str]:
    """What the scenario wrote down behind these words."""
    notes = evidence.play.notes if evidence.play else ()
    return [note.removeprefix(begin) for note in notes if note.startswith(begin)]


def begun(evidence: Evidence) -> list[Transaction]:
    """The calls and registrations that the subject began, each attempt of its own."""
    return [one for one in told(evidence, "INVITE", "REGISTER") if one.initial]


def way_of(one: Transaction) -> str:
    """How a request came, and to whom."""
    return f"{'tls' if one.event.secure else one.event.transport} {one.event.destination}"


def goes_there(evidence: Evidence, attempts: Sequence[Transaction], why: str) -> Iterator[Ruling]:
    """The first of these attempts is at the place that was wanted."""
    for place in told_by(evidence, WANTED):
        if attempts:
            yield rule(
                way_of(attempts[0]) == place, attempts[0].event, why=why, expected=place, seen=way_of(attempts[0])
            )
            return
        probes = list(evidence.labelled("probe"))
        if probes and evidence.alive_after(probes[-1]):
            yield wrong(probes[-1], why=why, expected=place, seen="nothing at any of the places")
        else:
            yield unclear(why="no request was seen, and nobody knows whether the subject is alive")


@check(
    "rfc3261/s08_1_1_1/route-beforehand", "A request outside of dialogs takes a configured route as one inside takes the dialog's.",
    "rfc3261:8.1.1.1/3", needs="a call of a subject that was given a route", role=CLIENT, scenarios=BY_ROUTE,
)  # fmt: skip
def route_beforehand(evidence: Evidence) -> Iterator[Ruling]:
    """Request-URI and Route of the INVITE: a strict router takes the place of the target, which goes to the end."""
    for text in told_by(evidence, CONFIGURED):
        route = list(json.loads(text)["route"])
        target = next(iter(told_by(evidence, TRIGGERED)), "")
        first = route[0].strip("<>")
        strict = ";lr" not in first
        wanted = [first, *route[1:], f"<{target}>"] if strict else [target, *route]
        for one in begun(evidence)[:1]:
            lines = [part.strip() for line in one.request.lines("route") for part in line.split(",")]
            seen = [one.request.request_uri, *lines]
            yield rule(seen == wanted, one.event, why="the route", expected=", ".join(wanted), seen=", ".join(seen))


@check(
    "rfc3261/s08_1_2/by-names", "Where a request goes follows from the domain name system.", "rfc3261:8.1.2/1",
    needs="a call of a subject that was given names", role=CLIENT, scenarios=("user-agent/calls-a-domain",),
)  # fmt: skip
def by_names(evidence: Evidence) -> Iterator[Ruling]:
    """Transport and place of the INVITE: by services, servers, addresses."""
    yield from goes_there(evidence, begun(evidence), "the way to a domain")


@check(
    "rfc3261/s08_1_2/strict-looked-up", "Before a strict router it is the Request-URI that is looked up.", "rfc3261:8.1.2/2",
    needs="a call of a subject that was given a strict route", role=CLIENT,
    scenarios=("user-agent/calls-by-strict-name", "user-agent/calls-by-strict-route"),
)  # fmt: skip
def strict_looked_up(evidence: Evidence) -> Iterator[Ruling]:
    """Where the INVITE arrives."""
    yield from goes_there(evidence, begun(evidence), "the way by a strict router")


@check(
    "rfc3261/s08_1_2/first-route", "A request with a route goes where the first value of Route leads.", "rfc3261:8.1.2/8", level="SHOULD",
    needs="a call of a subject that was given a route", role=CLIENT, scenarios=("user-agent/calls-by-route",),
)  # fmt: skip
def first_route(evidence: Evidence) -> Iterator[Ruling]:
    """Where the INVITE arrives."""
    yield from goes_there(evidence, begun(evidence), "the way by a route")


@check(
    "rfc3261/s08_1_2/secure-lookup", "A request for a SIPS URI goes over TLS, whichever URI is looked up and whatever policy has chosen it.",
    "rfc3261:8.1.2/3", "rfc3261:8.1.2/5", needs="a call to a SIPS URI of a subject that was given a route with a SIP URI", role=CLIENT,
    scenarios=("user-agent/calls-secure-by-route",),
)  # fmt: skip
def secure_lookup(evidence: Evidence) -> Iterator[Ruling]:
    """Transport and place of the INVITE."""
    yield from goes_there(evidence, begun(evidence), "the way of a secure call")


@check(
    "rfc3261/s08_1_2/next-address", "Where one address cannot be reached the next one is tried.", "rfc3261:8.1.2/9", level="SHOULD",
    needs="a call of the subject to a name with several addresses", role=CLIENT, scenarios=("user-agent/calls-next-address",),
)  # fmt: skip
def next_address(evidence: Evidence) -> Iterator[Ruling]:
    """Where the INVITE arrives."""
    yield from goes_there(evidence, begun(evidence), "the first address is dead")


@check(
    "rfc3261/s21_5/next-server", "After 503 the next server is tried.", "rfc3261:21.5/5", level="SHOULD",
    needs="a 503 of the first server of a domain", role=CLIENT, scenarios=("user-agent/calls-next-server",),
)  # fmt: skip
def next_server(evidence: Evidence) -> Iterator[Ruling]:
    """Where the INVITE behind it arrives."""
    for event, _ in answers_to(evidence, "overloaded"):
        later = [one for one in begun(evidence) if one.event.number > event.number]
        yield from goes_there(evidence, later, "the first server has said 503")


@check(
    "rfc3261/s10_2_6/own-domain", "Without a configured registrar REGISTER goes to the domain of the address of record.", "rfc3261:10.2.6/1",
    level="SHOULD", needs="a registration of a subject that was given names", role=CLIENT, scenarios=("user-agent/registers-at-domain",),
)  # fmt: skip
def own_domain(evidence: Evidence) -> Iterator[Ruling]:
    """Where the REGISTER arrives, and its Request-URI."""
    attempts = begun(evidence)
    yield from goes_there(evidence, attempts, "the way of a registration")
    for one in attempts[:1]:
        seen = one.request.request_uri
        good = seen.lower() == "sip:example.net"
        yield rule(good, one.event, why="the Request-URI", expected="sip:example.net", seen=seen, place="Request-URI")


@check(
    "rfc3261/s18_1_1/heard-at-name", "Who puts a name into its Via hears answers wherever that name leads: by datagrams and over new connections.",
    "rfc3261:18.1.1/10", "rfc3261:18.1.1/12", needs="a call of a subject that was given a name of its own", role="transport",
    scenarios=("user-agent/answered-at-name",),
)  # fmt: skip
def heard_at_name(evidence: Evidence) -> Iterator[Ruling]:
    """The ACK of a 2xx that was sent there."""
    for label in ("at-name", "at-name-anew"):
        for event, message in list(answers_to(evidence, label))[:1]:
            acks = [each for each in acks_of(evidence, message, event) if each[0].time - event.time < 2.0]
            yield rule(bool(acks), event, why="not heard where its name leads", expected="ACK", seen="no ACK")

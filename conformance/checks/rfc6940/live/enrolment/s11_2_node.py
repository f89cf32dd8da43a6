"""How a node fetches its configuration and asks for a certificate (RFC 6940, sections 11.1 to 11.3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from conformance.checks.rfc6940.live.enrolment.exchanges import (
    PKCS10,
    PKIX,
    Exchange,
    exchanges,
    form_of,
    signing_request,
)
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, right, rule, unclear, wrong
from conformance.run.model import Json

ROLE = "node"
CONFIGURATION, ENROLMENT = "configuration", "enrolment"
ENROLS = ("enrolling-node/enrols", "enrolling-node/several")
USER, PASSWORD = b"ann", b"correct horse battery staple"


def facts(evidence: Evidence, server: str, what: str) -> list[tuple[int, Mapping[str, Json]]]:
    """What was seen of connections to a server."""
    found = evidence.play.facts if evidence.play else ()
    return [(number, one) for number, one in found if one.get("server") == server and one.get("what") == what]


def asked(evidence: Evidence, server: str) -> list[Exchange]:
    """The requests that came to a server."""
    return [one for one in exchanges(evidence) if one.event.label.startswith(server + " ")]


def boundary(evidence: Evidence) -> int | None:
    """The event behind which everything is as it should be."""
    found = facts(evidence, "", "right")
    return found[-1][0] if found else None


@check(
    "rfc6940/s11_2/over-https",
    "The configuration and enrolment servers are addressed by HTTPS only.",
    "rfc6940:11.2/5",
    "rfc6940:11.3/3",
    needs="a node that enrols",
    role=ROLE,
    protocol="http",
    scenarios=ENROLS,
)
def over_https(evidence: Evidence) -> Iterator[Ruling]:
    """Every connection begins with a handshake, and carries a request inside."""
    for server in (CONFIGURATION, ENROLMENT):
        for _, fact in facts(evidence, server, "connection"):
            if fact.get("octets"):
                good = fact.get("secure") is True
                yield rule(good, why="a connection", expected="TLS", seen=f"octets {fact.get('octets')}...")
        yield from (right(one.event) for one in asked(evidence, server)[:1])


@check(
    "rfc6940/s11_2/fetched",
    "The configuration is fetched by GET from where its URL says.",
    "rfc6940:11.2/7",
    needs="a node that is given a URL",
    role=ROLE,
    protocol="http",
    scenarios=ENROLS,
)
def fetched(evidence: Evidence) -> Iterator[Ruling]:
    """The first request to the configuration server."""
    for one in asked(evidence, CONFIGURATION)[:1]:
        good = one.request.method == "GET" and one.answer is not None and one.answer.status == 200
        yield rule(
            good, *one.events, why="the request", expected="GET of the configuration", seen=one.request.start[:100]
        )


@check(
    "rfc6940/s11_3/asks-the-server",
    "A node without a certificate asks the enrolment server of the configuration for one.",
    "rfc6940:11.3/2",
    needs="a node that has fetched a configuration",
    role=ROLE,
    protocol="http",
    scenarios=ENROLS,
)
def asks_the_server(evidence: Evidence) -> Iterator[Ruling]:
    """After the configuration."""
    found = asked(evidence, ENROLMENT)
    for one in asked(evidence, CONFIGURATION)[:1]:
        later = [each for each in found if each.event.number > one.event.number]
        events = [one.event, *(each.event for each in later[:1])]
        yield rule(bool(later), *events, why="the enrolment server", expected="it is asked", seen="nothing")


@check(
    "rfc6940/s11_3/form",
    "The request for a certificate is a POST of multipart/form-data.",
    "rfc6940:11.3/5",
    needs="a request for a certificate",
    role=ROLE,
    protocol="http",
    scenarios=ENROLS,
)
def form(evidence: Evidence) -> Iterator[Ruling]:
    """Method, media type, and whether the parameters can be told apart."""
    for one in asked(evidence, ENROLMENT):
        good = one.request.method == "POST" and form_of(one) is not None
        seen = f"{one.request.method}, {one.request.first('Content-Type')}"
        yield rule(good, one.event, why="the request", expected="POST, multipart/form-data", seen=seen)


@check(
    "rfc6940/s11_3/account-in-form",
    "Where the server authenticates, the form has username and password, octet for octet.",
    "rfc6940:11.3/6",
    needs="a request for a certificate of a node with an account",
    role=ROLE,
    protocol="http",
    scenarios=ENROLS,
)
def account_in_form(evidence: Evidence) -> Iterator[Ruling]:
    """The values that the node was given; and not in the request line."""
    for one in asked(evidence, ENROLMENT):
        given = form_of(one) or {}
        values = {name: given[name].body for name in ("username", "password") if name in given}
        good = values == {"username": USER, "password": PASSWORD} and "?" not in one.request.target
        yield rule(good, one.event, why="parameters", expected="username and password", seen=", ".join(given))


@check(
    "rfc6940/s11_3/nodeids-in-form",
    "Who wants more than one Node-ID says in the form how many.",
    "rfc6940:11.3/9",
    needs="a request for several Node-IDs",
    role=ROLE,
    protocol="http",
    scenarios=("enrolling-node/several",),
)
def nodeids_in_form(evidence: Evidence) -> Iterator[Ruling]:
    """The parameter nodeids."""
    for one in asked(evidence, ENROLMENT):
        given = form_of(one) or {}
        value = given["nodeids"].body.strip() if "nodeids" in given else b"none"
        yield rule(value == b"3", one.event, why="nodeids", expected="3", seen=value.decode("latin-1")[:40])


@check(
    "rfc6940/s11_3/csr-in-form",
    "The form has a signing request in csr, as application/pkcs10.",
    "rfc6940:11.3/10",
    needs="a request for a certificate",
    role=ROLE,
    protocol="http",
    scenarios=ENROLS,
)
def csr_in_form(evidence: Evidence) -> Iterator[Ruling]:
    """It can be read, and its signature holds."""
    for one in asked(evidence, ENROLMENT):
        part = (form_of(one) or {}).get("csr")
        request = signing_request(one)
        kind = part.media_type.partition(";")[0].strip().lower() if part else ""
        good = kind == PKCS10 and request is not None and request.is_signature_valid
        yield rule(good, one.event, why="csr", expected=f"a request as {PKCS10}", seen=kind or "none")


@check(
    "rfc6940/s11_3/accept",
    "The request for a certificate accepts application/pkix-cert.",
    "rfc6940:11.3/11",
    needs="a request for a certificate",
    role=ROLE,
    protocol="http",
    scenarios=ENROLS,
)
def accept(evidence: Evidence) -> Iterator[Ruling]:
    """The type itself, whatever else there is."""
    for one in asked(evidence, ENROLMENT):
        rows = [word.partition(";")[0].strip().lower() for row in one.request.all("Accept") for word in row.split(",")]
        yield rule(PKIX in rows, one.event, why="Accept", expected=PKIX, seen=", ".join(rows) or "none")


@check(
    "rfc6940/s11_2/server-of-the-url",
    "A configuration server whose certificate is not for the domain in the URL is not asked.",
    "rfc6940:11.2/6a",
    needs="a configuration server with a certificate for another site, and then for its own",
    role=ROLE,
    protocol="http",
    scenarios=("enrolling-node/configuration-elsewhere",),
)
def server_of_the_url(evidence: Evidence) -> Iterator[Ruling]:
    """Requests before and after."""
    return _deterred(evidence, CONFIGURATION)


@check(
    "rfc6940/s11_3/server-of-the-overlay",
    "An enrolment server whose certificate is not for the overlay is sent nothing.",
    "rfc6940:11.3/4",
    needs="an enrolment server with a certificate for its address alone, and then for the overlay",
    role=ROLE,
    protocol="http",
    scenarios=("enrolling-node/enrolment-elsewhere",),
)
def server_of_the_overlay(evidence: Evidence) -> Iterator[Ruling]:
    """The account would be in the request."""
    return _deterred(evidence, ENROLMENT)


def _deterred(evidence: Evidence, server: str) -> Iterator[Ruling]:
    """A server is not asked before it shows what it should, and then it is."""
    until = boundary(evidence)
    if until is None:
        return
    found = asked(evidence, server)
    early = [one for one in found if one.event.number <= until]
    tried = [number for number, _ in facts(evidence, server, "connection") if number <= until]
    if early:
        yield wrong(early[0].event, why="a request", expected="none", seen=early[0].request.start[:100])
    elif tried and len(found) > len(early):
        yield right(found[0].event)
    else:
        yield unclear(why="it does not ask the server with the right certificate either, or has not tried")


@check(
    "rfc6940/s11_2/wrong-discarded",
    "A configuration that is not valid, or of another overlay, is not used.",
    "rfc6940:11.2/8",
    needs="a configuration server that gives such a file, and then the right one",
    level="SHOULD",
    role=ROLE,
    protocol="http",
    scenarios=("enrolling-node/wrong-configurations",),
)
def wrong_discarded(evidence: Evidence) -> Iterator[Ruling]:
    """The enrolment server that it names is not asked."""
    until = boundary(evidence)
    if until is None:
        return
    found = asked(evidence, ENROLMENT)
    early = [one for one in found if one.event.number <= until]
    wrongs = [one for one in asked(evidence, CONFIGURATION) if one.event.number <= until]
    for one in wrongs:
        used = [each for each in early if each.event.number > one.event.number]
        if used:
            yield wrong(
                one.event, used[0].event, why="it is used", expected="no request", seen="a request for a certificate"
            )
        elif len(found) > len(early):
            yield right(*one.events)
        else:
            yield unclear(one.event, why="the right one is not used either")


@check(
    "rfc6940/s11_1/fetched-anew",
    "A node fetches the configuration anew before it expires.",
    "rfc6940:11.1/5",
    needs="a node that stays, and whose configuration expires soon",
    level="SHOULD",
    role=ROLE,
    protocol="http",
    scenarios=("enrolling-node/soon-expired",),
)
def fetched_anew(evidence: Evidence) -> Iterator[Ruling]:
    """A second GET."""
    found = asked(evidence, CONFIGURATION)
    if found and evidence.play is not None and evidence.play.complete:
        again = [one.event for one in found[1:]]
        yield rule(
            bool(again), found[0].event, *again[:1], why="the configuration", expected="it is fetched anew", seen="once"
        )

"""Who is a member of an overlay, and how one begins to be one (RFC 6940, sections 11.3, 11.3.1 and 11.4)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc6940.exchanges import body_of, code_of, judged
from conformance.checks.rfc6940.live.configuring.effects import granted
from conformance.checks.rfc6940.live.labelled import put
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, right, rule, unclear, wrong
from conformance.lab import rules

STORE, PING_ANS = 7, 24
BY_NODE, BY_USER = 3, 16


@check(
    "rfc6940/s11_3/credentials-required",
    "Where there is an enrolment server, nobody is a member without a certificate of the overlay.",
    "rfc6940:11.3/1",
    needs="requests of nodes that others have certified, or nobody, and of one that the overlay has",
    role="node",
    protocol="reload",
    scenarios=("peer/without-credentials",),
)
def credentials_required(evidence: Evidence) -> Iterator[Ruling]:
    """Pings: those of strangers are answered by nothing but errors."""
    served = any(granted(one, PING_ANS) for one in put(evidence, "good"))
    for one in put(evidence, "uncertified"):
        answered = [event for event, answer in one.answers if code_of(answer) == PING_ANS]
        if answered:
            yield wrong(
                one.event, answered[0], why="a stranger is believed", expected="an error, or nothing", seen="PingAns"
            )
        elif served and evidence.alive_after(one.event):
            yield right(one.event)
        else:
            yield unclear(one.event, why="members are not answered either")


@check(
    "rfc6940/s11_3_1/certificate-stored",
    "A node whose certificate is signed by itself stores it in the overlay.",
    "rfc6940:11.3.1/6a",
    needs="a subject with such a certificate, and a neighbour that gets copies of what is stored",
    role="node",
    protocol="reload",
    scenarios=("peer/self-signed",),
)
def certificate_stored(evidence: Evidence) -> Iterator[Ruling]:
    """By its Node-ID, and by its user name."""
    facts = evidence.play.facts if evidence.play else ()
    mine = next((str(fact["certificate"]) for _, fact in facts if fact.get("what") == "self-signed"), "")
    if not mine:
        return
    found = {BY_NODE: False, BY_USER: False}
    stores = [(event, body_of(message)) for event, message in judged(evidence) if code_of(message) == STORE]
    for _, body in stores:
        for data in rules.objects(body.get("kind_data")):
            if data["kind"] in found and mine in str(data["values"]):
                found[rules.number(data["kind"])] = True
    missing = [str(kind) for kind, there in found.items() if not there]
    events = [event for event, _ in stores[:1]]
    yield rule(
        not missing, *events, why="its certificate", expected="stored under both Kinds", seen=f"not under {missing}"
    )


@check(
    "rfc6940/s11_4/contacts-a-node",
    "Joining begins with contacting a node of the overlay.",
    "rfc6940:11.4/1",
    needs="a subject that is to join by a bootstrap node",
    role="node",
    protocol="reload",
    scenarios=("peer/extension-unknown",),
)
def contacts_a_node(evidence: Evidence) -> Iterator[Ruling]:
    """A link with the only node that is there, before anything is sent."""
    facts = evidence.play.facts if evidence.play else ()
    if not any(fact.get("phase") == "without" for _, fact in facts):
        return
    until = next((number for number, fact in facts if fact.get("phase") == "with"), None)
    opened = [
        number for number, fact in facts
        if fact.get("what") == "open" and fact.get("by") == "subject" and (until is None or number <= until)
    ]  # fmt: skip
    first = [event for event, _ in judged(evidence)][:1]
    yield rule(bool(opened), *first, why="the bootstrap node", expected="a link with it", seen="none")

"""Nodes live by the configuration document (RFC 6940, section 11.1)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc6940.exchanges import body_of, code_of, judged
from conformance.checks.rfc6940.live.configuring.effects import FETCH_ANS, granted, unknown
from conformance.checks.rfc6940.live.labelled import put
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, right, rule, unclear, wrong
from conformance.lab import rules
from conformance.lab.presentation.refusal import Json
from conformance.lab.reload import Message

STORE_ANS, LEAVE, PING_ANS = 8, 17, 24


@check(
    "rfc6940/s11_1/bad-node",
    "A certificate whose Node-ID is listed as bad-node is not valid.",
    "rfc6940:11.1/19",
    needs="a request of a bad node, and one of a good node in the same way",
    role="node",
    protocol="reload",
    scenarios=("peer/bad-node", "peer/bad-node-listed"),
)
def bad_node(evidence: Evidence) -> Iterator[Ruling]:
    """Pings: those of bad nodes are answered by nothing but errors."""
    served = any(granted(one, PING_ANS) for one in put(evidence, "good"))
    for one in put(evidence, "bad"):
        answered = [(event, answer) for event, answer in one.answers if code_of(answer) == PING_ANS]
        if answered:
            yield wrong(
                one.event, answered[0][0], why="a bad node is believed", expected="an error, or nothing", seen="PingAns"
            )
        elif served and evidence.alive_after(one.event):
            yield right(one.event)
        else:
            yield unclear(one.event, why="good nodes are not answered either")


@check(
    "rfc6940/s11_1/mandatory-extension",
    "Who does not support a mandatory extension of an overlay does not join it.",
    "rfc6940:11.1/20",
    needs="a subject that joins the same overlay without the extension",
    role="node",
    protocol="reload",
    scenarios=("peer/extension-unknown",),
)
def mandatory_extension(evidence: Evidence) -> Iterator[Ruling]:
    """Requests of the subject after it was started with the document that names it."""
    facts = evidence.play.facts if evidence.play else ()
    begins = next((number for number, fact in facts if fact.get("phase") == "with"), None)
    if begins is None:
        return
    asked = [
        (event, message) for event, message in judged(evidence) if code_of(message) % 2 and code_of(message) != rules.ERROR
    ]  # fmt: skip
    before = [event for event, _ in asked if event.number <= begins]
    for event, message in asked:
        if event.number > begins:
            yield wrong(event, why="it joins", expected="no request", seen=f"code {code_of(message)}")
            return
    yield right(before[-1]) if before else unclear(why="it does not join without the extension either")


@check(
    "rfc6940/s11_1/unmet-leaves",
    "A node that cannot meet the requirements of a new configuration leaves the overlay.",
    "rfc6940:11.1/40",
    needs="a ConfigUpdate with a mandatory extension that nobody can know",
    role="node",
    protocol="reload",
    scenarios=("peer/extension-added",),
)
def unmet_leaves(evidence: Evidence) -> Iterator[Ruling]:
    """It says Leave or closes its links, and answers nothing any more."""
    served = any(granted(one, PING_ANS) for one in put(evidence, "before"))
    facts = evidence.play.facts if evidence.play else ()
    for one in put(evidence, "added"):
        after = [each for each in put(evidence, "after") if granted(each, PING_ANS)]
        leaves = [event for event, message in judged(evidence) if event.number > one.event.number and code_of(message) == LEAVE]  # fmt: skip
        closed = any(
            fact.get("what") == "closed" and fact.get("by") == "subject" for number, fact in facts
            if number >= one.event.number
        )  # fmt: skip
        if after:
            yield wrong(
                one.event, after[0].event, after[0].answers[0][0], why="it is still there", expected="a Leave, links closed",
                seen="PingAns",
            )  # fmt: skip
        elif served and (leaves or closed):
            yield right(one.event, *leaves[:1])
        else:
            yield unclear(one.event, why="it is silent; whether it has left is not seen")


@check(
    "rfc6940/s11_1/kind-block-verified",
    "A Kind of a configuration is not accepted without a signature of a kind-signer.",
    "rfc6940:11.1/33",
    "rfc6940:11.1/32",
    needs="a newer configuration with a Kind that a stranger has signed",
    role="node",
    protocol="reload",
    scenarios=("peer/config-foreign-kind",),
)
def kind_block_verified(evidence: Evidence) -> Iterator[Ruling]:
    """The Kind is asked for; a document without it is followed afterwards."""
    yield from unknown(evidence, "still", control="after")


@check(
    "rfc6940/s11_1/kind-discarded",
    "Values of a Kind are thrown away when who has signed it is a kind-signer no more.",
    "rfc6940:11.1/41",
    needs="a value, a configuration that withdraws the Kind's signer, and a Fetch",
    role="node",
    protocol="reload",
    scenarios=("peer/kind-signer-withdrawn",),
)
def kind_discarded(evidence: Evidence) -> Iterator[Ruling]:
    """Values of another Kind, whose signer stays, are kept."""
    stored = [count for one in put(evidence, "stored") if (count := _values(one.answers)) is not None]
    kept = [count for one in put(evidence, "kept") if (count := _values(one.answers)) is not None]
    for one in put(evidence, "discarded"):
        count = _values(one.answers)
        if count is None or not all(stored) or len(stored) < 2 or not any(kept):
            yield unclear(one.event, why="what is stored is not served")
        else:
            yield rule(
                not count, one.event, one.answers[0][0], why="values", expected="none", seen=count, place="kind_responses"
            )  # fmt: skip


@check(
    "rfc6940/s11_1/required-kinds",
    "A value of every required Kind can be stored and fetched.",
    "rfc6940:11.1/23b",
    needs="a Store and a Fetch of each",
    role="node",
    protocol="reload",
    scenarios=("peer/required-kinds",),
)
def required_kinds(evidence: Evidence) -> Iterator[Ruling]:
    """All data models and access controls."""
    return _served(evidence, "required")


@check(
    "rfc6940/s11_1/registration-followed",
    "A registered Kind has the data model and the access control of its registration, whatever the configuration says.",
    "rfc6940:11.1/29b",
    needs="a subject whose configuration says otherwise, a Store and a Fetch",
    role="node",
    protocol="reload",
    scenarios=("peer/registered-kind",),
)
def registration_followed(evidence: Evidence) -> Iterator[Ruling]:
    """CERTIFICATE_BY_NODE: an array, written by whose Node-ID is in the certificate."""
    return _served(evidence, "registered")


def _served(evidence: Evidence, label: str) -> Iterator[Ruling]:
    for one in put(evidence, label):
        good = granted(one, STORE_ANS) or (granted(one, FETCH_ANS) and bool(_values(one.answers)))
        events = [one.event, *(event for event, _ in one.answers[:1])]
        yield rule(good, *events, why="what comes of it", expected="it is stored, and fetched", seen=one.outcome)


def _values(answers: tuple[tuple[object, Message], ...]) -> int | None:
    """How many values exist in a FetchAns; None where it is none."""
    if not answers or code_of(answers[0][1]) != FETCH_ANS:
        return None
    count = 0
    for response in rules.objects(body_of(answers[0][1]).get("kind_responses")):
        for value in rules.objects(response["values"]):
            count += _exists(value["value"])
    return count


def _exists(value: Json) -> bool:
    inner: Json = value
    for name in ("single_value_entry", "array_entry", "dictionary_entry"):
        inner = rules.member(inner, name) or inner
    inner = rules.member(inner, "value") if isinstance(rules.member(inner, "value"), dict) else inner
    return rules.member(inner, "exists") is True

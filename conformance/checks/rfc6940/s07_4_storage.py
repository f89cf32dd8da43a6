"""What answers of single methods owe their requests (RFC 6940, sections 6.4, 6.5 and 7.4)."""

from __future__ import annotations

import operator
from collections.abc import Iterator

from conformance.checks.rfc6940.exchanges import body_of, code_of, destinations, judged
from conformance.checks.rfc6940.s06_2_routing import answers
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, right, rule, wrong
from conformance.judge.seen import Seen
from conformance.lab import rules
from conformance.lab.presentation.refusal import Json, LabRefusal
from conformance.lab.reload import Message
from conformance.lab.signatures import verify_message
from conformance.run.model import Level

PEER = "peer"
PROBE, ATTACH, STORE, FETCH, FIND, JOIN, LEAVE, STAT, APP_ATTACH = 1, 3, 7, 9, 13, 15, 17, 25, 29


def good_answers(evidence: Evidence, code: int) -> Iterator[tuple[Seen, Message, Seen, Message]]:
    """Answers without error to requests of one method."""
    for one, event, message in answers(evidence):
        if one.code == code and code_of(message) == code + 1:
            yield one.event, one.request, event, message


def _kinds(value: Json, name: str = "kind") -> list[Json]:
    return [rules.member(one, name) for one in destinations(value)]


@check("rfc6940/s07_4_1_1/store-rules", "A StoreReq names no Kind twice, has signed values, and a replica no generation 0.",
       "rfc6940:7.4.1.1/1", "rfc6940:7.4.1.1/15", "rfc6940:7.4.1.1/16", needs="a StoreReq", role=PEER, protocol="reload")  # fmt: skip
def store_rules(evidence: Evidence) -> Iterator[Ruling]:
    """What the decoder refuses by the rules of Store."""
    for event in evidence.of("reload"):
        if event.clause.startswith("rfc6940:7.4.1.1/"):
            yield wrong(event, why=event.fault, expected="a StoreReq by the rules", seen=event.clause)
        elif event.reload is not None and code_of(event.reload) == STORE:
            yield right(event)


@check("rfc6940/s07_4_1_2/store-answer", "A StoreAns tells the generation of every Kind that was stored, 1 or more.", "rfc6940:7.4.1.2/1",
       "rfc6940:7.4.1.1/19", needs="a StoreReq with its StoreAns", role=PEER, protocol="reload")  # fmt: skip
def store_answer(evidence: Evidence) -> Iterator[Ruling]:
    """Kinds and counters of both; of a Kind without values nothing was stored."""
    for before, request, event, answer in good_answers(evidence, STORE):
        asked = destinations(body_of(request).get("kind_data"))
        wanted = _kinds(asked)
        told = destinations(body_of(answer).get("kind_responses"))
        least = [min(1, len(destinations(rules.member(one, "values")))) for one in asked]
        counters = [rules.number(rules.member(one, "generation_counter")) for one in told]
        good = _kinds(told) == wanted and all(map(operator.ge, counters, least))
        yield rule(
            good,
            before,
            event,
            why="Kinds or generations",
            expected=f"{wanted}, 1 or more",
            seen=told,
            place="kind_responses",
        )


@check("rfc6940/s07_4_2_2/fetch-answer", "A FetchAns has one response for each Kind asked for.", "rfc6940:7.4.2.2/1",
       needs="a FetchReq with its FetchAns", role=PEER, protocol="reload")  # fmt: skip
def fetch_answer(evidence: Evidence) -> Iterator[Ruling]:
    """Kinds of both."""
    for before, request, event, answer in good_answers(evidence, FETCH):
        wanted, got = _kinds(body_of(request).get("specifiers")), _kinds(body_of(answer).get("kind_responses"))
        good = sorted(map(str, wanted)) == sorted(map(str, got))
        yield rule(good, before, event, why="Kinds", expected=str(wanted), seen=got, place="kind_responses")


@check("rfc6940/s07_4_3_2/stat-answer", "A StatAns has one response for each Kind asked for.", "rfc6940:7.4.3.2/0",
       needs="a StatReq with its StatAns", role=PEER, protocol="reload")  # fmt: skip
def stat_answer(evidence: Evidence) -> Iterator[Ruling]:
    """Kinds of both."""
    for before, request, event, answer in good_answers(evidence, STAT):
        wanted, got = _kinds(body_of(request).get("specifiers")), _kinds(body_of(answer).get("kind_responses"))
        good = sorted(map(str, wanted)) == sorted(map(str, got))
        yield rule(good, before, event, why="Kinds", expected=str(wanted), seen=got, place="kind_responses")


@check("rfc6940/s07_4_4_2/find-answer", "A FindAns has a result for each Kind asked for.", "rfc6940:7.4.4.2/2a",
       needs="a FindReq with its FindAns", role=PEER, protocol="reload")  # fmt: skip
def find_answer(evidence: Evidence) -> Iterator[Ruling]:
    """Kinds of both; a Kind that the access policy forbids to find may be left out."""
    for before, request, event, answer in good_answers(evidence, FIND):
        wanted = [str(one) for one in destinations(body_of(request).get("kinds"))]
        got = [str(one) for one in _kinds(body_of(answer).get("results"))]
        good = set(got) <= set(wanted) and len(got) == len(set(got))
        yield rule(good, before, event, why="Kinds", expected=str(wanted), seen=got, place="results")


@check("rfc6940/s06_4_2_5/probe-answer", "A ProbeAns has only what was asked for, in that order.", "rfc6940:6.4.2.5.2/3",
       "rfc6940:6.4.2.5.2/2", needs="a ProbeReq with its ProbeAns", role=PEER, protocol="reload")  # fmt: skip
def probe_answer(evidence: Evidence) -> Iterator[Ruling]:
    """Types of both; values that are not known may be left out, and another order is tolerated."""
    for before, request, event, answer in good_answers(evidence, PROBE):
        wanted = destinations(body_of(request).get("requested_info"))
        got = _kinds(body_of(answer).get("probe_info"), "type")
        ordered, place = [one for one in wanted if one in got], "probe_info"
        if sorted(map(str, got)) == sorted(map(str, ordered)) and got != ordered:
            expected, level = str(ordered), Level.SHOULD
            yield wrong(before, event, why="another order", expected=expected, seen=got, place=place, level=level)
        else:
            yield rule(got == ordered, before, event, why="information", expected=str(wanted), seen=got, place=place)


@check("rfc6940/s06_5_1_1/attach-roles", "Who asks to attach is passive, who answers is active.", "rfc6940:6.5.1.1/1",
       needs="an Attach", role=PEER, protocol="reload")  # fmt: skip
def attach_roles(evidence: Evidence) -> Iterator[Ruling]:
    """The role in both directions, as text in the octets; where the decoder refuses it, that is the deviation."""
    for event in evidence.of("reload"):
        if event.clause == "rfc6940:6.5.1.1/1":
            yield wrong(event, why="another role", expected="passive, then active", seen=event.fault, place="role")
        elif event.reload is not None and code_of(event.reload) in (ATTACH, ATTACH + 1):
            role = bytes.fromhex(str(body_of(event.reload).get("role", ""))).decode("ascii", "replace")
            wanted = "passive" if code_of(event.reload) == ATTACH else "active"
            yield rule(role == wanted, event, why="another role", expected=wanted, seen=role, place="role")


@check("rfc6940/s06_4_2/own-node", "Join and Leave name the Node-ID that signs them.", "rfc6940:6.4.2.1/2a", "rfc6940:6.4.2.2/3a",
       needs="a JoinReq or LeaveReq whose certificate is at hand", role=PEER, protocol="reload")  # fmt: skip
def own_node(evidence: Evidence) -> Iterator[Ruling]:
    """The named Node-ID against those of the verified signer."""
    for event, message in judged(evidence):
        if code_of(message) not in (JOIN, LEAVE):
            continue
        try:
            verify_message(message.octets, evidence.context)
        except LabRefusal as refusal:
            if refusal.clause == "rfc6940:6.4.2.1/2b":
                yield wrong(event, why=refusal.why, expected="the signer's Node-ID", seen=refusal.where)
        else:
            yield right(event)

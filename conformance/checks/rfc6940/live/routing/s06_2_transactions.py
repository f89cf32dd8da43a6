"""Requests that come again, from who has another configuration, or several Node-IDs (RFC 6940, sections 6.1.2, 6.2.1 and 6.3.2.1)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc6940.exchanges import body_of, code_of, messages
from conformance.checks.rfc6940.live.labelled import Put, fails, granted, party_of, put, refused
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, right, rule, wrong
from conformance.lab import rules
from conformance.lab.presentation.refusal import Json
from conformance.lab.reload import Message

PEER = "peer"
FORBIDDEN, TOO_OLD, TOO_NEW = 2, 15, 16
"""Errors (section 14.9)."""
CONFIG_UPDATE = 33
STORE_ANS = 8


@check(
    "rfc6940/s06_2_1/same-answer", "A request that comes again within 15 seconds gets an answer that means the same.", "rfc6940:6.2.1/12",
    needs="a request that is sent again under its transaction ID", role=PEER, protocol="reload", scenarios=("peer/asked-twice",),
)  # fmt: skip
def same_answer(evidence: Evidence) -> Iterator[Ruling]:
    """Generations, and for a Fetch the values; each transmission has an answer of its own."""
    for label in ("store-again", "fetch-again"):
        series = list(put(evidence, label))
        for number, one in enumerate(series[1:], 1):
            following = series[number + 1].event.number if number + 1 < len(series) else None
            mine = [pair for pair in one.answers if following is None or pair[0].number < following]
            if not mine or not series[0].answers:
                yield wrong(one.event, why="no answer", expected="the same answer", seen="nothing")
                continue
            wanted, got = meaning(series[0].answers[0][1]), meaning(mine[0][1])
            yield rule(
                got == wanted,
                series[0].event,
                one.event,
                mine[0][0],
                why="another answer",
                expected=str(wanted),
                seen=got,
            )


def meaning(answer: Message) -> Json:
    """What an answer to a Store or a Fetch says: its code, and by Kind the generation and the values."""
    kinds = rules.objects(body_of(answer).get("kind_responses"))
    if code_of(answer) == STORE_ANS:
        return [code_of(answer), [[one["kind"], one["generation_counter"]] for one in kinds]]
    return [code_of(answer), [[one.get("kind"), one.get("generation"), [each["value"] for each in rules.objects(one.get("values"))]] for one in kinds]]  # fmt: skip


@check(
    "rfc6940/s06_3_2_1/other-sequence", "A request by an older configuration gets Error_Config_Too_Old, by a newer one Error_Config_Too_New.",
    "rfc6940:6.3.2.1/3", "rfc6940:6.3.2.1/4", needs="requests with other sequence numbers, and one with the right one", role=PEER,
    protocol="reload", scenarios=("peer/other-sequences",),
)  # fmt: skip
def other_sequence(evidence: Evidence) -> Iterator[Ruling]:
    """The two errors; the third is answered."""
    yield from compared(evidence)
    for one in put(evidence, "same"):
        yield granted(one)


def compared(evidence: Evidence) -> Iterator[Ruling]:
    """The errors of requests by other configurations."""
    for one in put(evidence, "older"):
        yield refused(one, TOO_OLD)
    for one in put(evidence, "newer"):
        yield refused(one, TOO_NEW)


@check(
    "rfc6940/s06_3_2_1/sequence-wraps", "After sequence number 65534 comes 0, which is newer.", "rfc6940:6.3.2.1/7", "rfc6940:6.3.2.1/2b",
    needs="requests with the sequence numbers around the last one", role=PEER, protocol="reload", scenarios=("peer/sequence-wraps",),
)  # fmt: skip
def sequence_wraps(evidence: Evidence) -> Iterator[Ruling]:
    """The two errors."""
    yield from compared(evidence)


@check(
    "rfc6940/s06_3_2_1/update-follows", "Who asks by an older configuration is sent a ConfigUpdate.", "rfc6940:6.3.2.1/5",
    needs="a request with an older sequence number", role=PEER, protocol="reload", scenarios=("peer/other-sequences",),
)  # fmt: skip
def update_follows(evidence: Evidence) -> Iterator[Ruling]:
    """A ConfigUpdate with a document on the link of that node."""
    for one in list(put(evidence, "older"))[:1]:
        name = party_of(evidence, one.event)
        found = [
            (event, body_of(message)) for event, message in messages(evidence)
            if event.direction == "sent" and event.number > one.event.number and code_of(message) == CONFIG_UPDATE
            and party_of(evidence, event) == name
        ]  # fmt: skip
        if found and rules.member(found[0][1], "type") == "config":
            yield right(one.event, found[0][0])
        else:
            yield wrong(one.event, why="not told", expected="a ConfigUpdate with the newer document", seen="none")


@check(
    "rfc6940/s06_1_2/several-node-ids", "Of a node with several Node-IDs and no Attach, only Ping and Attach are passed on.", "rfc6940:6.1.2/9",
    "rfc6940:6.1.2/10", needs="requests of such a node for another one", role=PEER, protocol="reload", scenarios=("peer/several-node-ids",),
)  # fmt: skip
def several_node_ids(evidence: Evidence) -> Iterator[Ruling]:
    """Error_Forbidden; its Pings are answered, and what a node with one Node-ID asks, or one that has attached."""
    for one in put(evidence, "without-attach"):
        yield refused(one, FORBIDDEN)
    for one in put(evidence, "ping", "one-node-id", "after-attach"):
        yield pinged(one)


def pinged(one: Put) -> Ruling:
    """Whether it was answered."""
    return (
        fails(one, "an answer", "not answered") if not one.answers or one.error else right(one.event, one.answers[0][0])
    )

"""What a client asks, and whom it believes (RFC 6940, sections 3.2.1, 6.2.1, 6.3.4, 7, 7.4.1 and 7.4.2)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc6940.exchanges import asked, code_of, is_answer
from conformance.checks.rfc6940.live.placed import FETCH, JOIN, LEAVE, PING, STORE, UPDATE, Placed, Said
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, right, rule, unclear, wrong
from conformance.judge.seen import Seen
from conformance.lab import rules
from conformance.lab.presentation.refusal import Json
from conformance.live.scenarios.client.asking import INDEX, KEY, VALUE

NODE = "node"
STAT, ERROR = 25, 0xFFFF
RELIABILITY = 3.0
"""overlay-reliability-timer of the configuration, in seconds."""
CLOCK = 10.0
"""Seconds that a clock may be wrong."""
MOST = 5


@check("rfc6940/s03_2_1/joins-nothing", "A client is connected and takes no place in the ring.", "rfc6940:3.2.1/0",
       needs="a client that is asked for something", role=NODE, protocol="reload", scenarios=("client/idle",))  # fmt: skip
def joins_nothing(evidence: Evidence) -> Iterator[Ruling]:
    """No Join, Leave, or Update, while it asks other things."""
    placed = Placed(evidence)
    for one in placed.said():
        good = one.code not in (JOIN, LEAVE, UPDATE)
        yield rule(good, one.event, why="a request of a peer", expected="none", seen=one.code)


def entries(one: Said, member: str) -> list[dict[str, Json]]:
    """What a Store or Fetch has by Kind."""
    return list(rules.objects(one.body.get(member)))


@check("rfc6940/s07_4_1/client-stores", "A Store of a client goes to the resource, is no replica, and has the value where it is to stand.",
       "rfc6940:7.4.1.1/0", "rfc6940:7.4.1.1/1", needs="a client that is to store values", role=NODE, protocol="reload",
       scenarios=("client/stores",))  # fmt: skip
def client_stores(evidence: Evidence) -> Iterator[Ruling]:
    """Destination, replica number, one Kind, one value with its key or index."""
    placed = Placed(evidence)
    keys = {"dictionary_entry": ("key", (placed.own,)), "array_entry": ("index", (INDEX,))}
    for one in placed.said(STORE):
        kinds = entries(one, "kind_data")
        values = [value for kind in kinds for value in rules.objects(kind.get("values"))]
        good = one.is_resource and one.place == one.body.get("resource") and one.body.get("replica_number") == 0
        good = good and len(kinds) == len(values) == 1
        for value in values:
            name, inner = _entry(value.get("value"))
            data = inner if name == "single_value_entry" else rules.member(inner, "value")
            wanted = keys.get(name)
            good = good and (wanted is None or rules.member(inner, wanted[0]) in wanted[1])
            good = good and rules.member(data, "value") == VALUE.hex() and rules.member(data, "exists") is True
        seen = f"{one.way}, {one.body}"
        yield rule(good, one.event, why="the Store", expected="one value at its place", seen=seen, place="kind_data")


def _entry(value: Json) -> tuple[str, Json]:
    """Name and content of a StoredDataValue."""
    return next(iter(value.items())) if isinstance(value, dict) and value else ("", None)


@check("rfc6940/s07/client-clock", "The storage time of what a client stores is that of a right clock, and its lifetime is not over.",
       "rfc6940:7/2", needs="a client that is to store values", level="SHOULD", role=NODE, protocol="reload",
       scenarios=("client/stores",))  # fmt: skip
def client_clock(evidence: Evidence) -> Iterator[Ruling]:
    """storage_time against the time at which the Store is seen."""
    for one in Placed(evidence).said(STORE):
        for kind in entries(one, "kind_data"):
            for value in rules.objects(kind.get("values")):
                wrong_by = abs(rules.number(value["storage_time"]) / 1000 - one.event.time)
                good = wrong_by <= CLOCK and rules.number(value["lifetime"]) > 0
                seen = f"{wrong_by:.1f} s away, for {value['lifetime']} s"
                yield rule(good, one.event, why="times", expected="now", seen=seen, place="storage_time")


@check("rfc6940/s07_4_2/client-fetches", "A Fetch of a client goes to the resource and asks for what is wanted, and nothing else.",
       "rfc6940:7.4.2.1/0", needs="a client that is to fetch values", role=NODE, protocol="reload", scenarios=("client/fetches",))  # fmt: skip
def client_fetches(evidence: Evidence) -> Iterator[Ruling]:
    """Destination; one specifier, with the index or the key that is meant; no generation that was never told."""
    for one in Placed(evidence).said(FETCH, STAT):
        specifiers = entries(one, "specifiers")
        good = one.is_resource and one.place == one.body.get("resource") and len(specifiers) == 1
        for each in specifiers:
            model = each.get("model_specifier")
            good = good and rules.number(each["generation"]) == 0
            good = good and model in ({}, {"indices": [{"first": INDEX, "last": INDEX}]}, {"keys": [KEY.hex()]})
        seen = f"{one.way}, {one.body}"
        yield rule(good, one.event, why="the Fetch", expected="one specifier", seen=seen, place="specifiers")


def copies(evidence: Evidence, code: int) -> dict[str, list[Seen]]:
    """The transmissions of each request of the subject."""
    sent: dict[str, list[Seen]] = {}
    for event in evidence.events:
        if event.direction == "sent" and event.reload is not None and code_of(event.reload) == code:
            sent.setdefault(str(event.reload.header["transaction_id"]), []).append(event)
    return sent


@check("rfc6940/s06_2_1/client-asks-again", "A request of a client without an answer is sent again when the overlay-reliability-timer fires.",
       "rfc6940:6.2.1/8", "rfc6940:6.2.1/9", "rfc6940:6.2.1/10", needs="a Fetch that nobody answers", role=NODE, protocol="reload",
       scenarios=("client/unanswered",))  # fmt: skip
def client_asks_again(evidence: Evidence) -> Iterator[Ruling]:
    """The times between copies, and their number."""
    slack = evidence.play.slack if evidence.play else 0.0
    for found in copies(evidence, FETCH).values():
        gaps = [after.time - before.time for before, after in zip(found, found[1:], strict=False)]
        good = 1 < len(found) <= MOST and all(abs(one - RELIABILITY) <= slack for one in gaps)
        seen = f"{len(found)} times, after {[round(one, 2) for one in gaps]} s"
        yield rule(good, *found[:2], why="repetitions", expected="up to five, 3 s apart", seen=seen)


@check("rfc6940/s06_2_1/error-ends", "A request of a client that is answered by an error is not sent again.", "rfc6940:6.2.1/9",
       "rfc6940:6.3.3.1/3a", needs="requests that are refused", role=NODE, protocol="reload", scenarios=("client/refused",))  # fmt: skip
def error_ends(evidence: Evidence) -> Iterator[Ruling]:
    """No copy behind the error, while other requests follow."""
    placed = Placed(evidence)
    for one in asked(evidence):
        errors = [event for event, message in one.answers if code_of(message) == ERROR]
        if one.event.direction != "sent" or not errors:
            continue
        late = [event for event, _ in one.copies if event.number > errors[0].number]
        if late:
            yield wrong(errors[0], late[0], why="asked again", expected="no further request", seen="the request")
        elif placed.lives(errors[0]):
            yield right(one.event, errors[0])


@check("rfc6940/s06_3_4/client-not-believed", "A client believes no answer whose signature is missing, does not hold or is another node's.",
       "rfc6940:6.3.4/11", "rfc6940:6.3.4/13", "rfc6940:6.3.4/14", needs="such answers", role=NODE, protocol="reload",
       scenarios=("client/answered-by-others",))  # fmt: skip
def client_not_believed(evidence: Evidence) -> Iterator[Ruling]:
    """The request comes again behind the forged answer, and not behind the right one."""
    placed = Placed(evidence)
    for event in evidence.events:
        message = event.reload
        if event.label not in ("forged", "genuine") or message is None or not is_answer(message):
            continue
        transaction = message.header["transaction_id"]
        again = [
            one for one in evidence.events
            if one.number > event.number and one.direction == "sent" and one.reload is not None
            and one.reload.header["transaction_id"] == transaction
        ]  # fmt: skip
        if event.label == "forged":
            yield rule(bool(again), event, *again[:1], why="believed", expected="the request again", seen="nothing")
        elif not again and not placed.lives(event):
            yield unclear(event, why="the subject is silent")
        else:
            yield rule(
                not again, event, *again[:1], why="not believed", expected="no further request", seen="the request"
            )


@check("rfc6940/s03_2_1/no-peer", "A client keeps nothing for others and admits nobody; it answers Pings.", "rfc6940:3.2.1/0",
       "rfc6940:7.4.1.1/4", needs="a client that is asked what only a peer can do", role=NODE, protocol="reload",
       scenarios=("client/asked-as-peer",))  # fmt: skip
def no_peer(evidence: Evidence) -> Iterator[Ruling]:
    """No success for Store and Join, while the Ping is answered."""
    answers = {one.event.label: [code_of(message) for _, message in one.answers] for one in asked(evidence)}
    for one in asked(evidence):
        if one.event.label not in ("store", "join"):
            continue
        got = answers[one.event.label]
        if STORE + 1 in got or JOIN + 1 in got:
            yield wrong(one.event, one.answers[0][0], why="granted", expected="an error, or nothing", seen=got)
        elif PING + 1 in answers.get("ping", []):
            yield right(one.event)
        else:
            yield unclear(one.event, why="the subject answers nothing")

"""Where responses go, how streams and datagrams are cut into messages (RFC 3261, section 18, and RFC 3581)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc3261.live.stimuli import CLIENT, SERVER, silent
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, right, rule, unclear, wrong
from conformance.judge.seen import Seen
from conformance.judge.transactions import Transaction
from conformance.lab.sip.value import text_at


def answered(evidence: Evidence, *labels: str) -> Iterator[Ruling]:
    """Each request of these labels has a final response, where the subject is seen alive behind it."""
    found = False
    for one in evidence.asked(*labels):
        found = True
        yield _answer(evidence, one)
    if not found:
        for event in evidence.labelled(*labels):
            yield unclear(event, why="it cannot be read back")
            return


def _answer(evidence: Evidence, one: Transaction) -> Ruling:
    if one.final is not None:
        good = (one.final[1].status or 0) not in (400, 413, 513)
        why, seen = "refused", one.final[1].title
        return rule(good, one.event, one.final[0], why=why, expected="an answer as to any OPTIONS", seen=seen)
    if silent(evidence, one) or evidence.alive_after(one.event) is True:
        return wrong(one.event, why="no answer", expected="an answer as to any OPTIONS", seen="no answer")
    if evidence.alive_after(one.event) is False:
        return wrong(one.event, why="the subject does not live on", expected="an answer", seen="nothing ever after")
    return unclear(one.event, why="no answer was seen, and nothing shows the subject alive")


@check(
    "rfc3261/s18_2_2/to-sent-by-port", "A response to a request without rport goes to the port of sent-by.", "rfc3261:18.2.2/7",
    "rfc3261:18.2.2/9", needs="a request over UDP with a sent-by of another port", role=SERVER,
    scenarios=("user-agent/sent-by-port",),
)  # fmt: skip
def to_sent_by_port(evidence: Evidence) -> Iterator[Ruling]:
    """The port that the response came to."""
    for one in evidence.asked("elsewhere"):
        wanted = str((one.request.lines("via")[0].partition(";")[0]).rpartition(":")[2])
        if one.final is None:
            yield unclear(one.event, why="no response was seen")
            continue
        seen = one.final[0].destination.rpartition(":")[2]
        yield rule(seen == wanted, one.event, one.final[0], why="another port", expected=wanted, seen=seen)


@check(
    "rfc3261/s18_2_2/maddr", "A response over UDP goes to the address in maddr, at the port of sent-by.", "rfc3261:18.2.2/5",
    needs="a request over UDP with maddr", role=SERVER, scenarios=("user-agent/maddr",),
)  # fmt: skip
def to_maddr(evidence: Evidence) -> Iterator[Ruling]:
    """The place that the response came to."""
    for one in evidence.asked("maddr"):
        via = one.request.first("via")
        port = one.request.lines("via")[0].partition(";")[0].rpartition(":")[2]
        wanted = f"{text_at(via, 'parameters', 'maddr')}:{port}"
        if one.final is not None:
            seen = one.final[0].destination
            yield rule(seen == wanted, one.event, one.final[0], why="sent elsewhere", expected=wanted, seen=seen)
        elif evidence.alive_after(one.event):
            yield wrong(one.event, why="nothing comes there", expected=wanted, seen="no response there")
        else:
            yield unclear(one.event, why="no response was seen")


@check(
    "rfc3261/s18_2_1/name-answered", "A request whose sent-by is a name is answered to the address it came from.", "rfc3261:18.2.1/5",
    "rfc3261:18.2.2/7", "rfc3261:18.2.1/4", needs="a request over UDP whose sent-by is a name", role=SERVER,
    scenarios=("user-agent/sent-by-name", "user-agent/rport"),
)  # fmt: skip
def name_answered(evidence: Evidence) -> Iterator[Ruling]:
    """A final response to each."""
    yield from answered(evidence, "by-name", "rport")


@check(
    "rfc3261/s18_3/rest-discarded", "Octets of a datagram behind the body are discarded.", "rfc3261:18.3/1",
    needs="a padded datagram", role=SERVER, scenarios=("user-agent/datagram-padded",),
)  # fmt: skip
def rest_discarded(evidence: Evidence) -> Iterator[Ruling]:
    """The request is answered as if they were not there."""
    yield from answered(evidence, "padded")


@check(
    "rfc3261/s18_1_1/large-datagram", "Messages up to the largest datagram are handled.", "rfc3261:18.1.1/3",
    needs="large datagrams", role=SERVER, scenarios=("user-agent/datagram-large",),
)  # fmt: skip
def large_datagram(evidence: Evidence) -> Iterator[Ruling]:
    """Answered, be it by a refusal for its size."""
    for one in evidence.asked("large-8000", "large-60000"):
        if one.final is not None:
            yield right(one.event, one.final[0])
        else:
            yield _answer(evidence, one)


@check(
    "rfc3261/s18_3/stream-pieces", "A message on a stream may come in any pieces.", "rfc3261:18.3/0", "rfc3261:18/3",
    needs="a message in pieces over TCP or TLS", role=SERVER, scenarios=("user-agent/stream-pieces",),
)  # fmt: skip
def stream_pieces(evidence: Evidence) -> Iterator[Ruling]:
    """It is answered."""
    yield from answered(evidence, "pieces")


@check(
    "rfc3261/s18_3/stream-together", "Each of several messages that come at once on a stream is taken, empty lines are passed over.",
    "rfc3261:18.3/0", "rfc3261:7.5/1", needs="several messages in one segment", role=SERVER,
    scenarios=("user-agent/stream-together",),
)  # fmt: skip
def stream_together(evidence: Evidence) -> Iterator[Ruling]:
    """All are answered."""
    yield from answered(evidence, "together")


@check(
    "rfc3261/s18_2_2/new-connection", "Where the connection of a request is gone, its response comes on a new one to the sent-by.",
    "rfc3261:18.2.2/3", needs="a ringing INVITE over TCP or TLS whose connection was closed", level="SHOULD", role=SERVER,
    scenarios=("user-agent/connection-gone",),
)  # fmt: skip
def new_connection(evidence: Evidence) -> Iterator[Ruling]:
    """The final response, and where it came."""
    for one in evidence.asked("ringing"):
        wanted = one.request.lines("via")[0].partition(";")[0].rpartition(" ")[2]
        if one.final is not None and one.final[0].destination == one.event.source:
            yield unclear(one.event, one.final[0], why="it was answered before the connection was gone")
        elif one.final is None and not one.responses:
            yield unclear(one.event, why="no response was ever seen")
        elif one.final is None:
            yield wrong(one.event, why="the response does not come", expected=f"a connection to {wanted}", seen="none")
        else:
            seen = one.final[0].destination
            yield rule(seen == wanted, one.event, one.final[0], why="sent elsewhere", expected=wanted, seen=seen)


@check(
    "rfc3261/s18_1_2/stray-discarded", "A response whose Via is not of the client is silently discarded.", "rfc3261:18.1.2/1",
    needs="a stray response, and a sane exchange behind it", role=CLIENT, scenarios=("user-agent/stray-responses",),
)  # fmt: skip
def stray_discarded(evidence: Evidence) -> Iterator[Ruling]:
    """No message with its Call-ID comes from the subject."""
    for event in evidence.labelled("stray"):
        call = event.sip.call_id if event.sip else None
        about = [seen for seen, message in evidence.judged if message.call_id == call and seen.number > event.number]
        if about:
            yield wrong(event, about[0], why="it is answered", expected="nothing", seen=about[0].summary)
        else:
            yield _unless_dead(evidence, event)


@check(
    "rfc3261/s18_3/truncated-discarded", "A response over UDP whose body is cut is discarded.", "rfc3261:18.3/2",
    needs="a truncated 200 to the subject's INVITE, and a sane exchange behind it", role=CLIENT,
    scenarios=("user-agent/response-truncated",),
)  # fmt: skip
def truncated_discarded(evidence: Evidence) -> Iterator[Ruling]:
    """No ACK comes between it and the refusal that follows."""
    for event in evidence.labelled("truncated"):
        later = [one for one, message in evidence.sip if message.status == 486 and one.number > event.number]
        end = later[0].number if later else len(evidence.events) + 1
        acks = [one for one, message in evidence.judged if message.method == "ACK" and event.number < one.number < end]
        if acks:
            yield wrong(event, acks[0], why="it is taken", expected="no ACK", seen="ACK")
        else:
            yield _unless_dead(evidence, event)


def _unless_dead(evidence: Evidence, event: Seen) -> Ruling:
    """What silence behind an event says: right from a subject that is seen alive later."""
    alive = evidence.alive_after(event)
    if alive is None:
        return unclear(event, why="nothing shows the subject alive behind it")
    return rule(
        alive, event, why="the subject does not live on", expected="silence, and life", seen="nothing ever after"
    )

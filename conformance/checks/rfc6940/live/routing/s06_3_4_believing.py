"""Whom a node believes: signatures, certificates, and answers of somebody else (RFC 6940, sections 6.2.1 and 6.3.4)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from conformance.checks.rfc6940.exchanges import code_of, is_answer, messages
from conformance.checks.rfc6940.live.labelled import Put, closed, fails, granted, put, vanished
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, right, rule, unclear, wrong
from conformance.judge.seen import Seen
from conformance.lab import rules
from conformance.lab.presentation.refusal import Json
from conformance.lab.reload import Message

PEER = "peer"
REQUESTS = ("peer/forged-requests", "peer/wrong-certificates")
FORGED = ("unsigned", "spoilt", "another-key", "another-transaction")
UNVERIFIED = ("no-certificate", "another-certificate", "several-by-hash", "not-its-node-id")
STRANGE = ("expired", "early", "foreign", "other-overlay", "no-node-id", "self-signed")
PING = 23


def serves(evidence: Evidence) -> bool:
    """Whether a request of the same kind that is right is answered."""
    return any(one.answers and not one.error for one in put(evidence, "good"))


def without_effect(evidence: Evidence, *labels: str) -> Iterator[Ruling]:
    """Requests that must not be served; an error is no effect."""
    for one in put(evidence, *labels):
        if one.answers and not one.error:
            yield fails(one, "no answer", "served")
        elif one.error and serves(evidence):
            yield right(one.event)
        else:
            yield vanished(evidence, one, serves(evidence))


@check(
    "rfc6940/s06_3_4/forged-not-served", "A request whose signature is missing or does not hold is not served.", "rfc6940:6.3.4/11",
    "rfc6940:6.3.4/12b", "rfc6940:6.1.1/3a", "rfc6940:13.2/2", needs="such requests, and one that is served", role=PEER, protocol="reload",
    scenarios=("peer/forged-requests",),
)  # fmt: skip
def forged_not_served(evidence: Evidence) -> Iterator[Ruling]:
    """No answer but an error."""
    yield from without_effect(evidence, *FORGED)


@check(
    "rfc6940/s06_3_4/unverified-not-served", "A request is not served whose signer cannot be found, or is none of its certificate.",
    "rfc6940:6.3.4/11", "rfc6940:6.3.4/3", "rfc6940:6.3.4/9", needs="such requests, and one that is served", role=PEER, protocol="reload",
    scenarios=REQUESTS,
)  # fmt: skip
def unverified_not_served(evidence: Evidence) -> Iterator[Ruling]:
    """No answer but an error."""
    yield from without_effect(evidence, *UNVERIFIED)


@check(
    "rfc6940/s06_3_4/certificate-verified", "A request is not served under a certificate that is expired, early, foreign or of another overlay.",
    "rfc6940:6.3.4/11", needs="such requests, and one that is served", role=PEER, protocol="reload", scenarios=("peer/wrong-certificates",),
)  # fmt: skip
def certificate_verified(evidence: Evidence) -> Iterator[Ruling]:
    """No answer but an error."""
    yield from without_effect(evidence, *STRANGE)


@check(
    "rfc6940/s06_3_4/dropped", "A message whose signature does not hold is dropped, and nobody is told.", "rfc6940:6.3.4/12a", level="SHOULD",
    needs="requests whose signature is missing or does not hold, and one that is served", role=PEER, protocol="reload",
    scenarios=("peer/forged-requests",),
)  # fmt: skip
def dropped(evidence: Evidence) -> Iterator[Ruling]:
    """Nothing comes of it."""
    for one in put(evidence, *FORGED):
        yield vanished(evidence, one, serves(evidence))


@check(
    "rfc6940/s06_6/links-of-strangers", "A link is not served whose other end shows a certificate that nobody should believe.", "rfc6940:6.6/0",
    needs="handshakes with such certificates, and with a good one", role=PEER, protocol="reload", scenarios=("peer/links-of-strangers",),
)  # fmt: skip
def links_of_strangers(evidence: Evidence) -> Iterator[Ruling]:
    """The link does not come up, is closed, or brings nothing."""
    good = next(iter(put(evidence, "good")), None)
    if good is None or not good.answers or evidence.play is None:
        return
    asked = {str(one.event.source): one for one in put(evidence, "of-a-stranger")}
    for _, fact in evidence.play.facts:
        if str(fact.get("party")).partition(" ")[0] not in STRANGE or fact.get("what") != "closed":
            continue
        one = asked.get(str(fact["near"]))
        served = one is not None and bool(one.answers) and not one.error
        event = one.event if one is not None else good.event
        yield rule(
            not served, event, why=f"a certificate that is {fact['party']}", expected="no answer", seen="an answer"
        )


@check(
    "rfc6940/s06_3/garbled-survived", "Messages that are cut short, or whose lengths are wrong, are the end of nobody.", "rfc6940:6.3/0",
    "rfc6940:6.3.2/0", needs="such messages, and one that is served", role=PEER, protocol="reload", scenarios=("peer/garbled-requests",),
)  # fmt: skip
def garbled_survived(evidence: Evidence) -> Iterator[Ruling]:
    """No answer but an error; a sane exchange behind them."""
    yield from without_effect(evidence, "cut-short", "other-lengths")


@check(
    "rfc6940/s06_3_4/every-bit-signed", "A request is not served with one bit of its contents turned.", "rfc6940:6.3.4/0", "rfc6940:6.3.4/12b",
    needs="such requests, and one that is served", role=PEER, protocol="reload", scenarios=("peer/garbled-requests",),
)  # fmt: skip
def every_bit_signed(evidence: Evidence) -> Iterator[Ruling]:
    """No answer but an error."""
    yield from without_effect(evidence, "signed-bit")


@check(
    "rfc6940/s06_3_4/rsa-understood", "RSA signatures by PKCS #1 version 1.5 over SHA-256 are understood.", "rfc6940:6.3.4/7",
    needs="a request that is signed so", role=PEER, protocol="reload", scenarios=("peer/forged-requests",),
)  # fmt: skip
def rsa_understood(evidence: Evidence) -> Iterator[Ruling]:
    """Its answer."""
    for one in put(evidence, "by-rsa"):
        yield granted(one)


# --- answers


def again(one: Put) -> list[tuple[Seen, Message]]:
    """The request that an answer was for, where the subject sends it again behind the answer."""
    return [pair for pair in one.elsewhere if not is_answer(pair[1])]


def not_believed(evidence: Evidence, *labels: str) -> Iterator[Ruling]:
    """Answers behind which the request has to come again."""
    ended = [one for one in put(evidence, "genuine") if not again(one)]
    for one in put(evidence, *labels):
        found = again(one)
        if found:
            yield right(one.event, found[0][0])
        elif closed(evidence, one.event):
            yield right(one.event, why="its link is closed")
        elif not ended or evidence.alive_after(one.event) is None:
            yield unclear(one.event, why="nothing shows that it asks again at all")
        else:
            yield wrong(one.event, why="believed", expected="the request again", seen="no further request")


@check(
    "rfc6940/s06_3_4/answer-of-another", "An answer counts only if the node has signed it that was asked.", "rfc6940:6.3.4/13", "rfc6940:6.3.4/14",
    needs="a request to a Node-ID, and an answer of another one", role=PEER, protocol="reload", scenarios=("peer/answered-by-others",),
)  # fmt: skip
def answer_of_another(evidence: Evidence) -> Iterator[Ruling]:
    """The request comes again."""
    yield from not_believed(evidence, "another-node")


@check(
    "rfc6940/s06_3_4/answer-forged", "An answer does not count whose signature is missing or does not hold, or whose certificate is not good.",
    "rfc6940:6.3.4/11", "rfc6940:6.3.4/12b", needs="such answers", role=PEER, protocol="reload", scenarios=("peer/answered-by-others",),
)  # fmt: skip
def answer_forged(evidence: Evidence) -> Iterator[Ruling]:
    """The request comes again."""
    yield from not_believed(evidence, "forged")


@check(
    "rfc6940/s06_3_4/answer-from-afar", "An answer about a resource counts only from a node that is as near to it as every known neighbour.",
    "rfc6940:6.3.4/13", "rfc6940:6.3.4/15", needs="a Fetch that is answered by a node far away", role=PEER, protocol="reload",
    scenarios=("peer/answered-from-afar",),
)  # fmt: skip
def answer_from_afar(evidence: Evidence) -> Iterator[Ruling]:
    """The request comes again."""
    yield from not_believed(evidence, "from-afar")


@check(
    "rfc6940/s06_2_1/answered-is-over", "A request that is answered is not sent again.", "rfc6940:6.2.1/9",
    needs="an answer by the node that was asked", role=PEER, protocol="reload",
    scenarios=("peer/asks-in-vain", "peer/answered-by-others", "peer/answered-from-afar"),
)  # fmt: skip
def answered_is_over(evidence: Evidence) -> Iterator[Ruling]:
    """No copy behind the right answer."""
    for one in put(evidence, "genuine"):
        found = again(one)
        if found:
            yield wrong(one.event, found[0][0], why="asked again", expected="no further request", seen="the request")
        elif evidence.alive_after(one.event) is None:
            yield unclear(one.event, why="nobody asked whether it lives")
        else:
            yield right(one.event)


@check(
    "rfc6940/s06_2_1/asked-again", "A request without an answer is sent again when the overlay-reliability-timer fires, five times in all.",
    "rfc6940:6.2.1/8", "rfc6940:6.2.1/9", "rfc6940:6.2.1/10", needs="a request that nobody answers", role=PEER, protocol="reload",
    scenarios=("peer/asks-in-vain",),
)  # fmt: skip
def asked_again(evidence: Evidence) -> Iterator[Ruling]:
    """Times between the copies of each Ping of the subject, and how many there are."""
    if evidence.play is None:
        return
    told = [fact["milliseconds"] for _, fact in evidence.play.facts if fact.get("what") == "timer"]
    timer = rules.number(cast("Json", told[0])) / 1000 if told else 3.0
    sent: dict[str, list[Seen]] = {}
    for event, message in messages(evidence):
        if event.direction == "sent" and code_of(message) == PING:
            sent.setdefault(str(message.header["transaction_id"]), []).append(event)
    answered = {one.transaction for one in put(evidence, "genuine")}
    for transaction, copies in sent.items():
        if transaction in answered:
            continue
        if len(copies) == 1:
            yield wrong(copies[0], why="sent once", expected="the request again", seen="nothing")
        for before, after in zip(copies, copies[1:], strict=False):
            passed = after.time - before.time
            good = abs(passed - timer) <= evidence.play.slack
            yield rule(good, before, after, why="another time", expected=f"after {timer:g} s", seen=f"{passed:.3f} s")
        yield rule(
            len(copies) <= 5, copies[0], copies[-1], why="too often", expected="five times at most", seen=len(copies)
        )

"""Headers that are wrong, options that nobody knows, lengths beyond what is admitted (RFC 6940, sections 6.1, 6.3.2, 6.6 and 13.6.5)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc6940.exchanges import body_of
from conformance.checks.rfc6940.live.labelled import (
    FRAME,
    TRANSACTION,
    closed,
    fails,
    granted,
    listed,
    put,
    refused,
    vanished,
)
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, right, rule, unclear, wrong
from conformance.lab import rules
from conformance.lab.presentation.refusal import Json
from conformance.lab.reload import Message

PEER = "peer"
INCOMPATIBLE, UNSUPPORTED_OPTION, TOO_LARGE, UNKNOWN_EXTENSION, INVALID = 6, 7, 11, 13, 20
"""Errors (section 14.9)."""
HEADERS = ("peer/wrong-headers",)
OPTIONS = ("peer/unknown-options",)


def serves(evidence: Evidence, label: str = "right") -> bool:
    """Whether what is right is answered."""
    return any(one.answers and not one.error for one in put(evidence, label))


@check(
    "rfc6940/s06_1/bad-header-discarded", "A request of another version, overlay or token is not served.", "rfc6940:6.1/1", "rfc6940:6.3.2/4",
    needs="requests with a wrong header, between those that are served", role=PEER, protocol="reload", scenarios=HEADERS,
)  # fmt: skip
def bad_header_discarded(evidence: Evidence) -> Iterator[Ruling]:
    """An error, or nothing."""
    for one in put(evidence, "version", "overlay", "token"):
        if one.error:
            yield right(one.event, one.answers[0][0])
        elif one.answers:
            yield fails(one, "an error, or nothing")
        else:
            yield vanished(evidence, one, serves(evidence))


@check(
    "rfc6940/s06_1/bad-header-told", "Who sends a message of another version or overlay is told by a fitting error.", "rfc6940:6.1/2", level="SHOULD",
    needs="requests of another version or overlay that are not dropped in silence", role=PEER, protocol="reload", scenarios=HEADERS,
)  # fmt: skip
def bad_header_told(evidence: Evidence) -> Iterator[Ruling]:
    """The error; silence is what local policy may want."""
    for one in put(evidence, "version", "overlay"):
        if one.answers:
            yield refused(one, INCOMPATIBLE)
        else:
            yield unclear(one.event, why="it is dropped in silence, as a local policy may have it")


@check(
    "rfc6940/s06_7/first-bit-clear", "A message whose first fragment bit is clear is thrown away.", "rfc6940:6.7/7b", level="SHOULD",
    needs="requests without that bit, between those that are served", role=PEER, protocol="reload", scenarios=HEADERS,
)  # fmt: skip
def first_bit_clear(evidence: Evidence) -> Iterator[Ruling]:
    """Nothing, or an error."""
    for one in put(evidence, "fragment-bit"):
        yield right(one.event) if one.error else vanished(evidence, one, serves(evidence))


@check(
    "rfc6940/s06_1_1/resource-not-alone", "A message with further destinations after a Resource-ID vanishes.", "rfc6940:6.1.1/1", "rfc6940:6.1.1/2",
    needs="such a request, between those that are served", role=PEER, protocol="reload", scenarios=HEADERS,
)  # fmt: skip
def resource_not_alone(evidence: Evidence) -> Iterator[Ruling]:
    """No answer to it."""
    for one in put(evidence, "resource-first"):
        yield vanished(evidence, one, serves(evidence))


@check(
    "rfc6940/s06_3_2_3/forward-critical", "A request is not passed on with an option that is critical and unknown; its sender is told.",
    "rfc6940:6.3.2.3/2", needs="such a request for another node, and one that is passed on", role=PEER, protocol="reload", scenarios=OPTIONS,
)  # fmt: skip
def forward_critical(evidence: Evidence) -> Iterator[Ruling]:
    """The error."""
    for one in put(evidence, "forward-critical"):
        yield refused(one, UNSUPPORTED_OPTION)


@check(
    "rfc6940/s06_3_2_3/destination-critical", "A request with an option that is critical for who answers, and unknown, is refused.",
    "rfc6940:6.3.2.3/3", needs="such a request to the subject", role=PEER, protocol="reload", scenarios=OPTIONS,
)  # fmt: skip
def destination_critical(evidence: Evidence) -> Iterator[Ruling]:
    """The error."""
    for one in put(evidence, "destination-critical"):
        yield refused(one, UNSUPPORTED_OPTION)


@check(
    "rfc6940/s06_3_2_3/others-ignored", "Unknown options that are critical for others or for nobody stop no message, and travel as they are.",
    "rfc6940:6.3.2.3/0", needs="requests with such options", role=PEER, protocol="reload", scenarios=OPTIONS,
)  # fmt: skip
def others_ignored(evidence: Evidence) -> Iterator[Ruling]:
    """The answer of the subject, and the options at the other node."""
    for one in put(evidence, "here"):
        yield granted(one)
    for one in put(evidence, "to-client"):
        wanted = asked_options(evidence, one.transaction)
        if not one.elsewhere:
            yield fails(one, "the message at the client", "not passed on")
            continue
        event, message = one.elsewhere[0]
        got = listed(message, "options")
        yield rule(
            got == wanted, one.event, event, why="other options", expected=str(wanted), seen=got, place="options"
        )


def asked_options(evidence: Evidence, transaction: str) -> list[Json]:
    """The options that a request of the harness has."""
    sent = (event.reload for event in evidence.events if event.direction == "received" and event.reload is not None)
    found: Message | None = next((one for one in sent if str(one.header["transaction_id"]) == transaction), None)
    return listed(found, "options") if found is not None else []


@check(
    "rfc6940/s06_3_2_3/response-copy", "Who answers takes the options with RESPONSE_COPY over into the answer, without their flags.",
    "rfc6940:6.3.2.3/4a", "rfc6940:6.3.2.3/4b", needs="an answer to a request with such an option", role=PEER, protocol="reload", scenarios=OPTIONS,
)  # fmt: skip
def response_copy(evidence: Evidence) -> Iterator[Ruling]:
    """Type, value and flags of the options of the answer."""
    for one in put(evidence, "response-copy"):
        if not one.answers:
            yield fails(one, "an answer", "not answered")
            continue
        event, answer = one.answers[0]
        wanted = [{**option, "flags": 0} for option in rules.objects(asked_options(evidence, one.transaction)) if rules.number(option["flags"]) & 4]  # fmt: skip
        got = listed(answer, "options")
        good = all(option in got for option in wanted)
        yield rule(good, one.event, event, why="not taken over", expected=str(wanted), seen=got, place="options")


@check(
    "rfc6940/s06_3_2/answer-too-long", "An answer that would be longer than max_response_length is replaced by Error_Incompatible_with_Overlay.",
    "rfc6940:6.3.2/12", needs="a long value that is fetched with a small limit, and one that is fetched with room", role=PEER, protocol="reload",
    scenarios=("peer/short-answers",),
)  # fmt: skip
def answer_too_long(evidence: Evidence) -> Iterator[Ruling]:
    """The error where there is no room, the value where there is."""
    for one in put(evidence, "too-short"):
        yield refused(one, INCOMPATIBLE)
    for one in put(evidence, "any-length", "long-enough"):
        yield granted(one)


@check(
    "rfc6940/s06_6/too-long", "A message above max-message-size gets Error_Message_Too_Large, and the session is closed.", "rfc6940:6.6/1",
    level="SHOULD", needs="a message above max-message-size, and one below it", role=PEER, protocol="reload", scenarios=("peer/long-messages",),
)  # fmt: skip
def too_long(evidence: Evidence) -> Iterator[Ruling]:
    """The error, then the end of the link."""
    for one in put(evidence, "too-long"):
        if not serves(evidence, "long"):
            yield unclear(one.event, why="what is short enough is not served either")
            continue
        if one.error != TOO_LARGE:
            yield fails(one, f"error {TOO_LARGE}")
        else:
            shut = closed(evidence, one.event)
            yield rule(
                shut, one.event, one.answers[0][0], why="open", expected="the session closed", seen="an open one"
            )


@check(
    "rfc6940/s06_6/header-too-long", "Where the forwarding header alone is above max-message-size, the session is closed without an error.",
    "rfc6940:6.6/2", level="SHOULD", needs="a header above max-message-size", role=PEER, protocol="reload", scenarios=("peer/long-messages",),
)  # fmt: skip
def header_too_long(evidence: Evidence) -> Iterator[Ruling]:
    """The end of the link, and nothing before it."""
    for one in put(evidence, "header-too-long"):
        if not serves(evidence, "long"):
            yield unclear(one.event, why="what is short enough is not served either")
        elif one.answers:
            yield fails(one, "the session closed", "answered")
        elif closed(evidence, one.event):
            yield right(one.event)
        else:
            yield wrong(one.event, why="open", expected="the session closed", seen="an open one")


@check(
    "rfc6940/s13_6_5/twice-refused", "A Destination List with a node in it twice gets Error_Invalid_Message.", "rfc6940:13.6.5/2", level="SHOULD",
    needs="such a message, and one that is passed on", role=PEER, protocol="reload", scenarios=("peer/twice-in-the-list",),
)  # fmt: skip
def twice_refused(evidence: Evidence) -> Iterator[Ruling]:
    """The error."""
    for one in put(evidence, "twice"):
        yield refused(one, INVALID)


@check(
    "rfc6940/s06_3_3_1/invalid-explained", "Error_Invalid_Message comes with words that say what is wrong.", "rfc6940:6.3.3.1/6", level="SHOULD",
    needs="Error_Invalid_Message of the subject", role=PEER, protocol="reload", scenarios=("peer/twice-in-the-list",),
)  # fmt: skip
def invalid_explained(evidence: Evidence) -> Iterator[Ruling]:
    """Text in UTF-8."""
    for one in put(evidence, "twice"):
        if one.error != INVALID:
            continue
        event, answer = one.answers[0]
        octets = bytes.fromhex(str(body_of(answer).get("error_info") or ""))
        good = bool(octets.decode("utf-8", "ignore").strip())
        yield rule(good, one.event, event, why="no words", expected="some text", seen=octets[:60], place="error_info")


@check(
    "rfc6940/s06_3_1_1/unknown-variant", "A message with a type that nobody defined, where no further ones are allowed, is discarded without an answer.",
    "rfc6940:6.3.1.1/1a", "rfc6940:6.3.1.1/1b", level="SHOULD", needs="such a message, and one with a defined type that is answered", role=PEER,
    protocol="reload", scenarios=("peer/unknown-variants",),
)  # fmt: skip
def unknown_variant(evidence: Evidence) -> Iterator[Ruling]:
    """No answer to it."""
    for one in put(evidence, "unknown"):
        yield vanished(evidence, one, serves(evidence, "known"))


@check(
    "rfc6940/s06_3_3/unknown-extension", "A request with an unknown extension that is critical is refused; otherwise it is no obstacle.",
    "rfc6940:6.3.3/1", "rfc6940:6.3.3/2", needs="requests with unknown extensions, critical and not", role=PEER, protocol="reload",
    scenarios=("peer/unknown-extensions",),
)  # fmt: skip
def unknown_extension(evidence: Evidence) -> Iterator[Ruling]:
    """The error; the receiver may refuse the other one too."""
    critical = list(put(evidence, "critical"))
    for one in critical:
        yield refused(one, UNKNOWN_EXTENSION)
    for one in put(evidence, "here") if critical else ():
        if one.error:
            yield unclear(one.event, why="the receiver may ignore what is not critical, or not")
        else:
            yield granted(one)


@check(
    "rfc6940/s06_3_3/extensions-of-others", "Extensions are a matter of the destination: who passes a message on does not look at them.",
    "rfc6940:6.3.3/0", "rfc6940:6.1.2/0", needs="requests with unknown extensions for another node", role=PEER, protocol="reload",
    scenarios=("peer/unknown-extensions",),
)  # fmt: skip
def extensions_of_others(evidence: Evidence) -> Iterator[Ruling]:
    """The contents of the message on the link of the client, octet for octet."""
    for one in put(evidence, "passed-on"):
        behind = [event for event in evidence.events if event.number > one.event.number and event.direction == "sent"]
        found = [
            event for event in behind
            if event.link is not None and event.link["type"] == "data" and event.destination != one.event.source
            and event.octets[FRAME:][TRANSACTION] == one.octets[TRANSACTION]
        ]  # fmt: skip
        tail = one.octets[-len(one.octets) // 2 :]
        if not found:
            yield fails(one, "the message at the client", "not passed on")
        else:
            same = found[0].octets.endswith(tail)
            yield rule(same, one.event, found[0], why="changed", expected="the same contents", seen="others")


@check(
    "rfc6940/s06_3_4/stray-answers", "Answers that nobody has asked for come to nothing, and nobody is told.", "rfc6940:6.3.4/13",
    needs="answers under unknown transaction IDs, between requests that are served", role=PEER, protocol="reload",
    scenarios=("peer/stray-answers",),
)  # fmt: skip
def stray(evidence: Evidence) -> Iterator[Ruling]:
    """Nothing follows."""
    for one in put(evidence, "stray"):
        yield vanished(evidence, one, serves(evidence))

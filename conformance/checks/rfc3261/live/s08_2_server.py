"""How a server looks at a request before it acts on it (RFC 3261, section 8.2)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc3261.live.stimuli import PLAIN, SERVER, accepted, answered_by, asked, lists, status_of
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, right, rule, unclear, wrong
from conformance.judge.transactions import Transaction, uri_text
from conformance.lab.sip.value import pick, text_at

REFUSED_METHOD = (405, 501)


@check(
    "rfc3261/s08_2_1/method-refused", "A method that a server does not carry out is refused with 405, or 501 where it never heard of it.",
    "rfc3261:8.2.1/2", "rfc3261:21.5/0", needs="a request whose method the subject's Allow does not list", role=SERVER,
    scenarios=("user-agent/unknown-method", "user-agent/methods"),
)  # fmt: skip
def method_refused(evidence: Evidence) -> Iterator[Ruling]:
    """Methods outside Allow and outside the specification."""
    allowed = {name for _, message in evidence.judged for name in lists(message, "allow")}
    for one in asked(evidence):
        if one.initial and one.method not in allowed | PLAIN:
            yield answered_by(evidence, one, *REFUSED_METHOD, why="a method that is not carried out")


@check(
    "rfc3261/s08_2_1/allow-true", "Allow lists the methods that the server carries out: what it lists is not refused as a method, what it accepts is listed.",
    "rfc3261:8.2.1/4", needs="an Allow of the subject and requests of several methods", role=SERVER,
    scenarios=("user-agent/unknown-method", "user-agent/methods", "user-agent/refer-outside", "user-agent/update", "user-agent/stray-prack"),
)  # fmt: skip
def allow_true(evidence: Evidence) -> Iterator[Ruling]:
    """Each method that was tried, against each Allow."""
    told = [(event, lists(message, "allow")) for event, message in evidence.judged if message.has("allow")]
    if not told:
        return
    event, allowed = told[0]
    for one in asked(evidence):
        if one.final is None or one.method == "ACK":
            continue
        status = status_of(one)
        if one.method in allowed:
            why = "a method that Allow lists is refused as a method"
            good, expected = status not in REFUSED_METHOD, "not 405 and not 501"
        elif accepted(one):
            why, good, expected = "a method is carried out that Allow does not list", False, "the method in Allow"
        else:
            continue
        yield rule(good, event, one.final[0], why=why, expected=expected, seen=f"{one.method}: {one.final[1].title}")


@check(
    "rfc3261/s08_2_2/unknown-header", "A header that a server does not understand changes nothing.", "rfc3261:8.2.2/1", "rfc3261:7.3/0",
    needs="a request with an unknown header", role=SERVER, scenarios=("user-agent/unknown-header",),
)  # fmt: skip
def unknown_header(evidence: Evidence) -> Iterator[Ruling]:
    """The status with the header against the status without."""
    plain = {one.method: status_of(one) for one in asked(evidence) if not one.request.has("x-nobody-knows")}
    for one in asked(evidence):
        if one.request.has("x-nobody-knows") and one.method in plain:
            why = "another answer because of an unknown header"
            yield answered_by(evidence, one, plain[one.method], why=why)


@check(
    "rfc3261/s08_2_2_1/any-to", "A server that is asked at its own address accepts the request whoever To names.", "rfc3261:8.2.2.1/2",
    needs="a request to the subject's address with a foreign To", level="SHOULD", role=SERVER, scenarios=("user-agent/foreign-to",),
)  # fmt: skip
def any_to(evidence: Evidence) -> Iterator[Ruling]:
    """OPTIONS with the To of somebody else."""
    for one in asked(evidence, "OPTIONS"):
        if _foreign(one.request.request_uri, uri_text(pick(one.request.first("to"), "uri"))):
            yield answered_by(evidence, one, 200, why="refused because of To")


@check(
    "rfc3261/s08_2_2_1/to-403", "A refusal because of To is a 403.", "rfc3261:8.2.2.1/3",
    needs="a request with a foreign To that is refused", level="SHOULD", role=SERVER, scenarios=("user-agent/foreign-to",),
)  # fmt: skip
def to_403(evidence: Evidence) -> Iterator[Ruling]:
    """The status where it is not accepted."""
    for one in asked(evidence, "OPTIONS"):
        foreign = _foreign(one.request.request_uri, uri_text(pick(one.request.first("to"), "uri")))
        if foreign and one.final is not None:
            yield answered_by(evidence, one, 200, 403, why="To refused by another status")


def _foreign(request_uri: str, to: str) -> bool:
    return to.partition("@")[2].partition(";")[0] not in request_uri


@check(
    "rfc3261/s08_2_2_1/scheme-416", "A Request-URI of a scheme that the server cannot handle gets 416.", "rfc3261:8.2.2.1/4",
    needs="a request for a URI of an unknown scheme", level="SHOULD", role=SERVER, scenarios=("user-agent/unknown-scheme",),
)  # fmt: skip
def scheme_416(evidence: Evidence) -> Iterator[Ruling]:
    """Every scheme but sip, sips and tel."""
    for one in asked(evidence):
        if one.request.request_uri.partition(":")[0].lower() not in ("sip", "sips", "tel"):
            yield answered_by(evidence, one, 416, why="a scheme that nobody knows")


@check(
    "rfc3261/s08_2_2_1/user-404", "A request for a user that the server does not know gets 404.", "rfc3261:8.2.2.1/5",
    needs="a request for an unknown user", level="SHOULD", role=SERVER, scenarios=("user-agent/unknown-user",),
)  # fmt: skip
def user_404(evidence: Evidence) -> Iterator[Ruling]:
    """The user that no scenario but this one asks for."""
    for one in asked(evidence):
        if one.request.request_uri.startswith("sip:nobody-here@") and one.method != "ACK":
            yield answered_by(evidence, one, 404, why="a user that is not there")


@check(
    "rfc3261/s08_2_2_2/merged-482", "A request that comes a second time by another way while the first is going on gets 482.",
    "rfc3261:8.2.2.2/1", "rfc3261:8.2.2.2/2", needs="two INVITEs alike but for their branch", level="SHOULD", role=SERVER,
    scenarios=("user-agent/merged",),
)  # fmt: skip
def merged_482(evidence: Evidence) -> Iterator[Ruling]:
    """Same Call-ID, From tag and CSeq, other branch, while the first had no final response."""
    known: dict[object, Transaction] = {}
    for one in asked(evidence, "INVITE"):
        key = (one.request.call_id, one.request.from_tag, one.request.cseq)
        first = known.setdefault(key, one)
        going = first.final is None or first.final[0].number > one.event.number
        if first is not one and one.initial and going:
            yield answered_by(evidence, one, 482, why="the same request by another way")


@check(
    "rfc3261/s08_2_2_3/cancel-require", "Require in a CANCEL is passed over.", "rfc3261:8.2.2.3/4",
    needs="a CANCEL with Require for an INVITE that is going on", role=SERVER, scenarios=("user-agent/cancel-with-require",),
)  # fmt: skip
def cancel_require(evidence: Evidence) -> Iterator[Ruling]:
    """The status of the CANCEL: anything but 420."""
    for one in asked(evidence, "CANCEL"):
        if one.request.has("require") and one.final is not None:
            event, message = one.final
            why = "refused because of Require"
            yield rule(message.status != 420, one.event, event, why=why, expected="200 or 481", seen=message.title)


@check(
    "rfc3261/s08_2_3/type-415", "A body of an unknown type that is not optional brings a 415.", "rfc3261:8.2.3/1", "rfc3261:20.11/2",
    needs="an INVITE whose only body is of an unknown type", role=SERVER, scenarios=("user-agent/unknown-body",),
)  # fmt: skip
def type_415(evidence: Evidence) -> Iterator[Ruling]:
    """INVITEs with a type of no meaning and no handling=optional."""
    for one in asked(evidence, "INVITE"):
        kind = one.request.first("content-type")
        name = f"{text_at(kind, 'type')}/{text_at(kind, 'subtype')}"
        optional = "handling=optional" in "".join(one.request.lines("content-disposition"))
        if one.request.body and name == "application/x-nobody-knows" and not optional:
            yield answered_by(evidence, one, 415, why="a body that nobody understands")


@check(
    "rfc3261/s08_2_3/encoding-415", "A body in an unknown coding brings a 415 with Accept-Encoding.", "rfc3261:8.2.3/1", "rfc3261:8.2.3/3",
    needs="an INVITE with an unknown Content-Encoding", role=SERVER, scenarios=("user-agent/unknown-coding",),
)  # fmt: skip
def encoding_415(evidence: Evidence) -> Iterator[Ruling]:
    """The status, then the header."""
    for one in asked(evidence, "INVITE"):
        if one.request.lines("content-encoding") == ["x-nobody-knows"]:
            yield answered_by(evidence, one, 415, why="a coding that nobody understands")
            if status_of(one) == 415 and one.final is not None:
                event, message = one.final
                seen = "no Accept-Encoding"
                yield rule(
                    message.has("accept-encoding"), one.event, event, why=seen, expected="Accept-Encoding", seen=seen
                )


@check(
    "rfc3261/s20_12/coding-undone", "A body with a content coding is read without that coding, or refused with 415.", "rfc3261:20.12/1",
    needs="an INVITE whose offer is compressed", role=SERVER, scenarios=("user-agent/coded-offer",),
)  # fmt: skip
def coding_undone(evidence: Evidence) -> Iterator[Ruling]:
    """415, or as many streams in the answer as were offered; judged where the same offer is taken in the clear."""
    plain = next((one for one in evidence.asked("plain") if accepted(one)), None)
    offered = plain.request.body.count(b"m=") if plain is not None else 0
    for one in evidence.asked("coded"):
        if plain is None or plain.final is None or plain.final[1].body.count(b"m=") != offered:
            yield unclear(one.event, why="the offer is not answered in the clear either")
            continue
        if one.final is None:
            yield answered_by(evidence, one, 415, why="a compressed offer")
            continue
        event, message = one.final
        alike = accepted(one) and message.body.count(b"m=") == offered
        good = message.status == 415 or alike
        yield rule(
            good, one.event, event, why="a compressed offer", expected="415, or an answer to it", seen=message.title
        )


@check(
    "rfc3261/s20_11/optional-body", "A body that may be ignored brings no refusal, whatever its type.", "rfc3261:20.11/0",
    needs="a request with a body of an unknown type and handling=optional", role=SERVER, scenarios=("user-agent/optional-body",),
)  # fmt: skip
def optional_body(evidence: Evidence) -> Iterator[Ruling]:
    """The status is not 415."""
    for one in asked(evidence):
        if "handling=optional" in "".join(one.request.lines("content-disposition")) and one.final is not None:
            event, message = one.final
            why = "refused because of a body that may be ignored"
            yield rule(message.status != 415, one.event, event, why=why, expected="not 415", seen=message.title)


@check(
    "rfc3261/s08_2_4/no-421", "A client that supports nothing beyond plain SIP is not refused for it.", "rfc3261:8.2.4/2",
    "rfc3261:8.2.4/5", "rfc3261:21.4/14", needs="an INVITE or OPTIONS without Supported", level="SHOULD", role=SERVER,
    scenarios=("user-agent/call", "user-agent/options", "user-agent/late-offer"),
)  # fmt: skip
def no_421(evidence: Evidence) -> Iterator[Ruling]:
    """No 421 to it."""
    for one in asked(evidence, "INVITE", "OPTIONS"):
        if not lists(one.request, "supported") and one.final is not None:
            event, message = one.final
            if message.status == 421:
                yield wrong(one.event, event, why="an extension forced", expected="plain service", seen=message.title)
            else:
                yield right(one.event, event)

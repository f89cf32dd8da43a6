"""What every request carries (RFC 3261, section 8.1.1)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, right, rule, wrong
from conformance.judge.seen import Seen
from conformance.judge.transactions import COOKIE
from conformance.lab.sip.header.table import HEADERS
from conformance.lab.sip.value import number_at, pick, text_at

CLIENT = "user-agent-client"
MAKING_DIALOGS = ("INVITE", "SUBSCRIBE", "REFER", "NOTIFY")


@check("rfc3261/s08_1_1/mandatory-headers", "A request has To, From, CSeq, Call-ID, Max-Forwards and Via.",
       "rfc3261:8.1.1/1", "rfc3261:8.1.1.6/1a", "rfc3261:8.1.1.7/1", "rfc3261:10.2/4",
       needs="a request", role=CLIENT)  # fmt: skip
def mandatory_headers(evidence: Evidence) -> Iterator[Ruling]:
    """Presence of the six."""
    for event, message in evidence.requests():
        missing = [name for name in ("to", "from", "cseq", "call-id", "max-forwards", "via") if not message.has(name)]
        names = ", ".join(HEADERS[name].name for name in missing)
        yield rule(
            not missing,
            event,
            why=f"{message.method} lacks {names}",
            expected="all six",
            seen=f"no {names}",
            place=names,
        )


@check("rfc3261/s08_1_1_2/no-to-tag", "A REGISTER, which never belongs to a dialog, has no tag in To.", "rfc3261:8.1.1.2/4",
       needs="a REGISTER", role=CLIENT)  # fmt: skip
def no_to_tag(evidence: Evidence) -> Iterator[Ruling]:
    """To of every REGISTER."""
    for event, message in evidence.requests("REGISTER"):
        tag = message.to_tag
        yield rule(tag is None, event, why="a To tag outside of dialogs", expected="no tag", seen=tag, place="To")


@check("rfc3261/s08_1_1_3/from-tag", "From carries a tag.", "rfc3261:8.1.1.3/2", needs="a request", role=CLIENT)
def from_tag(evidence: Evidence) -> Iterator[Ruling]:
    """From of every request."""
    for event, message in evidence.requests():
        yield rule(
            bool(message.from_tag), event, why="no tag", expected="a tag", seen=message.lines("from"), place="From"
        )


@check("rfc3261/s08_1_1_5/cseq-range", "A sequence number is below 2^31.", "rfc3261:8.1.1.5/2a", "rfc3261:8.1.1.5/2b",
       "rfc3261:12.2.1.1/9",
       needs="a request", role=CLIENT)  # fmt: skip
def cseq_range(evidence: Evidence) -> Iterator[Ruling]:
    """CSeq of every request."""
    for event, message in evidence.requests():
        number = number_at(message.first("cseq"), "number")
        seen = message.lines("cseq")
        yield rule(
            number is not None and number < 2**31,
            event,
            why="out of range",
            expected="below 2^31",
            seen=seen,
            place="CSeq",
        )


@check("rfc3261/s08_1_1_6/max-forwards-70", "The originator of a request sets Max-Forwards to 70.", "rfc3261:8.1.1.6/1b",
       needs="a request on its first hop", level="SHOULD", role=CLIENT)  # fmt: skip
def max_forwards(evidence: Evidence) -> Iterator[Ruling]:
    """Requests with one Via."""
    for event, message in evidence.requests():
        if len(message.values("via")) == 1 and message.has("max-forwards"):
            number = message.first("max-forwards")
            yield rule(number == 70, event, why="another value", expected="70", seen=number, place="Max-Forwards")


@check(
    "rfc3261/s08_1_1_7/via-protocol",
    "Via names the protocol SIP/2.0.",
    "rfc3261:8.1.1.7/2",
    needs="a request",
    role=CLIENT,
)
def via_protocol(evidence: Evidence) -> Iterator[Ruling]:
    """The topmost Via of every request."""
    for event, message in evidence.requests():
        protocol = text_at(message.first("via"), "protocol")
        good = protocol is not None and protocol.upper() == "SIP/2.0"
        yield rule(good, event, why="another protocol", expected="SIP/2.0", seen=protocol, place="Via")


@check(
    "rfc3261/s08_1_1_7/branch-present",
    "The topmost Via has a branch.",
    "rfc3261:8.1.1.7/3",
    needs="a request",
    role=CLIENT,
)
def branch_present(evidence: Evidence) -> Iterator[Ruling]:
    """The topmost Via of every request."""
    for event, message in evidence.requests():
        yield rule(
            bool(message.branch),
            event,
            why="no branch",
            expected="a branch",
            seen=message.lines("via")[:1],
            place="Via",
        )


@check("rfc3261/s08_1_1_7/branch-cookie", "A branch begins with z9hG4bK.", "rfc3261:8.1.1.7/5", "rfc3261:20.42/1",
       needs="a request with a branch", role=CLIENT)  # fmt: skip
def branch_cookie(evidence: Evidence) -> Iterator[Ruling]:
    """The topmost Via of every request."""
    for event, message in evidence.requests():
        if message.branch:
            good = message.branch.startswith(COOKIE) and len(message.branch) > len(COOKIE)
            expected = f"{COOKIE} and more"
            yield rule(
                good, event, why="not a branch of this version", expected=expected, seen=message.branch, place="Via"
            )


@check("rfc3261/s08_1_1_7/branch-unique", "Two different requests never share a branch.", "rfc3261:8.1.1.7/4",
       "rfc3261:8.1.3.4/12", "rfc3261:16.6/53", "rfc3261:16.6/56",
       needs="two requests of one sender", role=CLIENT)  # fmt: skip
def branch_unique(evidence: Evidence) -> Iterator[Ruling]:
    """Branches by sender; CANCEL and the ACK of a refused INVITE are excepted by the specification."""
    known: dict[tuple[str, str], tuple[Seen, tuple[object, ...]]] = {}
    for event, message in evidence.requests():
        if message.method in ("ACK", "CANCEL") or not message.branch:
            continue
        identity = (message.method, message.call_id, message.cseq, message.from_tag)
        first, other = known.setdefault((event.source, message.branch), (event, identity))
        if other != identity:
            seen = f"{message.branch} again, before in event {first.number}"
            yield wrong(first, event, why="a branch used twice", expected="a new branch", seen=seen, place="Via")
        else:
            yield right(event)


@check("rfc3261/s08_1_1_8/contact", "A request that can make a dialog has exactly one Contact with a SIP or SIPS URI.",
       "rfc3261:8.1.1.8/1", "rfc3261:12.1.2/1", needs="an INVITE, SUBSCRIBE, REFER or NOTIFY", role=CLIENT)  # fmt: skip
def contact(evidence: Evidence) -> Iterator[Ruling]:
    """Contact of such requests."""
    for event, message in evidence.requests(*MAKING_DIALOGS):
        contacts = message.values("contact")
        schemes = [text_at(one, "uri", "scheme") for one in contacts]
        good = len(contacts) == 1 and schemes[0] in ("sip", "sips")
        expected = "one SIP or SIPS URI"
        yield rule(
            good,
            event,
            why=f"Contact of {message.method}",
            expected=expected,
            seen=message.lines("contact"),
            place="Contact",
        )


@check("rfc3261/s08_1_1_8/sips-contact", "A request to a SIPS URI has a SIPS URI in Contact.", "rfc3261:8.1.1.8/3", "rfc3261:12.2.1.1/18",
       "rfc3261:12.1.2/2", needs="a dialog-making request to a SIPS URI", role=CLIENT)  # fmt: skip
def sips_contact(evidence: Evidence) -> Iterator[Ruling]:
    """Requests whose Request-URI or first Route is a SIPS URI."""
    for event, message in evidence.requests(*MAKING_DIALOGS):
        secure = message.request_uri.lower().startswith("sips:")
        secure = secure or text_at(message.first("route"), "uri", "scheme") == "sips"
        if secure and message.has("contact"):
            scheme = text_at(message.first("contact"), "uri", "scheme")
            yield rule(
                scheme == "sips", event, why="an insecure Contact", expected="sips", seen=scheme, place="Contact"
            )


@check("rfc3261/s20_22/max-forwards-range", "Max-Forwards is a number from 0 to 255.", "rfc3261:20.22/0",
       needs="a request with Max-Forwards", role=CLIENT)  # fmt: skip
def max_forwards_range(evidence: Evidence) -> Iterator[Ruling]:
    """Max-Forwards of every request."""
    for event, message in evidence.requests():
        if message.has("max-forwards"):
            good = pick(message.first("max-forwards")) is not None
            seen = message.lines("max-forwards")
            yield rule(good, event, why="out of range", expected="0 to 255", seen=seen, place="Max-Forwards")

"""What single status codes carry (RFC 3261, sections 8.2, 10.3 and 21)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc3261.fields.s20_options import OPTIONS
from conformance.checks.rfc3261.proxy.s16_6_forwarding import forwarded
from conformance.checks.rfc3261.s08_2_6_response import answers
from conformance.judge.dialogs import request_uri_text
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, rule
from conformance.judge.transactions import uri_text
from conformance.lab.sip.value import pick

SERVER = "user-agent-server"


def _carries(evidence: Evidence, status: int, *names: str) -> Iterator[Ruling]:
    for event, message in evidence.responses(status):
        good = any(message.has(name) for name in names)
        expected = " or ".join(names)
        yield rule(
            good, event, why=f"{message.title} without {expected}", expected=expected, seen="none", place=expected
        )


@check(
    "rfc3261/s21_4_6/allow",
    "A 405 lists the allowed methods.",
    "rfc3261:21.4/4",
    "rfc3261:8.2.1/3",
    needs="a 405",
    role=SERVER,
)
def allow(evidence: Evidence) -> Iterator[Ruling]:
    """Allow of 405."""
    return _carries(evidence, 405, "allow")


@check(
    "rfc3261/s21_4_13/accept",
    "A 415 tells what is accepted.",
    "rfc3261:21.4/10",
    "rfc3261:8.2.3/2",
    needs="a 415",
    role=SERVER,
)
def accept(evidence: Evidence) -> Iterator[Ruling]:
    """Accept, Accept-Encoding or Accept-Language of 415."""
    return _carries(evidence, 415, "accept", "accept-encoding", "accept-language")


@check("rfc3261/s21_4_15/unsupported", "A 420 lists options of the request's Require that are not understood.", "rfc3261:21.4/11",
       "rfc3261:8.2.2.3/2", "rfc3261:16.3/16",
       needs="a 420", role=SERVER)  # fmt: skip
def unsupported(evidence: Evidence) -> Iterator[Ruling]:
    """Unsupported of 420 against Require and Proxy-Require of the request."""
    for transaction, event, message in answers(evidence):
        if message.status == 420:
            asked = [*transaction.request.values("require"), *transaction.request.values("proxy-require")]
            listed = message.values("unsupported")
            good = bool(listed) and all(option in asked for option in listed)
            seen = message.lines("unsupported")
            yield rule(
                good,
                transaction.event,
                event,
                why="Unsupported",
                expected=f"some of {asked}",
                seen=seen,
                place="Unsupported",
            )


@check(
    "rfc3261/s21_4_16/require",
    "A 421 names the extension in Require.",
    "rfc3261:21.4/12",
    "rfc3261:8.2.4/4",
    needs="a 421",
    role=SERVER,
)
def require(evidence: Evidence) -> Iterator[Ruling]:
    """Require of 421."""
    return _carries(evidence, 421, "require")


@check("rfc3261/s21_4_17/min-expires", "A 423 tells the shortest time.", "rfc3261:10.3/26", "rfc6665:4.2.1.1/6", needs="a 423",
       role="registrar")  # fmt: skip
def min_expires(evidence: Evidence) -> Iterator[Ruling]:
    """Min-Expires of 423."""
    return _carries(evidence, 423, "min-expires")


@check("rfc3261/s22_2/challenge-401", "A 401 has WWW-Authenticate.", "rfc3261:22.2/2", needs="a 401", role=SERVER)
def challenge_401(evidence: Evidence) -> Iterator[Ruling]:
    """WWW-Authenticate of 401."""
    return _carries(evidence, 401, "www-authenticate")


@check("rfc3261/s22_3/challenge-407", "A 407 has Proxy-Authenticate.", "rfc3261:22.3/2", needs="a 407", role="proxy")
def challenge_407(evidence: Evidence) -> Iterator[Ruling]:
    """Proxy-Authenticate of 407."""
    return _carries(evidence, 407, "proxy-authenticate")


EARLIER = (400, 401, 403, 404, 405, 407, 408, 410, 416, 423, 480, 481, 482, 483, 484, 485, 494, 501, 505, 513)
"""What an element before the server, or a step before the one about Require, may answer (section 8.2)."""


@check("rfc3261/s08_2_2_3/unknown-required", "A request that requires an option the server does not support gets 420.",
       "rfc3261:8.2.2.3/1", "rfc3261:20.32/1", "rfc3261:20.32/2",
       needs="a final response to a request that requires an option whose name no registry has", role=SERVER)  # fmt: skip
def unknown_required(evidence: Evidence) -> Iterator[Ruling]:
    """Options that no specification defines and the server nowhere claims; redirect servers overlook Require (8.3)."""
    claimed: dict[str, set[str]] = {}
    for event, message in evidence.sip:
        claimed.setdefault(event.source, set()).update(str(one).lower() for one in message.values("supported"))
    for transaction in evidence.transactions:
        if transaction.final is None or transaction.method in ("ACK", "CANCEL"):
            continue
        event, message = transaction.final
        required = {str(one).lower() for one in transaction.request.values("require")}
        invented = sorted(required - set(OPTIONS) - claimed.get(event.source, set()))
        status = message.status or 0
        if (
            not invented
            or event.direction == "received"
            or status in EARLIER
            or 300 <= status < 400
            or 500 <= status < 600
        ):
            continue
        seen, expected = message.title, "420 Bad Extension"
        yield rule(status == 420, transaction.event, event, why=f"{invented} overlooked", expected=expected, seen=seen)


@check("rfc3261/s08_3/redirects-elsewhere", "A redirection does not name the address that was asked for.", "rfc3261:8.3/2a",
       needs="a 3xx with Contact", role="redirect-server")  # fmt: skip
def redirects_elsewhere(evidence: Evidence) -> Iterator[Ruling]:
    """Contacts of redirections against the Request-URI."""
    for transaction, event, message in answers(evidence):
        if 300 <= (message.status or 0) < 400 and message.values("contact"):
            asked = request_uri_text(transaction.request)
            named = [uri_text(pick(one, "uri")) for one in message.values("contact")]
            good, place = asked not in named, "Contact"
            yield rule(
                good, transaction.event, event, why="the same address", expected="another", seen=asked, place=place
            )


ONLY_HTTP = (101, 201, 203, 205, 206, 303, 304, 307, 409, 411)
"""Status codes of HTTP/1.1 that no specification of SIP defines."""


@check("rfc3261/s21/no-http-codes", "Status codes of HTTP that SIP does not define are not used.", "rfc3261:21/1", needs="a response",
       level="SHOULD", role=SERVER)  # fmt: skip
def no_http_codes(evidence: Evidence) -> Iterator[Ruling]:
    """The status of every response; codes that later specifications gave a meaning are none of them."""
    for event, message in evidence.responses():
        good = message.status not in ONLY_HTTP
        yield rule(good, event, why="a code of HTTP", expected="a code of SIP", seen=message.title, place="status line")


@check("rfc3261/s21_3_4/use-proxy", "Only user agent servers answer 305.", "rfc3261:21.3/12",
       needs="a 305 to a request that a proxy was seen to forward", role="proxy")  # fmt: skip
def use_proxy(evidence: Evidence) -> Iterator[Ruling]:
    """A 305 before a proxy against what came from behind it."""
    for before, after in forwarded(evidence):
        for event, message in before.responses:
            if message.status == 305 and event.direction != "received":
                inner = [one for one, other in after.responses if other.status == 305 and one.number < event.number]
                why, expected = "made by the proxy", "a 305 from behind it"
                yield rule(bool(inner), before.event, event, why=why, expected=expected, seen="none")

"""What single status codes carry (RFC 3261, sections 8.2, 10.3 and 21)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc3261.s08_2_6_response import answers
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, rule

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
       "rfc3261:8.2.2.3/2", needs="a 420", role=SERVER)  # fmt: skip
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


@check("rfc3261/s08_2_2_3/unknown-required", "A request that requires an option the server does not support gets 420.",
       "rfc3261:8.2.2.3/1", needs="a final response to a request that requires an option whose name no registry has", role=SERVER)  # fmt: skip
def unknown_required(evidence: Evidence) -> Iterator[Ruling]:
    """Options that begin with ``unknown`` or ``nothing``, which nobody can support; other refusals may come first."""
    for transaction in evidence.transactions:
        required = [str(one).lower() for one in transaction.request.values("require")]
        invented = [one for one in required if one.startswith(("unknown", "nothing", "x-", "bogus", "foobar"))]
        if not invented or transaction.final is None or transaction.method in ("ACK", "CANCEL"):
            continue
        event, message = transaction.final
        if event.direction != "received":
            good = not 200 <= (message.status or 0) < 300
            yield rule(good, transaction.event, event, why=f"{invented} accepted", expected="420", seen=message.title)

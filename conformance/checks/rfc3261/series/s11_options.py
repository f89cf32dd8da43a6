"""Asking for capabilities (RFC 3261, section 11)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc3261.s08_2_6_response import answers
from conformance.checks.rfc3264.descriptions import sdp_bodies
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, rule
from conformance.lab.sip import Message
from conformance.lab.sip.value import text_at

CLIENT, SERVER = "user-agent-client", "user-agent-server"


@check(
    "rfc3261/s11_1/accept", "An OPTIONS has Accept.", "rfc3261:11.1/2", needs="an OPTIONS", level="SHOULD", role=CLIENT
)
def accept(evidence: Evidence) -> Iterator[Ruling]:
    """Accept of every OPTIONS."""
    for event, message in evidence.requests("OPTIONS"):
        yield rule(message.has("accept"), event, why="no Accept", expected="Accept", seen="none", place="Accept")


@check("rfc3261/s11_2/describes-media", "A 200 to an OPTIONS that accepts session descriptions has one.", "rfc3261:11.2/7",
       needs="a 200 to an OPTIONS that accepts application/sdp, by name or by default", level="SHOULD", role=SERVER)  # fmt: skip
def describes_media(evidence: Evidence) -> Iterator[Ruling]:
    """Bodies of such responses; a proxy that answers for itself has no media."""
    for transaction, event, message in answers(evidence):
        asked = transaction.method == "OPTIONS" and message.status == 200
        if asked and _accepts_sdp(transaction.request) and text_at(transaction.request.first("to"), "uri", "user"):
            good = bool(sdp_bodies(message))
            yield rule(
                good,
                transaction.event,
                event,
                why="no description",
                expected="application/sdp",
                seen="none",
                place="body",
            )


def _accepts_sdp(request: Message) -> bool:
    accepted = {(text_at(one, "type"), text_at(one, "subtype")) for one in request.values("accept")}
    return not request.has("accept") or ("application", "sdp") in accepted

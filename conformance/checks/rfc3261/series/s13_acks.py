"""ACKs of accepted INVITEs (RFC 3261, sections 13.2.2.4 and 8.2.2.3)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc3261.s13_session import accepted
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, rule

CLIENT = "user-agent-client"


@check("rfc3261/s13_2_2_4/ack-number", "An ACK has the sequence number of an INVITE of its sender.", "rfc3261:13.2.2/6a",
       "rfc3261:17.1.1.3/5a", needs="an ACK in a call whose INVITE was seen", role=CLIENT)  # fmt: skip
def ack_number(evidence: Evidence) -> Iterator[Ruling]:
    """Numbers of ACKs against those of the INVITEs with the same Call-ID and From tag; older ones may not have been seen."""
    for event, ack in evidence.requests("ACK"):
        known = [
            one.request.cseq[0]
            for one in evidence.calls.get(ack.call_id, [])
            if one.method == "INVITE" and one.request.from_tag == ack.from_tag and one.request.cseq
        ]
        if known and ack.cseq is not None and ack.cseq[0] >= min(known):
            expected = " or ".join(str(one) for one in dict.fromkeys(known))
            good = ack.cseq[0] in known
            yield rule(good, event, why="no INVITE has this number", expected=expected, seen=ack.cseq[0], place="CSeq")


@check("rfc3261/s08_2_2_3/ack-requires", "The ACK of a 2xx requires nothing that its INVITE did not.", "rfc3261:8.2.2.3/5",
       needs="an ACK of a 2xx", role=CLIENT)  # fmt: skip
def ack_requires(evidence: Evidence) -> Iterator[Ruling]:
    """Require and Proxy-Require of both."""
    for transaction, _, own in accepted(evidence):
        for event, ack in own:
            if event.direction == "received":
                continue
            for name in ("require", "proxy-require"):
                wanted, got = transaction.request.values(name), ack.values(name)
                good = all(one in wanted for one in got)
                expected = f"nothing but {wanted}"
                yield rule(
                    good, transaction.event, event, why="more required", expected=expected, seen=got, place=name.title()
                )

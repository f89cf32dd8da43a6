"""That a caller who acknowledges reliable responses has said so before (RFC 3262, section 4)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc3262.s03_reliable import reliable
from conformance.checks.rfc3262.s04_order import pracks
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, rule
from conformance.lab.sip.value import number_at


@check("rfc3262/s04/support-told", "An INVITE whose caller acknowledges reliable responses says 100rel in Supported or Require.", "rfc3262:4/2",
       "rfc3262:4/3", needs="a PRACK for a response to an INVITE", role="user-agent-client")  # fmt: skip
def support_told(evidence: Evidence) -> Iterator[Ruling]:
    """Supported and Require of each such INVITE, once."""
    seen: set[int] = set()
    for one, _, message in reliable(evidence):
        number = number_at(message.first("rseq"))
        if one.event.number in seen or number is None or not pracks(evidence, one, number):
            continue
        if one.judged:
            seen.add(one.event.number)
            told = [str(each) for name in ("supported", "require") for each in one.request.values(name)]
            yield rule(
                "100rel" in told,
                one.event,
                why="the extension is not told",
                expected="100rel",
                seen=told,
                place="Supported",
            )

"""The sequence number of a configuration document (RFC 6940, section 6.3.2.1)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from conformance.checks.rfc6940.live.enrolment.exchanges import exchanges
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, rule

CONFIGURATION = re.compile(rb"<(?:[\w.-]+:)?configuration(?=[\s>])[^>]*>")
SEQUENCE = re.compile(rb"""\ssequence\s*=\s*["']\s*(\d+)\s*["']""")
LAST = 65534
"""The highest number that a document can have."""


@check(
    "rfc6940/s06_3_2_1/document-numbered", "Each configuration in a document has a sequence number, which is not 65535.", "rfc6940:6.3.2.1/2a",
    needs="a configuration document that the subject serves", role="enrollment-server", protocol="http",
    scenarios=("enrollment-server/document",),
)  # fmt: skip
def document_numbered(evidence: Evidence) -> Iterator[Ruling]:
    """The attribute of each configuration element."""
    for one in exchanges(evidence, "document"):
        if one.answer is None or one.answer.status != 200:
            continue
        for element in CONFIGURATION.findall(one.answer.body):
            found = SEQUENCE.search(element)
            good = found is not None and int(found[1]) <= LAST
            seen = found[0].decode("ascii").strip() if found else "none"
            yield rule(good, *one.events, why="the sequence number", expected=f"0 to {LAST}", seen=seen)

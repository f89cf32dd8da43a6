"""Signatures and certificates that do not hold (RFC 6940, sections 6.3.4, 7.1 and 7.4.1.1)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from conformance.checks.rfc6940.live.storage.outcomes import FORBIDDEN, ROLE, granted, refused, unspoilt
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check

storing = partial(check, role=ROLE, protocol="reload")


@storing("rfc6940/s07_4_1_1/value-signature", "A value whose own signature does not hold brings Error_Forbidden, and is not stored.",
         "rfc6940:7.4.1.1/8", needs="a Store with a forged value", scenarios=("storing-peer/forged-values",))  # fmt: skip
def value_signature(evidence: Evidence) -> Iterator[Ruling]:
    """Each way to forge one; a right value is taken before and after them."""
    yield from granted(evidence, "good")
    yield from refused(evidence, "bad:", codes=(FORBIDDEN,), why="a forged value")
    yield from unspoilt(evidence, "fetch")


@storing("rfc6940/s07_4_1_1/nobody-signed", "A value that nobody has signed brings Error_Forbidden, whether it exists or not.",
         "rfc6940:7.4.1.1/16", needs="a Store with an unsigned value", scenarios=("storing-peer/unsigned-values",))  # fmt: skip
def nobody_signed(evidence: Evidence) -> Iterator[Ruling]:
    """A value, and its removal."""
    yield from granted(evidence, "good")
    yield from refused(evidence, "bad", codes=(FORBIDDEN,), why="a value of nobody")
    yield from unspoilt(evidence, "fetch")


@storing("rfc6940/s07_1/certificate", "A value is taken only where its certificate holds now, for this overlay.",
         "rfc6940:7.4.1.1/8", "rfc6940:7.1/0", needs="Stores with values under certificates that do not hold",
         scenarios=("storing-peer/wrong-certificates",))  # fmt: skip
def certificate(evidence: Evidence) -> Iterator[Ruling]:
    """Expired, not valid yet, foreign, of another overlay, self-signed; another right certificate of the user is taken."""
    yield from granted(evidence, "good")
    yield from refused(evidence, "bad:", codes=(FORBIDDEN,), why="a value under a certificate that does not hold")
    yield from unspoilt(evidence, "fetch")


@storing("rfc6940/s07_4_1_1/request-signature", "A Store whose own signature or certificate does not hold changes nothing.",
         "rfc6940:7.4.1.1/10", "rfc6940:6.3.4/0", needs="a forged StoreReq", scenarios=("storing-peer/forged-requests",))  # fmt: skip
def request_signature(evidence: Evidence) -> Iterator[Ruling]:
    """An error, or no answer; the value is not there afterwards."""
    yield from granted(evidence, "good")
    yield from refused(evidence, "bad:", why="a forged request", silence=True)
    yield from unspoilt(evidence, "fetch")

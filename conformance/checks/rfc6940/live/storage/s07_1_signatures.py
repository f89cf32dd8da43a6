"""Signatures and certificates that do not hold (RFC 6940, sections 6.3.4, 7.1 and 7.4.1.1)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import partial

from conformance.checks.rfc6940.exchanges import body_of, code_of, destinations, judged
from conformance.checks.rfc6940.live.storage.outcomes import FETCH, FORBIDDEN, ROLE, STORE, granted, refused, unspoilt
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, rule
from conformance.lab import rules
from conformance.lab.reload import Message

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


def _missing(message: Message, name: str) -> Iterator[str]:
    """The digests of certificates that values of a message are signed with and that it does not bring."""
    bucket = [
        bytes.fromhex(str(rules.member(one, "certificate"))) for one in destinations(message.security["certificates"])
    ]
    for kind in destinations(body_of(message).get(name)):
        for value in destinations(rules.member(kind, "values")):
            identity = rules.member(rules.member(value, "signature"), "identity")
            if rules.member(identity, "identity_type") != "cert_hash":
                continue
            named = rules.member(identity, "identity")
            algorithm, wanted = str(rules.member(named, "hash_alg")), str(rules.member(named, "certificate_hash"))
            if algorithm in hashlib.algorithms_available and wanted not in (
                hashlib.new(algorithm, one).hexdigest() for one in bucket
            ):
                yield wanted


@storing("rfc6940/s06_3_4/values-certificates", "Fetched values and copies come with the certificates that their signatures name.",
         "rfc6940:6.3.4/1", "rfc6940:6.3.4/3", needs="values of other nodes", level="SHOULD",
         scenarios=("storing-peer/dictionary", "storing-peer/replicas"))  # fmt: skip
def values_certificates(evidence: Evidence) -> Iterator[Ruling]:
    """Of two nodes of one user, and of whoever has stored what goes to the successors."""
    for event, message in judged(evidence):
        name = {FETCH + 1: "kind_responses", STORE: "kind_data"}.get(code_of(message))
        if name is not None:
            missing = list(_missing(message, name))
            yield rule(
                not missing, event, why="the certificates", expected="those of all values", seen=f"not {missing}"
            )

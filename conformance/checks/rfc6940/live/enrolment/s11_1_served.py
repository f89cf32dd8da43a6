"""The configuration document that a server gives: its grammar, and who has signed it (RFC 6940, section 11.1)."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import replace

from conformance.checks.rfc6940.live.enrolment.exchanges import Exchange, exchanges
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, right, unclear, wrong
from conformance.lab import rules
from conformance.lab.configuration import verify_configurations
from conformance.lab.context import Context
from conformance.lab.presentation.decoding import Decoder
from conformance.lab.presentation.definitions import specified
from conformance.lab.presentation.refusal import LabRefusal
from conformance.run.model import Verdict
from conformance.targets.documents import judge_document

ROLE = "enrollment-server"
SIGNATURE = re.compile(rb"<(?:[\w.-]+:)?signature(?=[\s>])[^>]*>([^<]*)<")


def served(evidence: Evidence) -> Iterator[Exchange]:
    """The documents that came with status 200."""
    return (one for one in exchanges(evidence, "document") if one.answer is not None and one.answer.status == 200)


@check(
    "rfc6940/s11_1/served-valid",
    "The configuration that is served is well-formed, and what the grammar allows.",
    "rfc6940:11.1/1a",
    "rfc6940:11.1/2",
    "rfc6940:11.1/6",
    needs="a configuration document that the subject serves",
    role=ROLE,
    protocol="http",
    scenarios=("enrollment-server/document",),
)
def served_valid(evidence: Evidence) -> Iterator[Ruling]:
    """By the corrected grammar of section 11.1.1."""
    for one in served(evidence):
        assert one.answer is not None
        found = [
            each for each in judge_document(one.answer.body, "configuration").findings if each.verdict is Verdict.FAIL
        ]
        if found:
            yield wrong(*one.events, why="the document", expected="what the grammar allows", seen=found[0].why)
        else:
            yield right(*one.events)


@check(
    "rfc6940/s11_1/served-signed",
    "The configuration that is served is signed, over its exact text, by somebody whom a root of it certifies.",
    "rfc6940:11.1/35a",
    "rfc6940:11.1/35b",
    "rfc6940:11.1/36a",
    "rfc6940:11.1/36b",
    needs="a configuration document that the subject serves, with a configuration-signer",
    role=ROLE,
    protocol="http",
    scenarios=("enrollment-server/document",),
)
def served_signed(evidence: Evidence) -> Iterator[Ruling]:
    """The signer's certificate stands in the SecurityBlock; where it does not, the signature is not judged."""
    for one in served(evidence):
        assert one.answer is not None
        body = one.answer.body
        if b"configuration-signer" not in body:
            continue
        try:
            shown = _certificates(body, evidence.context)
            verify_configurations(body, replace(evidence.context, certificates=shown))
        except LabRefusal as refusal:
            if "certificate" in refusal.why and "signature" not in refusal.why:
                yield unclear(*one.events, why=f"who has signed it is not known: {refusal}")
            else:
                yield wrong(*one.events, why="the signature", expected="one that holds", seen=refusal)
        else:
            yield right(*one.events)


def _certificates(body: bytes, context: Context) -> tuple[bytes, ...]:
    """What stands in the SecurityBlocks behind the configurations; raises LabRefusal for what is none."""
    found: list[bytes] = []
    for text in SIGNATURE.findall(body):
        try:
            octets = base64.b64decode(b"".join(text.split()), validate=True)
        except binascii.Error as fault:
            raise LabRefusal("signature", None, f"no base64: {fault}") from None
        block = Decoder(specified(), context, rules.check).whole("SecurityBlock", octets)
        found += [bytes.fromhex(str(one["certificate"])) for one in rules.objects(rules.member(block, "certificates"))]
    return tuple(found)

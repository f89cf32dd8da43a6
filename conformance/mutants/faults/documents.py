"""Faults in judging documents: conference-info (RFC 4575) and configuration (RFC 6940, section 11.1)."""

from __future__ import annotations

import re
from collections.abc import Callable

from lxml import etree

from conformance.lab import configuration
from conformance.lab.configuration import Element
from conformance.lab.context import Context
from conformance.lab.presentation.refusal import Json
from conformance.mutants.faults.fault import Answer, Fault, Reply, Request

_DOCTYPE = re.compile(rb"<!DOCTYPE[^\[>]*(\[.*?\])?\s*>", re.S)
_verify_one = configuration._verify_one
_OURS = ("urn:ietf:params:xml:ns:conference-info", "urn:ietf:params:xml:ns:p2p:config-base")


def _validating(judge: Callable[[Answer, Request, bytes], Reply]) -> Callable[[Answer], Answer]:
    """Another way to answer ``validate``; all else as it was."""

    def wrap(answer: Answer) -> Answer:
        def broken(request: Request) -> Reply:
            params = request.get("params")
            if request.get("command") != "validate" or not isinstance(params, dict):
                return answer(request)
            return judge(answer, request, bytes.fromhex(str(params.get("bytes", ""))))

        return broken

    return wrap


def _parsed(octets: bytes) -> etree._Element | None:
    try:
        return etree.fromstring(octets, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError:
        return None


def _valid(request: Request) -> Reply:
    return {"id": request["id"], "result": {"valid": True}}


def _refused(request: Request, why: str) -> Reply:
    refusal: dict[str, Json] = {"why": why, "where": "document"}
    return {"id": request["id"], "refusal": refusal}


def _well_formed_is_valid(answer: Answer, request: Request, octets: bytes) -> Reply:
    return answer(request) if _parsed(octets) is None else _valid(request)


def _doctype_accepted(answer: Answer, request: Request, octets: bytes) -> Reply:
    """Document type declarations are skipped instead of refused."""
    params = request.get("params")
    bare = _DOCTYPE.sub(b"", octets)
    given = params if isinstance(params, dict) else {}
    return answer({**request, "params": {**given, "bytes": re.sub(rb"&[\w.]+;", b"", bare).hex()}})


def _foreign_refused(answer: Answer, request: Request, octets: bytes) -> Reply:
    """Elements of namespaces that are not known are refused, extensions or not."""
    root = _parsed(octets)
    names = [str(one.tag) for one in root.iter("*")] if root is not None else []
    if any(not name.startswith(tuple(f"{{{known}" for known in _OURS)) for name in names):
        return _refused(request, "an element that is not known")
    return answer(request)


def _attributes_ignored(answer: Answer, request: Request, octets: bytes) -> Reply:
    """What is wrong with attributes is not seen: a document that is right without them is right."""
    reply = answer(request)
    if isinstance(reply, dict) and "refusal" in reply:
        refusal = reply["refusal"]
        why = str(refusal.get("why")) if isinstance(refusal, dict) else ""
        return _valid(request) if "attribute" in why else reply
    return reply


def _unsigned(octets: bytes, context: Context) -> None:
    return


def _line_ends_made_one(element: bytes, signatures: list[Element], context: Context) -> None:
    """Verifies what a parser of XML gives and not what stands in the file."""
    _verify_one(element.replace(b"\r\n", b"\n"), signatures, context)


FAULTS = {
    "well-formed-is-valid": Fault(wrap=_validating(_well_formed_is_valid)),
    "doctype-accepted": Fault(wrap=_validating(_doctype_accepted)),
    "foreign-elements-refused": Fault(wrap=_validating(_foreign_refused)),
    "attributes-ignored": Fault(wrap=_validating(_attributes_ignored)),
    "configuration-unsigned": Fault(exchanged=((configuration, "verify_configurations", _unsigned),)),
    "configuration-written-again": Fault(exchanged=((configuration, "_verify_one", _line_ends_made_one),)),
}
"""By name."""

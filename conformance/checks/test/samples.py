"""Vectors, cases and outcomes to test with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conformance.checks.case import Case, Outcome
from conformance.run.model import Json, Level, Origin
from conformance.vectors import Part, Vector

WORKED_OUT = Origin(how="worked-out", source="RFC 6940, section 6.4.2.4")


def vector(identity: str = "rfc6940/probe_req/two", **changes: Any) -> Vector:
    """A right ProbeReq with two codes, or what ``changes`` make of it."""
    members: dict[str, Any] = {
        "id": identity,
        "what": "Two codes are asked for",
        "clauses": ("rfc6940:6.4.2.4/0",),
        "level": Level.MUST,
        "kind": "valid",
        "command": "decode",
        "format": "reload.struct",
        "name": "ProbeReq",
        "context": {},
        "parts": (Part(field="length", octets=b"\x02"), Part(field="requested_info", octets=b"\x01\x02")),
        "expect": {"value": {"requested_info": ["responsible_set", "num_resources"]}},
        "pair": "rfc6940/probe_req/length-short",
        "errata": (),
        "origin": WORKED_OUT,
    }
    return Vector(**{**members, **changes})


def faulty(identity: str = "rfc6940/probe_req/length-short", **changes: Any) -> Vector:
    """A ProbeReq whose length says two and that has one code."""
    members: dict[str, Any] = {
        "what": "The length says two, one code follows",
        "kind": "invalid",
        "parts": (Part(field="length", octets=b"\x02"), Part(field="requested_info", octets=b"\x01")),
        "expect": {"refusal": {"at": "requested_info", "error": [20]}},
        "pair": "rfc6940/probe_req/two",
    }
    return vector(identity, **{**members, **changes})


def outcomes(case: Case, replies: Mapping[str, Mapping[str, Json] | str]) -> dict[str, Outcome]:
    """An outcome for each request: a reply by step, or a word such as ``silence``; unnamed steps are unsupported."""
    found: dict[str, Outcome] = {}
    for number, request in enumerate([*case.requests()], 1):
        found[request.step] = _outcome(case, request.step, replies, number)
    for number, request in enumerate([*case.follow_ups(found)], len(found) + 1):
        reply = replies.get(request.step, {"unsupported": "not here"})
        assert isinstance(reply, Mapping)
        found[request.step] = Outcome(request=request, kind="reply", reply=reply, event=2 * number)
    return found


def _outcome(case: Case, step: str, replies: Mapping[str, Mapping[str, Json] | str], number: int) -> Outcome:
    request = next(one for one in case.requests() if one.step == step)
    reply = replies.get(step, {"unsupported": "not here"})
    if isinstance(reply, str):
        return Outcome(request=request, kind=reply, reply={}, why=f"there was {reply}", event=2 * number)
    return Outcome(request=request, kind="reply", reply=reply, event=2 * number)

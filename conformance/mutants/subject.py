"""A subject made of the lab, healthy or with one fault: ``python -m conformance.mutants.subject --fault NAME``.

The fault ``none`` is the healthy one: a second implementation beside the reference, which no
check of its formats may fail.
"""

from __future__ import annotations

import json
import sys
from typing import TextIO

from conformance.lab.commands import FORMATS, Unsupported, perform
from conformance.lab.presentation.refusal import Json, LabRefusal
from conformance.lab.sip import LabRefusal as SipRefusal
from conformance.mutants.faults import conduct, documents, layout, prose, sip, trust
from conformance.mutants.faults.fault import Answer, Ended, Fault, Reply, Request

ALL = (*FORMATS, "document")
"""What the healthy subject reads."""

_OF_RELOAD = tuple(one for one in FORMATS if one.startswith("reload."))
_OF_SIP = tuple(one for one in FORMATS if not one.startswith("reload."))

_FEW = ("reload.framed", "sip.stream", "sip.multipart")
"""Formats with few cases, for subjects that are started again after each: starting takes longer than all the rest."""

GROUPS: tuple[tuple[dict[str, Fault], tuple[str, ...]], ...] = (
    ({"none": Fault()}, ALL),
    (conduct.FAULTS, ALL),
    (conduct.RESTARTED, _FEW),
    ({**layout.FAULTS, **prose.FAULTS, **trust.FAULTS}, _OF_RELOAD),
    (sip.FAULTS, _OF_SIP),
    (documents.FAULTS, ("document",)),
)
"""The faults, and the formats that a subject with one of them claims: those that the fault is about; the last group counts."""

FAULTS = {name: fault for faults, _ in GROUPS for name, fault in faults.items()}
"""Every fault by name."""

CLAIMS = {name: formats for faults, formats in GROUPS for name in faults}
"""The formats that a subject claims, by the name of its fault."""


def claiming(formats: tuple[str, ...]) -> Answer:
    """The healthy answers of a subject that claims only these formats."""

    def answering(request: Request) -> Reply:
        params = request.get("params")
        command = request.get("command")
        named = params.get("format") if isinstance(params, dict) else None
        named = "document" if command == "validate" else named
        if command == "hello":
            return _hello(request, formats)
        if named in ALL and named not in formats:
            return {"id": request["id"], "unsupported": f"the format {named} is not claimed"}
        return answer(request)

    return answering


def _hello(request: Request, formats: tuple[str, ...]) -> Reply:
    roles: list[Json] = ["codec"] if formats != ("document",) else []
    roles += ["documents"] if "document" in formats else []
    told: dict[str, Json] = {"name": "lab", "version": "1", "roles": roles, "formats": list(formats)}
    return {"id": request["id"], "result": told}


def answer(request: Request) -> Reply:
    """The healthy answer to a request."""
    identity, params = request["id"], request.get("params")
    command = str(request.get("command"))
    if command == "hello":
        return _hello(request, ALL)
    try:
        return {"id": identity, "result": perform(command, params if isinstance(params, dict) else {})}
    except Unsupported as error:
        return {"id": identity, "unsupported": str(error)}
    except LabRefusal as refusal:
        told: dict[str, Json] = {"why": str(refusal), "where": refusal.where}
        return {"id": identity, "refusal": told if refusal.error is None else {**told, "error": refusal.error}}
    except SipRefusal as refusal:
        told = {"why": refusal.why, "where": refusal.where}
        return {"id": identity, "refusal": told if refusal.status is None else {**told, "status": refusal.status}}


def serve(answering: Answer, incoming: TextIO, outgoing: TextIO) -> int:
    """Answer line by line until the input ends; 3 where a line is no request."""
    for line in incoming:
        try:
            request = json.loads(line)
        except (ValueError, RecursionError):
            request = None
        if not isinstance(request, dict) or "id" not in request:
            sys.stderr.write("a line that is no request\n")
            return 3
        try:
            reply = answering(request)
        except Ended:
            return 1
        if reply is not None:
            outgoing.write((reply if isinstance(reply, str) else json.dumps(reply)) + "\n")
            outgoing.flush()
    return 0


def main(arguments: list[str]) -> int:
    """Serve on standard input and output with the fault named; 2 on misuse."""
    name = arguments[1] if len(arguments) == 2 and arguments[0] == "--fault" else ""
    if name not in FAULTS:
        sys.stderr.write(f"usage: python -m conformance.mutants.subject --fault {{{','.join(sorted(FAULTS))}}}\n")
        return 2
    with FAULTS[name].present(claiming(CLAIMS[name])) as answering:
        return serve(answering, sys.stdin, sys.stdout)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

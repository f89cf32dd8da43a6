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

FAULTS: dict[str, Fault] = {
    "none": Fault(),
    **conduct.FAULTS,
    **layout.FAULTS,
    **prose.FAULTS,
    **trust.FAULTS,
    **sip.FAULTS,
    **documents.FAULTS,
}
"""Every fault by name."""


def answer(request: Request) -> Reply:
    """The healthy answer to a request."""
    identity, params = request["id"], request.get("params")
    command = str(request.get("command"))
    if command == "hello":
        formats: list[Json] = [*FORMATS, "document"]
        return {
            "id": identity,
            "result": {"name": "lab", "version": "1", "roles": ["codec", "documents"], "formats": formats},
        }
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
    with FAULTS[name].present(answer) as answering:
        return serve(answering, sys.stdin, sys.stdout)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Faults in the conduct of a subject, whatever the format: silence, echo, approval of everything."""

from __future__ import annotations

from conformance.lab.presentation.refusal import Json
from conformance.mutants.faults.fault import Answer, Ended, Fault, Reply, Request

_RESULTS: dict[str, dict[str, Json]] = {
    "decode": {"value": {}},
    "verify": {"signer": {"identity": "cert_hash", "user": None, "node_ids": []}},
    "validate": {"valid": True},
}
"""What a subject says that accepts without looking."""


def _is_case(request: Request) -> bool:
    return request.get("command") != "hello"


def _params(request: Request) -> dict[str, Json]:
    params = request.get("params")
    return params if isinstance(params, dict) else {}


def answers_nothing(answer: Answer) -> Answer:
    """Says hello, then nothing."""
    return lambda request: None if _is_case(request) else answer(request)


def echoes(answer: Answer) -> Answer:
    """Writes back the parameters as if they were the result."""
    return lambda request: {"id": request["id"], "result": _params(request)} if _is_case(request) else answer(request)


def _approval(request: Request) -> Reply:
    params, command = _params(request), str(request.get("command"))
    octets = params.get("bytes", "")
    parts = params.get("parts")
    if isinstance(parts, list):
        octets = "".join(str(part) for part in parts)
    return {"id": request["id"], "result": _RESULTS.get(command, {"bytes": octets})}


def accepts_everything(answer: Answer) -> Answer:
    """Answers rightly what is right, and accepts what is not."""

    def broken(request: Request) -> Reply:
        reply = answer(request)
        wrong = isinstance(reply, dict) and ("refusal" in reply or "unsupported" in reply)
        return _approval(request) if wrong and _is_case(request) and request.get("command") != "no-such" else reply

    return broken


def looks_at_nothing(answer: Answer) -> Answer:
    """Accepts everything with an empty value."""
    return lambda request: _approval(request) if _is_case(request) else answer(request)


def refuses_everything(answer: Answer) -> Answer:
    """Refuses the right and the wrong."""
    refusal: dict[str, Json] = {"why": "no", "where": "everywhere", "status": 400, "error": 20}
    return lambda request: {"id": request["id"], "refusal": refusal} if _is_case(request) else answer(request)


def crashes(answer: Answer) -> Answer:
    """Ends where it should refuse."""

    def broken(request: Request) -> Reply:
        reply = answer(request)
        if isinstance(reply, dict) and "refusal" in reply:
            raise Ended
        return reply

    return broken


def writes_garbage(answer: Answer) -> Answer:
    """Writes lines that are no JSON."""
    return lambda request: "}{" if _is_case(request) else answer(request)


def wrong_id(answer: Answer) -> Answer:
    """Answers under the id of another request."""

    def broken(request: Request) -> Reply:
        reply = answer(request)
        return {**reply, "id": -1} if isinstance(reply, dict) and _is_case(request) else reply

    return broken


def fails_instead(answer: Answer) -> Answer:
    """Reports a fault of its own where it should refuse."""

    def broken(request: Request) -> Reply:
        reply = answer(request)
        if isinstance(reply, dict) and "refusal" in reply:
            return {"id": request["id"], "fault": "unhandled exception"}
        return reply

    return broken


def forgets_fields(answer: Answer) -> Answer:
    """Leaves the last member out of every value."""

    def broken(request: Request) -> Reply:
        reply = answer(request)
        result = reply.get("result") if isinstance(reply, dict) else None
        value = result.get("value") if isinstance(result, dict) else None
        if isinstance(value, dict) and value and _is_case(request):
            return {"id": request["id"], "result": {"value": dict(list(value.items())[:-1])}}
        return {"id": request["id"], "result": {"value": value[:-1]}} if isinstance(value, list) and value else reply

    return broken


def always_the_same(answer: Answer) -> Answer:
    """Gives to every command the first result it ever gave."""
    first: dict[str, Reply] = {}

    def broken(request: Request) -> Reply:
        if not _is_case(request):
            return answer(request)
        command = str(request.get("command"))
        reply = first.setdefault(command, answer(request))
        return {**reply, "id": request["id"]} if isinstance(reply, dict) else reply

    return broken


RESTARTED = {
    "crashes": Fault(wrap=crashes),
    "writes-garbage": Fault(wrap=writes_garbage),
    "wrong-id": Fault(wrap=wrong_id),
}
"""Faults after which a subject is started again, for every case."""

FAULTS = {
    "answers-nothing": Fault(wrap=answers_nothing),
    "echoes": Fault(wrap=echoes),
    "accepts-everything": Fault(wrap=accepts_everything),
    "looks-at-nothing": Fault(wrap=looks_at_nothing),
    "refuses-everything": Fault(wrap=refuses_everything),
    "fails-instead-of-refusing": Fault(wrap=fails_instead),
    "forgets-fields": Fault(wrap=forgets_fields),
    "always-the-same": Fault(wrap=always_the_same),
    **RESTARTED,
}
"""By name."""

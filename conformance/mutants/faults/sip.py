"""Faults in SIP and SDP: the octets spoilt before they are read, or the value after."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import unquote

from conformance.lab.presentation.refusal import Json
from conformance.mutants.faults.fault import Answer, Fault, Reply, Request

Change = Callable[[bytes], bytes | None]
"""Octets as a faulty reader takes them; None where it refuses them."""

_HEAD = re.compile(rb"(?P<head>.*?\r?\n)(?P<empty>\r?\n)(?P<body>.*)", re.S)
_NAME = re.compile(rb"(?m)^([!%'*+`\w.~-]+)(?=[ \t]*:)")
_COMPACT = re.compile(rb"(?mi)^([abcdefijklmorstuvxy])(?=[ \t]*:)")
_FOLD = re.compile(rb"\r?\n[ \t]")
_LENGTH = re.compile(rb"(?mi)^(Content-Length|l)([ \t]*:[ \t]*)\d+")
_QUOTED_COMMA = re.compile(rb'"[^"\r\n]*?(?=,)')
_VERSION = re.compile(rb"(?i)\bSIP/\d+\.\d+")
_ESCAPED_QUOTE = re.compile(rb'\\"')


def _in_head(change: Callable[[bytes], bytes]) -> Change:
    """A change of start line and headers only; of the whole where there is no body."""

    def changed(octets: bytes) -> bytes:
        parts = _HEAD.fullmatch(octets)
        return change(octets) if parts is None else change(parts["head"]) + parts["empty"] + parts["body"]

    return changed


def _reading(*formats: str, change: Change) -> Callable[[Answer], Answer]:
    """Answers with the octets changed first, for these formats."""

    def wrap(answer: Answer) -> Answer:
        def broken(request: Request) -> Reply:
            params = request.get("params")
            if not isinstance(params, dict) or params.get("format") not in formats:
                return answer(request)
            try:
                octets = bytes.fromhex(str(params.get("bytes", "")))
            except ValueError:
                return answer(request)
            changed = change(octets)
            if changed is None:
                return {"id": request["id"], "refusal": {"why": "not understood", "where": "message", "status": 400}}
            return answer({**request, "params": {**params, "bytes": changed.hex()}})

        return broken

    return wrap


def _telling(*formats: str, change: Callable[[Json], Json]) -> Callable[[Answer], Answer]:
    """Answers with the value changed afterwards, for these formats."""

    def wrap(answer: Answer) -> Answer:
        def broken(request: Request) -> Reply:
            reply, params = answer(request), request.get("params")
            result = reply.get("result") if isinstance(reply, dict) else None
            if not isinstance(params, dict) or params.get("format") not in formats:
                return reply
            if not isinstance(result, dict) or "value" not in result:
                return reply
            return {"id": request["id"], "result": {"value": change(result["value"])}}

        return broken

    return wrap


def _first_via(value: Json) -> Json:
    headers = value.get("headers") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(headers, dict) or not isinstance(headers.get("via"), list):
        return value[:1] if isinstance(value, list) else value
    vias = headers["via"]
    return {**value, "headers": {**headers, "via": vias[:1] if isinstance(vias, list) else vias}}


_KNOWN = frozenset(
    [
        "via",
        "from",
        "to",
        "call-id",
        "cseq",
        "contact",
        "max-forwards",
        "content-type",
        "content-length",
        "route",
        "record-route",
        "expires",
        "allow",
    ]
)


def _known_headers(value: Json) -> Json:
    headers = value.get("headers") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(headers, dict):
        return value
    return {**value, "headers": {name: one for name, one in headers.items() if name in _KNOWN}}


def _everywhere(value: Json, change: Callable[[dict[str, Json]], dict[str, Json]]) -> Json:
    if isinstance(value, dict):
        return change({name: _everywhere(one, change) for name, one in value.items()})
    return [_everywhere(one, change) for one in value] if isinstance(value, list) else value


def _unescaped(value: Json) -> Json:
    def change(one: dict[str, Json]) -> dict[str, Json]:
        return {**one, "user": unquote(str(one["user"]))} if isinstance(one.get("user"), str) else one

    return _everywhere(value, change)


def _without_parameters(value: Json) -> Json:
    return _everywhere(value, lambda one: {**one, "parameters": {}} if "parameters" in one else one)


def _without_body(value: Json) -> Json:
    return {**value, "body": ""} if isinstance(value, dict) and "body" in value else value


def _first_media(value: Json) -> Json:
    media = value.get("media") if isinstance(value, dict) else None
    return {**value, "media": media[:1]} if isinstance(value, dict) and isinstance(media, list) else value


def _own_length(octets: bytes) -> bytes:
    parts = _HEAD.fullmatch(octets)
    if parts is None:
        return octets
    return _LENGTH.sub(rb"\g<1>\g<2>%d" % len(parts["body"]), parts["head"]) + parts["empty"] + parts["body"]


def _no_length(octets: bytes) -> bytes:
    return _LENGTH.sub(rb"\g<1>\g<2>0", octets)


def _canonical_names_only(head: bytes) -> bytes:
    def name(found: re.Match[bytes]) -> bytes:
        words = found[1].split(b"-")
        well = all(word[:1].isupper() for word in words) or found[1] == b"Call-ID"
        return found[1] if well else b"X-" + found[1]

    first, _, rest = head.partition(b"\n")
    return first + b"\n" + _NAME.sub(name, rest)


def _bad_request(answer: Answer) -> Answer:
    def broken(request: Request) -> Reply:
        reply = answer(request)
        refusal = reply.get("refusal") if isinstance(reply, dict) else None
        if isinstance(refusal, dict) and "status" in refusal:
            return {"id": request["id"], "refusal": {**refusal, "status": 400}}
        return reply

    return broken


_SDP_ORDER = b"vosiuepcbtrzka"


def _sorted_lines(octets: bytes) -> bytes:
    session, mark, media = octets.partition(b"m=")
    lines = sorted(session.splitlines(keepends=True), key=lambda line: _SDP_ORDER.find(line[:1]))
    return b"".join(lines) + mark + media


_MESSAGES = ("sip.message", "sip.stream")
_FIELDS = (*_MESSAGES, "sip.header")

FAULTS = {
    "first-via-only": Fault(wrap=_telling("sip.message", change=_first_via)),
    "compact-forms-unknown": Fault(
        wrap=_reading(*_MESSAGES, change=_in_head(lambda head: _COMPACT.sub(rb"X-\1", head)))
    ),
    "no-unfolding": Fault(wrap=_reading(*_FIELDS, change=lambda octets: None if _FOLD.search(octets) else octets)),
    "case-sensitive-headers": Fault(wrap=_reading("sip.message", change=_in_head(_canonical_names_only))),
    "status-always-400": Fault(wrap=_bad_request),
    "content-length-ignored": Fault(
        wrap=lambda answer: _reading("sip.message", change=_own_length)(
            _reading("sip.stream", change=_no_length)(answer)
        )
    ),
    "drops-unknown-headers": Fault(wrap=_telling("sip.message", change=_known_headers)),
    "splits-quoted-commas": Fault(
        wrap=_reading(*_FIELDS, change=lambda octets: (_QUOTED_COMMA.search(octets) or [octets])[0])
    ),
    "any-sip-version": Fault(wrap=_reading("sip.message", change=lambda octets: _VERSION.sub(b"SIP/2.0", octets))),
    "drops-parameters": Fault(wrap=_telling(*_FIELDS, "sip.uri", change=_without_parameters)),
    "unescapes-users": Fault(wrap=_telling(*_FIELDS, "sip.uri", change=_unescaped)),
    "drops-bodies": Fault(wrap=_telling("sip.message", change=_without_body)),
    "escaped-quotes-end-strings": Fault(
        wrap=_reading(*_FIELDS, change=lambda octets: None if _ESCAPED_QUOTE.search(octets) else octets)
    ),
    "sdp-any-order": Fault(wrap=_reading("sdp", change=_sorted_lines)),
    "sdp-first-media-only": Fault(wrap=_telling("sdp", change=_first_media)),
}
"""By name."""

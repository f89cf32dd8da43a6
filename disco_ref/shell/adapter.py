"""The adapter: requests as lines of JSON on standard input, replies on standard output (conformance/SUBJECT.md).

Nothing that a request holds ends the loop: what cannot be read is answered with a fault, what fails
inside with a fault that names the exception, and only the end of standard input ends the program.
"""

from __future__ import annotations

import json
from typing import BinaryIO

from disco_ref.errors import Refusal
from disco_ref.shell.catalogue import COMMANDS, FORMATS
from disco_ref.shell.formats.format import Context, Format, Json
from disco_ref.shell.formats.refused import refused
from disco_ref.shell.formats.unsupported import Unsupported
from disco_ref.shell.nodes.host import Host, Params
from disco_ref.shell.nodes.kinds import KINDS, OVERLAY_SETTINGS
from disco_ref.shell.nodes.settings import TAKEN, BadSetting
from disco_ref.shell.release import release

LONGEST_LINE = 64 * 1024 * 1024
"""Octets of a request that are read; a longer one is answered with a fault."""


class BadRequest(Exception):
    """A request that the contract does not allow."""


def serve(requests: BinaryIO, replies: BinaryIO) -> None:
    """Answer every line in order until the input ends."""
    host = Host()
    while line := requests.readline(LONGEST_LINE + 1):
        if len(line) > LONGEST_LINE:
            _skip_line(requests, line)
            reply: dict[str, Json] = {"id": None, "fault": f"a line of more than {LONGEST_LINE} octets"}
        elif not line.strip():
            continue
        else:
            reply = answer(line, host)
        replies.write(_written(reply))
        replies.flush()


def _skip_line(requests: BinaryIO, line: bytes) -> None:
    while line and not line.endswith(b"\n"):
        line = requests.readline(65536)


def _written(reply: dict[str, Json]) -> bytes:
    try:
        return json.dumps(reply, allow_nan=False).encode("ascii") + b"\n"
    except (ValueError, TypeError, RecursionError) as failure:
        # The id may be what cannot be written: a number that JSON does not have, brackets without end.
        fault: dict[str, Json] = {"id": None, "fault": f"the reply cannot be written: {failure}"}
        return json.dumps(fault).encode("ascii") + b"\n"


def answer(line: bytes, host: Host | None = None) -> dict[str, Json]:
    """One request to its reply, with the nodes of ``host``; never raises for anything a line can hold."""
    identity: Json = None
    try:
        request = json.loads(line)
        if not isinstance(request, dict):
            raise BadRequest("a request is an object")
        identity = request.get("id")
        command, params = request.get("command"), request.get("params", {})
        if not isinstance(command, str) or not isinstance(params, dict):
            raise BadRequest("`command` is a string and `params` an object")
        return {"id": identity, **_reply(command, params, host or Host())}
    except Unsupported as unknown:
        return {"id": identity, "unsupported": str(unknown)}
    except Refusal as refusal:
        return {"id": identity, "refusal": {"why": str(refusal)}}
    except (BadRequest, BadSetting) as bad:
        return {"id": identity, "fault": str(bad)}
    except Exception as failure:
        return {"id": identity, "fault": f"{type(failure).__name__}: {failure}"[:1000]}


def _reply(command: str, params: Params, host: Host) -> dict[str, Json]:
    if command == "hello":
        return {"result": _hello()}
    own = {"decode": _decode, "encode": _encode, "reencode": _reencode, **host.commands}
    carry_out = own.get(command) or COMMANDS.get(command)
    if carry_out is None:
        raise Unsupported("command", command, [*own, *COMMANDS, "hello"])
    try:
        return {"result": carry_out(params)}
    except Refusal as refusal:
        return {"refusal": refused(refusal, params.get("format"))}


def _hello() -> Json:
    return {
        "name": "disco-ref",
        "version": release(),
        "roles": ["codec", "documents", *sorted(KINDS)],
        "formats": [*sorted(FORMATS)],
        "settings": [*TAKEN, *OVERLAY_SETTINGS],
        "commands": ["decode", "encode", "reencode", *sorted({*COMMANDS, *Host().commands})],
    }


def _decode(params: Params) -> Json:
    chosen = _format(params)
    return {"value": chosen.decode(_name(params), _octets(params), _context(params))}


def _encode(params: Params) -> Json:
    chosen = _format(params)
    if chosen.encode is None:
        raise Unsupported("encoding of", str(params.get("format")))
    return {"bytes": chosen.encode(_name(params), params.get("value"), _context(params)).hex()}


def _reencode(params: Params) -> Json:
    return {"bytes": _format(params).reencode(_name(params), _octets(params), _context(params)).hex()}


def _format(params: Params) -> Format:
    name = params.get("format")
    if not isinstance(name, str):
        raise BadRequest("`format` is a string")
    if name not in FORMATS:
        raise Unsupported("format", name, FORMATS)
    return FORMATS[name]


def _name(params: Params) -> str | None:
    name = params.get("name")
    if name is not None and not isinstance(name, str):
        raise BadRequest("`name` is a string")
    return name


def _context(params: Params) -> Context:
    context = params.get("context") or {}
    if not isinstance(context, dict):
        raise BadRequest("`context` is an object")
    return context


def _octets(params: Params) -> bytes:
    digits = params.get("bytes")
    try:
        if isinstance(digits, str):
            return bytes.fromhex(digits)
    except ValueError:
        pass
    raise BadRequest("`bytes` is a string of hexadecimal digits")

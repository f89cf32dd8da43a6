"""The commands of the adapter contract, done by the lab (``SUBJECT.md``, roles ``codec`` and ``documents``).

Two things rest on it: the second opinion on vectors (``confirm``) and the subjects of
``conformance/mutants``.
"""

from __future__ import annotations

from collections.abc import Mapping

from conformance.errors import SuiteFault
from conformance.lab import reload, signatures, sip
from conformance.lab.context import Context, read_context
from conformance.lab.presentation.encoding import octets_of
from conformance.lab.presentation.refusal import Json, LabRefusal
from conformance.run.model import Verdict

RELOAD = ("reload.struct", "reload.message", "reload.framed")
"""Formats with decode, encode and reencode."""

FORMATS = (*RELOAD, "reload.stored-data", *sip.FORMATS)
"""All formats that the lab reads."""


class Unsupported(Exception):
    """A command, format or name that the lab does not do; the text says which."""


def perform(command: str, params: Mapping[str, Json]) -> dict[str, Json]:
    """The result of a command; LabRefusal (of RELOAD or of SIP) for refused input, Unsupported for the rest."""
    if command == "validate":
        return _validate(params)
    action = _COMMANDS.get(command)
    if action is None:
        raise Unsupported(f"there is no command {command}")
    format = params.get("format")
    if not isinstance(format, str) or format not in FORMATS:
        raise Unsupported(f"the format {format} is not read here")
    return action(format, params, read_context(params.get("context")))


def _octets(params: Mapping[str, Json], name: str = "bytes") -> bytes:
    return octets_of(params.get(name), name)


def _name(params: Mapping[str, Json]) -> str:
    name = params.get("name")
    return name if isinstance(name, str) else ""


def _decode(format: str, params: Mapping[str, Json], context: Context) -> dict[str, Json]:
    return {"value": decoded(format, _name(params), _octets(params), context)}


def decoded(format: str, name: str, octets: bytes, context: Context) -> Json:
    """The value of the bytes."""
    if format in sip.FORMATS:
        try:
            return sip.decode(format, name or None, octets)
        except ValueError as error:
            raise Unsupported(str(error)) from None
    if format == "reload.message":
        return reload.decode_message(octets, context)
    if format == "reload.framed":
        return reload.decode_framed(octets, context)
    if format == "reload.struct":
        try:
            return reload.decode_struct(name, octets, context)
        except KeyError:
            raise Unsupported(f"no struct is called {name}") from None
    raise Unsupported(f"{format} is verified, not decoded")


def encoded(format: str, name: str, value: Json, context: Context) -> bytes:
    """The bytes of a value."""
    if format == "reload.message":
        return reload.encode_message(value, context)
    if format == "reload.framed":
        return reload.encode_framed(value, context)
    if format == "reload.struct":
        try:
            return reload.encode_struct(name, value, context)
        except KeyError:
            raise Unsupported(f"no struct is called {name}") from None
    raise Unsupported(f"{format} is not written from values")


def _encode(format: str, params: Mapping[str, Json], context: Context) -> dict[str, Json]:
    return {"bytes": encoded(format, _name(params), params.get("value"), context).hex()}


def _reencode(format: str, params: Mapping[str, Json], context: Context) -> dict[str, Json]:
    octets = _octets(params)
    value = decoded(format, _name(params), octets, context)
    if format in sip.FORMATS:
        # The lab keeps SIP as it was received and writes it back so.
        return {"bytes": octets.hex()}
    return {"bytes": encoded(format, _name(params), value, context).hex()}


def _reassemble(format: str, params: Mapping[str, Json], context: Context) -> dict[str, Json]:
    parts = params.get("parts")
    if format != "reload.message" or not isinstance(parts, list):
        raise Unsupported("only the fragments of a reload.message are put together")
    octets = [octets_of(part, f"parts[{index}]") for index, part in enumerate(parts)]
    return {"bytes": reload.reassemble(octets, context).hex()}


def _verify(format: str, params: Mapping[str, Json], context: Context) -> dict[str, Json]:
    if format == "reload.message":
        return {"signer": signatures.verify_message(_octets(params), context)}
    if format == "reload.stored-data":
        return {"signer": signatures.verify_stored(_octets(params), context)}
    raise Unsupported(f"{format} is not signed")


def _sign(format: str, params: Mapping[str, Json], context: Context) -> dict[str, Json]:
    identity = params.get("identity")
    credential = signatures.Credential(_octets(params, "key"), _octets(params, "certificate"), str(identity))
    if format == "reload.message":
        return {"bytes": signatures.sign_message(_octets(params), credential, context).hex()}
    if format == "reload.stored-data":
        return {"bytes": signatures.sign_stored(_octets(params), credential, context).hex()}
    raise Unsupported(f"{format} is not signed")


def _validate(params: Mapping[str, Json]) -> dict[str, Json]:
    # Loaded when it is needed: the schema libraries are half the time that a subject takes to start.
    from conformance.targets import documents

    kind = params.get("kind")
    if not isinstance(kind, str) or kind not in {known.name for known in documents.KINDS.values()}:
        raise Unsupported(f"no kind of document is called {kind}")
    try:
        findings = documents.judge_document(_octets(params), kind).findings
    except SuiteFault as error:
        raise Unsupported(f"a schema of the suite is at fault: {error}") from None
    for finding in findings:
        if finding.verdict is Verdict.FAIL:
            raise LabRefusal(finding.place or "document", None, f"{finding.why} {finding.seen}".strip())
    context = read_context(params.get("context"))
    if kind == "configuration" and context.certificates:
        from conformance.lab.configuration import verify_configurations

        verify_configurations(_octets(params), context)
    return {"valid": True}


_COMMANDS = {
    "decode": _decode,
    "encode": _encode,
    "reencode": _reencode,
    "reassemble": _reassemble,
    "verify": _verify,
    "sign": _sign,
}

__all__ = ["FORMATS", "RELOAD", "LabRefusal", "Unsupported", "decoded", "encoded", "perform"]

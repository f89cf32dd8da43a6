"""``context`` of a request for a RELOAD format (conformance/SUBJECT.md)."""

from __future__ import annotations

from collections.abc import Mapping

from disco_ref.clock import Instant
from disco_ref.errors import Malformed
from disco_ref.notation.context import NODE_ID_LENGTHS, Context, DataModel
from disco_ref.reload.security.signing import Trust
from disco_ref.reload.storage.kinds import overlay_context
from disco_ref.shell.formats.format import Context as Given
from disco_ref.shell.formats.format import Json

_END_OF_TIME = 1 << 63
"""Seconds since 1970 that no clock shows."""


def context_of(given: Given) -> Context:
    """What the decoder must know; Malformed where a member is not as the contract says."""
    kinds = given.get("kinds") or {}
    if not isinstance(kinds, dict):
        raise Malformed("this is no object", where="context.kinds")
    models = {_kind_id(kind): _model(model, f"context.kinds.{kind}") for kind, model in kinds.items()}
    length = _number(given, "node_id_length", 16)
    if length not in NODE_ID_LENGTHS:
        # = rfc6940:6.3.1.1/0
        raise Malformed(f"{length} is not within 16 to 20", where="context.node_id_length")
    overlay = given.get("overlay_name")
    if overlay is not None and not isinstance(overlay, str):
        raise Malformed("this is no string", where="context.overlay_name")
    if overlay is not None and not _is_utf8(overlay):
        raise Malformed("a character that no encoding has", where="context.overlay_name")
    context = overlay_context(overlay, models, node_id_length=length)
    model = given.get("data_model")
    if model is not None:
        return context._replace(data_model=_model(model, "context.data_model"))
    kind = given.get("kind")
    return context._replace(data_model=context.models.get(kind)) if isinstance(kind, int) else context


def trust_of(given: Given) -> Trust:
    """What the verifier believes in."""
    now = given.get("now")
    if now is not None and (isinstance(now, bool) or not isinstance(now, int | float) or not abs(now) < _END_OF_TIME):
        raise Malformed("this is no number of seconds", where="context.now")
    return Trust(
        roots=octets_array(given.get("trust") or [], "context.trust"),
        now=None if now is None else Instant(float(now)),
        certificates=octets_array(given.get("certificates") or [], "context.certificates"),
    )


def place_of(given: Given) -> tuple[bytes, int]:
    """The Resource-ID and the Kind under which a value is stored."""
    kind = given.get("kind")
    if isinstance(kind, bool) or not isinstance(kind, int) or not 0 <= kind < 1 << 32:
        raise Malformed("a stored value is signed for its Kind", where="context.kind")
    resource = octets_member(given, "resource", "context.resource")
    if len(resource) > 255:
        raise Malformed("a Resource-ID has at most 255 bytes", where="context.resource")
    return resource, kind


def octets_member(members: Mapping[str, Json], name: str, where: str = "") -> bytes:
    """A member that holds octets as hexadecimal digits."""
    return _octets(members.get(name), where or name)


def octets_array(value: Json, where: str) -> tuple[bytes, ...]:
    """An array of octet strings."""
    if not isinstance(value, list):
        raise Malformed("this is no array", where=where)
    return tuple(_octets(each, f"{where}[{place}]") for place, each in enumerate(value))


def _octets(value: Json, where: str) -> bytes:
    if isinstance(value, str):
        try:
            return bytes.fromhex(value)
        except ValueError:
            pass
    raise Malformed("this is no hexadecimal string", where=where)


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _kind_id(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > 10 or int(text) >= 1 << 32:
        raise Malformed(f"{text[:20]!r} is no Kind-ID", where="context.kinds")
    return int(text)


def _model(value: Json, where: str) -> DataModel:
    try:
        return DataModel(value)
    except ValueError:
        raise Malformed(f"{str(value)[:20]!r} is no data model", where=where) from None


def _number(given: Given, name: str, default: int) -> int:
    value = given.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int):
        raise Malformed("this is no number", where=f"context.{name}")
    return value

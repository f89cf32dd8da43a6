"""What bytes alone do not say: the overlay, the Kinds, the certificates (``context`` of ``SUBJECT.md``)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from conformance.lab.presentation.refusal import Json, LabRefusal
from conformance.lab.presentation.sources import SCHEMAS


@dataclass(frozen=True, slots=True)
class Codes:
    """Code points that choose a struct or a data model (RFC 6940, sections 7.2, 14.6, 14.8)."""

    messages: dict[int, str]
    kinds: dict[int, str]
    data_models: dict[str, str]


@cache
def codes() -> Codes:
    """The code points of ``schemas/rfc6940/codes.toml``."""
    table = tomllib.loads((SCHEMAS / "rfc6940" / "codes.toml").read_text("utf-8"))
    return Codes(
        messages={int(code): name for code, name in table["messages"].items()},
        kinds={int(code): model for code, model in table["kinds"].items()},
        data_models=dict(table["data_models"]),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The given of one case; members as in ``SUBJECT.md``, all optional there."""

    node_id_length: int = 16
    overlay_name: str | None = None
    data_model: str | None = None
    kinds: Mapping[int, str] = field(default_factory=dict)
    certificates: tuple[bytes, ...] = ()
    trust: tuple[bytes, ...] = ()
    resource: bytes | None = None
    kind: int | None = None
    now: int | None = None

    def constant(self, name: str) -> int | None:
        """The value of a constant that struct text names: NodeIdLength (section 6.3.1.1)."""
        return self.node_id_length if name == "NodeIdLength" else None

    def model_of(self, kind: int) -> str | None:
        """The arm of ``select (DataModel)`` for a Kind; None where nothing tells it."""
        named = self.kinds.get(kind) or codes().kinds.get(kind) or self.data_model
        return codes().data_models.get(named) if named else None

    @property
    def model(self) -> str | None:
        """The arm of ``select (DataModel)`` where no Kind is said in the bytes."""
        if self.data_model:
            return codes().data_models.get(self.data_model)
        return self.model_of(self.kind) if self.kind is not None else None


def read_context(value: Json) -> Context:
    """The context of a request or a vector; LabRefusal where a member is not of its type."""
    if value is None:
        return Context()
    if not isinstance(value, dict):
        raise LabRefusal("context", None, "not an object")
    length = _number(value, "node_id_length", 16)
    if not 16 <= length <= 20:
        # = rfc6940:6.3.1.1/0
        raise LabRefusal("context.node_id_length", None, f"{length} is not within 16 to 20")
    kind = _number(value, "kind", 0) if value.get("kind") is not None else None
    if kind is not None and not 0 <= kind < 1 << 32:
        raise LabRefusal("context.kind", None, f"{kind} is no Kind-ID")
    kinds = value.get("kinds") or {}
    if not isinstance(kinds, dict) or not all(key.isdecimal() and len(key) <= 10 for key in kinds):
        raise LabRefusal("context.kinds", None, "not an object of Kind-IDs")
    resource = _text(value, "resource")
    if resource is not None and len(resource) > 510:
        raise LabRefusal("context.resource", None, "longer than 255 bytes")
    return Context(
        node_id_length=length,
        overlay_name=_text(value, "overlay_name"),
        data_model=_text(value, "data_model"),
        kinds={int(key): str(model) for key, model in kinds.items()},
        certificates=tuple(_octets("context.certificates", one) for one in _list(value, "certificates")),
        trust=tuple(_octets("context.trust", one) for one in _list(value, "trust")),
        resource=None if resource is None else _octets("context.resource", resource),
        kind=kind,
        now=_number(value, "now", 0) if value.get("now") is not None else None,
    )


def _number(value: Mapping[str, Json], name: str, default: int) -> int:
    number = value.get(name, default)
    if isinstance(number, bool) or not isinstance(number, int):
        raise LabRefusal(f"context.{name}", None, "not a number")
    return number


def _text(value: Mapping[str, Json], name: str) -> str | None:
    text = value.get(name)
    if text is not None and not isinstance(text, str):
        raise LabRefusal(f"context.{name}", None, "not a string")
    return text


def _list(value: Mapping[str, Json], name: str) -> list[Json]:
    entries = value.get(name) or []
    if not isinstance(entries, list):
        raise LabRefusal(f"context.{name}", None, "not an array")
    return entries


def _octets(where: str, value: Json) -> bytes:
    if not isinstance(value, str):
        raise LabRefusal(where, None, "not hexadecimal")
    try:
        return bytes.fromhex(value)
    except ValueError:
        raise LabRefusal(where, None, "not hexadecimal") from None

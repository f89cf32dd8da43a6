"""Every format and every command of the adapter, gathered in one place."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping
from importlib.metadata import PackageNotFoundError, version
from types import ModuleType

from disco_ref.shell.formats import documents, reload, sdp
from disco_ref.shell.formats.format import Format, Json

Params = Mapping[str, Json]
"""The members of ``params`` of a request."""

Command = Callable[[Params], Json]
"""What carries a request out; raises Refusal or Unsupported."""


def _families() -> list[ModuleType]:
    found: list[ModuleType] = [reload, sdp, documents]
    if importlib.util.find_spec("disco_ref.shell.formats.sip") is not None:
        found.append(importlib.import_module("disco_ref.shell.formats.sip"))
    return found


FORMATS: dict[str, Format] = {name: one for family in _families() for name, one in family.FORMATS.items()}
"""Every format by its name."""

COMMANDS: dict[str, Command] = {
    name: one for family in _families() for name, one in getattr(family, "COMMANDS", {}).items()
}
"""Every command beside hello, decode, encode and reencode."""


def release() -> str:
    """The version of this reference as installed, or ``source`` where it runs from its tree."""
    try:
        return version("disco-ref")
    except PackageNotFoundError:
        return "source"

"""Every format and every command of the adapter by its name; the module behind one is loaded when it is first asked for."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

from disco_ref.shell.formats.format import Format, Json

Params = Mapping[str, Json]
"""The members of ``params`` of a request."""

Command = Callable[[Params], Json]
"""What carries a request out; raises Refusal or Unsupported."""

_Found = TypeVar("_Found")


class Catalogue(Mapping[str, _Found]):
    """What the modules of ``disco_ref.shell.formats`` hold in a table of one name; its names are known without them."""

    def __init__(self, table: str, modules: Mapping[str, tuple[str, ...]]) -> None:
        self._table = table
        self._module_of = {name: module for module, names in modules.items() for name in names}

    def __getitem__(self, name: str) -> _Found:
        module = importlib.import_module(f"disco_ref.shell.formats.{self._module_of[name]}")
        found: Mapping[str, _Found] = getattr(module, self._table)
        return found[name]

    def __contains__(self, name: object) -> bool:
        return name in self._module_of

    def __iter__(self) -> Iterator[str]:
        return iter(self._module_of)

    def __len__(self) -> int:
        return len(self._module_of)


FORMATS: Mapping[str, Format] = Catalogue(
    "FORMATS",
    {
        "reload": ("reload.struct", "reload.message", "reload.framed"),
        "sip": ("sip.message", "sip.stream", "sip.uri", "sip.header", "sip.multipart"),
        "sdp": ("sdp",),
        "documents": ("document",),
    },
)
"""Every format by its name."""

COMMANDS: Mapping[str, Command] = Catalogue(
    "COMMANDS", {"reload": ("reassemble", "verify", "sign"), "documents": ("validate",)}
)
"""Every command beside hello, decode, encode and reencode."""

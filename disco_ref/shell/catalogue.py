"""Every format and every command of the adapter, gathered in one place."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from importlib.metadata import PackageNotFoundError, version

from disco_ref.shell.formats import sdp
from disco_ref.shell.formats.format import Format, Json

Params = Mapping[str, Json]
"""The members of ``params`` of a request."""

Command = Callable[[Params], Json]
"""What carries a request out; raises Refusal or Unsupported."""


def _gather() -> tuple[dict[str, Format], dict[str, Command]]:
    formats: dict[str, Format] = dict(sdp.FORMATS)
    commands: dict[str, Command] = {}
    for name in ("reload", "sip", "documents"):
        try:
            module = importlib.import_module(f"disco_ref.shell.formats.{name}")
        except ModuleNotFoundError:
            continue
        formats.update(module.FORMATS)
        commands.update(getattr(module, "COMMANDS", {}))
    return formats, commands


FORMATS, COMMANDS = _gather()


def release() -> str:
    """The version of this reference as installed, or ``source`` where it runs from its tree."""
    try:
        return version("disco-ref")
    except PackageNotFoundError:
        return "source"

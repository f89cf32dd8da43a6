"""Every format and every command of the adapter, gathered in one place."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from disco_ref.shell.formats import documents, reload, sdp, sip
from disco_ref.shell.formats.format import Format, Json

Params = Mapping[str, Json]
"""The members of ``params`` of a request."""

Command = Callable[[Params], Json]
"""What carries a request out; raises Refusal or Unsupported."""


FORMATS: dict[str, Format] = {**reload.FORMATS, **sip.FORMATS, **sdp.FORMATS, **documents.FORMATS}
"""Every format by its name."""

COMMANDS: dict[str, Command] = {**reload.COMMANDS, **documents.COMMANDS}
"""Every command beside hello, decode, encode and reencode."""

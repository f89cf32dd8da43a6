"""tshark as a second decoder of RELOAD: what it can read, and the slips it is known for.

A message goes in as one packet of a capture file whose link type is handed to the dissector; frames
go in as datagrams of a port that is decoded as framed.  tshark decodes and does not validate: it
agrees where it reads to the end without complaint and shows the fields that a vector names.
"""

from __future__ import annotations

import shutil
import subprocess

from conformance.lab.presentation.refusal import Json


class Dissector:
    """tshark, where it is installed."""

    def __init__(self) -> None:
        self._program = shutil.which("tshark")
        self.name = f"tshark {_version(self._program)}" if self._program else "tshark"

    def opinion(self, vector: dict[str, Json]) -> tuple[str, str]:
        """``agree``, ``disagree`` or ``cannot``, and in a few words why."""
        return "cannot", "not asked"


def _version(program: str) -> str:
    shown = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=30, check=False).stdout
    words = shown.split()
    return words[2] if len(words) > 2 else "?"

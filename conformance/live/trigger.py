"""What makes a subject originate something: a command, or an HTTP call."""

from __future__ import annotations

import json
import shlex
import shutil
import string
import subprocess
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass

from conformance.errors import Misuse
from conformance.live.wants import NotClaimed

PATIENCE = 20.0
"""Seconds that a trigger may take to come back."""
NAMES = (
    "do", "uri", "to", "target", "event", "body", "id", "number", "offer", "trust",
    "kind", "resource", "value", "index", "key", "node_id", "application", "configuration",
)  # fmt: skip
"""What may stand in braces in a command; what a scenario does not give is empty."""


@dataclass(frozen=True, slots=True)
class Trigger:
    """``COMMAND {do} {uri}``, or the address of a service that takes ``{"do": ..., "uri": ...}`` by POST."""

    template: str
    trust: str = ""
    """The root of the harness' authority, for what acts over TLS; empty: there is none."""

    def __post_init__(self) -> None:
        if self.template.startswith(("http://", "https://")):
            return
        try:
            names = {name for _, name, _, _ in string.Formatter().parse(self.template) if name is not None}
            words = shlex.split(self.template)
        except ValueError as fault:
            raise Misuse(f"--trigger {self.template}: {fault}") from None
        unknown = names - set(NAMES)
        if unknown or not words:
            raise Misuse(f"--trigger {self.template}: in braces stand {', '.join(NAMES)}, not {', '.join(unknown)}")
        if "{" not in words[0] and shutil.which(words[0]) is None:
            raise Misuse(f"--trigger {self.template}: {words[0]} is no program that can be run")

    def pull(self, do: str, arguments: Mapping[str, str]) -> None:
        """Do it; raises NotClaimed with what went wrong."""
        arguments = {**arguments, **({"trust": self.trust} if self.trust else {})}
        if self.template.startswith(("http://", "https://")):
            self._call(do, arguments)
        else:
            self._run(do, arguments)

    def _run(self, do: str, arguments: Mapping[str, str]) -> None:
        given = {**dict.fromkeys(NAMES, ""), **arguments, "do": do}
        words = [word.format(**given) for word in shlex.split(self.template)]
        try:
            done = subprocess.run(words, capture_output=True, timeout=PATIENCE, check=False, stdin=subprocess.DEVNULL)
        except (OSError, subprocess.TimeoutExpired) as fault:
            raise NotClaimed(f"the trigger {words[0]} does not work: {fault}") from None
        if done.returncode:
            tail = done.stderr.decode(errors="replace").strip()[-200:]
            raise NotClaimed(f"the trigger does not do {do}: status {done.returncode} {tail}".rstrip())

    def _call(self, do: str, arguments: Mapping[str, str]) -> None:
        content = json.dumps({**arguments, "do": do}).encode()
        asked = urllib.request.Request(self.template, content, {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(asked, timeout=PATIENCE):
                pass
        except (OSError, ValueError, urllib.error.URLError) as fault:
            raise NotClaimed(f"the trigger does not do {do}: {fault}") from None

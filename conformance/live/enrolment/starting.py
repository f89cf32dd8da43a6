"""The command that enrols a subject at the harness' server."""

from __future__ import annotations

import shlex
import shutil
import string
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass

from conformance.errors import Misuse
from conformance.live.wants import HarnessFault

NAMES = ("overlay", "url", "ca", "user", "password", "directory", "count")
"""What may stand in braces: the overlay's name, where its configuration is, whom to trust with TLS (a file), the account,
a file with its password, a folder of its own for each scenario, how many Node-IDs it is to ask for."""
ENDING = 5.0
"""Seconds that it is given to end."""


@dataclass(frozen=True, slots=True)
class Enroller:
    """``COMMAND {overlay} --url {url} ...``."""

    template: str

    def __post_init__(self) -> None:
        try:
            names = {name for _, name, _, _ in string.Formatter().parse(self.template) if name is not None}
            words = shlex.split(self.template)
        except ValueError as fault:
            raise Misuse(f"--start {self.template}: {fault}") from None
        if names - set(NAMES) or not words or "url" not in names:
            raise Misuse(f"--start {self.template}: in braces stand {', '.join(NAMES)}, and {{url}} is one of them")
        if shutil.which(words[0]) is None:
            raise Misuse(f"--start {self.template}: {words[0]} is no program that can be run")

    def start(self, given: Mapping[str, str]) -> subprocess.Popen[bytes]:
        """Start it; raises HarnessFault where that cannot be."""
        words = [word.format(**given) for word in shlex.split(self.template)]
        quiet = subprocess.DEVNULL
        try:
            return subprocess.Popen(words, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True)
        except OSError as fault:
            raise HarnessFault(f"{words[0]} cannot be started: {fault}") from None


def end(process: subprocess.Popen[bytes]) -> None:
    """End a subject that was started, if it has not ended by itself."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(ENDING)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

"""A subject that the harness starts by itself, anew for each scenario, and ends again.

Its command is ``--start 'COMMAND {configuration} {identity} {listen}'``; what stands in braces are files made for the scenario and
places, see ``NAMES``.
"""

from __future__ import annotations

import base64
import contextlib
import os
import shlex
import shutil
import signal
import string
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

from conformance.errors import Misuse, said
from conformance.live.network.wire import WireFault
from conformance.live.subject import End, shown
from conformance.live.wants import NotClaimed
from conformance.run.model import Json

NAMES = {
    "configuration": "the file of the configuration document",
    "certificate": "the file of the subject's certificate, PEM",
    "key": "the file of its key, PEM (PKCS #8)",
    "identity": "a file with both",
    "listen": "HOST:PORT at which it is to take links",
    "transport": "tls or dtls",
    "role": "peer, storing-peer or client: what it is to be",
    "first": "true where it is to found the overlay, false where it joins by the bootstrap nodes",
    "folder": "a folder that is empty at first, for what it wants to keep",
}
"""What may stand in braces."""
COMING = 20.0
"""Seconds that a subject is given until it takes links."""
ENDING = 5.0
"""Seconds that it is given to end before it is made to."""
LINE = 64


class Starting:
    """The command, and the subject that runs by it."""

    def __init__(self, template: str, transport: str, scale: float = 1.0) -> None:
        """Raises Misuse for a command that cannot be run."""
        self._words = _words(template)
        self._transport = transport
        self.role = "peer"
        """What the subject is started as."""
        self._scale = scale
        self._running: subprocess.Popen[bytes] | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._until = 0.0

    def start(self, settings: Mapping[str, Json], listen: End) -> None:
        """Start the subject with these settings, after the one before it has ended; raises NotClaimed, WireFault."""
        self.stop()
        unknown = set(settings) - {"configuration", "certificates", "key", "first", "node_id"}
        if unknown:
            raise NotClaimed(f"a command cannot tell a subject its {', '.join(sorted(unknown))}")
        if "key" not in settings:
            raise NotClaimed("a subject of a foreign overlay is not started anew")
        self._folder = made = tempfile.TemporaryDirectory(prefix="disco-conformance-")
        folder = Path(made.name)
        given = {
            **_written(folder, settings), "listen": shown(listen), "transport": self._transport, "role": self.role,
            "first": str(settings.get("first") is True).lower(),
        }  # fmt: skip
        with (folder / "said.txt").open("wb") as says:
            try:
                self._running = subprocess.Popen(
                    [word.format(**given) for word in self._words], stdin=subprocess.DEVNULL, stdout=says, stderr=says,
                    start_new_session=True,
                )  # fmt: skip
            except OSError as fault:
                raise WireFault(f"--start: {self._words[0]}: {said(fault)}") from None
        self._until = time.monotonic() + COMING * self._scale

    @property
    def coming(self) -> bool:
        """Whether it may still be on its way to take links."""
        return self._running is not None and not self.ended and time.monotonic() < self._until

    @property
    def ended(self) -> str:
        """Why it does not run any more; empty while it does, and before it was started."""
        status = None if self._running is None else self._running.poll()
        if status is None or self._folder is None:
            return ""
        tail = (Path(self._folder.name) / "said.txt").read_bytes()[-300:].decode(errors="replace").strip()
        said = f": {tail.splitlines()[-1]}" if tail else ", and has said nothing"
        return f"the subject that was started has ended with status {status}{said}"

    def stop(self) -> None:
        """End it, with what it has started itself."""
        running, self._running = self._running, None
        if running is not None:
            _tell(running, signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                running.wait(ENDING)
            _tell(running, signal.SIGKILL)
            running.wait(ENDING)
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None


def _tell(running: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """To the group that was made for it."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(running.pid, number)


def _words(template: str) -> Sequence[str]:
    try:
        names = {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}
        words = shlex.split(template)
    except ValueError as fault:
        raise Misuse(f"--start {template}: {fault}") from None
    unknown = sorted(names - set(NAMES))
    if unknown or not words:
        raise Misuse(f"--start {template}: in braces stand {', '.join(NAMES)}, not {', '.join(unknown)}")
    if shutil.which(words[0]) is None:
        raise Misuse(f"--start {template}: {words[0]} is no program that can be run")
    return words


def _written(folder: Path, settings: Mapping[str, Json]) -> dict[str, str]:
    """The files, by the name that a command has for them; what holds the key is for its owner only."""
    shown_ones = cast("Sequence[str]", settings["certificates"])
    certificate = b"".join(pem("CERTIFICATE", bytes.fromhex(one)) for one in shown_ones)
    key = pem("PRIVATE KEY", bytes.fromhex(str(settings["key"])))
    files = {
        "configuration": ("configuration.xml", str(settings["configuration"]).encode()),
        "certificate": ("certificate.pem", certificate),
        "key": ("key.pem", key),
        "identity": ("identity.pem", key + certificate),
    }
    for name, octets in files.values():
        path = folder / name
        path.touch(mode=0o600)
        path.write_bytes(octets)
    (folder / "kept").mkdir()
    return {name: str(folder / file) for name, (file, _) in files.items()} | {"folder": str(folder / "kept")}


def pem(label: str, der: bytes) -> bytes:
    """DER as PEM."""
    text = base64.b64encode(der).decode()
    lines = [text[at : at + LINE] for at in range(0, len(text), LINE)]
    return "\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""]).encode()

"""A subject as a process that is asked one thing at a time (SUBJECT.md): one line down, one line up."""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from conformance.errors import TargetFault, said
from conformance.live.network.wire import WireFault
from conformance.run.model import Json

BUDGET = 10.0
"""Seconds that a reply is awaited."""
LONGEST_LINE = 64 << 20
"""Octets of one reply."""
LOG = 256 << 10
"""How much of standard error is kept, in octets."""
_KINDS = ("result", "refusal", "unsupported", "fault")


class Unsupported(Exception):
    """The subject does not do this."""


class Declined(WireFault):
    """The subject refuses what it is asked to do."""


@dataclass(slots=True)
class Conversation:
    """One process; started when it is first asked, and again after it has ended."""

    arguments: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    budget: float = BUDGET
    log: bytearray = field(default_factory=bytearray)
    """Standard error, the beginning of it."""
    _process: subprocess.Popen[bytes] | None = None
    _held: bytearray = field(default_factory=bytearray)
    _number: int = 0

    def ask(self, command: str, params: Mapping[str, Json]) -> Mapping[str, Json]:
        """The ``result`` of a command; raises Unsupported, or WireFault with ``fatal`` where the subject is at fault."""
        self._number += 1
        line = json.dumps({"id": self._number, "command": command, "params": params}) + "\n"
        process = self._process or self._start()
        assert process.stdin is not None
        try:
            process.stdin.write(line.encode())
            process.stdin.flush()
        except OSError:
            raise self._ended() from None
        reply = self._reply()
        if "unsupported" in reply:
            raise Unsupported(str(reply["unsupported"]))
        if "refusal" in reply:
            raise Declined(f"{command} is answered with {json.dumps(reply)[:300]}", fatal=True)
        result = reply.get("result")
        if not isinstance(result, Mapping):
            raise WireFault(f"{command} is answered with {json.dumps(reply)[:300]}", fatal=True)
        return result

    def _start(self) -> subprocess.Popen[bytes]:
        try:
            self._process = subprocess.Popen(
                list(self.arguments), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                env={**os.environ, **self.environment}, start_new_session=True,
            )  # fmt: skip
        except (OSError, ValueError) as fault:
            raise TargetFault(f"cannot start {' '.join(self.arguments)!r}: {said(fault)}") from None
        return self._process

    def _reply(self) -> Mapping[str, Json]:
        line = self._line()
        try:
            reply = json.loads(line)
        except (ValueError, RecursionError):
            raise self._fault(f"not a line of JSON: {line[:200].decode(errors='replace')}") from None
        if not isinstance(reply, dict) or sum(kind in reply for kind in _KINDS) != 1 or reply.get("id") != self._number:
            raise self._fault(f"not a reply to request {self._number}: {line[:200].decode(errors='replace')}")
        return reply

    def _line(self) -> bytes:
        process = self._process
        assert process is not None and process.stdout is not None and process.stderr is not None
        end = time.monotonic() + self.budget
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ, True)
            selector.register(process.stderr, selectors.EVENT_READ, False)
            while b"\n" not in self._held:
                left = end - time.monotonic()
                if left <= 0:
                    raise self._fault(f"no reply within {self.budget:g} seconds")
                for key, _ in selector.select(left):
                    chunk = os.read(key.fd, 1 << 16)
                    if key.data and (not chunk or len(self._held) > LONGEST_LINE):
                        raise self._ended()
                    if key.data:
                        self._held += chunk
                    elif chunk:
                        self.log += chunk[: max(0, LOG - len(self.log))]
                    else:
                        selector.unregister(key.fileobj)
        line, _, rest = bytes(self._held).partition(b"\n")
        self._held = bytearray(rest)
        return line

    def _ended(self) -> WireFault:
        process = self._process
        try:
            status = process.wait(1.0) if process else None
        except subprocess.TimeoutExpired:
            status = None
        tail = bytes(self.log[-300:]).decode(errors="replace").strip()
        return self._fault(f"the subject ended with status {status}" + (f"; it said: {tail}" if tail else ""))

    def _fault(self, why: str) -> WireFault:
        self.close()
        return WireFault(why, fatal=True)

    def close(self) -> None:
        """End its input, which ends a subject that keeps the contract; then end the process and what it started."""
        process, self._process = self._process, None
        self._held.clear()
        if process is None:
            return
        assert process.stdin is not None and process.stdout is not None and process.stderr is not None
        try:
            process.stdin.close()
            process.wait(1.0)
        except (OSError, subprocess.TimeoutExpired):
            with suppress(ProcessLookupError):  # it may have ended by itself
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        process.stdout.close()
        process.stderr.close()

"""A subject as a process: requests down its standard input, replies up its standard output (SUBJECT.md).

Requests are sent ahead of the replies, a bounded number of them.  A subject that ends or writes something else is
started again; the request it had not answered is put to it once more, alone, so that the blame falls on the right one.
A subject that does not come back is given up: what was not asked is said so, never judged.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from conformance.checks.case import Outcome, Request
from conformance.errors import TargetFault, said
from conformance.run.model import Json

BUDGET = 10.0
"""Seconds that a reply is awaited (SUBJECT.md)."""
AHEAD = 64
"""Requests that may be under way."""
AHEAD_OCTETS = 1 << 20
"""Octets of requests that may be under way, one longer request excepted."""
LINE = 64 << 20
"""The longest line a subject may write, in octets."""
LOG = 256 << 10
"""How much of standard error is kept, in octets."""
PATIENCE = 8
"""Failures in a row after which a subject is given up; one case has at most five requests."""
SILENT = 4
"""Silences in a row after which a subject is given up."""
RESTARTS = 60
"""Starts in all after which a subject is given up."""
SILENCES = 20
"""Silences in all after which a subject is given up."""

_KINDS = ("result", "refusal", "unsupported", "fault")


@dataclass(slots=True)
class Adapter:
    """An adapter under judgement; ``converse`` may be called several times."""

    arguments: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    """Variables on top of those that are passed through."""
    budget: float = BUDGET
    progress: Callable[[int], None] = lambda count: None
    """Called with the number of new outcomes."""
    log: bytearray = field(default_factory=bytearray)
    """Standard error, the beginning of it."""
    starts: int = 0
    _failures: int = 0
    _silent: int = 0
    _silences: int = 0
    _next: int = 1

    def converse(self, requests: Sequence[Request]) -> list[Outcome]:
        """Put every request to the subject, in order; one outcome each."""
        logging.getLogger("asyncio").setLevel(logging.ERROR)  # a closed pipe is an outcome here, not a warning
        return asyncio.run(self._converse(requests)) if requests else []

    @property
    def given_up(self) -> str:
        """Why nothing more is asked; empty while the subject is asked."""
        if self._failures >= PATIENCE:
            return f"not asked: the subject failed {self._failures} requests in a row"
        if self.starts > RESTARTS:
            return f"not asked: the subject had to be started {self.starts} times"
        if self._silent >= SILENT:
            return f"not asked: the subject was silent {self._silent} times in a row"
        if self._silences >= SILENCES:
            return f"not asked: the subject was silent {self._silences} times"
        return ""

    def after_garbage(self, hello: Request) -> Outcome:
        """Write a line that is not JSON, then say hello; the subject may answer the line, or end and be started again."""
        return asyncio.run(self._after_garbage(hello))

    async def _after_garbage(self, hello: Request) -> Outcome:
        link = await self._start()
        try:
            assert link.process.stdin is not None
            link.process.stdin.write(b'{"id": 1, "command": \n')
            number, self._next = self._next + 1, self._next + 2
            link.send(number, hello)
            kind, reply, why = await self._reply(link, number)
            if kind == "garbage":
                kind, reply, why = await self._reply(link, number)
        finally:
            await link.close()
        if kind == "ended":
            return (await self._converse([hello]))[0]
        return Outcome(request=hello, kind=kind, reply=reply, why=why)

    async def _converse(self, requests: Sequence[Request]) -> list[Outcome]:
        done: list[Outcome] = []
        alone_until = 0
        while len(done) < len(requests):
            if self.given_up:
                done += [
                    Outcome(request=one, kind="unasked", reply={}, why=self.given_up) for one in requests[len(done) :]
                ]
                break
            before = len(done)
            alone = before < alone_until
            link = await self._start()
            try:
                until = alone_until if alone else len(requests)
                failed = await self._session(link, requests[:until], done, 1 if alone else AHEAD)
            finally:
                await link.close()
            self.progress(len(done) - before)
            if failed is None:
                continue
            if not alone and failed.kind in ("ended", "garbage") and link.ahead > 1:
                alone_until = len(done) + 1
                continue
            self._count(failed)
            done.append(failed)
            self.progress(1)
        return done

    def _count(self, failed: Outcome) -> None:
        self._failures += 1
        self._silences += failed.kind == "silence"
        self._silent = self._silent + 1 if failed.kind == "silence" else 0

    async def _start(self) -> _Link:
        self.starts += 1
        try:
            process = await asyncio.create_subprocess_exec(
                *self.arguments,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                limit=LINE,
                env={**os.environ, **self.environment},
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            raise TargetFault(f"cannot start {' '.join(self.arguments)!r}: {said(error)}") from None
        return _Link(process, self.log)

    async def _session(
        self, link: _Link, requests: Sequence[Request], done: list[Outcome], ahead: int
    ) -> Outcome | None:
        """Talk to one running process until all is answered (None) or a reply does not come (that outcome)."""
        waiting: list[tuple[Request, int, float, int]] = []
        last = 0.0
        while len(done) < len(requests):
            while len(done) + len(waiting) < len(requests) and len(waiting) < ahead:
                if waiting and sum(entry[3] for entry in waiting) > AHEAD_OCTETS:
                    break
                request = requests[len(done) + len(waiting)]
                waiting.append((request, self._next, time.time(), link.send(self._next, request)))
                self._next += 1
            request, number, sent, _size = waiting[0]
            link.ahead = len(waiting)
            kind, reply, why = await self._reply(link, number)
            received = time.time()
            outcome = Outcome(request=request, kind=kind, reply=reply, why=why, sent=max(sent, last), received=received)
            if kind != "reply":
                return outcome
            self._failures = self._silent = 0
            last = received
            done.append(outcome)
            waiting.pop(0)
        return None

    async def _reply(self, link: _Link, number: int) -> tuple[str, Mapping[str, Json], str]:
        try:
            line = await asyncio.wait_for(link.line(), self.budget)
        except TimeoutError:
            return "silence", {}, f"no reply within {self.budget:g} seconds"
        except ValueError:
            return "garbage", {}, f"a line of more than {LINE} octets"
        if not line.endswith(b"\n"):
            code = await link.code()
            tail = bytes(link.tail[-300:]).decode(errors="replace").strip()
            said = f"; it said: {tail}" if tail else ""
            return "ended", {}, f"the subject ended with status {code}{said}"
        return _read(line, number)


def _read(line: bytes, number: int) -> tuple[str, Mapping[str, Json], str]:
    shown = line[:200].decode(errors="replace").strip()
    try:
        reply = json.loads(line, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return "garbage", {}, f"not a line of JSON: {shown}"
    if not isinstance(reply, dict) or sum(kind in reply for kind in _KINDS) != 1:
        return "garbage", {}, f"not an object with exactly one of {', '.join(_KINDS)}: {shown}"
    if reply.get("id") != number or isinstance(reply.get("id"), bool):
        return "garbage", {}, f"the reply's id is not {number}: {shown}"
    return "reply", reply, ""


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


class _Link:
    """One running process."""

    def __init__(self, process: asyncio.subprocess.Process, log: bytearray) -> None:
        self.process = process
        self.ahead = 0
        self.tail = bytearray()
        self._log = log
        self._reading = asyncio.ensure_future(self._read_log())

    def send(self, number: int, request: Request) -> int:
        line = json.dumps({"id": number, "command": request.command, "params": request.params}) + "\n"
        octets = line.encode()
        assert self.process.stdin is not None
        self.process.stdin.write(octets)
        return len(octets)

    async def line(self) -> bytes:
        assert self.process.stdout is not None
        return await self.process.stdout.readline()

    async def code(self) -> int | None:
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self.process.wait(), 1.0)
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(asyncio.shield(self._reading), 0.2)
        return self.process.returncode

    async def close(self) -> None:
        """End its input, which ends a subject that keeps the contract; then end the process."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        try:
            await asyncio.wait_for(self.process.wait(), 1.0)
        except TimeoutError:
            self._kill()
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._drain(), 1.0)
        except asyncio.CancelledError:  # interrupted: nobody waits any more, and nothing may be left behind
            self._kill()
            raise
        self._reading.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._reading

    def _kill(self) -> None:
        """End the process and what it started; it leads a group of its own."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)

    async def _drain(self) -> None:
        """Read what a killed subject had still written; until its pipe is empty it does not count as ended."""
        assert self.process.stdout is not None
        while await self.process.stdout.read(1 << 16):
            pass
        await self.process.wait()

    async def _read_log(self) -> None:
        assert self.process.stderr is not None
        while chunk := await self.process.stderr.read(65536):
            self._log.extend(chunk[: max(0, LOG - len(self._log))])
            self.tail = (self.tail + chunk)[-2000:]

"""Calls: how many a second one focus answers cleanly, driven by SIPp, against SIPp's own answering side.

A complete call is INVITE, 180, 200, ACK, BYE, 200.  A rate counts as clean where it was really offered, every call succeeds and
nothing is sent twice; each is tried twice at most.  Subject and load have a core each where the machine has two, so that the
figure is that of one core; where others use these cores, the processor time of a call says more than the rate.
"""

from __future__ import annotations

import contextlib
import csv
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import IO, NamedTuple

_TARGET = 1500
"""Complete calls a second."""
_SECONDS = 4
"""How long a rate is held."""
_STEPS = (100, 200, 300, 500, 750, 1000, 1250, 1500, 1750, 2000, 2500, 3000, 4000, 6000, 9000, 13000)
_EASY = 200
"""Calls a second that leave the processor time to spare: what a call costs is measured by them."""
_OFFERED = 0.9
"""What SIPp must have managed of a rate for it to count as offered."""
_DRAINED = 33.0
"""Seconds after which nothing may be left: 64*T1, and one."""


def measure() -> list[dict[str, object]]:
    """The rows of the benchmark; a row that says why where SIPp is not installed."""
    if shutil.which("sipp") is None:
        return [{"name": "complete calls a second", "value": "not measured", "unit": "(sipp is not installed)"}]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ours = _highest(_focus, folder)
        offered = 3 * max(ours, 500)
        with _focus() as subject:
            port = subject.port
            cost = _cost(subject.process.pid, port, folder)
            shed = _overload(port, folder, offered)
            after = _clean(port, folder, _EASY) or _clean(port, folder, _EASY)
            resident = _resident(subject.process.pid)
            ended = time.monotonic()
            theirs = _highest(_answering_side, folder)
            time.sleep(max(0.0, ended + _DRAINED - time.monotonic()))
            left = _state(subject)
    return [
        {"name": "complete calls a second, clean", "value": float(ours), "unit": "on one core", "target": f"{_TARGET:,}"},
        {"name": "processor time of a complete call at 200 a second, sockets and all", "value": cost, "unit": "µs"},
        {"name": "complete calls a second", "value": ours / max(theirs, 1), "unit": "times", "ratio_to": f"SIPp's own answering side ({theirs:,}/s)"},
        {"name": "memory after the overload", "value": resident, "unit": "MiB"},
        {"name": f"offered {offered:,} calls a second", "value": shed, "target": "503 with Retry-After, none failed"},
        {"name": f"clean at {_EASY} calls a second afterwards", "value": "yes" if after else "no", "target": "yes"},
        {"name": "state left after 64*T1", "value": left, "target": "none"},
    ]  # fmt: skip


class _Subject(NamedTuple):
    """A process under load, and the file with what it has printed."""

    process: subprocess.Popen[bytes]
    output: IO[bytes]
    port: int


@contextlib.contextmanager
def _focus() -> Iterator[_Subject]:
    """The reference's focus on the first core; ended as a user would."""
    port = _free_port()
    words = [
        sys.executable,
        "-m",
        "disco_ref.shell.command",
        "focus",
        "--udp",
        f"127.0.0.1:{port}",
        "--capacity",
        "20000",
        "--json",
    ]
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(words, stdout=output, stderr=subprocess.DEVNULL, preexec_fn=lambda: _pin(0))
        try:
            _await(port, process)
            yield _Subject(process, output, port)
        finally:
            process.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(10)
            if process.poll() is None:
                process.kill()


@contextlib.contextmanager
def _answering_side() -> Iterator[_Subject]:
    """SIPp, which answers."""
    port = _free_port()
    words = ["sipp", "-sn", "uas", "-i", "127.0.0.1", "-p", str(port), "-nostdin"]
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.DEVNULL, preexec_fn=lambda: _pin(0)
        )
        try:
            time.sleep(1)
            yield _Subject(process, output, port)
        finally:
            process.kill()
            process.wait()


def _pin(core: int) -> None:
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cores[core % len(cores)]})


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
    return port


def _await(port: int, process: subprocess.Popen[bytes]) -> None:
    """Until the focus answers an OPTIONS; a RuntimeError after ten seconds."""
    ask = (
        "OPTIONS sip:ping@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{0};branch=z9hG4bK{1}\r\nMax-Forwards: 70\r\n"
        "From: <sip:bench@127.0.0.1>;tag=1\r\nTo: <sip:ping@127.0.0.1>\r\nCall-ID: {1}\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
    )
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind(("127.0.0.1", 0))
        one.settimeout(0.5)
        for turn in range(20):
            if process.poll() is not None:
                raise RuntimeError("the focus ended before it answered")
            with contextlib.suppress(OSError):
                one.sendto(ask.format(one.getsockname()[1], f"bench{turn}").encode(), ("127.0.0.1", port))
                one.recv(65535)
                return
            time.sleep(0.2)
    raise RuntimeError("the focus has not answered for ten seconds")


def _cost(pid: int, port: int, folder: Path) -> float:
    """Processor time of one call in microseconds, user's and system's, at a rate that is no trouble."""
    before = _processor(pid)
    figures = _load(port, folder, ["-sn", "uac"], _EASY)
    return (_processor(pid) - before) / max(figures.successful, 1) * 1e6


def _processor(pid: int) -> float:
    """Seconds of processor time that a process has had."""
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _highest(subject: Callable[[], AbstractContextManager[_Subject]], folder: Path) -> int:
    """The highest step that is clean, looked for by halves; 0 where none is.

    Each try has a subject of its own: what an aborted one has left behind would burden the next.
    """
    low, high = 0, len(_STEPS)
    while low < high:
        middle = (low + high) // 2
        if _tried(subject, folder, _STEPS[middle]) or _tried(subject, folder, _STEPS[middle]):
            low = middle + 1
        else:
            high = middle
    return _STEPS[low - 1] if low else 0


def _tried(subject: Callable[[], AbstractContextManager[_Subject]], folder: Path, rate: int) -> bool:
    with subject() as one:
        return _clean(one.port, folder, rate)


def _clean(port: int, folder: Path, rate: int) -> bool:
    figures = _load(port, folder, ["-sn", "uac"], rate)
    faultless = figures.successful == rate * _SECONDS and not figures.failed and not figures.retransmissions
    return faultless and figures.offered >= _OFFERED * rate


class _Figures(NamedTuple):
    """What SIPp has counted."""

    successful: int
    failed: int
    retransmissions: int
    offered: float
    """Calls a second, on the average."""


def _load(port: int, folder: Path, scenario: Sequence[str], rate: int, patience: int = 15) -> _Figures:
    """So many calls a second for some seconds; what SIPp counted, which gives up after a while."""
    stats = folder / f"{rate}-{time.monotonic_ns()}.csv"
    calls = rate * _SECONDS
    words = ["sipp", *scenario, "-i", "127.0.0.1", "-p", str(_free_port()), "-mp", "34000", "-s", "load", "-r", str(rate),
             "-m", str(calls), "-l", str(max(calls, 100)), "-d", "0", "-nostdin", "-trace_stat", "-stf", str(stats), "-fd", "1",
             "-timeout", str(patience), "-timeout_error", f"127.0.0.1:{port}"]  # fmt: skip
    with contextlib.suppress(subprocess.TimeoutExpired):
        subprocess.run(
            words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False,
            timeout=patience + 10, preexec_fn=lambda: _pin(1), cwd=folder,
        )  # fmt: skip
    rows = list(csv.DictReader(stats.read_text().splitlines(), delimiter=";")) if stats.exists() else []
    last = rows[-1] if rows else {}
    return _Figures(
        int(last.get("SuccessfulCall(C)") or 0),
        int(last.get("FailedCall(C)") or 0),
        int(last.get("Retransmissions(C)") or 0),
        float(last.get("CallRate(C)") or 0),
    )


_SHED = """<?xml version="1.0" encoding="UTF-8" ?>
<scenario name="calls of which some are shed">
<send retrans="500"><![CDATA[
INVITE sip:[service]@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:load@[local_ip]:[local_port]>;tag=[call_number]
To: <sip:[service]@[remote_ip]:[remote_port]>
Call-ID: [call_id]
CSeq: 1 INVITE
Contact: <sip:load@[local_ip]:[local_port]>
Max-Forwards: 70
Content-Type: application/sdp
Content-Length: [len]

v=0
o=load 1 1 IN IP[local_ip_type] [local_ip]
s=-
c=IN IP[media_ip_type] [media_ip]
t=0 0
m=audio [media_port] RTP/AVP 0
]]></send>
<recv response="100" optional="true"></recv>
<recv response="180" optional="true"></recv>
<recv response="503" optional="true" next="1"><action>
<ereg regexp=".+" search_in="hdr" header="Retry-After:" check_it="true" assign_to="1"/></action></recv>
<recv response="200" rrs="true"></recv>
<send><![CDATA[
ACK [next_url] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:load@[local_ip]:[local_port]>;tag=[call_number]
[last_To:]
Call-ID: [call_id]
CSeq: 1 ACK
Max-Forwards: 70
Content-Length: 0

]]></send>
<send retrans="500"><![CDATA[
BYE [next_url] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:load@[local_ip]:[local_port]>;tag=[call_number]
[last_To:]
Call-ID: [call_id]
CSeq: 2 BYE
Max-Forwards: 70
Content-Length: 0

]]></send>
<recv response="200" next="2"></recv>
<label id="1"/>
<send><![CDATA[
ACK sip:[service]@[remote_ip]:[remote_port] SIP/2.0
[last_Via:]
From: <sip:load@[local_ip]:[local_port]>;tag=[call_number]
[last_To:]
Call-ID: [call_id]
CSeq: 1 ACK
Max-Forwards: 70
Content-Length: 0

]]></send>
<nop><action><log message="shed [$1]"/></action></nop>
<label id="2"/>
<nop></nop>
</scenario>
"""


def _overload(port: int, folder: Path, rate: int) -> str:
    """What becomes of far too many calls: in words, from SIPp's counts and its log of shed calls."""
    scenario = folder / "shed.xml"
    scenario.write_text(_SHED)
    log_to = ["-trace_logs", "-log_file", str(folder / "shed.log")]
    figures = _load(port, folder, ["-sf", str(scenario), *log_to], rate, patience=45)
    log = folder / "shed.log"
    shed = sum(1 for line in log.read_text().splitlines() if line.startswith("shed")) if log.exists() else 0
    unfinished = rate * _SECONDS - figures.successful
    return f"{figures.successful - shed:,} served, {shed:,} shed by 503 with Retry-After, {unfinished:,} failed"


def _resident(pid: int) -> float:
    """MiB of a process that lie in memory."""
    with open(f"/proc/{pid}/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / (1 << 20)


def _state(subject: _Subject) -> str:
    """What the focus says of itself when it is asked by SIGUSR1: a line of JSON with its counts."""
    subject.process.send_signal(signal.SIGUSR1)
    time.sleep(1)
    subject.output.seek(0)
    lines = [json.loads(line) for line in subject.output.read().splitlines() if b'"state"' in line]
    if not lines:
        return "not told"
    counts = {name: count for name, count in lines[-1].get("counts", {}).items() if count}
    return ", ".join(f"{count} {name}" for name, count in counts.items()) or "none"

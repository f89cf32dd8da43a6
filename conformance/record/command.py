"""``python -m conformance.record [FLOW ...]``: record flows in a network namespace of their own.

Needs Linux, root, dumpcap (Wireshark) and the recorded programs.  Nothing leaves the namespace: it has a loopback
interface and no other.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import re
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from conformance import places
from conformance.record.flows import FLOWS, Flow
from conformance.record.programs import Missing, Program, version

_CLONE_NEWNET = 0x40000000
_TRIES = 3
_PORTS = (5060, 5070, 5080, 5084, 5090, 5091)


def main() -> int:
    """Record what is asked for; 1 where a flow could not be recorded."""
    parser = argparse.ArgumentParser(prog="python -m conformance.record", description=__doc__)
    parser.add_argument("flows", nargs="*", metavar="FLOW", help="folders such as rfc3261/call-udp (default: all)")
    parser.add_argument("--into", type=Path, default=places.traces(), help="where the captures go")
    parser.add_argument("--list", action="store_true", help="only say which flows there are")
    arguments = parser.parse_args()
    if arguments.list:
        for flow in FLOWS:
            print(f"{flow.folder:32} {flow.title} ({', '.join(flow.programs)})")
        return 0
    unknown = set(arguments.flows) - {flow.folder for flow in FLOWS}
    if unknown:
        parser.error(f"no such flow: {', '.join(sorted(unknown))}; --list says which there are")
    if ctypes.CDLL(None, use_errno=True).unshare(_CLONE_NEWNET) != 0:
        print(
            f"no network namespace of our own: {os.strerror(ctypes.get_errno())}; this needs root on Linux",
            file=sys.stderr,
        )
        return 1
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    failed = 0
    for flow in FLOWS:
        if arguments.flows and flow.folder not in arguments.flows:
            continue
        trouble = _tried(flow, arguments.into / flow.folder)
        failed += bool(trouble)
        print(f"{flow.folder}: {trouble or 'recorded'}", flush=True)
    return 1 if failed else 0


def _tried(flow: Flow, into: Path) -> str:
    """Record a flow; a program that came too late gets a second and third try.  What went wrong, or nothing."""
    trouble = ""
    for _ in range(_TRIES):
        try:
            record(flow, into)
            return ""
        except TimeoutError as late:
            trouble = f"not recorded: {late}"
        except (Missing, OSError) as lacking:
            return f"not recorded: {lacking}"
    return trouble


def record(flow: Flow, into: Path) -> None:
    """Record one flow.  Raises Missing, TimeoutError, OSError."""
    versions = [version(program) for program in flow.programs]
    into.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        work = Path(folder)
        work.chmod(0o755)
        raw = work / "raw.pcap"
        expression = " or ".join(f"port {port}" for port in _PORTS)
        capture = Program("dumpcap", ["dumpcap", "-q", "-P", "-i", "lo", "-f", expression, "-w", str(raw)], work)
        time.sleep(1.0)
        try:
            flow.steps(work, stack)
        finally:
            stack.close()
            time.sleep(0.5)
            capture.stop()
        # from pcap, so that the capture does not describe the machine
        subprocess.run(["editcap", "-F", "pcapng", str(raw), str(into / "capture.pcapng")], check=True, timeout=20)
    (into / "trace.toml").write_text(_note(flow, versions, into / "trace.toml"), encoding="utf-8")


def _note(flow: Flow, versions: list[str], path: Path) -> str:
    """The text of trace.toml; what stands there by hand is kept."""
    kept = kept_tables(path.read_text(encoding="utf-8")) if path.is_file() else ""
    programs = ", ".join(f'"{one}"' for one in versions)
    clauses = ", ".join(f'"{clause}"' for clause in flow.clauses)
    ports = ", ".join(f'{port} = "sip"' for port in _PORTS)
    confirmed = f'"{version("tshark")}"' if _tshark_agrees(path.with_name("capture.pcapng")) else ""
    return (
        f'title = "{flow.title}"\nwhat = "{flow.what}"\nclauses = [{clauses}]\nports = {{ {ports} }}\n\n[origin]\nhow = "recorded"\n'
        f'from = "the programs\' own exchange on a loopback interface, {flow.transport.upper()}"\nprograms = [{programs}]\n'
        f'command = "python -m conformance.record {flow.folder}"\nconfirmed = [{confirmed}]\n\n{kept}'
    )


def kept_tables(text: str) -> str:
    """A trace.toml from its first ``[[expect]]`` or ``[judged]`` on: what is written by hand, or by the replay."""
    found = re.search(r"^\[\[expect\]\]|^\[judged\]", text, re.M)
    return text[found.start() :] if found else ""


def _tshark_agrees(capture: Path) -> bool:
    """Whether tshark reads SIP in the capture and finds nothing malformed; raises Missing."""
    version("tshark")
    read = [
        subprocess.run(["tshark", "-r", str(capture), "-Y", only], capture_output=True, timeout=60, check=True).stdout
        for only in ("sip", '_ws.malformed || _ws.expert.severity == "Error"')
    ]
    return bool(read[0]) and not read[1]


if __name__ == "__main__":
    sys.exit(main())

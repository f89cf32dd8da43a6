"""The whole offline conformance run, start to report, as a whole process."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

_LIMIT = 30.0
"""Seconds on two cores."""


def measure() -> list[dict[str, object]]:
    """Wall and processor time of the default run, and the share of an empty interpreter start in it."""
    bare = min(_seconds([sys.executable, "-c", "import rich, lxml.etree, xmlschema, jsonschema"])[0] for _ in range(3))
    with tempfile.TemporaryDirectory() as folder:
        command = [
            sys.executable,
            "-m",
            "conformance.command",
            "run",
            "--quiet",
            "--report",
            str(Path(folder, "report")),
        ]
        wall, used = _seconds(command)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return [
        {
            "name": "conformance run, wall time",
            "value": wall,
            "unit": f"s on {cores} cores",
            "target": f"under {_LIMIT:g} s",
        },
        {"name": "conformance run, processor time", "value": used, "unit": "s"},
        {"name": "conformance run", "value": wall / bare, "unit": "times", "ratio_to": "importing its libraries"},
        {"name": "conformance run, largest process", "value": _peak() / 1024, "unit": "MiB"},
    ]


def _seconds(command: list[str]) -> tuple[float, float]:
    """Wall seconds and processor seconds of a command and its children."""
    before, start = os.times(), time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    wall, after = time.perf_counter() - start, os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return wall, used


def _peak() -> int:
    """The largest resident set of a child so far, KiB (Linux counts in KiB)."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss

"""Run the benchmarks: a table on the terminal, JSON on request (``python -m bench --json FILE``)."""

from __future__ import annotations

import argparse
import importlib
import json
import platform
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

ROOMS = (
    "reload_codec",
    "overlay_forwarding",
    "overlay_store",
    "overlay_ring",
    "overlay_churn",
    "sip_messages",
    "documents",
    "sip_calls",
    "sip_state",
    "conformance_run",
)


def main() -> int:
    """Measure, print, and say which targets are met; 0 unless a benchmark could not be run."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("rooms", nargs="*", metavar="ROOM", help=f"which to run: {', '.join(ROOMS)} (all)")
    parser.add_argument("--json", metavar="FILE", help="also write the figures there")
    arguments = parser.parse_args()
    unknown = set(arguments.rooms) - set(ROOMS)
    if unknown:
        parser.error(f"no benchmark is called {', '.join(sorted(unknown))}; there are {', '.join(ROOMS)}")
    rows: list[dict[str, object]] = []
    console = Console()
    for room in arguments.rooms or ROOMS:
        console.print(f"measuring {room} …", style="dim", highlight=False)
        for row in importlib.import_module(f"bench.{room}").measure():
            rows.append({"room": room, **row})
    table = Table("benchmark", "figure", "measured against", "target")
    for row in rows:
        value = row["value"]
        figure = f"{value:,.3g}" if isinstance(value, float) else str(value)
        table.add_row(
            str(row["name"]),
            f"{figure} {row.get('unit', '')}".strip(),
            str(row.get("ratio_to") or ""),
            str(row.get("target") or ""),
        )
    console.print(table)
    if arguments.json:
        machine = {"python": platform.python_version(), "machine": platform.machine(), "system": platform.system()}
        Path(arguments.json).write_text(
            json.dumps({"machine": machine, "figures": rows}, indent=2) + "\n", encoding="utf-8"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())

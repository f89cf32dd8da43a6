"""``python -m conformance.lab.capture.write FLOW.toml...``: writes ``capture.pcapng`` beside each flow."""

from __future__ import annotations

import io
import sys
from pathlib import Path

from conformance.lab.capture.flow import Flow, FlowFault, packets_of, read_flow
from conformance.lab.capture.writing import write_pcapng


def pcapng_of(flow: Flow) -> bytes:
    """The capture of a flow; the same flow gives the same octets."""
    file = io.BytesIO()
    write_pcapng(file, packets_of(flow), link_type=flow.link_type, comment=flow.comment or flow.title)
    return file.getvalue()


def main(arguments: list[str]) -> int:
    """Write every flow named; 0 when all were written, 1 with one line for each that was not, 2 on misuse."""
    if not arguments:
        print("usage: python -m conformance.lab.capture.write FLOW.toml...", file=sys.stderr)
        return 2
    failed = 0
    for name in arguments:
        path = Path(name)
        try:
            octets = pcapng_of(read_flow(path))
            (path.parent / "capture.pcapng").write_bytes(octets)
        except (FlowFault, OSError, ValueError) as fault:
            print(f"{name}: {fault}", file=sys.stderr)
            failed = 1
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Starts a node of the reference with what the harness has made, as ``--start`` wants it; it takes links over TLS and DTLS.

``python -m conformance.interop.own_node {configuration} {identity} {listen} {transport} {first} {folder}``; a file of live mutants and
the name of one behind that start it broken.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

PROGRAM = ("-m", "disco_ref.shell.command")
BROKEN = ("-m", "conformance.mutants.patched")


def main(words: list[str]) -> int:
    """Write its file, and become the node; 2 where words are missing."""
    if len(words) not in (6, 8):
        sys.stderr.write(f"{__doc__}\n")
        return 2
    configuration, identity, listen, _, first, folder = words[:6]
    ice = b"<no-ice>false</no-ice>" in Path(configuration).read_bytes()
    places = ", ".join(f'"{word} {listen}"' for word in (("ice",) if ice else ("tls", "dtls")))
    file = Path(folder) / "node.toml"
    file.write_text(
        f'configuration = "{configuration}"\nidentity = "{identity}"\nlisten = [{places}]\nfirst = {first}\n',
        encoding="utf-8",
    )
    program = [*BROKEN, *words[6:], PROGRAM[1]] if words[6:] else [*PROGRAM]
    os.execv(sys.executable, [sys.executable, *program, "node", "--config", str(file)])
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

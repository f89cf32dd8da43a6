"""Pictures of a report in a headless Chromium: ``python -m conformance.report.screenshots REPORT.html OUTDIR``.

The top, the matrix, a failing check (or the first), a clause's row and the errata, at the width of a desk and of a phone, and
the check once more in the dark.
The pictures are for looking at; they are not kept.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
WIDTHS = {"desk": (1280, 1000), "phone": (390, 844)}
"""Width and height in CSS pixels."""


def places_of(report: str) -> dict[str, str]:
    """The anchors to look at, by the name of the picture."""
    first = re.search(r'<details class="check [a-z-]+" id="([^"]+)"', report)
    failing = re.search(r'<details class="check fail" id="([^"]+)"', report)
    clause = re.search(r'(?:href="#|<tr class="clause" id=")(clause-[^"]+)"', report)
    places = {"top": "", "matrix": "matrix", "errata": "errata"}
    check = failing or first
    if check:
        places["check"] = check[1]
    if clause:
        places["clause"] = clause[1]
    return places


def take(program: str, page: Path, anchor: str, size: tuple[int, int], picture: Path, *, dark: bool = False) -> None:
    """Take one picture; raises RuntimeError where the browser fails."""
    width, height = size
    with tempfile.TemporaryDirectory() as profile, tempfile.TemporaryDirectory() as folder:
        # Chromium has no window narrower than 500 pixels: a frame of the wanted width stands in a wider one.
        frame = Path(folder) / "frame.html"
        source = f"{page.resolve().as_uri()}#{anchor}"
        style = f"border:0;width:{width}px;height:{height}px"
        frame.write_text(f'<body style="margin:0"><iframe src="{source}" style="{style}"></iframe>', encoding="utf-8")
        words = [
            program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
            f"--user-data-dir={profile}", f"--window-size={max(500, width)},{height}", "--virtual-time-budget=8000",
            f"--blink-settings=preferredColorScheme={0 if dark else 1}",
            f"--screenshot={picture.resolve()}", frame.as_uri(),
        ]  # fmt: skip
        done = subprocess.run(words, capture_output=True, timeout=120, check=False)
    if done.returncode or not picture.is_file():
        raise RuntimeError(f"{program} ended with {done.returncode}: {done.stderr.decode(errors='replace')[-400:]}")


def main(arguments: Sequence[str]) -> int:
    """Take every picture; 2 on misuse, 3 without a browser."""
    if len(arguments) != 2 or not Path(arguments[0]).is_file():
        sys.stderr.write(f"{__doc__}\n")
        return 2
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        sys.stderr.write(f"none of {', '.join(PROGRAMS)} is installed\n")
        return 3
    page, folder = Path(arguments[0]), Path(arguments[1])
    folder.mkdir(parents=True, exist_ok=True)
    anchors = places_of(page.read_text(encoding="utf-8"))
    take(program, page, anchors.get("check", ""), WIDTHS["desk"], folder / "check-dark.png", dark=True)
    for name, anchor in anchors.items():
        for width, size in WIDTHS.items():
            picture = folder / f"{name}-{width}.png"
            take(program, page, anchor, size, picture)
            sys.stdout.write(f"{picture}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

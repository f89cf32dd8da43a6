"""Run the commands that documentation shows, and compare what it says they print.

A fenced block marked ``console`` is a test: each line that begins with ``$ `` is run by the shell, in a copy of the
checkout's folder for the block's file; the lines below it, where there are any, are what must be printed, ``...`` for
anything.  A line ``$ ... # exit 1`` expects that exit code.  Blocks marked ``sh`` are shown, not run.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

_LIMIT = 300
"""Seconds for one command."""


class Command(NamedTuple):
    """A command of a page, its expected output and exit code."""

    page: Path
    line: int
    words: str
    output: list[str]
    code: int


def commands(page: Path) -> Iterator[Command]:
    """The commands of a page, in order."""
    lines = page.read_text(encoding="utf-8").splitlines()
    inside = False
    current: Command | None = None
    for number, text in enumerate(lines, 1):
        if text.startswith("```"):
            if current:
                yield current
            current = None
            inside = text.strip() == "```console"
        elif inside and text.startswith("$ "):
            if current:
                yield current
            found = re.search(r"\s+# exit (\d+)$", text)
            words = text[2 : found.start()] if found else text[2:]
            current = Command(page, number, words, [], int(found[1]) if found else 0)
        elif inside and current:
            current.output.append(text)


def matches(expected: list[str], seen: str) -> bool:
    """Whether the output is what the page says; ``...`` stands for anything, also for whole lines."""
    pattern = re.escape("\n".join(expected).rstrip()).replace(re.escape("..."), ".*")
    return re.fullmatch(pattern, seen.rstrip(), re.DOTALL) is not None


def run(command: Command) -> str:
    """Run one command; what is wrong with it, or an empty string."""
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "NO_COLOR": "1",
    }
    try:
        done = subprocess.run(
            ["bash", "-c", command.words],
            capture_output=True,
            timeout=_LIMIT,
            env=environment,
            text=True,
            encoding="utf-8",
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"not finished after {_LIMIT} seconds"
    if done.returncode != command.code:
        return f"exit code {done.returncode}, the page says {command.code}\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
    if command.output and not matches(command.output, done.stdout + done.stderr):
        return (
            f"the page says\n{chr(10).join(command.output)}\nand it printed\n{done.stdout[-3000:]}{done.stderr[-1000:]}"
        )
    return ""


def main(places: list[str]) -> int:
    """Run the commands of all pages below the places."""
    pages = [
        page
        for place in places
        for page in (
            [Path(place)]
            if Path(place).is_file()
            else [page for page in sorted(Path(place).rglob("*.md")) if "node_modules" not in page.parts]
        )
    ]
    count = wrong = 0
    for page in pages:
        for command in commands(page):
            count += 1
            trouble = run(command)
            if trouble:
                wrong += 1
                print(f"{command.page}:{command.line}: $ {command.words}\n{trouble}\n")
    print(f"{count} commands of the documentation run, {wrong} not as it says")
    return 1 if wrong or not count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

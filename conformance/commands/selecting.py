"""The options by which checks are chosen."""

from __future__ import annotations

import argparse
from collections.abc import Collection

from conformance.run.selection import Selection

_OPTIONS = {
    "only": ("PATTERN", "ids, with * and ?; a name selects what lies below it"),
    "clause": ("PATTERN", "clause ids; rfc6940:6.3.2 selects the section"),
    "spec": ("SPEC", "rfc6940, rfc3261, disco00 ..."),
    "level": ("LEVEL", "MUST, SHOULD or MAY"),
    "format": ("FORMAT", "sip.header, reload.struct ..."),
    "role": ("ROLE", "codec or documents; for a subject on the network what it is"),
    "kind": ("KIND", "valid, invalid or canonical"),
}


def add_selection_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options; each may be given several times."""
    group = parser.add_argument_group("selection", "repeated, an option widens; different options narrow each other")
    for name, (metavar, words) in _OPTIONS.items():
        group.add_argument(f"--{name}", action="append", default=[], metavar=metavar, help=words)


def selection_of(args: argparse.Namespace, without: Collection[str] = ()) -> Selection:
    """The selection that was typed; ``without`` are options that mean something else here."""
    return Selection(**{name: tuple(getattr(args, name)) for name in _OPTIONS if name not in without})

"""``disco-conformance draft``: what a reader or author of a draft can have checked."""

from __future__ import annotations

import argparse

from conformance.draft.lint import command as lint


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verbs below ``draft``."""
    below = parser.add_subparsers(dest="draft_verb", required=True, metavar="VERB")
    lint.add_arguments(below.add_parser("lint", help="find what is wrong in the text of a draft"))


def run(args: argparse.Namespace) -> int:
    """Run the verb below."""
    return lint.run(args)

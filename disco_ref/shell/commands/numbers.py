"""Numbers as options of commands."""

from __future__ import annotations

import argparse


def seconds(text: str) -> float:
    """A time, which may be none; ArgumentTypeError where it is no number or absurd."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 10_000_000:
        raise argparse.ArgumentTypeError(f"{text!r}: expected a number of seconds")
    return value


def whole(text: str) -> int:
    """A time in whole seconds, which is some; ArgumentTypeError where it is not, or more than a message may say."""
    if not (text.isdecimal() and 0 < int(text) < 1 << 31):
        raise argparse.ArgumentTypeError(f"{text!r}: expected a whole number of seconds")
    return int(text)

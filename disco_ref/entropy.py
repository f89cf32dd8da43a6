"""Randomness as an argument: whoever needs it is handed a source (invariant 1 of docs/architecture.md)."""

from __future__ import annotations

from collections.abc import Callable

Entropy = Callable[[int], bytes]
"""Given a count, returns so many octets that nobody can predict; in tests, a reproducible stream."""

"""Points in time and spans of it, passed in as values; nothing below the shell reads a clock."""

from __future__ import annotations

from typing import NewType

Instant = NewType("Instant", float)
"""Seconds since 1970-01-01T00:00:00Z."""

Duration = NewType("Duration", float)
"""Seconds."""

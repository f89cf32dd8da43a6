"""Which version this is."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def release() -> str:
    """The version of this reference as installed, or ``source`` where it runs from its tree."""
    try:
        return version("disco-ref")
    except PackageNotFoundError:
        return "source"

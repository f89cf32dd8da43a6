"""Which version this is."""

from __future__ import annotations


def release() -> str:
    """The version of this reference as installed, or ``source`` where it runs from its tree."""
    # It takes longer to load than all else that a command needs before it knows its verb.
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("disco-ref")
    except PackageNotFoundError:
        return "source"

"""Where the parts of the suite lie: beside this package in a checkout, inside it when installed."""

from __future__ import annotations

import os
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
"""The folder of this package."""


def _inside_or_beside(name: str) -> Path:
    inside = PACKAGE / name
    return inside if inside.is_dir() else PACKAGE.parent / name


def installed() -> bool:
    """Whether this package was installed; if not it lies in a checkout, with everything that a checkout has."""
    return not {"site-packages", "dist-packages"}.isdisjoint(PACKAGE.parts)


def vectors() -> Path:
    """The folder of the vectors."""
    return PACKAGE / "vectors"


def registers() -> Path:
    """The folder of the clause registers, errata and interpretations."""
    return PACKAGE / "registers"


def subjects() -> Path:
    """The folder of the known subjects."""
    return PACKAGE / "subjects"


def mutants() -> Path:
    """The folder of the deliberately broken subjects."""
    return PACKAGE / "mutants"


def schemas() -> Path:
    """The folder of the schemas."""
    return _inside_or_beside("schemas")


def traces() -> Path:
    """The folder of the canned exchanges."""
    return _inside_or_beside("rfc_traces")


_OURS = frozenset([vectors(), registers(), schemas(), traces(), PACKAGE])


def shipped(folder: Path) -> bool:
    """Whether a folder is one of those above, whose files stay as they are while a program runs: they are read once."""
    return folder in _OURS


def specifications() -> Path | None:
    """The folder with the texts of the specifications, named by ``DISCO_SPECS``; None where it is not given."""
    named = os.environ.get("DISCO_SPECS", "")
    return Path(named) if named and Path(named).is_dir() else None

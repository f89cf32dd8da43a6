"""Entropy for tests."""

from __future__ import annotations

import hashlib
from itertools import count

from disco_ref.entropy import Entropy


def entropy() -> Entropy:
    """A stream that is the same in every run."""
    state = count(1)
    return lambda wanted: hashlib.shake_128(next(state).to_bytes(4, "big")).digest(wanted)

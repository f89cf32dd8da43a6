"""What a page keeps packed until a reader opens it: a long report is read in places, and loaded as a whole."""

from __future__ import annotations

import base64
import gzip
import json
import re
from collections.abc import Mapping

SMALL = 400_000
"""Characters up to which everything stands in the page as it is."""
_STORE = re.compile(r'<script type="text/plain" id="store">([A-Za-z0-9+/=]*)</script>')


def packed(texts: Mapping[str, str]) -> str:
    """The texts as base64 of a gzip of JSON, which a browser unpacks by itself; the same texts give the same octets."""
    octets = json.dumps(texts, ensure_ascii=False, separators=(",", ":")).encode()
    return base64.b64encode(gzip.compress(octets, 9, mtime=0)).decode("ascii")


def unpacked(page: str) -> dict[str, str]:
    """What a page keeps packed, by the anchor of its place; empty where it keeps nothing so."""
    found = _STORE.search(page)
    if found is None:
        return {}
    texts = json.loads(gzip.decompress(base64.b64decode(found[1])))
    return {str(name): str(text) for name, text in texts.items()}

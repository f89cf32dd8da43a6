"""Digest authentication, both sides (RFC 3261, section 22; RFC 2617; RFC 7616 and RFC 8760 as remembered for SHA-256)."""

"""Proxies, seen from both sides (RFC 3261, section 16)."""

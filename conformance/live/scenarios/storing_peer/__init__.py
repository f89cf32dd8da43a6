"""Scenarios with a storing peer of an overlay (RFC 6940)."""

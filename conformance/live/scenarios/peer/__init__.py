"""Scenarios with a peer of an overlay (RFC 6940)."""

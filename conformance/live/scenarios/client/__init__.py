"""Scenarios with a client of an overlay (RFC 6940)."""

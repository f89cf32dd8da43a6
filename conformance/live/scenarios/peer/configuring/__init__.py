"""Scenarios about the configuration that a peer of an overlay works by (RFC 6940, sections 6.5.4 and 11.1)."""

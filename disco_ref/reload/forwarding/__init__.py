"""Forwarding and connections (RFC 6940, sections 6.1, 6.2, 6.5)."""

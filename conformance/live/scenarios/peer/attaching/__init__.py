"""Scenarios of connections that a peer is asked for, or wants itself (RFC 6940, sections 6.5.1 and 6.5.2)."""

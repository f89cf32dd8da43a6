"""Scenarios with a node that enrols (RFC 6940, sections 11.2 and 11.3)."""

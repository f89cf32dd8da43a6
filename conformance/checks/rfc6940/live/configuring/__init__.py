"""Checks of the configuration that peers of an overlay work by (RFC 6940, sections 6.5.4 and 11.1)."""

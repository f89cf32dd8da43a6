"""Checks of what a peer does with messages for others and with headers that are wrong (RFC 6940, sections 6.1 to 6.3)."""

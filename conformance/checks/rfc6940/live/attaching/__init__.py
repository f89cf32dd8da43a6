"""Checks of Attach and AppAttach (RFC 6940, sections 6.5.1 and 6.5.2)."""

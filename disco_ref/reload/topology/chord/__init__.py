"""The CHORD-RELOAD topology plug-in (RFC 6940, section 10)."""

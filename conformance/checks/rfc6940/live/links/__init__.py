"""Checks of links: frames, acknowledgements, repetitions, fragments (RFC 6940, sections 6.6 and 6.7)."""

"""One hop: frames, acknowledgements, fragments (RFC 6940, sections 6.6 and 6.7)."""

"""The three parts of a message (RFC 6940, section 6.3)."""

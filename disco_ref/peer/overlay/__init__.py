"""A whole node of a RELOAD overlay, pure (RFC 6940, section 1.2)."""

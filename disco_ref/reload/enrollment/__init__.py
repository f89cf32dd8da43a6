"""How a node comes into an overlay (RFC 6940, section 11)."""

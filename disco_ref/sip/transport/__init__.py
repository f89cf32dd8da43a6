"""Where requests and responses go, and what the way leaves on them (RFC 3261, section 18; RFC 3581)."""

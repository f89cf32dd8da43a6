"""Messages for others, and messages that nobody should pass on (RFC 6940, sections 6.1 to 6.3)."""

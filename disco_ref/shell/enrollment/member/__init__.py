"""A member: how it finds and asks servers, and what it keeps (RFC 6940, sections 11.2 and 11.3)."""

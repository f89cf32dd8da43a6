"""Storing, fetching and finding values (RFC 6940, section 7)."""
